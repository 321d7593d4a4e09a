// Votes on the page: shown at once, counted by the site, taken back when it refuses.

import assert from "node:assert/strict";
import test from "node:test";

import { Votes } from "../../web/static/votes.js";
import { settled, World } from "./world.js";

const ROOM = "questions:1";
const PAGE = { tally_url: "/tally", vote_url: "/vote" };
const tally = (more = {}) => ({ counts: { [ROOM]: { a: 3, b: 1 } }, mine: { [ROOM]: ["b"] }, asked: [], ...more });

// Votes as they are once the site has told them.
async function counted(world) {
  const votes = new Votes(PAGE, world);
  world.answerNext({ status: 200, body: tally() });
  votes.refresh();
  await world.pass(1);
  return votes;
}

test("counts and one's own votes come from the site", async () => {
  const votes = await counted(new World());
  assert.deepEqual(["a", "b", "c"].map((item) => votes.count(ROOM, item)), [3, 1, 0]);
  assert.deepEqual(["a", "b", "c"].map((item) => votes.mine(ROOM, item)), [false, true, false]);
});

test("a vote counts at once, and then as the site says", async () => {
  const world = new World();
  const votes = await counted(world);
  world.answerNext({ status: 200, body: { item: "a", count: 7, on: true } });
  const done = votes.toggle(ROOM, "questions", "a");
  assert.deepEqual([votes.count(ROOM, "a"), votes.mine(ROOM, "a")], [4, true]);
  assert.equal(await done, true);
  assert.deepEqual([votes.count(ROOM, "a"), votes.mine(ROOM, "a")], [7, true]);
  assert.deepEqual(world.posted, [["/vote", { of: "questions", item: "a", on: "1" }]]);
});

test("a tally heard while the own vote is on its way is not added to it", async () => {
  const world = new World();
  const votes = await counted(world);
  world.answerNext({ status: 200, body: { item: "a", count: 4, on: true } });
  const done = votes.toggle(ROOM, "questions", "a");
  votes.hear(ROOM, { a: 4, b: 9 });
  assert.deepEqual([votes.count(ROOM, "a"), votes.count(ROOM, "b")], [4, 9]);
  await done;
  assert.equal(votes.count(ROOM, "a"), 4);
});

test("what was asked for before a vote does not undo it", async () => {
  const world = new World();
  const votes = await counted(world);
  let arrives;
  const late = { ok: true, json: () => Promise.resolve(tally()) };
  world.fetch = () => new Promise((settle) => (arrives = () => settle(late)));
  votes.refresh();
  await world.pass(6);
  world.answerNext({ status: 200, body: { item: "a", count: 4, on: true } });
  await votes.toggle(ROOM, "questions", "a");
  let again = 0;
  world.fetch = () => {
    again += 1;
    return Promise.resolve({ ok: true, json: () => Promise.resolve({ ...tally({ mine: { [ROOM]: ["a", "b"] } }), counts: { [ROOM]: { a: 5 } } }) });
  };
  arrives();
  await settled();
  assert.deepEqual([again, votes.mine(ROOM, "a"), votes.count(ROOM, "a")], [1, true, 5]);
});

test("a refused vote is taken back and says why", async () => {
  const world = new World();
  const votes = await counted(world);
  world.answerNext({ status: 404, body: { code: "vote.unknown", text: "This is not shown any more." } });
  const no = await votes.toggle(ROOM, "questions", "a");
  assert.equal(no.code, "vote.unknown");
  assert.deepEqual([votes.count(ROOM, "a"), votes.mine(ROOM, "a")], [3, false]);
  world.answerNext({ status: 0 });
  assert.equal((await votes.toggle(ROOM, "questions", "b")).code, "offline");
  assert.deepEqual([votes.count(ROOM, "b"), votes.mine(ROOM, "b")], [1, true]);
});

test("who presses twice quickly ends where they wanted to", async () => {
  const world = new World();
  const votes = await counted(world);
  world.answerNext({ status: 200, body: { count: 4, on: true } }, { status: 200, body: { count: 3, on: false } });
  const done = votes.toggle(ROOM, "questions", "a");
  votes.toggle(ROOM, "questions", "a");
  assert.deepEqual([votes.count(ROOM, "a"), votes.mine(ROOM, "a")], [3, false]);
  await done;
  await settled();
  assert.deepEqual(world.posted.map(([, fields]) => fields.on), ["1", "0"]);
  assert.deepEqual([votes.count(ROOM, "a"), votes.mine(ROOM, "a")], [3, false]);
});

test("what begins alike is found together, an own vote on its way included", async () => {
  const world = new World();
  const votes = await counted(world);
  votes.hear("chat:1", { "e:5:👍": 2, "e:50:👍": 1, "e:5:🔥": 0 });
  votes.toggle("chat:1", "chat", "e:5:🎉");
  assert.deepEqual([...votes.of("chat:1", "e:5:")], [["e:5:👍", 2], ["e:5:🎉", 1]]);
});

test("a site that is away leaves what is known, and later ones ask at moments of their own", async () => {
  const world = new World();
  const votes = await counted(world);
  world.answerNext({ status: 0 }, { status: 200, body: tally({ counts: { [ROOM]: { a: 8 } } }) });
  votes.refresh();
  await world.pass(6);
  assert.equal(votes.count(ROOM, "a"), 3);
  votes.refresh();
  assert.equal(world.asked.length, 2, "not at once: thousands lost the same server");
  await world.pass(6);
  assert.equal(votes.count(ROOM, "a"), 8);
});
