// Times and days for people: of the conference's zone, and never in a browser's makeshift words.

import assert from "node:assert/strict";
import test from "node:test";

import { Clock } from "../../web/static/clock.js";

const NOON = Date.UTC(2026, 10, 29, 12);

test("a time is that of the event's zone", () => {
  assert.equal(new Clock("ru", "Asia/Almaty").time(NOON), "17:00");
  assert.equal(new Clock("ru", "Asia/Almaty").day(NOON), "29 ноября");
});

test("a language whose months the browser does not know is dated in figures", (t) => {
  const real = Intl.DateTimeFormat;
  t.after(() => (Intl.DateTimeFormat = real));
  Intl.DateTimeFormat = class extends real {
    format(when) {
      const { locale, month } = this.resolvedOptions();
      return locale === "kk" && month === "long" ? "M11 29" : super.format(when);
    }
    formatToParts(when) {
      return this.resolvedOptions().locale === "kk" ? [{ type: "month", value: "M11" }] : super.formatToParts(when);
    }
  };
  assert.equal(new Clock("kk", "Asia/Almaty").day(NOON), "29.11");
});
