// The recording on a session's page: whoever presses gets the player in its place. Without this file it is a link.

import { framed } from "./frame.js";
import "./hls-player.js";
import { world } from "./world.js";

const place = document.querySelector(".recording");
const { address, title } = place.dataset;
const player = place.querySelector("hls-player");
const broken = place.querySelector(".broadcast-broken");

place.querySelector(".recording-play").addEventListener("click", (event) => {
  event.preventDefault();
  place.dataset.playing = "yes";
  if (player) {
    player.start(address, world, { live: true, recorded: true });
    player.querySelector("video").focus();
  } else {
    const frame = framed(address, title);
    place.querySelector(".broadcast-frame").append(frame);
    frame.focus();
  }
});
player?.addEventListener("broken", ({ detail }) => (broken.hidden = !detail));
place.querySelector(".broadcast-again").addEventListener("click", () => {
  broken.hidden = true;
  player.again();
});
