// A page about work under way looks again by itself, while somebody looks at it and is not in the middle of something.

for (const waiting of document.querySelectorAll("[data-look-again]")) {
  const again = () => {
    const busy = document.activeElement && document.activeElement !== document.body;
    if (document.visibilityState === "visible" && !busy) location.reload();
    else setTimeout(again, 3000);
  };
  if (waiting.isConnected) setTimeout(again, 3000);
}
