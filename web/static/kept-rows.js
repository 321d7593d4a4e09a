// A list on the page whose elements are made once and changed in place: a finger that is down, or the focus, finds the
// button it meant when something changes at that moment. It decides nothing about what it shows.

export class KeptRows {
  #list; #make; #fill;
  #rows = new Map(); // item -> its element
  #stood = null; // the element whose button the focus left because it cannot be pressed now

  // `make()` gives an element; `fill(element, one)` lets it say how `one` ({item, ...}) is.
  constructor(list, make, fill) {
    this.#list = list;
    this.#make = make;
    this.#fill = fill;
  }

  draw(all) {
    const { activeElement } = document;
    const here = this.#list.contains(activeElement) ? activeElement : null;
    if (this.#rows.size === 0) this.#list.replaceChildren(); // what the site drew
    const gone = new Set(this.#rows.keys());
    let place = this.#list.firstElementChild;
    for (const one of all) {
      gone.delete(one.item);
      const row = this.#rows.get(one.item) ?? this.#add(one.item);
      this.#fill(row, one);
      if (row === place) place = place.nextElementSibling;
      else this.#list.insertBefore(row, place);
    }
    for (const item of gone) {
      this.#rows.get(item).remove();
      this.#rows.delete(item);
    }
    this.#giveBack(here);
  }

  #add(item) {
    const row = this.#make(item);
    this.#rows.set(item, row);
    return row;
  }

  // What moved or was switched off has lost the focus: it gets it back, or the row's next button does as soon as there is one.
  #giveBack(here) {
    const row = here?.closest("li") ?? (document.activeElement === document.body ? this.#stood : null);
    this.#stood = null;
    if (!row?.isConnected) return;
    const next = here && !here.hidden && !here.disabled ? here : row.querySelector("button:not([hidden], :disabled)");
    if (next && document.activeElement !== next) next.focus({ preventScroll: true });
    if (!next) this.#stood = row;
  }
}
