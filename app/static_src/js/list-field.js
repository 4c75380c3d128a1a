// A field with several short lines: one more empty line when asked for, up to its limit.

function lineInputs(list) {
  return [...list.querySelectorAll("input")];
}

function add(list, button) {
  const inputs = lineInputs(list);
  const last = inputs[inputs.length - 1];
  const next = last.cloneNode();
  const number = inputs.length + 1;
  next.id = `${inputs[0].id}-${number}`;
  next.value = "";
  next.setAttribute("aria-label", `${list.dataset.lines}, line ${number}`);
  button.before(next);
  button.hidden = number >= Number(list.dataset.most || 50);
  return next;
}

for (const list of document.querySelectorAll("[data-lines]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "braid-aslink braid-lines__more";
  button.textContent = "Add another";
  button.setAttribute("aria-label", `Add another line: ${list.dataset.lines}`);
  button.addEventListener("click", () => add(list, button).focus());
  list.append(button);
  list.closest("form")?.addEventListener("draft:restore", (event) => {
    const wanted = event.detail.filter(([name]) => name === lineInputs(list)[0].name).length;
    while (lineInputs(list).length < wanted) add(list, button);
  });
}
