// The player of another site, in a frame. It says nothing to it.

export function framed(address, title) {
  const frame = document.createElement("iframe");
  Object.assign(frame, { src: address, title, allowFullscreen: true });
  frame.allow = "autoplay; fullscreen; picture-in-picture; encrypted-media";
  frame.referrerPolicy = "strict-origin-when-cross-origin"; // players refuse pages that do not say who they are
  return frame;
}
