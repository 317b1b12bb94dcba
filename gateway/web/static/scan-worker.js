// Keeps the page of a scanner, so that it starts without a network. `VERSION`, `SHELL`, `FILES` and `LATER`, which a first
// start does not wait for, stand before this line.
"use strict";

self.addEventListener("install", (event) => event.waitUntil((async () => {
  const kept = await caches.open(VERSION);
  await kept.addAll([SHELL, ...FILES]);
  await self.skipWaiting();
})()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== VERSION) await caches.delete(name);
  await self.clients.claim();
  const kept = await caches.open(VERSION);
  await kept.addAll(LATER).catch(() => {});
})()));

self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  const isPage = event.request.mode === "navigate" && /^\/scan\/[^/]+\/[^/]+$/.test(pathname);
  if (isPage || pathname.startsWith("/static/")) {
    event.respondWith(caches.match(isPage ? SHELL : event.request).then((kept) => kept ?? fetch(event.request)));
  }
});
