// What a conference is told: which announcements stand, and in whose language.

import assert from "node:assert/strict";
import test from "node:test";

import { Announced, inLanguage } from "../../web/static/announced.js";

const said = (item, more = {}) => ({ is: "announced", item, text: item, until: 0, when: 0, ...more });
const items = (announced, now) => announced.standing(now).map(({ item }) => item);

test("an announcement stands until its time is over or it is withdrawn", () => {
  const announced = new Announced();
  for (const one of [said("a"), said("b", { until: 1_000 }), said("c")]) announced.hear(one);
  assert.deepEqual(items(announced, 999), ["a", "b", "c"]);
  assert.equal(announced.over(400), 600);
  assert.deepEqual(items(announced, 1_000), ["a", "c"]);
  assert.equal(announced.over(1_000), Infinity);
  announced.hear({ is: "withdrawn", item: "a" });
  assert.deepEqual(items(announced, 1_000), ["c"]);
});

test("a fresh start forgets what was told before", () => {
  const announced = new Announced();
  announced.hear(said("a"));
  announced.restart();
  assert.deepEqual(items(announced, 0), []);
});

test("a reader gets their language, or the main one, and the place by its name there", () => {
  const one = { text: "Обед", language: "ru", others: { kk: "Түскі ас" }, place: { ru: "Зал Б", kk: "Б залы" } };
  assert.deepEqual(inLanguage(one, "kk"), { text: "Түскі ас", language: "kk", place: "Б залы" });
  assert.deepEqual(inLanguage(one, "en"), { text: "Обед", language: "ru", place: "Зал Б" });
  assert.deepEqual(inLanguage({ text: "Lunch" }, "en"), { text: "Lunch", language: "", place: "" }, "one of before");
});
