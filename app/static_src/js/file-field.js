// A file that is chosen is read into the field beside it, so that it is sent, checked and kept as text.

for (const input of document.querySelectorAll("input[type=file][data-into]")) {
  input.closest("[data-file]").hidden = false;
  input.addEventListener("change", async () => {
    const field = document.getElementById(input.dataset.into);
    if (input.files.length && field) field.value = await input.files[0].text();
  });
}
