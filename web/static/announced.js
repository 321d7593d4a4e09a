// What a conference is told now: which announcements stand, in whose language. It never touches the page.

export class Announced {
  #told = new Map(); // item -> announced event

  restart() {
    this.#told.clear();
  }

  hear(event) {
    if (event.is === "announced") this.#told.set(event.item, event);
    if (event.is === "withdrawn") this.#told.delete(event.item);
  }

  // Those that stand at a moment (ms), the oldest first.
  standing(now) {
    return [...this.#told.values()].filter(({ until }) => !until || until > now);
  }

  // How long until the next one is over, in ms; Infinity when none will be by itself.
  over(now) {
    return Math.min(Infinity, ...this.standing(now).filter(({ until }) => until).map(({ until }) => until - now));
  }
}

// An announcement as one reader sees it: {text, language, place}; in the main language when theirs is missing.
export function inLanguage({ text, language = "", others = {}, place = {} }, own) {
  const said = others[own] ? { text: others[own], language: own } : { text, language };
  return { ...said, place: place[own] ?? place[language] ?? Object.values(place)[0] ?? "" };
}
