// Reminders on this device's screen: asked for by a tap and never before.

const pushPlace = document.querySelector("[data-push]");
const ADDRESS = "/my/reminders/devices";
const SAID = {
  on: "Reminders come to this device.",
  off: "Reminders do not come to this device.",
  dismissed: "Your browser asked and had no answer, so nothing has changed. Turn this on again to be asked again.",
  denied: "This browser does not let Braid show reminders. To change that, open the browser’s settings for this page, allow notifications, and come back here.",
  failed: "That did not work just now. Try again in a few minutes.",
};

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

async function subscription() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return registration?.pushManager.getSubscription();
}

function token() {
  return document.querySelector("input[name=csrf]").value;
}

function post(address, fields) {
  const body = new URLSearchParams({ ...fields, csrf: token() });
  return fetch(address, { method: "POST", body, redirect: "manual", credentials: "same-origin" });
}

async function tell(subscribed, known) {
  const answer = await post(ADDRESS, { subscription: JSON.stringify(subscribed), ...(known && { known: known.device }) });
  if (!answer.ok) throw new Error(`${ADDRESS} was answered with ${answer.status}`);
  const { id } = await answer.json();
  if (id) await within(["facts"], "readwrite", (facts) => void facts.put({ id: "push", who: WHO, endpoint: subscribed.endpoint, device: id, at: Date.now() }));
  else await letGo(subscribed);
}

async function letGo(subscribed) {
  await subscribed?.unsubscribe();
  await within(["facts"], "readwrite", (facts) => void facts.delete("push"));
}

// The browser is asked first: some only listen in the moment of the tap. What is to be said of it, if anything.
async function turnOn(key) {
  const answer = await Notification.requestPermission();
  if (answer !== "granted") return answer === "denied" ? SAID.denied : SAID.dismissed;
  const registration = await navigator.serviceWorker.ready;
  await tell(await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) }));
  return "";
}

async function turnOff() {
  const known = await fact("push");
  await letGo(await subscription());
  if (known) await post(`${ADDRESS}/${known.device}/remove`, {});
  return "";
}

async function isOn() {
  const [subscribed, known] = [await subscription(), await fact("push")];
  return Boolean(subscribed && known?.who === WHO && Notification.permission === "granted");
}

function isShownOn() {
  return pushPlace.querySelector("[role=switch]").getAttribute("aria-checked") === "true";
}

async function showPush(words) {
  const on = await isOn();
  const isDenied = Notification.permission === "denied";
  const turn = pushPlace.querySelector("[role=switch]");
  turn.setAttribute("aria-checked", String(on));
  turn.querySelector("[aria-hidden]").textContent = on ? "On" : "Off";
  const said = pushPlace.querySelector("[role=status]");
  said.tabIndex = -1;
  // A browser that was told no does not ask again, whatever is tapped here.
  if (isDenied && document.activeElement === turn) said.focus();
  turn.hidden = isDenied;
  said.textContent = words || (isDenied ? SAID.denied : on ? SAID.on : SAID.off);
}

// Once a day a browser says that it is still there, and at once where it is reached at another address. What was ended
// on the page about reminders ends here too; and nobody else's subscription goes on.
async function keepUp({ again } = {}) {
  const [subscribed, known] = [await subscription(), await fact("push")];
  if (!subscribed) return;
  if (known?.who !== WHO) await subscribed.unsubscribe();
  else if (again || known.endpoint !== subscribed.endpoint || Date.now() - (known.at || 0) > 24 * HOUR) await tell(subscribed, known);
}

async function offer() {
  await navigator.serviceWorker.ready;
  const { key, devices } = await (await fetch(ADDRESS, { credentials: "same-origin" })).json();
  if (!key) return;
  const known = await fact("push");
  await keepUp({ again: !devices.some((one) => one.id === known?.device) });
  pushPlace.querySelector("[role=switch]").addEventListener("click", async () => {
    try {
      await showPush(await (isShownOn() ? turnOff() : turnOn(key)));
    } catch {
      await showPush(SAID.failed);
    }
  });
  await showPush();
  const asked = await navigator.permissions.query({ name: "notifications" });
  asked.addEventListener("change", () => showPush());
}

if (WHO && worker && hasWorkers() && canKeep() && "PushManager" in window && "Notification" in window) {
  if (pushPlace) offer().catch(() => {});
  window.addEventListener("load", () => keepUp().then(() => pushPlace && showPush()).catch(() => {}));
}
