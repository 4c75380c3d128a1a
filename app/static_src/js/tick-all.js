// A list of people to tick gets one box that ticks everybody shown, and a button away from it says how many are ticked.

for (const form of document.querySelectorAll("[data-tick-all]")) {
  const boxes = [...form.querySelectorAll("input[type=checkbox][name=patients]")];
  if (boxes.length < 2) continue;
  const label = document.createElement("label");
  const all = document.createElement("input");
  all.type = "checkbox";
  label.className = "braid-tick noprint";
  label.append(all, ` Choose all ${boxes.length} shown`);
  form.prepend(label);
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
  form.addEventListener("change", () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  });
}
