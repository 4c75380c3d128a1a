// What this device keeps for one person: who was last signed in here, what they wrote that waits to be sent, and, if
// they asked for it, a few pages to read without a connection. The page and the worker both read and write it.
//
// Words are sealed with a key that never leaves the browser and goes with everything else at sign-out. That keeps them
// from somebody who reads the browser's files, not from somebody who can open the browser on this device.

const DATABASE = "braid";
const STORES = ["facts", "waiting", "pages"];
const HOUR = 3600000;
// The diary takes what happened in the last 14 days: after that nothing can be sent any more.
const LONGEST_WAIT = 14 * 24 * HOUR;
// As long as a sign-in lasts at most.
const LONGEST_PAGE = 12 * HOUR;

let database = null;

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function opened() {
  database ||= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => STORES.forEach((name) => request.result.createObjectStore(name, { keyPath: "id" }));
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
  });
  return database;
}

// One transaction over some stores: what `act` gives back, once it is written.
async function within(names, mode, act) {
  const transaction = (await opened()).transaction(names, mode);
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  const given = await act(...names.map((name) => transaction.objectStore(name)));
  await done;
  return given;
}

function canKeep() {
  return typeof indexedDB === "object" && Boolean(globalThis.crypto?.subtle && navigator.locks);
}

async function sealingKey() {
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  return within(["facts"], "readwrite", async (facts) => {
    const known = await asked(facts.get("key"));
    if (!known) facts.put({ id: "key", key: made });
    return known ? known.key : made;
  });
}

async function sealed(value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const words = new TextEncoder().encode(JSON.stringify(value));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await sealingKey(), words) };
}

async function unsealed({ iv, data }) {
  try {
    const words = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await sealingKey(), data);
    return JSON.parse(new TextDecoder().decode(words));
  } catch {
    // Sealed with a key that is gone: nobody can read it any more.
    return null;
  }
}

function fact(id) {
  return within(["facts"], "readonly", (facts) => asked(facts.get(id)));
}

// Who is signed in at this device. Pages of another sign-in go, and with another person what the one before had chosen.
function settle(who, signIn) {
  return within(["facts", "pages"], "readwrite", async (facts, pages) => {
    const known = await asked(facts.get("person"));
    if (known?.signIn === signIn) return;
    pages.clear();
    if (known && known.who !== who) facts.delete("choice");
    facts.put({ id: "person", who, signIn });
  });
}

// All of it. Signing out asks the browser for the same, but not every browser obeys.
function forget() {
  return within(STORES, "readwrite", (...stores) => stores.forEach((store) => store.clear()));
}

function dropPages() {
  return within(["pages"], "readwrite", (pages) => void pages.clear());
}

// An entry sent with the same id is the same entry: the last words count.
async function putWaiting({ id, who, at, state, ...words }) {
  const item = { id, who, at, state, ...(await sealed(words)) };
  await within(["waiting"], "readwrite", (waiting) => void waiting.put(item));
}

function dropWaiting(id) {
  return within(["waiting"], "readwrite", (waiting) => void waiting.delete(id));
}

// Whether an entry is still the one that was read: while it was on its way its writer may have said it anew.
async function isAsRead({ id, at }) {
  const now = await within(["waiting"], "readonly", (waiting) => asked(waiting.get(id)));
  return now?.at === at;
}

// One person's entries, the oldest first.
async function waitingOf(who) {
  const items = await within(["waiting"], "readonly", (waiting) => asked(waiting.getAll()));
  const found = [];
  for (const item of items.filter((one) => one.who === who).sort((a, b) => a.at - b.at)) {
    const words = Date.now() - item.at < LONGEST_WAIT ? await unsealed(item) : null;
    if (words) found.push({ id: item.id, who: item.who, at: item.at, state: item.state, ...words });
    else await dropWaiting(item.id);
  }
  return found;
}

async function keepPage(path, page) {
  const words = await sealed(page);
  await within(["facts", "pages"], "readwrite", async (facts, pages) => {
    const [person, choice] = [await asked(facts.get("person")), await asked(facts.get("choice"))];
    if (choice && person) pages.put({ id: path, signIn: person.signIn, at: Date.now(), ...words });
  });
}

async function keptPage(path) {
  const [person, page] = await within(["facts", "pages"], "readonly", async (facts, pages) => [
    await asked(facts.get("person")),
    await asked(pages.get(path)),
  ]);
  if (!page || page.signIn !== person?.signIn || Date.now() - page.at > LONGEST_PAGE) return null;
  const words = await unsealed(page);
  return words && { at: page.at, ...words };
}
