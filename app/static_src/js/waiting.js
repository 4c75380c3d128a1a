// What was written without a connection waits here and is sent once there is one. Forms that may wait are marked
// data-offline with the name of what they are about, and carry the id that their entry will get in a hidden field.
//
// A form is sent by the browser as any other; only when the network is known to be gone does this page keep it itself,
// and the worker does where the network fails on the way.

const WHO = document.body.dataset.who || "";
const SIGN_IN = document.body.dataset.signIn || "";
const shell = document.querySelector("[data-shell]");
const TRY_AGAIN = [2000, 5000, 15000, 60000];
// Where somebody signed in always gets a page, with a token for the forms of this sign-in.
const DESK = "/my/device";
const LEAVING = 'form[action$="/sign-out"], form[action="/account/sign-ins/end"]';

let who = "";
let items = [];
let isSignedOut = false;
let failures = 0;
let timer = null;

function made(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

function link(text, href) {
  const element = made("a", "braid-tap", text);
  element.href = href;
  return element;
}

function button(text, act) {
  const element = made("button", "braid-aslink", text);
  element.type = "button";
  element.addEventListener("click", act);
  return element;
}

function things(count) {
  return count === 1 ? "1 thing" : `${count} things`;
}

function idField(form) {
  return [...form.elements].find((field) => field.type === "hidden" && field.name.endsWith("_id"));
}

function textOf(element) {
  const copy = element?.cloneNode(true);
  copy?.querySelectorAll("[class*=hint], [class*=error]").forEach((part) => part.remove());
  return copy ? copy.textContent.trim().replace(/\s+/g, " ") : "";
}

// What somebody answered, in the words of the page, to be read back to them later.
function told(form, submitter) {
  const found = [];
  for (const field of form.elements) {
    const isChoice = field.type === "radio" || field.type === "checkbox";
    if (!field.name || !field.value || ["hidden", "submit", "button"].includes(field.type) || (isChoice && !field.checked)) continue;
    const label = textOf(field.labels?.[0]);
    const question = textOf(field.closest("fieldset")?.querySelector("legend")) || label;
    const answer = isChoice ? label : field.value;
    // A date is one answer, in three fields.
    if (found.at(-1)?.[0] === question) found.at(-1)[1] += ` ${answer}`;
    else found.push([question, answer]);
  }
  if (submitter?.name) found.push(["You said", submitter.textContent.trim()]);
  return found;
}

function noteOf(form, submitter) {
  const page = shell ? "/my/diary/happened" : location.pathname + location.search;
  const label = form.elements.title?.value || form.dataset.offline;
  return { id: idField(form).value, who, label, page, told: told(form, submitter) };
}

function fieldsOf(form, submitter) {
  const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf" && name !== "offline");
  return submitter?.name ? [...fields, [submitter.name, submitter.value]] : fields;
}

async function keep(form, submitter) {
  const action = new URL(form.action).pathname;
  await putWaiting({ ...noteOf(form, submitter), at: Date.now(), state: "waiting", action, fields: fieldsOf(form, submitter) });
  if (shell) freshForm(form);
  await look();
  region.querySelector("[role=status]").focus();
  send();
}

function submitted(event) {
  const form = event.target;
  if (!who || !canKeep()) return;
  if (shell || !navigator.onLine) {
    event.preventDefault();
    keep(form, event.submitter);
    return;
  }
  const note = form.elements.offline || form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "offline" }));
  note.value = JSON.stringify(noteOf(form, event.submitter));
}

// Sending

async function send({ again } = {}) {
  clearTimeout(timer);
  if (!who || !items.length) return;
  // One tab sends at a time.
  await navigator.locks.request("braid-waiting", { ifAvailable: true }, (lock) => lock && sendAll(again));
  await look();
}

async function sendAll(again) {
  const token = await tokenOf();
  if (!token) return;
  const sent = [];
  for (const item of await waitingOf(who)) {
    if (item.state === "refused" && item.id !== again) continue;
    const went = await sendOne(item, token);
    if (went === "stop") break;
    if (went === "sent") sent.push(item);
  }
  if (sent.length) saySent(sent);
}

function later() {
  timer = setTimeout(send, TRY_AGAIN[Math.min(failures, TRY_AGAIN.length - 1)]);
  failures += 1;
}

async function tokenOf() {
  const answer = await fetch(DESK, { redirect: "manual", credentials: "same-origin", cache: "no-store" }).catch(() => null);
  if (!answer || answer.status >= 500) {
    later();
    return null;
  }
  const page = answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  isSignedOut = page?.body.dataset.who !== who;
  return isSignedOut ? null : page.querySelector("input[name=csrf]").value;
}

// How long an entry has waited, for a form that asks: the clock of a device may be wrong, and the time between two
// looks at it hardly ever is.
function waited(item, before) {
  return String(Number(before || 0) + Math.max(0, Math.round((Date.now() - item.at) / 1000)));
}

async function sendOne(item, token) {
  // A form that was open for a while before it was sent has its own share of the waiting.
  const before = item.fields.find(([name]) => name === "waited")?.[1];
  const fields = item.fields.filter(([name]) => name !== "waited");
  const body = new URLSearchParams([...fields, ["waited", waited(item, before)], ["csrf", token]]);
  const answer = await fetch(item.action, { method: "POST", body, redirect: "manual", credentials: "same-origin" }).catch(() => null);
  if (!answer || answer.status >= 500 || [408, 425, 429].includes(answer.status)) {
    later();
    return "stop";
  }
  isSignedOut = [401, 403].includes(answer.status);
  if (isSignedOut) return "stop";
  failures = 0;
  if (!(await isAsRead(item))) {
    later();
    return "anew";
  }
  if (answer.type === "opaqueredirect" || answer.ok) {
    await dropWaiting(item.id);
    return "sent";
  }
  await putWaiting({ ...item, state: "refused", words: refusal(await answer.text()) });
  return "refused";
}

// The server's own words for why it did not take an entry.
function refusal(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const problems = [...page.querySelectorAll(".nhsuk-error-summary li")].map((one) => one.textContent.trim());
  const failed = page.querySelector("[data-failed]");
  const words = failed ? [...failed.querySelectorAll("h1, .braid-lead")].map((one) => one.textContent.trim()) : [];
  return [...problems, ...words].join(". ").replace(/\.\./g, ".") || "We could not save that.";
}

// Showing

const region = made("section", "braid-waiting");
region.setAttribute("aria-label", "Waiting to be sent");
region.hidden = true;
const status = made("p");
status.setAttribute("role", "status");
status.tabIndex = -1;
const list = made("ul");
region.append(status, list);

function when(at) {
  return new Date(at).toLocaleString("en-GB", { weekday: "long", hour: "numeric", minute: "2-digit", hour12: true }).replace(" am", "am").replace(" pm", "pm");
}

function answers(item) {
  const rows = item.told.map(([question, answer]) => made("div", "", made("dt", "", question), made("dd", "", answer)));
  return made("details", "", made("summary", "", "What you wrote"), made("dl", "", ...rows));
}

function drawn(item) {
  const line = made("li", "", made("p", "", made("b", "", item.label), ` ${when(item.at)}`));
  if (item.state === "refused") line.append(made("p", "braid-waiting__why", item.words));
  line.append(answers(item));
  const ways = [button("Take it away", () => takeAway(item))];
  if (item.state === "refused") {
    ways.unshift(link("Put it right", `${item.page.split("#")[0]}#again=${item.id}`), button("Send it again", () => send({ again: item.id })));
  }
  line.append(made("p", "braid-links", ...ways));
  if (item.state === "refused") line.querySelector("details").open = true;
  return line;
}

function say() {
  const open = items.filter((item) => item.state !== "refused").length;
  const refused = items.length - open;
  const said = [];
  if (refused) said.push(`We could not save ${things(refused)} you wrote. Your words are still here.`);
  if (open) said.push(`${things(open)} ${open === 1 ? "is" : "are"} waiting to be sent.`);
  if (open && !isSignedOut) said.push(`${open === 1 ? "It" : "They"} will go when you are back online.`);
  status.replaceChildren(said.join(" "));
  if (open && isSignedOut) {
    const back = encodeURIComponent(shell ? "/my/today" : location.pathname);
    status.append(" You have been signed out. ", link(`Sign in and ${open === 1 ? "it goes" : "they go"}`, `/sign-in?back=${back}`));
  }
}

function saySent(sent) {
  const done = made("div", "braid-notice", made("p", "", `Sent. ${things(sent.length)} you wrote without a connection ${sent.length === 1 ? "is" : "are"} saved.`));
  done.setAttribute("role", "status");
  if (!shell) done.append(link("Show this page as it is now", location.pathname + location.search));
  region.after(done);
}

async function takeAway(item) {
  await dropWaiting(item.id);
  await look();
}

function markForms() {
  for (const form of document.querySelectorAll("form[data-offline]")) {
    const item = items.find((one) => one.id === idField(form)?.value);
    const isShown = form.nextElementSibling?.matches("[data-waits]");
    if (item && !form.dataset.again && !isShown) {
      const mark = made("p", "braid-quiet", `${item.told.at(-1)?.[0] === "You said" ? `${item.told.at(-1)[1]}. ` : ""}Waiting to be sent. `, button("Change it", () => form.removeAttribute("hidden")));
      mark.dataset.waits = "";
      form.after(mark);
      form.hidden = true;
    } else if (!item && isShown) {
      form.nextElementSibling.remove();
      form.hidden = false;
    }
  }
}

async function look() {
  items = await waitingOf(who);
  say();
  list.replaceChildren(...items.map(drawn));
  region.hidden = !items.length;
  markForms();
}

// Putting right what was refused: the form as it was filled in, under the id it had.
function putBack(id) {
  const item = items.find((one) => one.id === id);
  const form = item && [...document.querySelectorAll("form[data-offline]")].find((one) => new URL(one.action).pathname === item.action);
  if (!form) return;
  form.dataset.again = id;
  if (form.nextElementSibling?.matches("[data-waits]")) form.nextElementSibling.remove();
  form.hidden = false;
  const values = new Map();
  for (const [name, value] of item.fields) values.set(name, [...(values.get(name) || []), value]);
  for (const field of form.elements) {
    const given = values.get(field.name);
    if (!given) continue;
    if (field.type === "radio" || field.type === "checkbox") field.checked = given.includes(field.value);
    else if (field.name === "waited") field.value = waited(item, given[0]);
    else if (field.type !== "submit") field.value = given.shift() ?? "";
  }
}

function putRight() {
  if (location.hash.startsWith("#again=")) putBack(location.hash.slice("#again=".length));
}

// The shell's form belongs to no page of the server's: its id and its day are made here.
function freshForm(form) {
  form.reset();
  idField(form).value = crypto.randomUUID();
  const today = new Date();
  const parts = { day: today.getDate(), month: today.getMonth() + 1, year: today.getFullYear() };
  for (const [part, value] of Object.entries(parts)) form.elements[`on-${part}`].value = value;
  for (const name of ["title", "on-day", "on-month", "on-year"]) form.elements[name].required = true;
}

// Signing out

function leave(event) {
  const form = event.target.closest(LEAVING);
  if (!form || (navigator.onLine && (!items.length || form.dataset.sure))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!items.length || form.dataset.sure) {
    forget().then(() => location.assign("/offline?left"));
    return;
  }
  document.querySelector(".braid-waiting__leave")?.remove();
  const stay = button("Stay signed in", () => warning.remove());
  const go = button(`Sign out and lose ${items.length === 1 ? "it" : "them"}`, () => {
    form.dataset.sure = "yes";
    form.requestSubmit();
  });
  const words = made("p", "", `${things(items.length)} you wrote ${items.length === 1 ? "has" : "have"} not been sent. Signing out takes ${items.length === 1 ? "it" : "them"} off this device for good.`);
  words.tabIndex = -1;
  const warning = made("div", "braid-waiting braid-waiting__leave", words, made("p", "braid-links", stay, go));
  document.querySelector("main").prepend(warning);
  warning.scrollIntoView({ block: "center" });
  words.focus();
}

async function begin() {
  if (document.querySelector("[data-signed-out]")) {
    await forget();
    return;
  }
  if (WHO) await settle(WHO, SIGN_IN);
  who = WHO || (shell ? (await fact("person"))?.who : "") || "";
  if (!who) return;
  (document.querySelector("[data-waiting]") || document.querySelector("main")).prepend(region);
  for (const form of document.querySelectorAll("form[data-offline]")) {
    form.addEventListener("submit", submitted);
    if (shell) freshForm(form);
  }
  document.querySelectorAll("[data-for-somebody]").forEach((part) => part.removeAttribute("hidden"));
  await look();
  putRight();
  // The form may be on the page that is open, and then nothing is loaded.
  addEventListener("hashchange", putRight);
  document.addEventListener("submit", leave, { capture: true });
  window.addEventListener("online", () => {
    failures = 0;
    send();
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && send());
  window.addEventListener("pageshow", (event) => event.persisted && look());
  await send();
}

if (canKeep()) begin();
