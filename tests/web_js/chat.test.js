// What a chat shows and what is in its texts.

import assert from "node:assert/strict";
import test from "node:test";

import { Feed } from "../../web/static/chat-feed.js";
import { counted, filled, length, pieces, wellFormed } from "../../web/static/chat-text.js";
import { ME, MINUTE, rows, said, texts, wrote } from "./feed.js";

test("one's own message is there at once and becomes solid in its place", () => {
  const feed = new Feed(ME);
  wrote(feed, "a");
  const [before] = rows(feed);
  assert.equal(before.state, "sending");
  feed.sent("a", 1, { heard: false });
  feed.hear(said(1, { user: 7, key: "a", text: "mine a" }));
  const [after] = rows(feed);
  assert.deepEqual([after.state, after.at, after.id], ["said", 1, before.id]);
  assert.equal(rows(feed).length, 1);
});

test("the event may come before the acknowledgement", () => {
  const feed = new Feed(ME);
  wrote(feed, "a");
  feed.hear(said(1, { user: 7, key: "a", text: "mine a" }));
  feed.sent("a", 1, { heard: true });
  assert.deepEqual(rows(feed).map((row) => [row.state, row.at]), [["said", 1]]);
});

test("the same key of somebody else is another message", () => {
  const feed = new Feed(ME);
  wrote(feed, "a");
  feed.hear(said(1, { key: "a" }));
  assert.equal(rows(feed).length, 2);
});

test("messages stand in the order of the log, unsent ones last", () => {
  const feed = new Feed(ME);
  wrote(feed, "a");
  wrote(feed, "b");
  feed.sent("a", 3, { heard: false });
  feed.hear(said(1));
  feed.hear(said(2));
  assert.deepEqual(texts(feed), ["message 1", "message 2", "mine a", "mine b"]);
});

test("a retracted message vanishes and does not come back with a late acknowledgement", () => {
  const feed = new Feed(ME);
  wrote(feed, "a");
  feed.hear(said(1, { user: 7, key: "a" }));
  feed.hear({ is: "chat.retracted", at: 2, target: 1, by: 3 });
  feed.sent("a", 1, { heard: true });
  assert.deepEqual(rows(feed), []);
});

test("a message retracted while its author was away is not shown when its acknowledgement comes", () => {
  const feed = new Feed(ME);
  wrote(feed, "a"); // stored, heard by others, deleted by a moderator
  feed.restart();
  feed.sent("a", 1, { heard: true });
  assert.deepEqual(rows(feed), []);
});

test("a fresh picture keeps what is not sent yet", () => {
  const feed = new Feed(ME);
  feed.hear(said(1));
  wrote(feed, "a");
  feed.restart();
  feed.hear(said(1, { text: "of another life" }));
  assert.deepEqual(texts(feed), ["of another life", "mine a"]);
});

test("a refused message stays with its reason until its author decides", () => {
  const feed = new Feed(ME);
  wrote(feed, "a");
  feed.refused("a", { code: "chat.too_long" });
  assert.deepEqual([rows(feed)[0].state, rows(feed)[0].no.code], ["refused", "chat.too_long"]);
  feed.retry("a");
  assert.equal(rows(feed)[0].state, "sending");
  feed.remove("a");
  assert.ok(feed.empty);
});

test("a deletion under way is shown, and a refused one lets the message stay", () => {
  const feed = new Feed(ME);
  feed.hear(said(1));
  feed.leave(1, "d");
  assert.ok(rows(feed)[0].leaving);
  assert.equal(feed.stay("other"), null);
  assert.equal(feed.stay("d"), 1);
  assert.ok(!rows(feed)[0].leaving);
});

test("consecutive messages of one person stand under one name", () => {
  const feed = new Feed(ME);
  feed.hear(said(1, { when: 0 }));
  feed.hear(said(2, { when: MINUTE }));
  feed.hear(said(3, { when: 20 * MINUTE }));
  feed.hear(said(4, { when: 20 * MINUTE, user: 5 }));
  feed.hear(said(5, { when: 24 * 60 * MINUTE, user: 5 }));
  assert.deepEqual(rows(feed).map((row) => row.first), [true, false, true, true, true]);
  assert.deepEqual(rows(feed).map((row) => row.day), [true, false, false, false, true]);
});

test("memory is bounded: the oldest go, and the feed says so", () => {
  const feed = new Feed(ME, { shown: 500 });
  for (let at = 1; at <= 700; at += 1) feed.hear(said(at));
  assert.equal(rows(feed).length, 500);
  assert.equal(rows(feed)[0].at, 201);
  assert.ok(feed.trimmed);
});

test("snapshot and events since are the same as a fresh snapshot", () => {
  const events = [said(1), said(2), { is: "chat.retracted", at: 3, target: 1 }, said(4), { is: "chat.retracted", at: 5, target: 4 }, said(6)];
  const fresh = new Feed(ME);
  for (const event of [said(2), said(6)]) fresh.hear(event);
  for (let cut = 0; cut <= events.length; cut += 1) {
    const followed = new Feed(ME);
    for (const event of events.slice(0, cut)) followed.hear(event);
    for (const event of events.slice(cut)) followed.hear(event);
    assert.deepEqual(texts(followed), texts(fresh));
  }
});

test("only http and https addresses become links", () => {
  const links = (text) => pieces(text).filter((one) => one.href).map((one) => one.text);
  assert.deepEqual(links("см. https://example.com/путь?a=1&b=2, и http://a.kz."), ["https://example.com/путь?a=1&b=2", "http://a.kz"]);
  assert.deepEqual(links("javascript:alert(1) data:text/html,x ftp://a.b file:///etc"), []);
  assert.deepEqual(links('<a href="https://a.b">'), ["https://a.b"]);
  assert.deepEqual(links("(https://a.b/c)"), ["https://a.b/c"]);
  assert.deepEqual(links("https://a.b/Вече_(собрание)"), ["https://a.b/Вече_(собрание)"]);
  assert.deepEqual(links("https://"), []);
});

test("nothing of the text is lost when it is cut at its links", () => {
  for (const text of ["", "plain", "https://a.b", "x https://a.b y https://c.d!", "<b>\n</b>"]) {
    assert.equal(pieces(text).map((one) => one.text).join(""), text);
  }
});

test("length is counted as the server counts it", () => {
  assert.equal(length("привет"), 6);
  assert.equal(length("🔔🔔"), 2);
});

test("numbers take the plural of the language", () => {
  const forms = { one: "{n} новое", few: "{n} новых (мало)", many: "{n} новых" };
  assert.deepEqual([1, 2, 5, 21].map((n) => counted(forms, n, "ru")), ["1 новое", "2 новых (мало)", "5 новых", "21 новое"]);
  assert.equal(filled("{name}, {time}: {other}", { name: "A", time: "10:00" }), "A, 10:00: {other}");
});

test("what is gone is not shown", () => {
  const feed = new Feed(ME);
  feed.hear(said(1));
  feed.hear({ at: 2, is: "gone" });
  assert.deepEqual(texts(feed), ["message 1"]);
});

test("a deletion that is stored marks nobody else's message when the room begins anew", () => {
  const feed = new Feed(ME);
  feed.hear(said(1));
  feed.leave(1, "d");
  assert.equal(feed.stay("d"), 1);
  feed.leave(1, null);
  assert.equal(rows(feed)[0].leaving, true);
  feed.restart();
  feed.hear(said(1, { key: "other" }));
  assert.equal(rows(feed)[0].leaving, false);
});

test("a deletion that waits is still to be seen when the room is shown anew", () => {
  const feed = new Feed(ME);
  feed.leave(1, "d");
  feed.restart();
  feed.hear(said(1));
  assert.equal(rows(feed)[0].leaving, true);
});

test("links are found by browsers that cannot ask whether an address is one", () => {
  const canParse = URL.canParse;
  delete URL.canParse;
  try {
    assert.deepEqual(pieces("see https://example.org/a"), [{ text: "see " }, { text: "https://example.org/a", href: "https://example.org/a" }]);
    assert.deepEqual(pieces("http://[bad"), [{ text: "http://[bad" }]);
  } finally {
    URL.canParse = canParse;
  }
});

test("half a character is not sent: the server could not read it", () => {
  assert.equal(wellFormed("a\ud83d b\ude00 \ud83d\ude00"), "a\ufffd b\ufffd \ud83d\ude00");
});

test("a purged person's messages vanish, those of others and later ones stay", () => {
  const feed = new Feed(ME);
  for (const event of [said(1), said(2, { user: 5 }), said(3), { is: "chat.purged", at: 4, user: 9 }, said(5)]) feed.hear(event);
  assert.deepEqual(texts(feed), ["message 2", "message 5"]);
});

test("a restored message is back, under its new place", () => {
  const feed = new Feed(ME);
  for (const event of [said(1), said(2), { is: "chat.retracted", at: 3, target: 1 }]) feed.hear(event);
  feed.hear({ is: "chat.restored", at: 4, target: 1, said: said(1) });
  assert.deepEqual(rows(feed).map(({ at, text }) => [at, text]), [[2, "message 2"], [4, "message 1"]]);
  feed.hear({ is: "chat.retracted", at: 5, target: 4 });
  assert.deepEqual(texts(feed), ["message 2"]);
});

test("a pinned message is on top until it is unpinned, deleted, purged or of another life", () => {
  const pin = { is: "chat.pinned", at: 2, target: 1, said: said(1) };
  const endings = [
    { is: "chat.unpinned", at: 3 },
    { is: "chat.retracted", at: 3, target: 1 },
    { is: "chat.purged", at: 3, user: 9 },
    { is: "chat.retracted", at: 5, target: 4, ends: ["pin"] }, // pinned while we were away, and deleted since
  ];
  for (const end of endings) {
    const feed = new Feed(ME);
    feed.hear(said(1));
    feed.hear(pin);
    assert.equal(feed.pinned.text, "message 1");
    assert.equal(rows(feed).length, 1, "and in its place");
    feed.hear(end);
    assert.equal(feed.pinned, null, end.is);
  }
  const feed = new Feed(ME);
  feed.hear(pin);
  feed.restart();
  assert.equal(feed.pinned, null);
});

test("a held message waits in its author's page and becomes solid when it is released", () => {
  const feed = new Feed(ME);
  wrote(feed, "a");
  feed.held("a", 6.5);
  assert.equal(rows(feed)[0].state, "held");
  feed.hear(said(7, { user: 7, key: "a", text: "mine a" }));
  assert.deepEqual(rows(feed).map((row) => [row.state, row.at]), [["said", 7]]);
});

test("an edited message stays in its place, also for whoever comes later", () => {
  const [here, later] = [new Feed(ME), new Feed(ME)];
  for (const at of [1, 2, 3]) here.hear(said(at));
  const edited = { is: "chat.edited", at: 4, target: 2, by: 9, when: 9, said: { ...said(2), text: "mended" } };
  here.hear(edited);
  for (const event of [said(1), said(3), edited]) later.hear(event);
  for (const one of [here, later]) {
    assert.deepEqual(rows(one).map(({ at, text, edited }) => [at, text, edited]), [[1, "message 1", false], [2, "mended", true], [3, "message 3", false]]);
  }
  here.hear({ is: "chat.retracted", at: 5, target: 2 });
  assert.deepEqual(rows(here).map(({ at }) => at), [1, 3]);
});

test("an edit under way shows the new text, and a refused one the old", () => {
  const one = new Feed(ME);
  one.hear(said(1));
  one.edit(1, "k", "new");
  assert.deepEqual(rows(one).map(({ text, state }) => [text, state]), [["new", "editing"]]);
  assert.equal(one.undo("k"), true);
  assert.deepEqual(rows(one).map(({ text, state }) => [text, state]), [["message 1", "said"]]);
});

test("a stored edit is shown until its event comes, and only the newest of two counts", () => {
  const one = new Feed(ME);
  one.hear(said(1));
  one.edit(1, "k1", "first");
  one.edit(1, "k2", "second");
  assert.deepEqual([one.edits("k1"), one.edits("k2")], [false, true]);
  one.changed("k2", { heard: false });
  assert.equal(rows(one)[0].text, "second");
  one.hear({ is: "chat.edited", at: 2, target: 1, by: 7, when: 9, said: { ...said(1), text: "second" } });
  assert.deepEqual(rows(one).map(({ text, state }) => [text, state]), [["second", "said"]]);
});

test("only a fresh own message is there to be mended", () => {
  const one = new Feed(ME);
  one.hear(said(1, { user: ME.user, when: 0 }));
  one.hear(said(2));
  assert.equal(one.lastOwn(MINUTE).at, 1);
  assert.equal(one.lastOwn(15 * MINUTE), undefined);
});
