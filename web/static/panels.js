// The panels beside the picture: one is shown at a time, a dot says that something came in another. It fills none of them.

export class Panels {
  #hall; #buttons;

  // `hall` holds the panels; its [data-panel] buttons choose one, and so does the address (#questions).
  constructor(hall) {
    this.#hall = hall;
    this.#buttons = hall.querySelectorAll("[data-panel]");
    for (const button of this.#buttons) button.addEventListener("click", () => this.show(button.dataset.panel));
    addEventListener("hashchange", () => this.#fromAddress());
    this.#fromAddress();
  }

  show(name) {
    this.#hall.dataset.shown = name;
    for (const one of this.#buttons) {
      one.setAttribute("aria-pressed", String(one.dataset.panel === name));
      if (one.dataset.panel === name) delete one.dataset.news;
    }
  }

  news(name) {
    const button = [...this.#buttons].find((one) => one.dataset.panel === name);
    if (this.#hall.dataset.shown !== name) button.dataset.news = "yes";
  }

  #fromAddress() {
    const name = location.hash.slice(1);
    if ([...this.#buttons].some((one) => one.dataset.panel === name)) this.show(name);
  }
}
