// What a moderator may do with a row, what the row is at once, and the way back. It knows no page, socket or clock.

export const SHOWN = new Set(["approved", "answering", "answered"]);

// What each verb makes of a question; a step back takes away what belonged to the step (realtime/questions.py).
const STEPS = {
  approve: () => ({ status: "approved", reason: "", into: "", answer: "" }),
  reject: ({ text = "" }) => ({ status: "rejected", reason: text }),
  merge: ({ into }) => ({ status: "merged", into }),
  recall: () => ({ status: "asked", reason: "", into: "", answer: "" }),
  answering: () => ({ status: "answering" }),
  answered: ({ text = "" }) => ({ status: "answered", answer: text }),
  edit: ({ text }, row) => ({ text, original: row.original || row.text }),
  pin: () => ({ pinned: true }),
  unpin: () => ({ pinned: false }),
  bind: ({ into }) => ({ session: Number(into) }),
};

const OFFERED = {
  asked: ["approve", "reject", "pin", "answering", "edit", "merge", "bind"],
  approved: ["answering", "answered", "write", "pin", "edit", "reject", "merge", "bind", "recall"],
  answering: ["answered", "write", "approve", "pin", "edit", "reject", "bind", "recall"],
  answered: ["approve", "write", "pin", "edit", "reject", "bind", "recall"],
  rejected: ["approve", "recall"],
  merged: ["approve", "recall"],
};

// The acts of a row, the likeliest first.
export function offered(row) {
  const personal = row.user ? ["mute", "purge", "person"] : [];
  if (row.kind === "question") return [...OFFERED[row.status], ...personal];
  if (row.kind === "held") return ["approve", "reject", ...personal];
  if (row.kind === "report") return ["approve", "reject", ...personal];
  if (row.deleted) return ["restore", ...personal];
  return ["reject", "pin", ...personal];
}

// The wishes that an act consists of, in order: {do, room, ...fields}, still without a key.
export function wishes(row, verb, { text = "", into = "" } = {}) {
  const { room } = row;
  if (row.kind === "question") return questionWishes(row, verb, { text, into });
  if (row.kind === "held") return [{ do: "chat.settle", room, item: row.item, release: verb === "approve", seen: row.at }];
  if (row.kind === "report") {
    // Deleting the message settles every report of it.
    return [verb === "reject" ? { do: "chat.retract", room, target: row.target } : { do: "chat.dismiss", room, item: row.item }];
  }
  if (verb === "restore") return [{ do: "chat.restore", room, target: row.target }];
  if (verb === "pin") return [row.pinned ? { do: "chat.unpin", room } : { do: "chat.pin", room, target: row.target }];
  return [{ do: "chat.retract", room, target: row.target }];
}

function questionWishes(row, verb, { text, into }) {
  const move = (name, more = {}) => ({ do: "question.move", room: row.room, item: row.item, verb: name, seen: row.at, ...more });
  // Whoever pins what nobody sees yet, or calls it up, means that it is to be seen.
  const first = row.status === "asked" && ["pin", "answering"].includes(verb) ? [move("approve")] : [];
  return [...first, questionWish(row, verb, move, { text, into })].map(follow);
}

function questionWish(row, verb, move, { text, into }) {
  if (verb === "pin") return move(row.pinned ? "unpin" : "pin");
  if (verb === "write") return move("answered", { text });
  if (verb === "reject" || verb === "edit") return move(verb, { text });
  if (verb === "merge" || verb === "bind") return move(verb, { into: String(into) });
  return move(verb);
}

// Only the first of several steps may insist on what was seen: it changes that itself.
function follow(wish, at) {
  return at === 0 ? wish : { ...wish, seen: undefined };
}

// The row as it will be once this write is stored.
export function after(row, write) {
  if (write.do === "question.move") {
    const next = { ...row, ...STEPS[write.verb](write, row) };
    return { ...next, pinned: next.pinned && SHOWN.has(next.status) };
  }
  if (write.do === "chat.purge") return row.kind === "question" ? { ...row, status: "rejected", pinned: false } : { ...row, gone: true };
  if (write.do === "chat.pin") return { ...row, pinned: true };
  if (write.do === "chat.unpin") return { ...row, pinned: false };
  if (write.do === "chat.retract" && row.kind === "message") return { ...row, deleted: true };
  if (write.do === "chat.restore") return { ...row, deleted: false };
  return { ...row, gone: true };
}

// Whether what the server says of a question already has what this write wanted.
export function fulfilled(row, write) {
  const wanted = after(row, write);
  return ["status", "pinned", "text", "into", "session", "answer", "reason"].every((name) => wanted[name] === row[name]);
}

// The wishes that lead back to `row` as it was before an act; null: there is no way back.
// `at` is where the server stored the act, if it said so.
export function back(row, verb, { at = 0 } = {}) {
  const { room } = row;
  if (row.kind === "question") return backOfQuestion(row, verb);
  if (row.kind === "held") return verb === "approve" && at && !row.target ? [{ do: "chat.retract", room, target: at }] : null;
  if (row.kind === "report") return verb === "reject" ? [{ do: "chat.restore", room, target: row.target }] : null;
  if (verb === "restore") return at ? [{ do: "chat.retract", room, target: at }] : null;
  if (verb === "pin") return [row.pinned ? { do: "chat.pin", room, target: row.target } : { do: "chat.unpin", room }];
  return [{ do: "chat.restore", room, target: row.target }];
}

function backOfQuestion(row, verb) {
  const move = (name, more = {}) => ({ do: "question.move", room: row.room, item: row.item, verb: name, ...more });
  const pinned = row.pinned ? [move("pin")] : [];
  if (verb === "edit") return [move("edit", { text: row.text })];
  if (verb === "bind") return [move("bind", { into: String(row.session ?? 0) })];
  if (verb === "pin" && row.status !== "asked") return [move(row.pinned ? "pin" : "unpin")];
  switch (row.status) {
    case "asked":
      return [move("recall")];
    case "approved":
      return [move("approve"), ...pinned];
    case "answering":
      return [...(verb === "approve" ? [] : [move("approve")]), move("answering"), ...pinned];
    case "answered":
      if (verb === "write") return [move("answered", { text: row.answer })];
      return [...(verb === "approve" ? [] : [move("approve")]), move("answered", { text: row.answer }), ...pinned];
    case "rejected":
      return [move("reject", { text: row.reason })];
    default:
      return [move("merge", { into: row.into })];
  }
}

// In every room of the conference: who is silenced in one hall should not shout in the next.
export function silence(rooms, user, seconds) {
  return rooms.map((room) => ({ do: "chat.mute", room, user, seconds }));
}

export function banish(rooms, user, on) {
  return rooms.map((room) => ({ do: "chat.ban", room, user, on }));
}
