// <hls-player>: what comes over HLS; comes back by itself when it breaks. It knows no schedule.

import { Patience } from "./patience.js";

const LIBRARY = "/vendor/hls.js/hls.min.mjs";
const WORKER = "/vendor/hls.js/hls.worker.js";
const HLS = "application/vnd.apple.mpegurl";

export class HlsPlayer extends HTMLElement {
  #video; #world; #patience; #address;
  #hls = null;
  #attempts = 0; // each ends the one before
  #resting = false;
  #recorded = false;
  #at = 0; // seconds: where a recording was when it broke

  // `address` is the playlist's; the element has a <video>, and shows itself when there is a picture. `live`: something is
  // on; `recorded`: somebody pressed for it, and it has an end.
  start(address, world, { live, recorded = false }) {
    this.#world = world;
    this.#recorded = recorded;
    this.#video = this.querySelector("video");
    this.#patience = new Patience(world, {
      attempt: () => this.#attempt(),
      told: (broken) => this.dispatchEvent(new CustomEvent("broken", { detail: broken })),
    });
    this.#patience.live = live;
    this.#listen();
    this.show(address);
  }

  // Another language, say.
  show(address) {
    this.#address = address;
    this.#resting = false;
    this.dataset.state = "waiting";
    this.#sound();
    this.#patience.now();
  }

  // Another player is shown instead: nothing is fetched, and nothing is heard.
  rest() {
    this.#resting = true;
    this.#patience.stop();
    this.#end();
    this.dataset.state = "waiting";
  }

  // Somebody asks for it.
  again() {
    this.#patience.now();
  }

  // Whether something is on; when it has just begun, nobody waits for the next attempt.
  onAir(live) {
    const began = live && !this.#patience.live;
    this.#patience.live = live;
    if (began && this.dataset.state === "waiting" && !this.#resting) this.#patience.now();
  }

  unmute() {
    this.#video.muted = false;
    if (this.#video.volume === 0) this.#video.volume = 1;
    this.#video.play().catch((no) => console.warn("The browser lets nothing play yet:", no.message));
  }

  #listen() {
    const video = this.#video;
    video.addEventListener("playing", () => this.#playing());
    video.addEventListener("loadeddata", () => this.#playing());
    video.addEventListener("error", () => this.#hls ?? this.#failed()); // hls.js tells its own
    video.addEventListener("ended", () => this.#recorded || this.#failed());
    video.addEventListener("volumechange", () => this.#sound());
  }

  #playing() {
    this.dataset.state = "playing";
    this.#patience.succeeded();
  }

  #sound() {
    this.dispatchEvent(new CustomEvent("sound", { detail: !this.#video.muted && this.#video.volume > 0 }));
  }

  #failed() {
    if (this.#resting) return;
    this.#at = this.#video.currentTime || this.#at;
    this.#end();
    this.dataset.state = "waiting";
    this.#patience.failed();
  }

  async #attempt() {
    this.#end();
    const number = (this.#attempts += 1);
    try {
      if (this.#isNative()) return this.#native();
      const { default: Hls } = await import(LIBRARY);
      if (number !== this.#attempts) return;
      if (Hls.isSupported()) this.#attach(Hls, number);
      else this.#native();
    } catch (wrong) {
      console.warn("The player could not be loaded; it is tried again:", wrong);
      if (number === this.#attempts) this.#failed();
    }
  }

  // Safari plays it by itself, and better.
  #isNative() {
    return navigator.vendor.startsWith("Apple") && this.#video.canPlayType(HLS) !== "";
  }

  #native() {
    this.#video.src = this.#recorded && this.#at ? `${this.#address}#t=${this.#at}` : this.#address;
    this.#play();
  }

  #attach(Hls, number) {
    const startPosition = this.#recorded && this.#at ? this.#at : -1; // -1: where the playlist says
    const hls = new Hls({ workerPath: WORKER, backBufferLength: 30, liveDurationInfinity: true, startPosition });
    this.#hls = hls;
    let mended = false;
    hls.on(Hls.Events.ERROR, (_, { fatal, type }) => {
      if (!fatal || number !== this.#attempts) return;
      if (type !== Hls.ErrorTypes.MEDIA_ERROR || mended) return this.#failed();
      mended = true;
      hls.recoverMediaError();
    });
    hls.on(Hls.Events.MANIFEST_PARSED, () => this.#play());
    hls.loadSource(this.#address);
    hls.attachMedia(this.#video);
  }

  #play() {
    if (navigator.connection?.saveData && !this.#recorded) return; // they asked for no video they did not start themselves
    this.#video.play().catch((no) => console.warn("The browser waits for a press on play:", no.message));
  }

  #end() {
    this.#hls?.destroy();
    this.#hls = null;
    this.#attempts += 1;
    if (this.#video.hasAttribute("src")) {
      this.#video.removeAttribute("src");
      this.#video.load();
    }
  }
}

customElements.define("hls-player", HlsPlayer);
