// A device in another time zone than its owner's says so where a visit begins. What becomes of it the server decides:
// nothing, a question at the top of the page, or the page again in the time there.

const meeting = document.querySelector("[data-zone]");

async function meetDevice() {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!here || here === meeting.dataset.zone) return;
  meeting.elements.zone.value = here;
  const body = new URLSearchParams(new FormData(meeting));
  const answer = await fetch(meeting.action, { method: "POST", body, credentials: "same-origin" });
  if (answer.redirected && new URL(answer.url).pathname === location.pathname) {
    location.assign(answer.url);
  } else if (answer.status === 200) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const question = page.querySelector("[data-zone-question]");
    if (question) meeting.after(document.importNode(question, true));
  }
}

// Without a connection there is nobody to ask, and the next visit asks.
if (meeting) meetDevice().catch(() => {});
