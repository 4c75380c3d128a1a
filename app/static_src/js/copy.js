// Something to paste elsewhere gets a button that copies it, where the browser lets us.

for (const field of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
  const button = document.createElement("button");
  const said = document.createElement("span");
  button.type = "button";
  button.className = "nhsuk-button nhsuk-button--secondary";
  button.textContent = field.dataset.copy;
  said.className = "braid-quiet";
  said.setAttribute("role", "status");
  const line = document.createElement("div");
  line.className = "braid-buttons";
  line.append(button, said);
  field.closest(".nhsuk-form-group").after(line);
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = "Copied.";
    } catch {
      field.focus();
      said.textContent = "It is chosen: copy it from there.";
    }
  });
}
