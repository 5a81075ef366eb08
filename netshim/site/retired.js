// Answers for a service worker that this server no longer has. Browsers keep a
// worker whose script is missing, and it would go on serving its copy of the
// page; this one takes its place at once, removes the copies and itself.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  const prefix = `stepwire ${new URL(self.registration.scope).pathname} `;
  for (const name of await caches.keys()) if (name.startsWith(prefix)) await caches.delete(name);
  await self.registration.unregister();
  for (const client of await self.clients.matchAll({ type: "window" })) client.navigate(client.url);
})()));
