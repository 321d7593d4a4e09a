// Which questions probably ask the same. It proposes and decides nothing.

const ALIKE = 0.5; // of the words two questions have together that both must share ...
const AT_LEAST = 2; // ... and how many at least
const STEM = 4; // letters of a word that are compared: endings change, and there are many in Russian and Kazakh
const SHORT = 4; // letters; shorter words say little
const MOST = 3; // proposals for one question
const OPEN = new Set(["asked", "approved", "answering", "answered"]);

export class Similar {
  #words = new Map(); // row id -> {text, stems}

  // The likeliest of `rows` that say what `row` says, best first; merging goes into what is older or already shown.
  of(row, rows) {
    const mine = this.#stems(row);
    if (mine.size === 0) return [];
    const found = [];
    for (const other of rows) {
      if (other.id === row.id || other.channel !== row.channel || !OPEN.has(other.status)) continue;
      if (other.status === "asked" && other.when > row.when) continue;
      const score = overlap(mine, this.#stems(other));
      if (score >= ALIKE) found.push({ row: other, score });
    }
    return found.sort((a, b) => b.score - a.score).slice(0, MOST).map((one) => one.row);
  }

  #stems(row) {
    const known = this.#words.get(row.id);
    if (known?.text === row.text) return known.stems;
    const stems = stemsOf(row.text);
    this.#words.set(row.id, { text: row.text, stems });
    return stems;
  }
}

export function stemsOf(text) {
  const words = text.toLowerCase().replaceAll("ё", "е").match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.filter((word) => word.length >= SHORT).map((word) => word.slice(0, STEM)));
}

// Shared words of all words of both.
function overlap(one, other) {
  if (other.size === 0) return 0;
  let shared = 0;
  for (const stem of one) if (other.has(stem)) shared += 1;
  return shared < AT_LEAST ? 0 : shared / (one.size + other.size - shared);
}
