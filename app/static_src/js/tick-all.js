// A table of people to tick gets one box that ticks everybody shown.

for (const table of document.querySelectorAll("[data-tick-all]")) {
  const boxes = [...table.querySelectorAll(`input[type=checkbox][name=${table.dataset.tickAll}]`)];
  if (boxes.length < 2) continue;
  const label = document.createElement("label");
  const all = document.createElement("input");
  all.type = "checkbox";
  label.className = "braid-tick noprint";
  label.append(all, ` Choose all ${boxes.length} shown`);
  table.before(label);
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
  table.addEventListener("change", () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  });
}
