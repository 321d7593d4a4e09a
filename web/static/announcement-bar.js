// <announcement-bar>: what everybody of the conference is told, over the page until it is over or put away. Rows that stand
// are never drawn again: a screen reader would say them anew with every reconnect.

import { Announced, inLanguage } from "./announced.js";
import { node } from "./chat-rows.js";
import { pieces } from "./chat-text.js";
import { Clock } from "./clock.js";

const LONGEST = 2 ** 31 - 1; // ms; browsers count a longer wait as none
const COOKIE = "put-away"; // the site reads it, too (announced_rules.py): names with dots between, the newest last
const REMEMBERED = 40;
const LIFE = 30 * 24 * 3600; // seconds

export class AnnouncementBar extends HTMLElement {
  #live; #world; #language; #clock;
  #announced = new Announced();
  #settled = false; // what is told now is known as a whole
  #cancel = () => {};

  // `page` is what the page was given: {announcements: room, language}.
  start(live, page, world) {
    this.#live = live;
    this.#world = world;
    this.#language = page.language;
    this.#clock = new Clock(page.language, this.dataset.zone);
    this.addEventListener("submit", (event) => this.#away(event));
    document.addEventListener("visibilitychange", () => this.#draw()); // another tab may have put one away
    live.join(page.announcements, this);
  }

  // [{item, text, ...}] in the reader's language, the oldest first.
  get standing() {
    return this.#announced.standing(this.#live.now()).map((one) => ({ ...one, ...inLanguage(one, this.#language) }));
  }

  restart() {
    this.#settled = false;
    this.#announced.restart();
  }

  hear(event) {
    this.#announced.hear(event);
    this.#draw();
  }

  caughtUp() {
    this.#settled = true;
    this.#draw();
  }

  sent() {}
  held() {}
  postponed() {}
  refused() {}
  closed() {}
  muted() {}
  hinted() {}

  #draw() {
    if (!this.#settled) return;
    const standing = this.standing;
    const away = new Set(putAway());
    const shown = standing.filter(({ item }) => this.hasAttribute("data-fixed") || !away.has(item));
    const known = new Map([...this.querySelectorAll(".announcement")].map((row) => [row.dataset.item, row]));
    for (const one of shown) if (!known.has(one.item)) this.#region(one).prepend(this.#row(one));
    for (const [item, row] of known) if (!shown.some((one) => one.item === item)) row.remove();
    this.dispatchEvent(new CustomEvent("standing"));
    this.#cancel();
    const over = this.#announced.over(this.#live.now());
    if (over <= LONGEST) this.#cancel = this.#world.later(over, () => this.#draw());
  }

  #region({ urgent }) {
    return this.querySelector(urgent ? "[role=alert]" : "[role=status]");
  }

  #row({ item, text, language, urgent, link, place, when }) {
    const row = this.querySelector("template").content.firstElementChild.cloneNode(true);
    row.dataset.item = item;
    row.toggleAttribute("data-urgent", Boolean(urgent));
    const said = row.querySelector(".announcement-text");
    said.lang = language;
    said.replaceChildren(...pieces(text).map(node));
    this.#lead(row.querySelector(".announcement-link"), link, place);
    const time = row.querySelector("time");
    if (time) Object.assign(time, { dateTime: new Date(when).toISOString(), textContent: this.#clock.time(when) });
    const name = row.querySelector("[name=item]");
    if (name) name.value = item;
    return row;
  }

  // Within this site only, and not to where one is.
  #lead(way, link, place) {
    way.hidden = !/^\/(?!\/)[^\s\\]*$/.test(link ?? "") || link === location.pathname;
    if (way.hidden) return;
    if ("href" in way) way.href = link;
    way.querySelector("span").textContent = place;
  }

  #away(event) {
    event.preventDefault();
    const row = event.target.closest(".announcement");
    document.cookie = `${COOKIE}=${[...putAway().filter((one) => one !== row.dataset.item), row.dataset.item].slice(-REMEMBERED).join(".")}; path=/; max-age=${LIFE}; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
    row.remove();
    (this.querySelector("button") ?? document.getElementById("main"))?.focus({ preventScroll: true });
  }
}

function putAway() {
  const found = document.cookie.split("; ").find((one) => one.startsWith(`${COOKIE}=`));
  return found ? found.slice(COOKIE.length + 1).split(".").filter(Boolean) : [];
}

customElements.define("announcement-bar", AnnouncementBar);
