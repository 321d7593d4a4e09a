// What moderators see and do: columns, acts, refusals, the way back, and two of them at one desk.

import assert from "node:assert/strict";
import { test } from "node:test";

import { back, offered, wishes } from "../../web/static/console-acts.js";
import { ANY, channels, columns, neighbour } from "../../web/static/console-board.js";
import { place } from "../../web/static/console-desk.js";
import { verbOf } from "../../web/static/console-keys.js";
import { Similar } from "../../web/static/console-similar.js";
import { Hall, Moderator, opened } from "./hall.js";

test("a row goes to its column at once and stays there when the server agrees", () => {
  const { hall, anna } = opened("1", "2");
  assert.deepEqual(anna.column("waiting"), ["1", "2"]);
  anna.act("1", "approve");
  assert.deepEqual(anna.column("waiting"), ["2"]);
  assert.deepEqual(anna.column("air"), ["1"]);
  anna.answered();
  hall.tell();
  assert.deepEqual(anna.column("air"), ["1"]);
  assert.equal(anna.desk.isUnderWay("q:1:1"), false);
});

test("a refused row comes back with the reason", () => {
  const { anna } = opened("1");
  const entry = anna.act("1", "reject", { text: "twice" });
  assert.deepEqual(anna.column("waiting"), []);
  const [write] = anna.queue.splice(0);
  anna.ears.get("questions:1").refused(write.key, { code: "room.no_right", text: "" });
  assert.deepEqual(anna.column("waiting"), ["1"]);
  assert.equal(anna.desk.note("q:1:1").code, "room.no_right");
  assert.deepEqual(anna.refusals, [["q:1:1", "room.no_right"]]);
  assert.equal(entry.state, "refused");
  assert.equal(anna.acting.undo(), null);
});

test("of two moderators the first wins, and the other reads who was quicker", () => {
  const { hall, anna, boris } = opened("1");
  anna.act("1", "approve");
  boris.act("1", "reject");
  anna.answered();
  boris.answered();
  hall.tell();
  assert.deepEqual(hall.moved, [["1", "approve", 1]]);
  assert.deepEqual(boris.column("air"), ["1"]);
  hall.tell();
  assert.equal(boris.desk.note("q:1:1").code, "desk.changed");
});

test("what one changed oneself since a row was drawn is no surprise, what somebody else did is", () => {
  for (const [who, column] of [["anna", "air"], ["boris", "waiting"]]) {
    const at = opened("1");
    const drawn = at.anna.desk.row("q:1:1");
    at[who].act("1", "edit", { text: "Better?" });
    at[who].answered();
    at.hall.tell();
    at.anna.acting.act(drawn, "approve");
    at.anna.answered();
    at.hall.tell();
    assert.deepEqual(at.anna.column(column), ["1"], who);
  }
});

test("who was quicker is named when the news came before the refusal", () => {
  const { hall, anna, boris } = opened("1");
  anna.act("1", "approve");
  boris.act("1", "reject");
  anna.answered();
  hall.tell();
  boris.answered();
  assert.deepEqual(boris.desk.note("q:1:1"), { code: "desk.changed", by: 1, status: "approved" });
});

test("one's own next act does not stumble over the one before it", () => {
  const { hall, anna } = opened("1");
  anna.act("1", "edit", { text: "Why, really?" });
  anna.act("1", "approve");
  anna.act("1", "answering");
  anna.answered();
  hall.tell();
  assert.deepEqual(anna.refusals, []);
  assert.equal(hall.state.get("1").status, "answering");
  assert.equal(anna.row("1").original, "Why 1?");
});

test("every act is taken back by its way back", () => {
  const ways = [
    ["asked", "approve"], ["asked", "reject"], ["asked", "merge", { into: "9" }], ["asked", "pin"], ["asked", "answering"],
    ["asked", "edit", { text: "other" }], ["asked", "bind", { into: "5" }],
    ["approved", "answering"], ["approved", "answered"], ["approved", "write", { text: "so" }], ["approved", "pin"], ["approved", "reject"],
    ["approved", "merge", { into: "9" }], ["approved", "recall"], ["answering", "answered"], ["answering", "approve"], ["answering", "reject"],
    ["answering", "recall"], ["answered", "approve"], ["answered", "write", { text: "new" }], ["answered", "reject"], ["answered", "recall"],
    ["rejected", "approve"], ["rejected", "recall"], ["merged", "approve"], ["merged", "recall"],
  ];
  for (const [status, verb, fields] of ways) {
    const { hall, anna } = opened();
    const was = { status, reason: status === "rejected" ? "why" : "", into: status === "merged" ? "8" : "", answer: status === "answered" ? "old" : "" };
    hall.ask("1", was);
    hall.tell();
    assert.ok(offered(anna.row("1")).includes(verb), `${status} ${verb}`);
    anna.act("1", verb, fields);
    anna.answered();
    hall.tell();
    assert.ok(anna.acting.undo(), `${status} ${verb}`);
    anna.answered();
    hall.tell();
    assert.deepEqual(anna.refusals, [], `${status} ${verb}`);
    const now = hall.state.get("1");
    for (const name of ["status", "reason", "into", "answer"]) assert.equal(now[name], was[name], `${status} ${verb}: ${name}`);
    assert.equal(now.pinned, false);
    assert.equal(now.text, "Why 1?");
  }
});

test("a question that was rejected never shows itself on its way back", () => {
  const { anna, hall } = opened();
  hall.ask("1", { status: "rejected", reason: "why" });
  hall.tell();
  assert.deepEqual(back(anna.row("1"), "recall").map(({ verb }) => verb), ["reject"]);
});

test("after ten seconds nothing is taken back", async () => {
  const { anna } = opened("1");
  anna.act("1", "approve");
  anna.answered();
  anna.world.sleep(9);
  assert.ok(anna.log.undoable());
  anna.world.sleep(2);
  assert.equal(anna.acting.undo(), null);
});

test("when the first of two steps is refused the second is not taken", () => {
  const { hall, anna, boris } = opened("1");
  boris.act("1", "reject");
  boris.answered();
  anna.act("1", "answering"); // approve, then answering
  assert.equal(anna.queue.length, 2);
  anna.answered();
  hall.tell();
  assert.deepEqual(hall.moved, [["1", "reject", 2]]);
  assert.deepEqual(anna.queue, []);
});

test("what was decided before a reload is still decided after it", () => {
  const { hall, anna } = opened("1");
  anna.act("1", "approve");
  const again = new Moderator(hall, 1);
  hall.state.forEach((event) => again.hear(event));
  for (const write of anna.queue) again.acting.restore(write);
  assert.deepEqual(again.column("air"), ["1"]);
  again.acting.restore({ ...anna.queue[0], key: "refused", no: { code: "desk.changed" } });
  assert.deepEqual(again.column("air"), ["1"]);
});

test("rows somebody looks at are passed over, and forgotten when they say nothing more", () => {
  const { anna } = opened("1", "2", "3");
  const looks = (item) => anna.ears.get("questions:1:desk").hinted({ is: "looking", room: "questions:1:desk", who: [{ user: 2, name: "Boris", item }] });
  const taken = (id) => anna.desk.lookers(id).length > 0;
  const next = () => neighbour(columns(anna.desk, ANY).waiting, "q:1:1", 1, taken)?.item;
  looks("2");
  assert.deepEqual(anna.desk.lookers("q:1:2"), ["Boris"]);
  assert.equal(next(), "3");
  anna.world.sleep(16);
  assert.equal(next(), "2");
  looks("2");
  looks("");
  assert.equal(next(), "2");
});

test("the row after one that left takes its place, and the last one when there is none", () => {
  const rows = (...ids) => ids.map((id) => ({ id }));
  const free = () => false;
  const before = rows("a", "b", "c");
  assert.equal(neighbour(rows("a", "c"), "b", 1, free, before).id, "c");
  assert.equal(neighbour(rows("a", "b"), "c", 1, free, before).id, "b");
  assert.equal(neighbour([], "a", 1, free, rows("a")), null);
  assert.equal(neighbour(before, "c", 1, free), null);
});

test("the desk of a room that began anew is what it says now", () => {
  const { hall, anna } = opened("1", "2");
  anna.act("1", "approve");
  const desk = anna.ears.get("questions:1:desk");
  anna.ears.get("questions:1").sent(anna.queue[0].key, 7);
  desk.restart();
  desk.hear(hall.state.get("2"));
  desk.caughtUp();
  assert.deepEqual(anna.column("waiting"), ["2"]);
  assert.equal(anna.desk.isUnderWay("q:1:1"), false);
});

test("a deleted message keeps no text and can be brought back", () => {
  const { anna } = opened();
  const chat = anna.ears.get("chat:1");
  const said = { is: "chat.said", user: 9, name: "Timur", badge: "", key: "k", text: "Buy!", when: 5 };
  chat.hear({ ...said, room: "chat:1", at: 1 });
  const row = anna.desk.row("m:1:1");
  anna.acting.act(row, "reject");
  assert.equal(anna.desk.row("m:1:1").deleted, true);
  chat.hear({ is: "chat.retracted", room: "chat:1", at: 2, target: 1, by: 1, when: 6 });
  assert.equal(anna.desk.row("m:1:1").text, "");
  assert.deepEqual(wishes(anna.desk.row("m:1:1"), "restore"), [{ do: "chat.restore", room: "chat:1", target: 1 }]);
  chat.hear({ is: "chat.restored", room: "chat:1", at: 3, target: 1, by: 1, when: 7, said });
  assert.deepEqual(columns(anna.desk, ANY).chat.map(({ text, target }) => [text, target]), [["Buy!", 3]]);
});

test("everything of a person goes at once, in every chat, and comes back", () => {
  const hall = new Hall();
  const anna = new Moderator(hall, 1, [1, 2]);
  for (const [channel, at, user] of [[1, 1, 9], [1, 2, 8], [2, 1, 9]]) {
    anna.ears.get(`chat:${channel}`).hear({ is: "chat.said", room: `chat:${channel}`, at, user, name: "x", badge: "", text: "t", when: at });
  }
  hall.ask("1", { user: 9 });
  hall.tell();
  anna.acting.purge(9, "Timur");
  assert.deepEqual(columns(anna.desk, ANY).chat.map(({ user }) => user), [8]);
  assert.deepEqual(anna.column("waiting"), []);
  assert.deepEqual(anna.queue.map(({ do: what, room }) => `${what} ${room}`), 
    ["chat.purge chat:1", "chat.purge chat:2", "chat.purge questions:1", "chat.purge questions:2"]);
  anna.queue.length = 0;
  anna.acting.undo();
  assert.deepEqual(anna.queue.map((one) => one.verb ?? `${one.do} ${one.room} ${one.target}`), ["chat.restore chat:1 1", "chat.restore chat:2 1", "recall"]);
});

test("what was purged comes back as it is, and what they ask later waits as ever", () => {
  const hall = new Hall();
  const anna = new Moderator(hall, 1);
  hall.ask("1", { user: 9 });
  hall.tell();
  anna.acting.purge(9, "Timur");
  for (const { key } of anna.queue.splice(0)) anna.acting.sent(key, 7);
  hall.ask("1", { user: 9, status: "rejected", by: 1 });
  hall.say("questions:1:desk", { is: "chat.purged", user: 9, by: 1, when: 6 });
  hall.ask("1", { user: 9, status: "asked", by: 1 });
  hall.ask("2", { user: 9 });
  hall.tell();
  assert.deepEqual(anna.column("waiting").sort(), ["1", "2"]);
});

test("a mute counts down and ends by itself", () => {
  const { anna } = opened();
  anna.acting.mute(9, "Timur", 300);
  assert.equal(anna.queue.length, 2);
  const until = anna.world.now() + 300_000;
  assert.equal(anna.desk.silence(9).until, until);
  anna.ears.get("chat:1:desk").hear({ is: "chat.muted", room: "chat:1:desk", at: 1, user: 9, until, by: 1, when: 0 });
  anna.ears.get("questions:1:desk").hear({ is: "chat.muted", room: "questions:1:desk", at: 1, user: 9, until, by: 1, when: 0 });
  anna.world.sleep(301);
  assert.equal(anna.desk.silence(9).until, 0);
});

test("held messages and reports are settled once, and leave", () => {
  const { anna } = opened();
  const desk = anna.ears.get("chat:1:desk");
  const said = { user: 9, name: "Timur", badge: "", key: "k", text: "casino", when: 5 };
  desk.hear({ is: "chat.held", room: "chat:1:desk", at: 1, item: "h1", ...said });
  desk.hear({ is: "chat.reported", room: "chat:1:desk", at: 2, target: 7, item: "r1", user: 8, reason: "rude", said, when: 6 });
  assert.deepEqual(anna.column("waiting"), ["h1"]);
  assert.deepEqual(anna.column("reports"), ["r1"]);
  anna.acting.act(anna.desk.row("h:1:h1"), "approve");
  assert.deepEqual(anna.queue.map(({ item, release, seen }) => [item, release, seen]), [["h1", true, 1]]);
  anna.acting.act(anna.desk.row("r:1:r1"), "approve");
  assert.deepEqual([...anna.column("waiting"), ...anna.column("reports")], []);
  desk.hear({ is: "chat.settled", room: "chat:1:desk", at: 3, item: "h1", released: true, by: 1, when: 7 });
  desk.hear({ is: "chat.dismissed", room: "chat:1:desk", at: 4, item: "r1", by: 1, when: 7 });
  assert.deepEqual([...anna.column("waiting"), ...anna.column("reports")], []);
});

test("what its author took back leaves, and a newer text of theirs is another to decide about", () => {
  const { anna } = opened();
  const desk = anna.ears.get("chat:1:desk");
  const said = { item: "h1", user: 9, name: "Timur", badge: "", key: "k", when: 5, target: 3, epoch: "e1" };
  desk.hear({ is: "chat.held", room: "chat:1:desk", at: 1, ...said, text: "casino" });
  desk.hear({ is: "chat.held", room: "chat:1:desk", at: 2, ...said, text: "casinos" });
  assert.deepEqual(anna.column("waiting"), ["h1"]);
  assert.deepEqual(wishes(anna.desk.row("h:1:h1"), "approve"), [{ do: "chat.settle", room: "chat:1", item: "h1", release: true, seen: 2 }]);
  assert.equal(back(anna.desk.row("h:1:h1"), "approve", { at: 9 }), null); // the message had another text before
  desk.hear({ is: "chat.withdrawn", room: "chat:1:desk", at: 3, item: "h1", user: 9, when: 6 });
  assert.deepEqual(anna.column("waiting"), []);
});

test("what is reported a lot comes first", () => {
  const hall = new Hall();
  const anna = new Moderator(hall, 1, [1, 2]);
  hall.ask("1");
  hall.tell();
  const desk = anna.ears.get("chat:2:desk");
  for (const at of [1, 2]) {
    desk.hear({ is: "chat.reported", room: "chat:2:desk", at, target: at, item: `r${at}`, user: 8, reason: "", said: { user: 9, name: "x", text: "t", when: 0 }, when: 0 });
  }
  assert.deepEqual(channels(anna.desk, [1, 2]).map(({ channel, fire }) => [channel, fire]), [[2, true], [1, false]]);
  anna.world.sleep(121);
  assert.deepEqual(channels(anna.desk, [1, 2]).map(({ channel, fire }) => [channel, fire]), [[1, false], [2, false]]);
});

test("filters are by channel, session, words and person", () => {
  const { hall, anna } = opened();
  hall.ask("1", { text: "Где ёлка?", session: 5 });
  hall.ask("2", { user: 21, name: "Борис", session: 6 });
  hall.tell();
  assert.deepEqual(anna.column("waiting", { ...ANY, words: "ЕЛКА" }), ["1"]);
  assert.deepEqual(anna.column("waiting", { ...ANY, words: "борис" }), ["2"]);
  assert.deepEqual(anna.column("waiting", { ...ANY, session: 6 }), ["2"]);
  assert.deepEqual(anna.column("waiting", { ...ANY, user: 20 }), ["1"]);
  assert.deepEqual(anna.column("waiting", { ...ANY, channel: 2 }), []);
});

test("questions that ask the same are found in each language, and others are not", () => {
  const rows = ["Как оценивать такой урок на практике?", "А как такие уроки оценивать на практике", "Будет ли запись?",
    "Сабақты қалай бағалаймыз?", "Сабақтарды қалай бағалауға болады?"].map((text, at) => ({ id: `q${at}`, channel: 1, status: "asked", when: at, text }));
  const similar = new Similar();
  const of = (at) => similar.of(rows[at], (id) => rows.find((row) => row.id === id)).map(({ id }) => id);
  similar.learn(rows);
  assert.deepEqual(of(1), ["q0"]);
  assert.deepEqual(of(4), ["q3"]);
  assert.deepEqual(of(2), []);
  rows[0] = { ...rows[0], text: "Кто ведёт?" };
  similar.learn(rows);
  assert.deepEqual(of(1), [], "an edited question is another");
  rows[3] = { ...rows[3], status: "rejected" };
  assert.deepEqual(of(4), [], "nothing is merged into what was rejected");
});

test("votes lift what is shown, and what is being answered stands first", () => {
  const { hall, anna } = opened();
  for (const [item, status] of [["1", "approved"], ["2", "approved"], ["3", "answering"]]) hall.ask(item, { status });
  hall.tell();
  anna.ears.get("questions:1").hinted({ is: "tally", room: "questions:1", counts: { 2: 5 } });
  assert.deepEqual(anna.column("air"), ["3", "2", "1"]);
});

test("letters count by their place, and by what they are where they are Latin", () => {
  assert.equal(verbOf({ key: "ф", code: "KeyA", shiftKey: false }), "approve");
  assert.equal(verbOf({ key: "a", code: "KeyQ", shiftKey: false }), "approve");
  assert.equal(verbOf({ key: ",", code: "Slash", shiftKey: true }), "help");
  assert.equal(verbOf({ key: "ң", code: "Digit4", shiftKey: false }), null);
  assert.deepEqual(place("questions:7:desk"), { kind: "questions:desk", channel: 7 });
});

test("two thousand rows are put in order within a blink", () => {
  const { hall, anna } = opened();
  for (let at = 1; at <= 2000; at += 1) hall.ask(String(at));
  hall.tell();
  assert.equal(anna.column("waiting").length, 2000);
  anna.act("1000", "approve");
  assert.equal(anna.column("waiting").length, 1999);
});

test("questions of one millisecond stand in the order they came", () => {
  const { anna } = opened("b", "c", "a");
  const rows = columns(anna.desk, ANY).waiting;
  assert.deepEqual(new Set(rows.map(({ when }) => when)).size, 1, "or this says nothing");
  assert.deepEqual(anna.column("waiting"), ["b", "c", "a"]);
});
