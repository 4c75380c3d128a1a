// The summary of mistakes gets the focus when a page comes back with one; its links lead into the fields.

const summary = document.querySelector(".nhsuk-error-summary");

function field(target) {
  return target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea");
}

if (summary) {
  summary.tabIndex = -1;
  summary.focus();
  summary.addEventListener("click", (event) => {
    const address = event.target.closest("a[href^='#']")?.getAttribute("href");
    const target = address && document.getElementById(decodeURIComponent(address.slice(1)));
    const input = target && field(target);
    if (!input) return;
    event.preventDefault();
    const above = input.closest("fieldset")?.querySelector("legend") || document.querySelector(`label[for="${CSS.escape(input.id)}"]`);
    (above || input).scrollIntoView();
    input.focus({ preventScroll: true });
  });
}
