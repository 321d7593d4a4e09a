// Questions, the inbox, whose turn it is, and a broadcast that breaks, on a clock of glass.

import assert from "node:assert/strict";
import test from "node:test";

import { Inbox } from "../../web/static/inbox.js";
import { Patience } from "../../web/static/patience.js";
import { QuestionFeed, steady } from "../../web/static/question-feed.js";
import { Turn } from "../../web/static/turn.js";
import { World } from "./world.js";

const shown = (item, more = {}) => ({
  is: "question.shown", item, status: "approved", user: 9, name: "Boris", badge: "", text: `question ${item}`,
  answer: "", pinned: false, when: Number(item), session: 1, ...more,
});
const asking = (key) => ({ do: "question.ask", room: "questions:1", key, text: `text of ${key}`, when: 5 });
const none = () => 0;

function feed(world = new World()) {
  const one = new QuestionFeed(world.keep("asked"));
  one.hear({ is: "channel.on_air", session: 1 });
  return one;
}
const items = (list) => list.map(({ item }) => item);

// ---- questions ------------------------------------------------------------------------------------------------------

test("questions stand where they belong: now, pinned first, of other sessions, answered", () => {
  const one = feed();
  const events = [shown("1"), shown("2", { pinned: true, session: 2 }), shown("3", { status: "answering" }),
    shown("4", { session: 2 }), shown("5", { status: "answered" }), shown("6")];
  for (const event of events) one.hear(event);
  const view = one.view((item) => (item === "6" ? 4 : 0), "popular");
  assert.deepEqual(items(view.open), ["2", "6", "1"]);
  assert.deepEqual([items(view.answering), items(view.elsewhere), items(view.answered)], [["3"], ["4"], ["5"]]);
  assert.deepEqual(items(one.view(none, "new").open), ["2", "6", "1"]);
});

test("what is hidden or left is gone", () => {
  const one = feed();
  for (const item of ["1", "2", "3"]) one.hear(shown(item));
  one.hear({ is: "question.hidden", item: "1" });
  one.hear({ is: "question.left", item: "2" });
  assert.deepEqual(items(one.view(none, "new").open), ["3"]);
});

test("an own question waits over a reload until the site knows it and everybody sees it", () => {
  const world = new World();
  const one = feed(world);
  one.write(asking("k1"));
  assert.deepEqual(one.view(none, "new").own.map(({ status }) => status), ["sending"]);
  one.sent("k1", "q1");
  assert.deepEqual(one.view(none, "new").own.map(({ status, item }) => [status, item]), [["asked", "q1"]]);
  const later = feed(world);
  assert.deepEqual(later.view(none, "new").own.map(({ item }) => item), ["q1"]);
  later.known([{ item: "q1", status: "rejected", text: "text", reason: "Off topic", when: 5 }]);
  assert.deepEqual(later.view(none, "new").own.map(({ status, reason }) => [status, reason]), [["rejected", "Off topic"]]);
  later.hear(shown("q1"));
  assert.deepEqual(later.view(none, "new").own, []);
  assert.equal(later.view(none, "new").open[0].own, true);
  assert.deepEqual(feed(world).view(none, "new").own, [], "the site keeps it from now on");
});

test("a refused question stays with its reason until its asker decides", () => {
  const one = feed();
  one.write(asking("k1"));
  one.refused("k1", { code: "desk.full" });
  assert.deepEqual(one.view(none, "new").own.map(({ status, no }) => [status, no.code]), [["refused", "desk.full"]]);
  one.retry("k1");
  assert.equal(one.view(none, "new").own[0].status, "sending");
  one.remove("k1");
  assert.deepEqual(one.view(none, "new").own, []);
});

test("snapshot and events since are the same as a fresh snapshot", () => {
  const [here, fresh] = [feed(), feed()];
  const events = [shown("1"), shown("2"), shown("1", { text: "edited" }), { is: "question.hidden", item: "2" }, shown("3")];
  for (const event of events) here.hear(event);
  for (const event of [shown("1", { text: "edited" }), shown("3")]) fresh.hear(event);
  assert.deepEqual(here.view(none, "new"), fresh.view(none, "new"));
});

test("under a finger the order stays, and what is new comes last", () => {
  assert.deepEqual(items(steady(["a", "b"], [{ item: "c" }, { item: "b" }, { item: "a" }])), ["a", "b", "c"]);
});

// ---- the inbox ------------------------------------------------------------------------------------------------------

const notified = (at, unread) => ({ is: "notified", thread: "notices", at, kind: "question.approved", text: "", link: "/", when: at, unread });

test("notices are unread until they are looked at, here or in another tab", () => {
  const inbox = new Inbox();
  inbox.hear(notified(1, 1));
  inbox.hear(notified(2, 2));
  assert.deepEqual([inbox.unread, inbox.toRead], [2, { thread: "notices", upto: 2 }]);
  assert.deepEqual(inbox.notices.map(({ at, isNew }) => [at, isNew]), [[2, true], [1, true]]);
  inbox.hear({ is: "inbox.was_read", thread: "notices", at: 3, upto: 2, unread: 0 });
  assert.deepEqual([inbox.unread, inbox.toRead], [0, null]);
  inbox.hear(notified(4, 1));
  assert.deepEqual(inbox.notices.map(({ isNew }) => isNew), [true, false, false]);
});

test("what people write to each other is no notice", () => {
  const inbox = new Inbox();
  assert.equal(inbox.hear({ is: "direct.said", thread: "user:3", unread: 4 }), false);
  assert.equal(inbox.unread, 0);
});

// ---- whose turn it is -----------------------------------------------------------------------------------------------

test("slow mode counts down from the own message", () => {
  const world = new World();
  const turn = new Turn(world, { free: false });
  turn.hear({ is: "chat.slowed", seconds: 30 });
  assert.deepEqual(turn.what(), { is: "slow", seconds: 30, left: 0 });
  turn.spoke();
  world.time += 12_500;
  assert.equal(turn.what().left, 18);
  turn.wait({ code: "chat.slow", retry_after: 3 });
  assert.equal(turn.what().left, 3);
  turn.hear({ is: "chat.slowed", seconds: 0 });
  assert.deepEqual(turn.what(), { is: "free" });
});

test("a mute ends by itself, and moderators take no turns", () => {
  const world = new World();
  const [one, moderator] = [new Turn(world, { free: false }), new Turn(world, { free: true })];
  for (const turn of [one, moderator]) for (const event of [{ is: "chat.slowed", seconds: 9 }, { is: "chat.closed", on: true }]) turn.hear(event);
  assert.deepEqual([one.what(), moderator.what()], [{ is: "closed" }, { is: "free" }]);
  one.mute(world.time + 1000);
  assert.equal(one.what().is, "muted");
  world.time += 1000;
  assert.equal(one.what().is, "closed");
  one.hear({ is: "chat.closed", on: false });
  assert.equal(one.what().is, "slow");
});

// ---- a broadcast that breaks ----------------------------------------------------------------------------------------

test("a broadcast is tried again in silence, slower and slower, and then it is said", async () => {
  const world = new World();
  const at = [];
  const told = [];
  const patience = new Patience(world, {
    attempt: () => {
      at.push((world.time - 1_790_000_000_000) / 1000);
      patience.failed();
    },
    told: (broken) => told.push(broken),
  });
  patience.live = true;
  patience.failed();
  await world.pass(10);
  assert.deepEqual([at, told.includes(true)], [[0.75, 2.25, 5.25], false]);
  await world.pass(50);
  assert.equal(told.at(-1), true);
  patience.succeeded();
  assert.equal(told.at(-1), false);
});

test("while nothing is on nobody is told, and the server is asked twice a minute at most", async () => {
  const world = new World();
  let attempts = 0;
  const told = [];
  const patience = new Patience(world, { attempt: () => (attempts += 1, patience.failed()), told: (broken) => told.push(broken) });
  patience.failed();
  await world.pass(300);
  assert.ok(attempts <= 14, String(attempts));
  assert.deepEqual(told, []);
});
