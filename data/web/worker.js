// Keeps an opened tale for when there is no network; what its server has erased or ended goes here too.
"use strict";
const OURS = /^\/(t\/|web\/|v1\/tales\/[0-9a-f]+\/(player\.json|voice\.|music\.|picture\.))/;
self.addEventListener("install", () => self.skipWaiting());
// The page that brought us goes on without us: a sound half from the network and half from here would not play.
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method === "GET" && url.origin === location.origin && OURS.test(url.pathname)) event.respondWith(answer(event.request, url));
});

async function answer(request, url) {
  const keep = await caches.open("echotales");
  const known = await keep.match(url.pathname, { ignoreSearch: true });
  if (known && /\/(voice|music)\./.test(url.pathname)) return part(known, request.headers.get("range"));
  try {
    const fresh = await fetch(request);
    if ([403, 404, 410].includes(fresh.status)) await forget(keep, url.pathname);
    else if (known && fresh.ok && fresh.status === 200) await keep.put(url.pathname, fresh.clone());
    return fresh;
  } catch (error) {
    if (known) return known;
    throw error;
  }
}

async function forget(keep, path) {
  const tale = (path.match(/[0-9a-f]{32}/) || [])[0];
  if (tale) for (const one of await keep.keys()) if (one.url.includes(tale)) await keep.delete(one);
}

async function part(known, range) {
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range || "");
  if (!asked) return known;
  const data = await known.blob(), start = Number(asked[1]), end = asked[2] ? Math.min(data.size, Number(asked[2]) + 1) : data.size;
  if (start >= end) return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${data.size}` } });
  return new Response(data.slice(start, end, data.type), { status: 206, headers: { "Content-Range": `bytes ${start}-${end - 1}/${data.size}`, "Content-Length": String(end - start), "Content-Type": known.headers.get("Content-Type") || "" } });
}
