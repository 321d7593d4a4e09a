// The real page beside the forms: drawn anew from what is typed, without a jump. It saves nothing.

const WIDTHS = { phone: 390, desktop: 1280 }; // px of the page in the frame; the frame itself is scaled to its place
const NARROW = 560; // px of the place for it; below that a desktop's page would be too small to be read
const PAUSE = 300; // ms after the last letter

export class Preview {
  #pane; #frame; #home; #draft; #timer; #asked = 0;
  #shown; // language; "" when the form says it
  #theme = "";

  // `draft` answers with the form whose words are not saved yet, or null.
  constructor(pane, home, draft) {
    this.#pane = pane;
    this.#frame = pane.querySelector("iframe");
    this.#home = home;
    this.#draft = draft;
    this.#shown = pane.querySelector("[data-shown][aria-current]")?.dataset.shown ?? "";
    pane.addEventListener("click", (event) => this.#press(event));
    const sheet = pane.querySelector(".preview-sheet");
    new ResizeObserver(() => this.#fit()).observe(sheet);
    this.#widen(sheet.clientWidth < NARROW ? "phone" : "desktop");
    this.#frame.addEventListener("load", () => this.#arrive());
    if (this.#frame.contentDocument?.readyState === "complete") this.#arrive();
    new MutationObserver(() => this.#light()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  // Draw soon: more letters may come.
  soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(), PAUSE);
  }

  async now() {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    const form = this.#draft();
    const words = new URLSearchParams({ shown: this.#shown, theme: this.#theme });
    const address = `${this.#home}/preview?${words}`;
    try {
      const answer = await fetch(address, form ? { method: "POST", body: new FormData(form) } : {});
      if (!answer.ok || asked !== this.#asked) return; // an older page never covers a newer one
      this.#draw(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // No connection: the page stays as it was drawn last, and the form says what happens when it is sent.
    }
  }

  #draw(page) {
    const shown = this.#frame.contentDocument;
    const [before, after] = [shown?.querySelector("main"), page.querySelector("main")];
    if (!before || !after) return;
    // A part that did not change stays the very same, so that its pictures do not blink.
    const kept = [...before.children];
    const parts = [...after.children].map((part) => {
      const same = kept.findIndex((one) => one.isEqualNode(part));
      return same < 0 ? shown.adoptNode(part) : kept.splice(same, 1)[0];
    });
    const { place } = this.#pane.dataset;
    const wasThere = place && shown.getElementById(place);
    before.replaceChildren(...parts);
    if (place && !wasThere) this.#goTo();
    shown.documentElement.dataset.look = page.documentElement.dataset.look;
    shown.documentElement.lang = page.documentElement.lang;
    shown.querySelector(".top")?.replaceWith(shown.adoptNode(page.querySelector(".top")));
  }

  #arrive() {
    this.#light();
    this.#goTo();
  }

  // Light or dark as the desk is: the page in the frame runs no script that would know.
  #light() {
    const page = this.#frame.contentDocument?.documentElement;
    if (!page) return;
    const { theme } = document.documentElement.dataset;
    if (theme) page.dataset.theme = theme;
    else delete page.dataset.theme;
  }

  // To the block that is being written. Not by scrollIntoView: it would scroll the desk around the frame, too.
  #goTo() {
    const block = this.#frame.contentDocument?.getElementById(this.#pane.dataset.place);
    if (block) this.#frame.contentWindow.scrollTo(0, block.offsetTop);
  }

  #press(event) {
    const width = event.target.closest("[data-width]:is(button)");
    const language = event.target.closest("[data-shown]");
    if (width) {
      this.#widen(width.dataset.width);
    } else if (language) {
      event.preventDefault();
      for (const one of this.#pane.querySelectorAll("[data-shown]")) one.toggleAttribute("aria-current", false);
      language.setAttribute("aria-current", "true");
      this.#shown = language.dataset.shown;
      this.now();
    }
  }

  #widen(width) {
    for (const one of this.#pane.querySelectorAll("button[data-width]")) {
      one.setAttribute("aria-pressed", String(one.dataset.width === width));
    }
    this.#pane.querySelector(".preview-sheet").dataset.width = width;
    this.#fit();
  }

  #fit() {
    const sheet = this.#pane.querySelector(".preview-sheet");
    const wide = WIDTHS[sheet.dataset.width];
    const scale = Math.min(1, sheet.clientWidth / wide);
    sheet.style.setProperty("--page-width", `${wide}px`);
    sheet.style.setProperty("--page-scale", scale);
  }
}
