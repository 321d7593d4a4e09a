// When a page asks the site again for what its room told of.

import assert from "node:assert/strict";
import test from "node:test";

import { Reread, Standing } from "../../web/static/reread.js";
import { World } from "./world.js";

// A page that reads, and whether that works.
function page(world, { works = () => true } = {}) {
  const read = [];
  const reread = new Reread(world, 6_000, () => {
    read.push((world.time - 1_790_000_000_000) / 1000);
    return Promise.resolve(works());
  });
  return { reread, read };
}

test("nobody asks before the site is sure to know, and everybody at a moment of their own", async () => {
  const asked = [];
  for (const chance of [0, 0.5, 1]) {
    const world = new World();
    world.chance = chance;
    const { reread, read } = page(world);
    reread.soon();
    await world.pass(8);
    asked.push(...read);
  }
  assert.deepEqual(asked, [1, 4, 7]);
});

test("many events are one question", async () => {
  const world = new World();
  const { reread, read } = page(world);
  for (let event = 0; event < 20; event += 1) reread.soon();
  await world.pass(60);
  assert.equal(read.length, 1);
});

test("what has to be read is read, whatever comes after it that need not be", async () => {
  const world = new World();
  const { reread, read } = page(world);
  reread.soon();
  reread.soon(() => false);
  await world.pass(60);
  assert.equal(read.length, 1);
});

test("what the page knows by then is not asked for", async () => {
  const world = new World();
  const { reread, read } = page(world);
  let needed = true;
  reread.soon(() => needed);
  needed = false;
  await world.pass(60);
  assert.deepEqual(read, []);
});

test("a site that does not answer is asked again until it does", async () => {
  const world = new World();
  let works = false;
  const { reread, read } = page(world, { works: () => works });
  reread.soon();
  await world.pass(40);
  assert.equal(read.length, 2);
  works = true;
  await world.pass(200);
  assert.equal(read.length, 3);
});

test("a page differs from its room by an open poll it lacks, and by one it shows otherwise", () => {
  const standing = new Standing();
  const shows = (polls) => (poll) => polls[poll];
  standing.hear({ poll: 1, status: "closed" });
  standing.hear({ poll: 2, status: "open" });
  assert.equal(standing.differs(shows({ 2: "open" })), false, "an old one that is over need not be shown");
  assert.equal(standing.differs(shows({})), true);
  assert.equal(standing.differs(shows({ 1: "open", 2: "open" })), true);
  standing.hear({ poll: 2, status: "gone" });
  assert.equal(standing.differs(shows({})), false);
  assert.equal(standing.differs(shows({ 2: "closed" })), true);
  standing.restart();
  assert.equal(standing.differs(shows({ 2: "closed" })), false);
});
