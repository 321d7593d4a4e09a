// Which questions probably ask the same. It proposes and decides nothing.

const ALIKE = 0.5; // of the words two questions have together that both must share ...
const AT_LEAST = 2; // ... and how many at least
const STEM = 4; // letters of a word that are compared: endings change, and there are many in Russian and Kazakh
const SHORT = 4; // letters; shorter words say little
const MOST = 3; // proposals for one question
const KEPT = 12; // of the best that are remembered: some of them may be rejected by the time one asks
const OPEN = new Set(["asked", "approved", "answering", "answered"]);

export class Similar {
  #known = new Map(); // row id -> {id, channel, text, stems}: as it was learned last
  #learned = []; // the same, in the order they came; an edited question is there again
  #found = new Map(); // row id -> {text, upto, scores}: what it was compared with, and what came of it

  // Every question there is; each is read once.
  learn(rows) {
    for (const { id, channel, text } of rows) {
      if (this.#known.get(id)?.text === text) continue;
      const one = { id, channel, text, stems: stemsOf(text) };
      this.#known.set(id, one);
      this.#learned.push(one);
    }
  }

  // The likeliest ones that say what `row` says, best first; merging goes into what is older or already shown.
  // `rowOf(id)` is a question as it is now.
  of(row, rowOf) {
    const mine = this.#known.get(row.id);
    if (!mine || mine.text !== row.text || mine.stems.size < AT_LEAST) return [];
    return [...this.#compared(mine).keys()].map(rowOf)
      .filter((other) => other && OPEN.has(other.status) && (other.status !== "asked" || other.when <= row.when))
      .slice(0, MOST);
  }

  // Only what came since the last time is compared: two thousand questions are looked through once.
  #compared(mine) {
    const before = this.#found.get(mine.id);
    const found = before?.text === mine.text ? before : { text: mine.text, upto: 0, scores: new Map() };
    for (; found.upto < this.#learned.length; found.upto += 1) {
      const other = this.#learned[found.upto];
      if (other.id === mine.id || other.channel !== mine.channel) continue;
      const score = this.#known.get(other.id) === other ? overlap(mine.stems, other.stems) : 0;
      if (score >= ALIKE) found.scores.set(other.id, score);
      else found.scores.delete(other.id);
      if (found.scores.size > 2 * KEPT) found.scores = best(found.scores);
    }
    found.scores = best(found.scores);
    this.#found.set(mine.id, found);
    return found.scores;
  }
}

function best(scores) {
  return new Map([...scores].sort((a, b) => b[1] - a[1]).slice(0, KEPT));
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
