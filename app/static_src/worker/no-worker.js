// What is served in the worker's place where working without a connection is turned off: it takes away every stored
// page and itself. What somebody wrote and could not send stays, for their pages send it on.

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  const leave = async () => {
    for (const name of await caches.keys()) await caches.delete(name);
    await dropPages().catch(() => {});
    await self.registration.unregister();
  };
  event.waitUntil(leave());
});
