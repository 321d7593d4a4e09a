// The one door to the socket, on a clock of glass: connecting, hearing, coming back.

import assert from "node:assert/strict";
import test from "node:test";

import { Live } from "../../web/static/live.js";
import { admit, connected, listener, PAGE, ROOM, said, welcome, write } from "./page.js";
import { World } from "./world.js";

test("hello carries the pass, join asks for the last events", () => {
  const { world, states, ear } = connected({ offset: 2, events: [said(1), said(2)] });
  assert.equal(world.last.protocol, "veche.1");
  assert.deepEqual(world.last.sent.map(({ do: what, token, room, after }) => ({ what, token, room, after })), [
    { what: "hello", token: "first pass", room: undefined, after: undefined },
    { what: "join", token: undefined, room: ROOM, after: undefined },
  ]);
  assert.deepEqual(states, ["idle", "connecting", "live"]);
  assert.deepEqual(ear.told.map(([what]) => what), ["restart", "hear", "hear", "caughtUp"]);
});

test("an event heard twice is told once", () => {
  const { world, ear } = connected();
  world.last.say([said(1), said(2)]);
  world.last.say([said(2), said(3)]);
  assert.deepEqual(ear.heard(), [1, 2, 3]);
});

test("what is gone before it was told only moves the count", () => {
  const { world, ear } = connected();
  world.last.say([said(1), { room: ROOM, at: 2, is: "gone" }, said(3)]);
  assert.deepEqual(ear.heard(), [1, 2, 3]);
  assert.equal(world.last.asked("join").length, 1);
});

test("a gap is filled by joining again after what was heard", () => {
  const { world, ear } = connected();
  world.last.say([said(1)]);
  world.last.say([said(4)]);
  assert.deepEqual(world.last.asked("join").at(-1).after, { epoch: "e1", offset: 1 });
  world.last.say([said(5)]); // while the join is under way
  admit(world, { offset: 4, resumed: true, events: [said(2), said(3), said(4)] });
  assert.deepEqual(ear.heard(), [1, 2, 3, 4, 5]);
});

test("after a cut the room is resumed and nothing is lost or doubled", async () => {
  const { world, ear, states } = connected();
  world.last.say([said(1), said(2)]);
  world.last.hangUp();
  await world.pass(1);
  assert.equal(world.sockets.length, 2);
  welcome(world);
  assert.deepEqual(world.last.asked("join")[0].after, { epoch: "e1", offset: 2 });
  admit(world, { offset: 4, resumed: true, events: [said(2), said(3), said(4)] }); // one of them heard before
  assert.deepEqual(ear.heard(), [1, 2, 3, 4]);
  assert.equal(ear.told.filter(([what]) => what === "restart").length, 1);
  assert.deepEqual(states, ["idle", "connecting", "live", "connecting", "live"]);
});

test("another life of the room starts the picture afresh", async () => {
  const { world, ear } = connected({ offset: 1, events: [said(1)] });
  world.last.hangUp();
  await world.pass(1);
  welcome(world);
  admit(world, { epoch: "e2", offset: 1, resumed: false, events: [said(1, { text: "new" })] });
  assert.equal(ear.told.filter(([what]) => what === "restart").length, 2);
  world.last.say([said(2)]);
  assert.deepEqual(ear.heard(), [1, 1, 2]);
});

test("attempts come slower and slower, jittered, and start anew after success", async () => {
  const world = new World();
  world.chance = 1;
  const { live } = connected({}, world);
  const delays = [];
  for (let attempt = 0; attempt < 9; attempt += 1) {
    const before = world.sockets.length;
    const from = world.time;
    world.last.hangUp();
    while (world.sockets.length === before) await world.pass(0.1);
    delays.push(Math.round((world.time - from) / 100) / 10);
  }
  assert.deepEqual(delays, [0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 20, 20, 20]);
  assert.equal(live.state, "offline");
  welcome(world);
  assert.equal(live.state, "live");
  world.chance = 0;
  world.last.hangUp();
  const before = world.sockets.length;
  await world.pass(0.25);
  assert.equal(world.sockets.length, before + 1, "0.2 s: half of the first delay");
});

test("a dead socket is found within 25 seconds of its last word", async () => {
  const { world } = connected();
  await world.pass(24.9);
  assert.ok(world.sockets[0].closed);
  assert.ok(world.sockets.length > 1);
});

test("a quiet server that answers pings is left alone", async () => {
  const { world, live } = connected();
  for (let round = 0; round < 20; round += 1) {
    await world.pass(6);
    const pings = world.last.asked("ping");
    if (pings.length > round / 3) world.last.say({ re: pings.at(-1).id, ok: {} });
  }
  assert.equal(world.sockets.length, 1);
  assert.equal(live.state, "live");
});

test("a connection that never opens is given up", async () => {
  const world = new World();
  const live = new Live(PAGE, world);
  live.start();
  await world.pass(13);
  assert.ok(world.sockets[0].closed);
  assert.equal(world.sockets.length, 2);
});

test("waking up asks at once and does not wait long for a dead socket", async () => {
  const { world, live } = connected();
  world.sleep(60);
  live.wake();
  assert.equal(world.last.asked("ping").length, 1);
  await world.pass(6);
  assert.equal(world.sockets.length, 2);
});

test("back on the network it connects at once", async () => {
  const { world, live } = connected();
  live.lost();
  assert.equal(live.state, "offline");
  assert.ok(world.sockets[0].closed);
  live.wake();
  await world.pass(0);
  assert.equal(world.sockets.length, 2);
  welcome(world);
  assert.equal(live.state, "live");
});

test("the next pass is fetched before this one ends and handed in on the same socket", async () => {
  const { world, live } = connected();
  const answerPings = () => {
    const ping = world.last.sent.at(-1);
    if (ping.do === "ping") world.last.say({ re: ping.id, ok: {} });
  };
  for (let second = 0; second < 560 && world.asked.length === 0; second += 2) {
    await world.pass(2);
    answerPings();
  }
  assert.deepEqual(world.asked, ["/pass"]);
  assert.equal(world.last.asked("hello").at(-1).token, "next pass");
  world.last.answer("hello", { user: 7, name: "Anna", expires: world.time / 1000 + 600, heartbeat: 10 });
  assert.equal(world.sockets.length, 1);
  assert.equal(world.last.asked("join").length, 1, "the rooms stay");
  assert.equal(live.state, "live");
});

test("a clock that is wrong is set right by the server's, and the pass lives as long as any other", async () => {
  for (const hours of [-5, 5]) {
    const { world, live } = connected();
    const there = () => world.time - hours * 3_600_000;
    live.lost();
    await world.pass(1);
    welcome(world, { now: there(), expires: there() / 1000 + 600 });
    admit(world);
    assert.equal(live.now(), there());
    const before = world.asked.length;
    for (let second = 0; second < 500; second += 2) {
      await world.pass(2);
      const ping = world.last.sent.at(-1);
      if (ping.do === "ping") world.last.say({ re: ping.id, ok: {} });
    }
    assert.equal(world.asked.length, before, "no other pass is fetched before its time");
    await world.pass(12);
    assert.equal(world.asked.length, before + 1);
  }
});

test("an expired pass is exchanged for a fresh one", async () => {
  const world = new World();
  const live = new Live(PAGE, world);
  live.join(ROOM, listener());
  live.start();
  world.last.accept();
  world.last.refuse("hello", { code: "pass.expired" });
  await world.pass(1);
  assert.deepEqual(world.asked, ["/pass"]);
  world.last.accept();
  assert.equal(world.last.asked("hello")[0].token, "next pass");
});

test("a socket closed for its pass comes back with another", async () => {
  const { world } = connected();
  world.last.hangUp(4401);
  await world.pass(1);
  world.last.accept();
  assert.equal(world.last.asked("hello")[0].token, "next pass");
});

test("signed out: it says so, keeps what was written and stops", async () => {
  const { world, live } = connected();
  live.write(write("a"));
  world.answerNext({ status: 401 });
  world.last.hangUp(4401);
  await world.pass(120);
  assert.equal(live.state, "signed-out");
  assert.equal(world.sockets.length, 1);
  assert.equal(new Live(PAGE, world).join(ROOM, listener()).length, 1);
});

test("no pass for lack of network: it goes on trying", async () => {
  const { world, live } = connected();
  world.answerNext({ status: 0 }, { status: 502 });
  world.last.hangUp(4401);
  await world.pass(10);
  assert.equal(world.asked.length, 3);
  assert.equal(world.sockets.length, 2);
  welcome(world);
  assert.equal(live.state, "live");
});

test("somebody else signed in meanwhile: this page does not write in their name", async () => {
  const { world, live } = connected();
  world.last.hangUp();
  await world.pass(1);
  welcome(world, { user: 8 });
  assert.equal(live.state, "closed");
  await world.pass(60);
  assert.equal(world.sockets.length, 2);
});

test("a leaving server is left at a moment of one's own, and resumed elsewhere", async () => {
  const { world } = connected();
  world.chance = 0.4;
  world.last.say([{ is: "reconnect", within: 2500 }]);
  await world.pass(0.9);
  assert.equal(world.sockets.length, 1);
  await world.pass(0.2);
  assert.equal(world.sockets.length, 2);
  welcome(world);
  assert.deepEqual(world.last.asked("join")[0].after, { epoch: "e1", offset: 0 });
});

test("a room that asks to be joined again is", () => {
  const { world } = connected();
  world.last.say([said(1), { is: "rejoin", room: ROOM }]);
  assert.deepEqual(world.last.asked("join").at(-1).after, { epoch: "e1", offset: 1 });
});

test("a closed room is told, and other events are not disturbed by unknown ones", () => {
  const world = new World();
  const live = new Live(PAGE, world);
  const ear = listener();
  live.join(ROOM, ear);
  live.start();
  welcome(world);
  world.last.refuse("join", { code: "room.closed" });
  assert.deepEqual(ear.told.map(([what]) => what), ["closed"]);
  world.last.say([{ room: "chat:99", at: 1, is: "chat.said" }]);
  world.last.say({ re: null, no: { code: "message.malformed", text: "" } });
});

test("a socket that was given up is not listened to any more", async () => {
  const { world, ear } = connected();
  const old = world.last;
  old.hangUp();
  await world.pass(1);
  welcome(world);
  admit(world, { resumed: true });
  old.say([said(1)]);
  old.hangUp();
  await world.pass(1);
  assert.deepEqual(ear.heard(), []);
  assert.equal(world.sockets.length, 2);
});

test("closed for bad input, it is patient", async () => {
  const { world } = connected();
  world.last.hangUp(4400);
  await world.pass(9.9);
  assert.equal(world.sockets.length, 1);
  await world.pass(1);
  assert.equal(world.sockets.length, 2);
});

test("a server that leaves without waiting is followed at the moment it asked for, with no back-off", async () => {
  const { world, states } = connected();
  world.chance = 0.4;
  world.last.say([{ is: "reconnect", within: 2500 }]);
  world.last.hangUp(1012);
  await world.pass(0.9);
  assert.equal(world.sockets.length, 1);
  await world.pass(0.2);
  assert.equal(world.sockets.length, 2);
  assert.ok(!states.includes("offline"));
});

test("a hint is told and moves no offset", () => {
  const { world, ear } = connected();
  world.last.say([said(1), { is: "viewers", room: ROOM, count: 12 }, said(2)]);
  assert.deepEqual(ear.heard(), [1, 2]);
  assert.deepEqual(ear.told.filter(([what]) => what === "hinted"), [["hinted", { is: "viewers", room: ROOM, count: 12 }]]);
});

test("a newcomer learns at once how many are there", () => {
  const { ear } = connected({ viewers: 340 });
  assert.deepEqual(ear.told.at(-1), ["hinted", { room: ROOM, is: "viewers", count: 340 }]);
});

test("events and hints of a later version are passed over", () => {
  const { world, ear } = connected();
  world.last.say([{ room: ROOM, at: 1, is: "chat.sung" }, { is: "weather", room: ROOM }, { is: "fog" }, said(2)]);
  assert.deepEqual(ear.heard(), [1, 2]);
  assert.equal(world.last.asked("join").length, 1);
});

test("a mute and its end are told", () => {
  const { world, ear } = connected();
  world.last.say([{ is: "muted", room: ROOM, until: 99 }, { is: "muted", room: ROOM, until: 0 }]);
  assert.deepEqual(ear.told.slice(-2), [["muted", 99], ["muted", 0]]);
});

test("whoever is put out of a room hears why, and writes there no more until they are let in again", async () => {
  const { world, live, ear } = connected();
  world.last.say([{ is: "closed", room: ROOM, code: "room.banned" }]);
  assert.deepEqual(ear.told.at(-1), ["closed", { code: "room.banned", text: "" }]);
  live.write(write("a"));
  assert.equal(world.last.asked("chat.say").length, 0);
  world.last.hangUp();
  await world.pass(1);
  welcome(world);
  admit(world);
  assert.equal(world.last.asked("chat.say").length, 1);
});

test("a revoked pass is exchanged", async () => {
  const { world } = connected();
  world.last.hangUp();
  await world.pass(1);
  world.last.accept();
  world.last.refuse("hello", { code: "pass.revoked" });
  await world.pass(2);
  assert.deepEqual(world.asked, ["/pass"]);
});

test("what of one's own waits is told whole on joining, and one by one where it begins or ends", async () => {
  const one = { item: "i1", key: "k", text: "t", when: 0, at: 1.5, held: true, target: 0 };
  const { world, live, ear } = connected();
  live.join("chat:2", { ...ear, waits: (texts, over) => ear.told.push(["waits", texts.map(({ item }) => item), over]) });
  const admitted = (more) => world.last.answer("join", { room: "chat:2", epoch: "e1", offset: 0, resumed: false, events: [], ...more });
  admitted({ waits: [one] });
  world.last.say([{ is: "waits", room: "chat:2", texts: [{ ...one, item: "i2" }], over: [] }]);
  world.last.say([{ is: "waits", room: ROOM, texts: [one], over: [] }]); // who does not want to know is told nothing
  world.last.say([{ is: "waits", room: "chat:2", texts: [], over: ["i1"] }]);
  world.last.say([{ is: "rejoin", room: "chat:2" }]);
  admitted({ resumed: true });
  assert.deepEqual(ear.told.filter(([what]) => what === "waits"), [
    ["waits", ["i1"], null],
    ["waits", ["i2"], []],
    ["waits", [], ["i1"]],
    ["waits", [], null],
  ]);
});

test("what moderators did not publish of one's own is told on joining and whenever it changes, whole", async () => {
  const one = { item: "i1", key: "k", text: "t", when: 0, target: 0 };
  const world = new World();
  const live = new Live(PAGE, world);
  const told = [];
  live.join(ROOM, { ...listener(), dropped: (texts) => told.push(texts.map(({ item }) => item)) });
  live.start();
  welcome(world);
  admit(world, { dropped: [one] });
  world.last.say([{ is: "dropped", room: ROOM, texts: [one, { ...one, item: "i2" }] }]);
  world.last.hangUp();
  await world.pass(1);
  welcome(world);
  admit(world, { resumed: true }); // let go in another tab meanwhile
  assert.deepEqual(told, [["i1"], ["i1", "i2"], []]);
});
