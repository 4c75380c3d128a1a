// Braid on this device: the worker that helps without a connection, the pages somebody asked to keep, and the icon
// among their other apps.

const worker = document.body.dataset.worker;

function hasWorkers() {
  return "serviceWorker" in navigator && window.isSecureContext;
}

async function arrange() {
  if (!WHO || !hasWorkers()) return;
  if (worker) {
    await navigator.serviceWorker.register(worker, { scope: "/" });
    return;
  }
  for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
  for (const name of await caches.keys()) await caches.delete(name);
  await dropPages();
}

// A page that comes from this device says so, and from when it is.
function tellAge() {
  const at = Number(document.body.dataset.keptAt);
  if (!at) return;
  const words = made("div", "braid-note", made("p", "", `You are offline. This is the page as it was on ${when(at)}.`));
  words.setAttribute("role", "status");
  document.querySelector("main").prepend(words);
}

function tellShell() {
  const again = document.querySelector("[data-try-again]");
  if (!again) return;
  if (location.pathname !== "/offline") again.href = location.href;
  if (location.search === "?left") document.querySelector("[data-left]").hidden = false;
}

// The switch for keeping pages is drawn here: without a script nothing can be kept.
async function drawChoice() {
  const place = document.querySelector("[data-keep-choice]");
  if (!place || !worker || !hasWorkers() || !canKeep()) return;
  const turn = place.querySelector("[role=switch]");
  const show = async () => {
    const isOn = Boolean(await fact("choice"));
    turn.setAttribute("aria-checked", String(isOn));
    turn.querySelector("[aria-hidden]").textContent = isOn ? "On" : "Off";
    return isOn;
  };
  turn.addEventListener("click", async () => {
    if (await show()) {
      await within(["facts", "pages"], "readwrite", (facts, pages) => {
        facts.delete("choice");
        pages.clear();
      });
    } else {
      await within(["facts"], "readwrite", (facts) => void facts.put({ id: "choice", who: WHO }));
      await navigator.storage?.persist?.();
    }
    await show();
  });
  await show();
  place.hidden = false;
  document.querySelector("[data-no-choice]").hidden = true;
}

window.addEventListener("beforeinstallprompt", (event) => {
  const place = document.querySelector("[data-install]");
  if (!place) return;
  event.preventDefault();
  place.hidden = false;
  place.querySelector("button").addEventListener("click", () => event.prompt());
});

tellShell();
tellAge();
if (canKeep()) drawChoice();
// A browser that refuses workers, as some do in a private window, works as it did before there were any.
window.addEventListener("load", () => arrange().catch(() => {}));
