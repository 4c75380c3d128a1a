// Between the pages and the network: without a connection it shows the page for that and keeps what was said; with one
// it only passes on. VERSION and ASSETS are put in front of it by the build, and so is what is kept on the device.

const SHELL = `shell-${VERSION}`;
const SHELL_PAGES = ["/offline", "/help"];
// Not signing out: its answer takes this worker away, and what it were passing on with it.
const OURS = /^\/(my\/.*|help|offline|home|account|sign-in)?$/;
const FAILING = [502, 503, 504];
const PATIENCE = 15000;
const DAY = 24 * HOUR;
const ICON = ASSETS.find((name) => name.includes("mark-192"));
// What an address says of what was just done, and nothing of which page it is.
const PASSING = ["done", "undo", "begins", "quiet"];

async function fillShell() {
  const shell = await caches.open(SHELL);
  // As somebody who is not signed in gets them: they hold nothing of anybody.
  const pages = SHELL_PAGES.map(async (path) => {
    const answer = await fetch(path, { credentials: "omit", cache: "reload", redirect: "error" });
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}`);
    await shell.put(path, answer);
  });
  await Promise.all([...pages, shell.addAll(ASSETS)]);
}

async function refreshShell() {
  const known = await caches.match("/help", { cacheName: SHELL });
  const made = Date.parse(known?.headers.get("Date") || "") || 0;
  if (Date.now() - made > DAY) await fillShell();
}

self.addEventListener("install", (event) => event.waitUntil(fillShell().then(() => self.skipWaiting())));

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) if (name !== SHELL) await caches.delete(name);
    // They ask for the styles and scripts of the build before this one.
    await dropPages();
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && OURS.test(url.pathname)) {
    event.respondWith(request.method === "POST" ? posted(event, url) : visited(event, url));
  } else if (request.method === "GET" && url.pathname.startsWith("/static/")) {
    event.respondWith(asset(request));
  }
});

async function asset(request) {
  return (await caches.match(request, { cacheName: SHELL })) || fetch(request);
}

function inTime(promise) {
  return Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(new Error("too slow")), PATIENCE))]);
}

// The network's answer, or null where there was none to be had.
async function reached(request) {
  const answer = await inTime(fetch(request)).catch(() => null);
  return answer && !FAILING.includes(answer.status) ? answer : null;
}

// Going back to what a form was answered with, the browser only looks among what it kept, and there it is not. The page
// with the form is shown anew: nothing is sent again, and nothing was lost on the way.
function isGoneBackTo(request) {
  return request.cache === "only-if-cached";
}

async function visited(event, url) {
  const answer = await reached(isGoneBackTo(event.request) ? new Request(url, { redirect: "manual" }) : event.request);
  if (!answer) return withoutNetwork(url);
  event.waitUntil(seen(answer.clone(), url).catch(() => {}));
  return answer;
}

async function withoutNetwork(url) {
  const name = SHELL_PAGES.includes(url.pathname) ? url.pathname : "/offline";
  const kept = await keptPage(placeOf(url)).catch(() => null);
  return kept ? drawn(kept) : (await caches.match(name, { cacheName: SHELL })) || Response.error();
}

function placeOf(url) {
  const place = new URL(url);
  for (const name of PASSING) place.searchParams.delete(name);
  return place.pathname + place.search;
}

function drawn({ at, html, headers }) {
  return new Response(html.replace("<body", `<body data-kept-at="${at}"`), { headers });
}

async function seen(answer, url) {
  if (url.pathname === "/sign-in") return dropPages();
  const isPage = answer.ok && (answer.headers.get("Content-Type") || "").startsWith("text/html");
  if (isPage && url.pathname.startsWith("/my/") && (await fact("choice"))) {
    const html = await answer.text();
    const [, who, signIn] = html.match(/<body[^>]* data-who="([^"]+)" data-sign-in="([^"]+)"/) || [];
    if (!who) return undefined;
    await settle(who, signIn);
    if (/<main[^>]* data-keep[ >]/.test(html)) await keepPage(placeOf(url), { html, headers: [...answer.headers] });
  }
  return refreshShell();
}

async function posted(event, url) {
  if (isGoneBackTo(event.request)) return Response.redirect(event.request.referrer || "/my/today", 303);
  const fields = [...new URLSearchParams(await event.request.clone().text())];
  const note = noteOf(fields);
  if (!note) return fetch(event.request);
  const answer = await reached(event.request);
  if (!answer) return waits(url, fields, note);
  if (answer.type === "opaqueredirect") event.waitUntil(dropWaiting(note.id).catch(() => {}));
  return answer;
}

// What the page says of an entry that may wait; the page takes it out again before the entry is sent.
function noteOf(fields) {
  const [, said] = fields.find(([name]) => name === "offline") || [];
  try {
    return said ? JSON.parse(said) : null;
  } catch {
    return null;
  }
}

async function waits(url, fields, note) {
  const typed = fields.filter(([name]) => name !== "offline" && name !== "csrf");
  try {
    await putWaiting({ ...note, at: Date.now(), state: "waiting", action: url.pathname, fields: typed });
  } catch {
    return Response.error();
  }
  return Response.redirect("/offline", 303);
}

// What comes while Braid is closed. Something is always shown: a browser that is sent what it may not show ends the
// subscription. The words are the server's, and say nothing that others may not read.

self.addEventListener("push", (event) => {
  const said = read(event.data);
  const { title = "Braid", body = "There is something for you to look at.", tag, actions = [], silent = false } = said;
  const options = { body, tag, actions, silent, renotify: false, lang: "en-GB", icon: ICON, badge: ICON, data: { url: said.url } };
  event.waitUntil(self.registration.showNotification(title, options));
});

function read(data) {
  try {
    return data.json() || {};
  } catch {
    return {};
  }
}

// An action's name is the path that it opens.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.action || event.notification.data?.url || "/my/today"));
});

async function open(path) {
  const url = new URL(path, self.location.origin);
  if (url.origin !== self.location.origin) return;
  const windows = await self.clients.matchAll({ type: "window" });
  // A form that is being filled in is left as it is: only a window on this very page is brought to the front.
  const there = windows.find((one) => one.url === url.href);
  await (there ? there.focus() : self.clients.openWindow(url.href));
}
