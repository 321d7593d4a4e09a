// Everything that happens in a channel's room besides its chat, passed on to the parts of the page it concerns.

export class Stage {
  #parts;

  // Each part hears what Live tells a listener, as far as it has the method.
  constructor(...parts) {
    this.#parts = parts;
  }

  restart() {
    this.#pass("restart");
  }

  hear(event) {
    this.#pass("hear", event);
  }

  caughtUp() {
    this.#pass("caughtUp");
  }

  sent(...told) {
    this.#pass("sent", ...told);
  }

  held(...told) {
    this.#pass("held", ...told);
  }

  postponed(...told) {
    this.#pass("postponed", ...told);
  }

  refused(...told) {
    this.#pass("refused", ...told);
  }

  closed(...told) {
    this.#pass("closed", ...told);
  }

  muted(...told) {
    this.#pass("muted", ...told);
  }

  hinted(hint) {
    this.#pass("hinted", hint);
  }

  #pass(what, ...told) {
    for (const part of this.#parts) part[what]?.(...told);
  }
}
