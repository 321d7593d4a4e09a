"""A broadcast over HLS that the browser itself made: a canvas, recorded and cut into playlist and segments."""

import base64
from dataclasses import dataclass

from playwright.sync_api import Page, Route

BROKEN = 40_000  # ms until it is said that a broadcast does not arrive
PLAYLIST = "/live/hall.m3u8"
# Two seconds of a canvas that changes, as fragmented MP4: all before the first moof is the beginning of every player.
RECORD = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 90 });
  const paint = canvas.getContext("2d");
  let at = 0;
  const painting = setInterval(() => {
    paint.fillStyle = `hsl(${(at += 9)} 60% 40%)`;
    paint.fillRect(0, 0, 160, 90);
  }, 40);
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/mp4;codecs=vp9" });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise((done) => (recorder.onstop = done));
  recorder.start(500);
  await new Promise((done) => setTimeout(done, 2500));
  recorder.stop();
  await stopped;
  clearInterval(painting);
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  let text = "";
  for (const one of bytes) text += String.fromCharCode(one);
  return btoa(text);
}"""
# The codec is said here: the recording names it too shortly for players.
PLAYLISTS = {
    "hall.m3u8": ("#EXTM3U", '#EXT-X-STREAM-INF:BANDWIDTH=60000,CODECS="vp09.00.10.08"', "track.m3u8", ""),
    "track.m3u8": (
        *("#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:3", '#EXT-X-MAP:URI="begin.mp4"'),
        *("#EXTINF:2.4,", "segment.mp4", "#EXT-X-ENDLIST", ""),
    ),
}


@dataclass
class Broadcast:
    """Answers of a media server, to the pages that `air` was called for."""

    beginning: bytes
    segment: bytes
    on: bool = True
    asked: int = 0  # how often the playlist was

    def air(self, page: Page) -> None:
        """This page asks here for everything under /live/."""
        page.route("**/live/*", self._answer)

    def _answer(self, route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        if name == "hall.m3u8":
            self.asked += 1
        if not self.on:
            route.fulfill(status=404, body="off")
        elif name in PLAYLISTS:
            route.fulfill(body="\n".join(PLAYLISTS[name]), content_type="application/vnd.apple.mpegurl")
        else:
            route.fulfill(body=self.beginning if name == "begin.mp4" else self.segment, content_type="video/mp4")


def recorded(page: Page) -> Broadcast:
    """A broadcast of what this page painted."""
    whole = base64.b64decode(page.evaluate(RECORD))
    cut = whole.index(b"moof") - 4  # a box begins with its length
    return Broadcast(whole[:cut], whole[cut:])
