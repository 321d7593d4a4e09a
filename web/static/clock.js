// Times and days as a conference's zone has them, in the reader's language. It does not tick.

const QUARTER = 15 * 60_000; // ms; every zone's midnight falls on a whole quarter of an hour

export class Clock {
  #time; #day;
  #days = new Map(); // quarter of an hour -> day; asking Intl for every row of every drawing would be slow

  constructor(language, timeZone) {
    this.#time = new Intl.DateTimeFormat(language, { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    // Some browsers say that they know Kazakh and call November "M11".
    const named = new Intl.DateTimeFormat(language, { month: "long" }).format(0);
    const known = Intl.DateTimeFormat.supportedLocalesOf(language).length > 0 && !/\d/.test(named);
    const month = known ? "long" : "2-digit";
    this.#day = new Intl.DateTimeFormat(known ? language : "ru", { timeZone, day: "numeric", month });
  }

  time(when) {
    return this.#time.format(when);
  }

  day(when) {
    const quarter = Math.floor(when / QUARTER);
    if (!this.#days.has(quarter)) this.#days.set(quarter, this.#day.format(when));
    return this.#days.get(quarter);
  }
}
