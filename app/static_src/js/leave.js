// Leave quickly: the page is blank at once and the way back does not lead to it. Shift three times does the same.

const WITHIN = 5000;
const TIMES = 3;

const way = document.querySelector("[data-leave]");
let pressed = [];

function go() {
  document.documentElement.classList.add("braid-left");
  document.title = "";
  window.location.replace(way.dataset.leave || way.href);
}

if (way) {
  way.addEventListener("click", (event) => {
    event.preventDefault();
    go();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Shift") pressed = [];
  });
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift") return;
    const now = Date.now();
    pressed = [...pressed.filter((at) => now - at < WITHIN), now];
    if (pressed.length >= TIMES) go();
  });
}
