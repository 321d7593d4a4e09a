// The browser as live.js sees it: sockets, clock, chance, storage. It never decides anything.

export const world = {
  socket: (url, protocol) => new WebSocket(url, protocol),
  fetch: (url) => fetch(url, { headers: { accept: "application/json" }, cache: "no-store" }),
  // `fields` is {name: text} or [[name, text] ...]; who forged this page has no token.
  post: (url, fields) =>
    fetch(url, { method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams([["csrf", token()], ...entries(fields)]) }),
  now: () => Date.now(), // not the monotonic clock: that one stands still while a laptop sleeps
  random: () => Math.random(),
  later(ms, act) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
  key: uuid,
  keep: (name) => ({ read: () => read(name), write: (value) => write(name, value) }),
};

function token() {
  return document.querySelector("meta[name=csrf]")?.content ?? "";
}

function entries(fields) {
  return Array.isArray(fields) ? fields : Object.entries(fields);
}

// crypto.randomUUID exists only on https and on this machine; a hall's own network may have neither.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name));
  } catch (wrong) {
    console.warn("Nothing unsent could be read:", wrong); // storage switched off, or not ours
    return null;
  }
}

function write(name, value) {
  try {
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch (wrong) {
    console.warn("Unsent messages live only as long as this page:", wrong);
  }
}
