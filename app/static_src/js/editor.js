// A form of sentences, marked data-editor, saves itself: what is typed after a moment, a button at once. The page that
// comes back is the page somebody without a script would see; of it, what answers the change is put in place.
//
// Nothing that is typed is lost: a field that was changed while an answer was on its way keeps what is in it, and the
// lines are only drawn anew when the rule has other fields than before.

const WAIT = 400;
const ANSWERS = ["live", "findings", "undo", "saved", "lede", "steps"];

const form = document.querySelector("form[data-editor]");

function fields() {
  return [...form.elements].filter((field) => field.name && field.id && field.type !== "hidden");
}

function held(field) {
  return field.type === "checkbox" || field.type === "radio" ? field.checked : field.value;
}

function contents() {
  return new Map(fields().map((field) => [field.id, held(field)]));
}

function put(id, value) {
  const field = document.getElementById(id);
  if (!field) return;
  if (typeof value === "boolean") field.checked = value;
  else field.value = value;
}

class Editor {
  constructor() {
    this.status = document.getElementById("said");
    document.querySelector("[data-by-hand]")?.setAttribute("hidden", "");
    form.addEventListener("input", () => this.soon());
    form.addEventListener("change", () => this.soon());
    form.addEventListener("submit", (event) => this.pressed(event));
    window.addEventListener("beforeunload", () => this.leave());
  }

  soon() {
    this.isTyped = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send("save"), WAIT);
  }

  pressed(event) {
    event.preventDefault();
    clearTimeout(this.timer);
    this.send(event.submitter?.value || "save");
  }

  // One after the other: each is made on what the one before it left.
  send(what) {
    this.waiting = (this.waiting || 0) + 1;
    form.setAttribute("aria-busy", "true");
    this.queue = (this.queue || Promise.resolve()).then(() => this.sendNow(what)).finally(() => this.answered());
  }

  answered() {
    this.waiting -= 1;
    if (!this.waiting) form.removeAttribute("aria-busy");
  }

  body(what) {
    const body = new URLSearchParams(new FormData(form));
    body.set("do", what);
    return body;
  }

  async sendNow(what) {
    this.isTyped = false;
    const sent = contents();
    try {
      const answer = await fetch(form.action, { method: "POST", body: this.body(what), credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (page.querySelector("form[data-editor]")) this.show(page, sent, what);
      else this.byHand(what);
    } catch {
      this.say("Not saved yet. What you typed is still here.");
      this.isTyped = true;
    }
  }

  // Somebody else has changed the draft, or the sign-in has ended: the page that says so is the browser's to show.
  byHand(what) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "do";
    field.value = what;
    form.append(field);
    form.submit();
  }

  show(page, sent, what) {
    const typed = [...contents()].filter(([id, value]) => sent.get(id) !== value);
    const focused = document.activeElement?.id;
    for (const id of ANSWERS) this.replace(id, page);
    for (const name of ["edition", "for"]) this.carry(name, page);
    const moved = what !== "save";
    const wanted = moved ? page.querySelector("[autofocus]")?.id : focused;
    if (moved || page.getElementById("rule").dataset.shape !== document.getElementById("rule").dataset.shape) {
      const open = [...form.querySelectorAll("details[open] > summary")].map((summary) => summary.id);
      this.replace("rule", page);
      for (const id of open) document.getElementById(id)?.closest("details")?.setAttribute("open", "");
      for (const [id, value] of typed) put(id, value);
      document.getElementById(wanted || focused)?.focus();
    } else {
      this.carry("was", page);
      this.problems(page);
    }
    const refused = page.querySelector(".nhsuk-error-summary p")?.textContent;
    this.say(refused || (moved ? page.getElementById("said").textContent.trim() : ""));
    if (typed.length) this.soon();
  }

  replace(id, page) {
    const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
    if (old && fresh && old.outerHTML !== fresh.outerHTML && !old.contains(document.activeElement)) old.replaceWith(fresh);
    else if (id === "rule" && fresh) old.replaceWith(fresh);
  }

  carry(name, page) {
    const fresh = page.querySelector(`form[data-editor] [name="${name}"]`);
    if (fresh) form.elements[name].value = fresh.value;
  }

  problems(page) {
    for (const old of form.querySelectorAll(".braid-problem")) {
      const fresh = page.getElementById(old.id);
      if (fresh) old.replaceWith(fresh);
    }
    for (const field of fields()) {
      const fresh = page.getElementById(field.id);
      for (const name of ["aria-invalid", "aria-describedby"]) {
        if (fresh?.hasAttribute(name)) field.setAttribute(name, fresh.getAttribute(name));
        else if (field.closest("#rule")) field.removeAttribute(name);
      }
    }
  }

  say(words) {
    this.status.textContent = words;
  }

  leave() {
    if (!this.isTyped) return;
    fetch(form.action, { method: "POST", body: this.body("save"), credentials: "same-origin", keepalive: true }).catch(() => {});
  }
}

if (form) new Editor();
