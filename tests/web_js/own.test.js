// What is one's own alone in a chat: what waits for a moderator, and what moderators did not publish.

import assert from "node:assert/strict";
import test from "node:test";

import { Feed } from "../../web/static/chat-feed.js";
import { Own } from "../../web/static/chat-own.js";
import { ME, rows, said, texts, wrote } from "./feed.js";

function droppedText(item, more = {}) {
  return { item, key: `key of ${item}`, text: `text of ${item}`, when: 0, target: 0, ...more };
}

test("what moderators did not publish takes the place of what waited, until its author lets it go", () => {
  const feed = new Feed(ME);
  wrote(feed, "a");
  feed.held("a", 0.5);
  feed.hear(said(1));
  assert.equal(feed.dropped([droppedText("i1", { key: "a", text: "mine a" })]), true);
  assert.deepEqual(rows(feed).map((row) => [row.state, row.text, row.at]), [["said", "message 1", 1], ["dropped", "mine a", null]]);
  assert.equal(feed.letGo("i1").text, "mine a");
  assert.deepEqual(texts(feed), ["message 1"]);
  assert.equal(feed.letGo("i1"), undefined);
});

test("a server of before, which names no place for what waits, has it stand behind all and hide nothing", () => {
  const feed = new Feed(ME);
  for (const at of [1, 2]) feed.hear(said(at));
  wrote(feed, "a");
  feed.held("a", 2); // a place at the desk
  assert.deepEqual(rows(feed).map((row) => [row.text, row.state]), [["message 1", "said"], ["message 2", "said"], ["mine a", "held"]]);
  feed.hear(said(3, { user: 7, key: "a", text: "mine a" }));
  assert.deepEqual(texts(feed), ["message 1", "message 2", "mine a"]);
});

// As the server tells one's own page of it.
function waiting(item, more = {}) {
  return { item, key: `key of ${item}`, text: `text of ${item}`, when: 0, at: 1.5, held: true, target: 0, ...more };
}

test("what waits stands where it was written, in each tab and after a reload, marked or as if it were published", () => {
  const feed = new Feed(ME);
  for (const at of [1, 2, 3]) feed.hear(said(at));
  feed.waits([waiting("i1"), waiting("i2", { at: 2.5, held: false })], null);
  assert.deepEqual(rows(feed).map((row) => [row.at, row.state]), [[1, "said"], [1.5, "held"], [2, "said"], [2.5, "said"], [3, "said"]]);
  feed.waits([waiting("i3", { at: 3.5 })], []);
  feed.hear(said(4, { user: 7, key: "key of i1", text: "text of i1" }));
  feed.waits([waiting("i1")], []); // told before it was published, heard afterwards
  assert.deepEqual(rows(feed).map(({ at, state }) => [at, state]).filter(([at]) => !Number.isInteger(at) || at > 3), [[2.5, "said"], [3.5, "held"], [4, "said"]]);
  feed.waits([], ["i3"]);
  assert.deepEqual(rows(feed).map(({ at }) => at), [1, 2, 2.5, 3, 4]);
  assert.deepEqual(["key of i1", "key of i2", "key of i3", "k2"].map((key) => feed.own(key)?.at), [4, 2.5, undefined, undefined]);
  feed.waits([waiting("i4", { at: 4.5 }), waiting("i5", { at: 4.6, held: false })], null);
  assert.deepEqual(rows(feed).map(({ at }) => at), [1, 2, 3, 4, 4.5, 4.6], "those who join are told all");
  feed.hear({ is: "chat.purged", at: 5, user: 7 });
  assert.deepEqual(rows(feed).map(({ at }) => at), [1, 2, 3, 4.5], "of what they know to wait they are told");
});

test("what waits is there once, whatever is heard first: the answer, or the word to all tabs", () => {
  for (const held of [true, false]) {
    const answer = (feed) => (held ? feed.held("a", 1.5) : feed.sent("a", 1.5, { heard: false }));
    const told = (feed) => feed.waits([waiting("i1", { key: "a", text: "mine a", held })], []);
    for (const order of [[answer, told], [told, answer], [told, told]]) {
      const feed = new Feed(ME);
      feed.hear(said(1));
      wrote(feed, "a");
      for (const step of order) step(feed);
      assert.deepEqual(rows(feed).map(({ at, text, item }) => [at, text, item]), [[1, "message 1", undefined], [1.5, "mine a", "i1"]]);
      feed.waits([], ["i1"]);
      assert.deepEqual(texts(feed), ["message 1"]);
    }
  }
});

test("what moderators drop of what waits is there once, as dropped", () => {
  const feed = new Feed(ME);
  feed.hear(said(1));
  feed.waits([waiting("i1"), waiting("i2", { target: 1 })], null);
  feed.dropped([droppedText("i1")]);
  assert.deepEqual(rows(feed).map(({ state, waits }) => [state, waits]), [["said", true], ["dropped", undefined]]);
  feed.dropped([droppedText("i1"), droppedText("i2", { target: 1 })]);
  assert.deepEqual(rows(feed).map(({ state, waits }) => [state, waits]), [["said", undefined], ["dropped", undefined], ["dropped", undefined]]);
});

test("a new text that waits is marked at its message, or shown as if it were there; what is decided ends it", () => {
  const feed = new Feed(ME);
  for (const at of [1, 2]) feed.hear(said(at, { user: 7 }));
  feed.edit(2, "k2", "text of i2");
  feed.waits([waiting("i1", { target: 1 }), waiting("i2", { target: 2, key: "k2", held: false })], null);
  assert.deepEqual(rows(feed).map(({ text, state, edited, waits }) => [text, state, edited, waits]), [
    ["message 1", "said", false, true],
    ["text of i2", "said", true, undefined],
  ]);
  feed.hear({ is: "chat.edited", at: 3, target: 1, by: 7, when: 9, said: { ...said(1, { user: 7 }), text: "text of i1" } });
  feed.waits([], ["i2"]);
  assert.deepEqual(rows(feed).map(({ text, waits }) => [text, waits]), [["text of i1", undefined], ["message 2", undefined]]);
  feed.waits([waiting("i3", { target: 2 })], []);
  feed.restart();
  feed.hear(said(2, { user: 7 }));
  assert.deepEqual(rows(feed).map(({ text, waits }) => [text, waits]), [["message 2", undefined]]);
});

test("each telling of what was not published is whole: another tab's letting go is this one's", () => {
  const feed = new Feed(ME);
  feed.dropped([droppedText("i1"), droppedText("i2")]);
  assert.equal(feed.dropped([droppedText("i2")]), false);
  assert.deepEqual(texts(feed), ["text of i2"]);
  feed.restart();
  assert.ok(!feed.empty);
  feed.dropped([]);
  assert.ok(feed.empty);
});

test("a message that nobody else sees vanishes, and is there once when it is published after all", () => {
  const feed = new Feed(ME);
  feed.hear(said(1));
  wrote(feed, "a");
  feed.sent("a", 1.0003, { heard: false });
  assert.deepEqual(texts(feed), ["message 1", "mine a"]);
  feed.hear(said(2, { user: 7, key: "a", text: "mine a" }));
  assert.deepEqual(rows(feed).map((row) => row.at), [1, 2]);
  wrote(feed, "b");
  feed.sent("b", 2.0003, { heard: false });
  feed.vanish(2.0003);
  assert.deepEqual(rows(feed).map((row) => row.at), [1, 2]);
});

// A feed, and what Live is asked to write and to forget on behalf of what is one's own alone.
function alone() {
  const [written, removed] = [[], []];
  const live = { write: ({ do: what, said, item }) => written.push([what, said ?? item]), remove: (key) => removed.push(key) };
  let keys = 0;
  const world = { key: () => `own-${(keys += 1)}`, now: () => 0 };
  const feed = new Feed(ME);
  return { feed, own: new Own(live, { room: "chat:1" }, world, feed), written, removed };
}

test("a place between two others is never named to the server: what stands there is taken back by its key", () => {
  const { feed, own, written } = alone();
  wrote(feed, "a");
  feed.sent("a", 0.0003, { heard: false });
  own.takeBack(0.0003);
  assert.ok(feed.empty);
  own.takeBack(0.0003);
  assert.deepEqual(written, [["chat.withdraw", "a"]]);
});

test("whoever removes a row that waits, or was not published, tells the server; a refused one was never there", () => {
  const { feed, own, written, removed } = alone();
  for (const key of ["a", "b"]) wrote(feed, key);
  feed.held("a", 0.5);
  feed.refused("b", { code: "chat.empty" });
  feed.dropped([droppedText("i1")]);
  own.remove({ state: "held", key: "a", item: "" });
  own.remove({ state: "refused", key: "b", item: "" });
  own.remove({ state: "dropped", key: "key of i1", item: "i1" });
  assert.ok(feed.empty);
  assert.deepEqual(written, [["chat.withdraw", "a"], ["chat.discard", "i1"]]);
  assert.deepEqual([own.settled("own-1"), own.settled("own-1"), own.settled("b")], [true, false, false]);
  own.restore({ do: "chat.discard", key: "before the reload" });
  assert.ok(own.settled("before the reload"));
  assert.deepEqual(removed, ["a", "b", "own-1", "before the reload"]);
});

test("what was let go is not there for a second press, and nobody is told twice", () => {
  const { feed, own, written } = alone();
  feed.dropped([droppedText("i1")]);
  assert.equal(own.letGo("i1").text, "text of i1");
  assert.equal(own.letGo("i1"), undefined);
  assert.deepEqual(written, [["chat.discard", "i1"]]);
});
