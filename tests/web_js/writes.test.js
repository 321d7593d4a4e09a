// What a person does goes out once, in order, through whatever happens to the connection.

import assert from "node:assert/strict";
import test from "node:test";

import { Live } from "../../web/static/live.js";
import { admit, connected, listener, PAGE, ROOM, said, welcome, write } from "./page.js";
import { World } from "./world.js";

test("writes go one by one, in order, and each is told when it is stored", () => {
  const { world, live, ear } = connected();
  live.write(write("a"));
  live.write(write("b"));
  assert.deepEqual(world.last.asked("chat.say").map((one) => one.key), ["a"]);
  assert.deepEqual(Object.keys(world.last.asked("chat.say")[0]).sort(), ["do", "id", "key", "room", "text"]);
  world.last.answer("chat.say", { epoch: "e1", at: 1 });
  assert.deepEqual(world.last.asked("chat.say").map((one) => one.key), ["a", "b"]);
  world.last.say([said(1, { user: 7, key: "a" }), said(2, { user: 7, key: "b" })]);
  world.last.answer("chat.say", { epoch: "e1", at: 2 });
  assert.deepEqual(ear.told.filter(([what]) => what === "sent"), [["sent", "a", 1, { heard: false }], ["sent", "b", 2, { heard: true }]]);
});

test("what was written offline goes in order, after the room is joined", async () => {
  const { world, live, ear } = connected();
  live.write(write("a")); // sent, its answer never comes
  world.last.hangUp();
  live.write(write("b"));
  await world.pass(1);
  welcome(world);
  assert.equal(world.last.asked("chat.say").length, 0);
  admit(world, { resumed: true, offset: 1, events: [said(1, { user: 7, key: "a" })] });
  assert.equal(world.last.asked("chat.say")[0].key, "a", "again, with the same key");
  world.last.answer("chat.say", { epoch: "e1", at: 1 });
  world.last.answer("chat.say", { epoch: "e1", at: 2 });
  assert.deepEqual(ear.told.filter(([what]) => what === "sent").map(([, key, at]) => [key, at]), [["a", 1], ["b", 2]]);
});

test("what was not sent survives a reload of the page", () => {
  const { world, live } = connected();
  live.write(write("a"));
  const reloaded = new Live(PAGE, world);
  const kept = reloaded.join(ROOM, listener());
  assert.deepEqual(kept.map(({ key, text }) => [key, text]), [["a", "text of a"]]);
  reloaded.start();
  welcome(world);
  admit(world);
  world.last.answer("chat.say", { epoch: "e1", at: 1 });
  assert.deepEqual(new Live(PAGE, world).join(ROOM, listener()), []);
});

test("what one person wrote is never sent as another", () => {
  const { world, live } = connected();
  live.write(write("a"));
  assert.deepEqual(new Live({ ...PAGE, user: 8 }, world).join(ROOM, listener()), []);
});

test("a busy server is asked again in its own time, in the same order", async () => {
  const { world, live, ear } = connected();
  live.write(write("a"));
  live.write(write("b"));
  world.last.refuse("chat.say", { code: "limit.too_fast", retry_after: 3 });
  assert.equal(ear.told.at(-1)[0], "postponed");
  await world.pass(2.9);
  assert.equal(world.last.asked("chat.say").length, 1);
  await world.pass(0.2);
  assert.deepEqual(world.last.asked("chat.say").map((one) => one.key), ["a", "a"]);
});

test("a refused write waits for its author and holds nobody up", () => {
  const { world, live, ear } = connected();
  live.write(write("a"));
  live.write(write("b"));
  world.last.refuse("chat.say", { code: "chat.too_long" });
  assert.deepEqual(ear.told.at(-1).slice(0, 2), ["refused", "a"]);
  assert.equal(world.last.asked("chat.say").at(-1).key, "b");
  world.last.answer("chat.say", { epoch: "e1", at: 1 });
  live.retry("a");
  assert.equal(world.last.asked("chat.say").at(-1).key, "a");
  world.last.refuse("chat.say", { code: "chat.too_long" });
  live.remove("a");
  assert.deepEqual(new Live(PAGE, world).join(ROOM, listener()), []);
});

test("a write without an answer is repeated on a new connection", async () => {
  const { world, live } = connected();
  live.write(write("a"));
  for (let second = 0; second < 13; second += 1) {
    if (!world.last.closed) world.last.say([]); // not silent, only deaf
    await world.pass(1);
    if (world.sockets.length > 1) break;
  }
  assert.equal(world.sockets.length, 2);
});

test("a deletion is not repeated in another life of the room", async () => {
  const { world, live, ear } = connected();
  live.write({ do: "chat.retract", room: ROOM, key: "d", target: 5, when: 0 });
  assert.equal(world.last.asked("chat.retract")[0].target, 5);
  world.last.hangUp();
  await world.pass(1);
  welcome(world);
  admit(world, { epoch: "e2" });
  assert.equal(world.last.asked("chat.retract").length, 0);
  assert.deepEqual(ear.told.at(-1), ["sent", "d", 0, { heard: true }], "and nobody waits for it");
});

test("a message that a moderator has to see first is told as held, and its place is nobody else's", () => {
  const { world, live, ear } = connected();
  live.write(write("a"));
  world.last.answer("chat.say", { epoch: "e1", at: 40.5, held: true });
  assert.deepEqual(ear.told.at(-1), ["held", "a", 40.5]);
  assert.deepEqual(new Live(PAGE, world).join(ROOM, listener()), [], "it is stored");
});

test("a deletion says in which life of the room the message was seen", () => {
  const { world, live } = connected();
  live.write({ do: "chat.retract", room: ROOM, key: "d", target: 5, when: 0 });
  assert.equal(world.last.asked("chat.retract")[0].epoch, "e1");
});

test("slow mode keeps the message and sends it when its turn comes", async () => {
  const { world, live, ear } = connected();
  live.write(write("a"));
  world.last.refuse("chat.say", { code: "chat.slow", retry_after: 8 });
  assert.equal(ear.told.at(-1)[0], "postponed");
  await world.pass(8.1);
  assert.equal(world.last.asked("chat.say").length, 2);
});

test("who is at a room's desk acts when both are joined", () => {
  const world = new World();
  const live = new Live(PAGE, world);
  live.join(ROOM, listener());
  live.join(`${ROOM}:desk`, listener());
  live.start();
  welcome(world);
  const [room, desk] = world.last.asked("join");
  live.write(write("a"));
  world.last.say({ re: room.id, ok: { room: ROOM, epoch: "e1", offset: 0, resumed: false, events: [] } });
  assert.equal(world.last.asked("chat.say").length, 0);
  world.last.say({ re: desk.id, ok: { room: `${ROOM}:desk`, epoch: "e2", offset: 0, resumed: false, events: [] } });
  assert.equal(world.last.asked("chat.say").length, 1);
});
