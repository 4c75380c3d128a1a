// What is typed in a form marked data-autosave is sent on as a draft, and kept on this device until it is.
//
// The server answers with JSON, {"saved_at": "2026-11-12T14:14:00+00:00"} and perhaps a new "base", or any other
// 2xx; 401 when nobody is signed in any more; 403 with a page that says why; 409 when the same answer was saved in
// another tab or elsewhere.
//
// What is kept on this device is as readable as the page it was typed on: sessionStorage is this tab's alone and
// ends with it. It is there for the minutes in which the server cannot be reached or the sign-in has run out, and is
// taken away by the next save, by sending the form and by signing out. A form with data-keep="no" keeps none of it.

const AT_MOST_EVERY = 5000;
const SIGN_OUT_WAITS = 2000;
const TRY_AGAIN = [5000, 10000, 30000, 60000];
const PREFIX = "draft:";
const BY_HAND = ["pointerdown", "keydown", "beforeinput", "paste", "drop", "click"];

// Whose words these are. Without it nothing is kept on this device: the next person in this tab may be another.
const WHO = document.body.dataset.who || "";

const WORDS = {
  unsaved: "Not saved yet. Your words are still here.",
  signedOut: "You have been signed out. Your words are kept on this page.",
  elsewhere: "There is a newer version of this, saved in another tab or on another device.",
  restored: "We put back what you had typed before.",
};

function clock(at) {
  const hour = at.getHours();
  const minute = String(at.getMinutes()).padStart(2, "0");
  return `${hour % 12 || 12}:${minute}${hour < 12 ? "am" : "pm"}`;
}

function entries(form) {
  return [...new FormData(form)].filter(([, value]) => typeof value === "string");
}

function words(form) {
  const hidden = new Set([...form.elements].filter((field) => field.type === "hidden").map((field) => field.name));
  return entries(form).filter(([name]) => !hidden.has(name));
}

function readHere(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function writeHere(key, kept) {
  try {
    if (kept && WHO) sessionStorage.setItem(key, JSON.stringify(kept));
    else sessionStorage.removeItem(key);
  } catch {
    // A full or forbidden store only costs the copy on this device; the draft still goes to the server.
  }
}

function keysHere() {
  try {
    return Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}

// A form that was sent is done with once a page of ours follows that tells of no failure.
function settle() {
  const isOver = document.querySelector("[data-signed-out]");
  const isFailure = document.querySelector("[data-failed], .nhsuk-error-summary");
  const [navigation] = performance.getEntriesByType("navigation");
  for (const key of keysHere()) {
    const kept = readHere(key);
    if (!kept || isOver || (WHO && kept.who !== WHO)) sessionStorage.removeItem(key);
    else if (kept.isSubmitted && isFailure) sessionStorage.setItem(key, JSON.stringify({ ...kept, isSubmitted: false }));
    else if (kept.isSubmitted && navigation?.type === "navigate") sessionStorage.removeItem(key);
  }
}

function fill(form, kept) {
  const values = new Map();
  for (const [name, value] of kept) values.set(name, [...(values.get(name) || []), value]);
  for (const field of form.elements) {
    if (!field.name || field.type === "submit" || field.type === "hidden") continue;
    const given = values.get(field.name) || [];
    if (field.type === "radio" || field.type === "checkbox") field.checked = given.includes(field.value);
    else if (given.length) field.value = given.shift();
  }
}

function link(text, href, newTab) {
  const made = document.createElement("a");
  made.href = href;
  made.textContent = text;
  if (newTab) {
    made.target = "_blank";
    made.rel = "noopener";
  }
  return made;
}

function told(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const failed = page.querySelector("[data-failed]");
  if (!failed) return "";
  const [title, lead] = ["h1", ".braid-lead"].map((where) => failed.querySelector(where)?.textContent.trim() || "");
  return `${title}. ${lead}`.trim();
}

class Draft {
  constructor(form) {
    this.form = form;
    this.address = form.dataset.autosave;
    this.key = PREFIX + this.address;
    this.region = form.querySelector("[data-saved]") || this.makeRegion();
    this.more = this.region.dataset.more || "";
    this.isKeptHere = WHO !== "" && form.dataset.keep !== "no";
    this.failures = 0;
    this.sentAt = 0;
    this.atStart = JSON.stringify(words(form));
    this.lastSent = this.atStart;
    if (this.region.hidden) this.keepRoom();
    this.restore();
    for (const kind of BY_HAND) form.addEventListener(kind, (event) => this.touched(event), { capture: true });
    form.addEventListener("input", () => this.typed());
    form.addEventListener("change", () => this.typed());
    form.addEventListener("submit", () => this.submitted());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.leave());
    window.addEventListener("pagehide", () => this.leave());
    window.addEventListener("online", () => this.isUnsent && this.send());
    window.addEventListener("pageshow", (event) => event.persisted && this.cameBack());
  }

  // A browser that goes back fills the form with what was sent from it before. Nobody typed that now, so it is no
  // draft: only what follows a hand on this form counts.
  touched(event) {
    if (event.isTrusted) this.isTouched = true;
  }

  typed() {
    if (!this.isTouched) return;
    this.isTyped = true;
    this.changed();
  }

  cameBack() {
    if (this.isSubmitting) {
      this.isTouched = false;
      this.isTyped = false;
    }
    this.isSubmitting = false;
  }

  makeRegion() {
    const region = document.createElement("p");
    region.className = "braid-saved";
    region.setAttribute("role", "status");
    this.form.append(region);
    return region;
  }

  // The button below would move from under the finger when the first words come.
  keepRoom() {
    const saved = `Draft saved at 10:00am. ${this.more}`.trim();
    this.say(saved.length > WORDS.unsaved.length ? saved : WORDS.unsaved);
    this.region.classList.add("braid-saved--room");
  }

  get isUnsent() {
    return Boolean(this.isTyped) && JSON.stringify(words(this.form)) !== this.lastSent;
  }

  say(text, ...links) {
    const place = this.region.querySelector("[data-saved-words]") || this.region;
    this.region.hidden = false;
    this.region.classList.remove("braid-saved--room");
    this.region.classList.toggle("braid-saved--waiting", links.length > 0 || text === WORDS.unsaved);
    place.replaceChildren(text, ...links.flatMap((one) => [" ", one]));
  }

  changed() {
    this.keepHere();
    if (this.timer || this.isSubmitting) return;
    const since = Date.now() - this.sentAt;
    this.timer = setTimeout(() => this.send(), Math.max(AT_MOST_EVERY - since, 800));
  }

  keepHere(isSubmitted = false) {
    if (!this.isKeptHere) return;
    writeHere(this.key, { who: WHO, words: words(this.form), from: this.atStart, isSubmitted });
  }

  restore() {
    const kept = readHere(this.key);
    if (!kept) return;
    // What the page now shows is newer when the server has moved on since these words were typed.
    if (JSON.stringify(kept.words) === this.atStart || kept.from !== this.atStart) {
      writeHere(this.key, null);
      return;
    }
    this.form.dispatchEvent(new CustomEvent("draft:restore", { detail: kept.words }));
    fill(this.form, kept.words);
    this.say(WORDS.restored);
    this.isTyped = true;
    this.changed();
  }

  body() {
    return new URLSearchParams(entries(this.form));
  }

  async send() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.isSending || this.isSubmitting || this.isStopped || !this.isUnsent) return;
    this.underWay = this.sendNow();
    await this.underWay;
    if (!this.timer && !this.isStopped && this.isUnsent) this.changed();
  }

  async sendNow() {
    const sending = JSON.stringify(words(this.form));
    this.isSending = true;
    this.sentAt = Date.now();
    try {
      const answer = await fetch(this.address, {
        method: "POST",
        body: this.body(),
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        redirect: "manual",
      });
      await this.answered(answer, sending);
    } catch {
      this.failed();
    } finally {
      this.isSending = false;
    }
  }

  // To the server what is unsent, and then nothing more: whoever uses this tab next may be another.
  async end() {
    await this.underWay;
    await this.send();
    clearTimeout(this.timer);
    this.isStopped = true;
  }

  async answered(answer, sent) {
    if (answer.ok) return this.saved(answer, sent);
    if (answer.status === 401 || answer.type === "opaqueredirect") return this.signedOut();
    if (answer.status === 403) return this.refused(answer);
    if (answer.status === 409) return this.elsewhere();
    return this.failed();
  }

  async saved(answer, sent) {
    this.failures = 0;
    this.lastSent = sent;
    const told = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
    if (told.base !== undefined && this.form.elements.base) this.form.elements.base.value = told.base;
    if (!this.isUnsent) writeHere(this.key, null);
    const at = told.saved_at ? new Date(told.saved_at) : new Date();
    this.say(`Draft saved at ${clock(at)}. ${this.more}`.trim());
  }

  failed() {
    const wait = TRY_AGAIN[Math.min(this.failures, TRY_AGAIN.length - 1)];
    this.failures += 1;
    this.keepHere();
    this.say(WORDS.unsaved);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), wait);
  }

  signedOut() {
    this.keepHere();
    this.isStopped = true;
    const back = encodeURIComponent(window.location.pathname);
    const signIn = link("Sign in, in a new tab", `/sign-in?back=${back}`, true);
    const again = this.isKeptHere
      ? link("Then come back and reload this page", window.location.href, false)
      : "Then come back to this page and send it.";
    this.say(WORDS.signedOut, signIn, again);
  }

  // The server's own words: a sign-in that ended is only one of the reasons.
  async refused(answer) {
    this.keepHere();
    this.isStopped = true;
    this.say(told(await answer.text()) || WORDS.unsaved);
    this.region.classList.add("braid-saved--waiting");
  }

  elsewhere() {
    this.keepHere();
    this.isStopped = true;
    const both = this.form.dataset.both || window.location.pathname;
    this.say(`${WORDS.elsewhere} Your words are still here.`, link("Show the newer one, in a new tab", both, true));
  }

  leave() {
    if (this.isSubmitting || this.isStopped || !this.isUnsent) return;
    this.keepHere();
    fetch(this.address, { method: "POST", body: this.body(), credentials: "same-origin", keepalive: true }).catch(() => {});
  }

  submitted() {
    this.keepHere(true);
    this.isSubmitting = true;
    clearTimeout(this.timer);
    this.timer = null;
  }
}

settle();
const drafts = [...document.querySelectorAll("form[data-autosave]")].map((form) => new Draft(form));
for (const form of document.querySelectorAll('form[action$="/sign-out"]')) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await Promise.race([
      Promise.allSettled(drafts.map((draft) => draft.end())),
      new Promise((resolve) => setTimeout(resolve, SIGN_OUT_WAITS)),
    ]);
    for (const draft of drafts) draft.isStopped = true;
    for (const key of keysHere()) writeHere(key, null);
    form.submit();
  });
}
