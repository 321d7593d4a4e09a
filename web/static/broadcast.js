// The picture of a channel: a player of ours or a frame of somebody else's, the language, the sound, what stands instead.
// It knows neither rooms nor questions.

// Players in frames that are told by a message to be heard: kind -> [origin, message].
const UNMUTE = {
  youtube: ["https://www.youtube-nocookie.com", JSON.stringify({ event: "command", func: "unMute", args: [] })],
  rutube: ["https://rutube.ru", JSON.stringify({ type: "player:unMute", data: {} })],
};

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
    const inset = part(".broadcast-inset");
    inset.hidden = !document.pictureInPictureEnabled || this.#page.streams.every(({ kind }) => kind !== "hls");
    inset.addEventListener("click", () => this.#inset());
  }

  #show(stream) {
    this.#stream = stream;
    this.#place.dataset.kind = stream.kind;
    this.#place.querySelector(".broadcast-broken").hidden = true;
    this.#place.querySelector(".broadcast-inset").hidden = stream.kind !== "hls" || !document.pictureInPictureEnabled;
    this.#sound(stream.kind in UNMUTE ? false : true);
    this.#place.querySelector("iframe")?.remove();
    if (stream.kind === "hls") this.#hls(stream.address);
    else if (this.#live) this.#frame();
  }

  async #hls(address) {
    if (this.#player) return this.#player.show(address);
    await import("./hls-player.js");
    this.#player = this.#place.querySelector("hls-player");
    this.#player.addEventListener("broken", ({ detail }) => (this.#place.querySelector(".broadcast-broken").hidden = !detail));
    this.#player.addEventListener("sound", ({ detail }) => this.#sound(detail));
    this.#player.start(this.#stream.address ?? address, this.#world, { live: this.#live });
  }

  // Once it is there it stays: between two sessions the broadcast goes on.
  #frame() {
    if (this.#place.querySelector("iframe")) return;
    const frame = document.createElement("iframe");
    Object.assign(frame, { src: this.#stream.address, title: this.#page.words.broadcast, allowFullscreen: true });
    frame.allow = "autoplay; fullscreen; picture-in-picture; encrypted-media";
    frame.referrerPolicy = "strict-origin-when-cross-origin"; // players refuse pages that do not say who they are
    this.#place.querySelector(".broadcast-frame").append(frame);
    this.#sound(!(this.#stream.kind in UNMUTE));
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
