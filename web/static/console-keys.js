// Which key means what. Letters are told by their place, so that they work on a Russian or Kazakh keyboard, too.

const BY_PLACE = {
  KeyA: "approve", KeyR: "reject", KeyD: "reject", KeyP: "pin", KeyE: "edit", KeyU: "undo", KeyM: "mute", KeyN: "answering",
  KeyW: "answered", KeyT: "write", KeyG: "merge", KeyB: "bind", KeyC: "recall", KeyX: "purge", KeyI: "person", KeyS: "announce",
  KeyJ: "next", KeyK: "before", KeyL: "right", KeyH: "left", ArrowDown: "next", ArrowUp: "before", ArrowRight: "right", ArrowLeft: "left",
};
const LETTER = /^[a-z]$/;

// The verb of a pressed key, or null. On a Latin keyboard of another order the letter counts, not its place.
export function verbOf({ key, code, shiftKey }) {
  if (key === "?" || (code === "Slash" && shiftKey)) return "help";
  if (key === "/" || code === "Slash") return "filter";
  if (shiftKey) return null;
  const letter = key.toLowerCase();
  return BY_PLACE[LETTER.test(letter) ? `Key${letter.toUpperCase()}` : code] ?? null;
}
