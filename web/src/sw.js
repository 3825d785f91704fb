// Keeps the page for use without a network. It answers from what it keeps and
// fetches nothing else than these files of its own page.
const FILES = __FILES__;
const NAME = `keysieve ${__VERSION__} ${FILES.join()}`;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name !== NAME && name.startsWith("keysieve "));
  event.waitUntil(
    caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(self.registration.scope)) {
    event.respondWith(Response.error());
    return;
  }
  event.respondWith(
    caches.match(request, { ignoreSearch: true, cacheName: NAME }).then((kept) => kept ?? fetch(request)),
  );
});
