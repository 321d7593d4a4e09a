// The picture of a channel: a player of ours or a frame of somebody else's, the language, the sound, what stands instead.
// It knows neither rooms nor questions.

import { framed } from "./frame.js";

// Players in frames that are told by a message to be heard: kind -> [origin, message].
const UNMUTE = {
  youtube: ["https://www.youtube-nocookie.com", JSON.stringify({ event: "command", func: "unMute", args: [] })],
  rutube: ["https://rutube.ru", JSON.stringify({ type: "player:unMute", data: {} })],
};
// Those whose address cannot say that they begin by themselves and without sound are told so when they are there.
const READY = { rutube: "player:ready" };
const BEGIN = { rutube: ["player:mute", "player:play"].map((type) => JSON.stringify({ type, data: {} })) };

export class Broadcast {
  #place; #page; #world;
  #stream = null;
  #player = null; // <hls-player>
  #live;

  // `page` is what the page was given: {streams: [{language, kind, address}], stream: index, words}; `live`: something is on.
  constructor(place, page, world, { live }) {
    this.#place = place;
    this.#page = page;
    this.#world = world;
    this.#live = live;
    if (page.streams.length === 0) return;
    this.#bind();
    this.#show(page.streams[page.stream]);
  }

  onAir(live) {
    this.#live = live;
    this.#player?.onAir(live);
    if (live && this.#stream && this.#stream.kind !== "hls") this.#frame();
  }

  #bind() {
    const part = (name) => this.#place.querySelector(name);
    part(".broadcast-unmute").addEventListener("click", () => this.#unmute());
    part(".broadcast-again").addEventListener("click", () => {
      part(".broadcast-broken").hidden = true;
      this.#player?.again();
    });
    part(".broadcast-language")?.addEventListener("change", ({ target }) => this.#show(this.#page.streams[target.value]));
    addEventListener("message", (event) => this.#heard(event));
    part(".broadcast-inset").addEventListener("click", () => this.#inset());
  }

  #show(stream) {
    this.#stream = stream;
    this.#place.dataset.kind = stream.kind;
    this.#place.querySelector(".broadcast-broken").hidden = true;
    this.#place.querySelector(".broadcast-inset").hidden = stream.kind !== "hls" || !document.pictureInPictureEnabled;
    this.#sound(stream.kind in UNMUTE ? false : true);
    this.#place.querySelector("iframe")?.remove();
    if (stream.kind === "hls") return this.#hls();
    this.#player?.rest();
    if (this.#live) this.#frame();
  }

  async #hls() {
    if (this.#player) return this.#player.show(this.#stream.address);
    await import("./hls-player.js");
    if (this.#player || this.#stream.kind !== "hls") return; // another language was chosen meanwhile
    this.#player = this.#place.querySelector("hls-player");
    this.#player.addEventListener("broken", ({ detail }) => (this.#place.querySelector(".broadcast-broken").hidden = !detail));
    this.#player.addEventListener("sound", ({ detail }) => this.#sound(detail));
    this.#player.start(this.#stream.address, this.#world, { live: this.#live });
  }

  // Once it is there it stays: between two sessions the broadcast goes on.
  #frame() {
    if (this.#place.querySelector("iframe")) return;
    const frame = framed(this.#stream.address, this.#page.words.broadcast);
    this.#place.querySelector(".broadcast-frame").append(frame);
    this.#sound(!(this.#stream.kind in UNMUTE));
  }

  // A player in the frame says something.
  #heard({ origin, source, data }) {
    const { kind } = this.#stream;
    const frame = this.#place.querySelector("iframe")?.contentWindow;
    if (!(kind in READY) || source !== frame || origin !== UNMUTE[kind][0] || !String(data).includes(`"${READY[kind]}"`)) return;
    for (const message of BEGIN[kind]) frame.postMessage(message, origin);
  }

  #unmute() {
    if (this.#stream.kind === "hls") return this.#player?.unmute();
    const [origin, message] = UNMUTE[this.#stream.kind];
    this.#place.querySelector("iframe")?.contentWindow.postMessage(message, origin);
    this.#sound(true);
  }

  #sound(heard) {
    this.#place.dataset.sound = heard ? "on" : "off";
  }

  async #inset() {
    const video = this.#place.querySelector("video");
    try {
      if (document.pictureInPictureElement) await document.exitPictureInPicture();
      else await video.requestPictureInPicture();
    } catch (no) {
      console.warn("The picture stays where it is:", no.message);
    }
  }
}
