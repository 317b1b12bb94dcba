// Keeps the page of a scanner and that of its check, so that they start without a network. `VERSION`, `SHELL`, `CHECK`,
// `FILES` and `LATER`, which a first start does not wait for, stand before this line.
"use strict";

self.addEventListener("install", (event) => event.waitUntil((async () => {
  const kept = await caches.open(VERSION);
  await kept.addAll([SHELL, CHECK, ...FILES]);
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
  const isCheck = event.request.mode === "navigate" && pathname === new URL(CHECK, location).pathname;
  if (isPage || isCheck || pathname.startsWith("/static/")) {
    const wanted = isPage ? SHELL : isCheck ? CHECK : event.request;
    event.respondWith(caches.match(wanted).then((kept) => kept ?? fetch(event.request)));
  }
});
