// Reactions: a row of emoji under the picture, and those of everybody rising over it. It opens no socket.

const AT_ONCE = 12; // rising of one hint; more is a blur
const WITHIN = 900; // ms over which those of one hint set off
const STAYS = 3_000; // ms; as long as they rise (site.css)

export class Reactions {
  #sky; #world;
  #calm = matchMedia("(prefers-reduced-motion: reduce)");

  // `row` holds a button for each emoji, `sky` is where they rise; `send(emoji)` tells the room.
  constructor(row, sky, world, send) {
    this.#sky = sky;
    this.#world = world;
    row.addEventListener("click", (event) => {
      const emoji = event.target.closest("button")?.dataset.emoji;
      if (emoji) send(emoji);
    });
  }

  // {emoji: how many came}.
  hear(counts) {
    if (this.#calm.matches || document.hidden) return;
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    for (const [emoji, count] of Object.entries(counts)) {
      const shown = Math.max(1, Math.round(count * Math.min(1, AT_ONCE / all)));
      for (let one = 0; one < shown; one += 1) this.#world.later(this.#world.random() * WITHIN, () => this.#rise(emoji));
    }
  }

  #rise(emoji) {
    const one = document.createElement("span");
    one.textContent = emoji;
    one.style.setProperty("--from", this.#world.random().toFixed(2));
    one.style.setProperty("--drift", (this.#world.random() - 0.5).toFixed(2));
    this.#sky.append(one);
    this.#world.later(STAYS, () => one.remove());
  }
}
