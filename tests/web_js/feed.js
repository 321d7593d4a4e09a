// A feed of one person's chat, as the tests of chat-feed.js see it. It asserts nothing.

export const ME = { user: 7, name: "Anna", badge: "" };
export const MINUTE = 60_000;

export function said(at, more = {}) {
  return { at, is: "chat.said", user: 9, name: "Boris", badge: "", key: `k${at}`, text: `message ${at}`, when: at * 10 * MINUTE, ...more };
}

export function rows(feed) {
  return feed.rows((when) => Math.floor(when / (24 * 60 * MINUTE)));
}

export function texts(feed) {
  return rows(feed).map((row) => row.text);
}

export function wrote(feed, key, more = {}) {
  feed.write({ key, text: `mine ${key}`, when: 0, ...more });
}
