// Leave quickly: the page is blank at once, the sign-in ends in this browser, and no way back shows a page of Braid.
// Shift three times does the same. Whoever comes back by an address of ours or a link finds Braid as always.

const WITHIN = 5000;
const TIMES = 3;
const LEFT = "braid-left";

const ways = document.querySelectorAll("[data-leave]");
let pressed = [];

// A browser that keeps nothing leaves all the same.
function remembered(change) {
  try {
    return change(sessionStorage);
  } catch {
    return null;
  }
}

function go() {
  document.documentElement.classList.add(LEFT);
  document.title = "";
  remembered((kept) => kept.setItem(LEFT, "1"));
  // After whatever else sends its last words as the page goes, for that needs the sign-in.
  window.addEventListener("pagehide", () => fetch(ways[0].href, { keepalive: true, redirect: "manual" }).catch(() => {}));
  window.location.replace(ways[0].dataset.leave || ways[0].href);
}

function came(back) {
  if (!remembered((kept) => kept.getItem(LEFT))) return;
  if (back) go();
  else remembered((kept) => kept.removeItem(LEFT));
}

if (ways.length) {
  for (const way of ways) {
    way.addEventListener("click", (event) => {
      event.preventDefault();
      go();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Shift") pressed = [];
  });
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift") return;
    const now = Date.now();
    pressed = [...pressed.filter((at) => now - at < WITHIN), now];
    if (pressed.length >= TIMES) go();
  });
  came(performance.getEntriesByType("navigation")[0]?.type === "back_forward");
  window.addEventListener("pageshow", (event) => event.persisted && came(true));
}
