// The card of what is on now, on a clock of glass.

import assert from "node:assert/strict";
import test from "node:test";

import { Card } from "../../web/static/card.js";
import { World } from "./world.js";

// A card whose session ends in so many seconds; the next one it is told of ends an hour later.
function card(world, seconds) {
  let until = world.time + seconds * 1000;
  const shown = [];
  const show = (html) => {
    shown.push(html);
    until += 3_600_000;
  };
  new Card(world, { address: "/c/school/main/card", until: () => until, show }).watch();
  return shown;
}

test("the card is fetched anew when its session ends, and after the next one again", async () => {
  const world = new World();
  const shown = card(world, 60);
  world.answerNext({ status: 200, text: "second" }, { status: 200, text: "third" });
  await world.pass(59);
  assert.deepEqual(world.asked, []);
  await world.pass(22);
  assert.deepEqual([world.asked, shown], [["/c/school/main/card"], ["second"]]);
  await world.pass(3600);
  assert.deepEqual(shown, ["second", "third"]);
});

test("a card that could not be fetched is tried again until it is there", async () => {
  const world = new World();
  const shown = card(world, 60);
  const failed = [{ status: 0 }, { status: 503 }, { status: 200, redirected: true }, { status: 200, cut: true }];
  world.answerNext(...failed, { status: 200, text: "second" });
  await world.pass(81);
  assert.equal(world.asked.length, 1);
  await world.pass(30);
  assert.equal(world.asked.length, 1, "not at once: a site that restarts is not stormed");
  await world.pass(4 * 80);
  assert.deepEqual([world.asked.length, shown], [5, ["second"]]);
});

test("everybody asks at a moment of their own", async () => {
  const asked = [];
  for (const chance of [0, 0.5, 1]) {
    const world = new World();
    world.chance = chance;
    card(world, 60);
    while (world.asked.length === 0) await world.pass(1);
    asked.push((world.time - 1_790_000_000_000) / 1000);
  }
  assert.deepEqual(asked, [61, 71, 81]);
});

test("a card that never grows old is left alone", async () => {
  const world = new World();
  card(world, Number.NaN);
  card(world, 30 * 24 * 3600);
  await world.pass(29 * 24 * 3600);
  assert.deepEqual(world.asked, []);
});

test("a session that the page came with is shown at once, and the page asked for later", () => {
  const world = new World();
  const put = [];
  const place = { address: "/c/school/main/card", until: () => NaN, show: () => {}, has: (session) => session === 7, put: (session) => put.push(session) };
  const one = new Card(world, place);
  one.turn(7);
  assert.deepEqual([put, world.asked], [[7], []]);
});

test("a session that nobody expected is fetched within seconds, and not before the site knows of it", async () => {
  const world = new World();
  const shown = [];
  const place = { address: "/c/school/main/card", until: () => NaN, show: (html) => shown.push(html), has: () => false, put: () => {} };
  world.answerNext({ status: 200, text: "now" });
  new Card(world, place).turn(8);
  await world.pass(0.9);
  assert.deepEqual(world.asked, []);
  await world.pass(6.1);
  assert.deepEqual(shown, ["now"]);
});
