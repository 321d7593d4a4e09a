// What of the desk is shown where: columns, channels, filters, and which row comes next. It changes nothing.

export const COLUMNS = ["waiting", "air", "answered", "chat", "reports"];
const FIRE = 6; // arrivals within two minutes that make a channel one to look at first

// `filter` is {channel, session, words, user, closed}; 0 and "" mean: any. `closed`: the third column shows what was
// rejected or merged instead of what was answered.
export const ANY = Object.freeze({ channel: 0, session: 0, words: "", user: 0, closed: false });

// Of two in the same millisecond the one that came first: sorting keeps their order, and the desk has them as they came.
const byTime = (a, b) => a.when - b.when;
const newest = (a, b) => (b.changed ?? b.when) - (a.changed ?? a.when) || (a.id < b.id ? -1 : 1);

// {waiting: [row ...], air: [...], answered: [...], chat: [...], reports: [...]}
export function columns(desk, filter) {
  const fits = matcher(filter);
  const questions = desk.rows("question").filter(fits);
  const status = (...some) => questions.filter((row) => some.includes(row.status));
  const rank = (row) => (row.status === "answering" ? 0 : row.pinned ? 1 : 2);
  const liked = (a, b) => rank(a) - rank(b) || desk.votes(b) - desk.votes(a) || byTime(a, b);
  return {
    waiting: [...status("asked"), ...desk.rows("held").filter(fits)].sort(byTime),
    air: status("approved", "answering").sort(liked),
    answered: (filter.closed ? status("rejected", "merged") : status("answered")).sort(newest),
    chat: desk.rows("message").filter(fits).sort((a, b) => b.when - a.when || b.target - a.target),
    reports: desk.rows("report").filter(fits).sort(byTime),
  };
}

// The channels with what waits in each, those on fire first; `order` is the conference's own.
export function channels(desk, order) {
  const waiting = count(desk.rows("question").filter(({ status }) => status === "asked"), desk.rows("held"));
  const reported = count(desk.rows("report"));
  const known = order.map((channel, place) => {
    const heat = desk.heat(channel);
    const reports = reported.get(channel) ?? 0;
    return { channel, place, heat, reports, waiting: waiting.get(channel) ?? 0, fire: heat >= FIRE, unread: desk.channels.get(channel).unread };
  });
  return known.sort((a, b) => b.fire - a.fire || (b.fire ? b.heat - a.heat : 0) || a.place - b.place);
}

// The row to go to from `id`: `step` rows on, past those that somebody else looks at; null: there is none.
// `rows` is a column as it is now; `before` as it was when `id` was still in it.
export function neighbour(rows, id, step, isTaken, before = rows) {
  const here = rows.findIndex((row) => row.id === id);
  if (here >= 0) return free(rows, here + step, step, isTaken);
  const left = before.findIndex((row) => row.id === id);
  const place = left < 0 ? 0 : before.slice(0, left).filter((row) => rows.some((one) => one.id === row.id)).length;
  return free(rows, place, 1, isTaken) ?? free(rows, place - 1, -1, isTaken) ?? rows[Math.min(place, rows.length - 1)] ?? null;
}

function free(rows, from, step, isTaken) {
  for (let at = from; at >= 0 && at < rows.length; at += step) if (!isTaken(rows[at].id)) return rows[at];
  return null;
}

function matcher({ channel, session, words, user }) {
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  return (row) => (!channel || row.channel === channel)
    && (!session || row.session === session)
    && (!user || row.user === user || row.reporter === user)
    && (wanted.length === 0 || wanted.every((word) => fold(`${row.name} ${row.text} ${row.reason ?? ""}`).includes(word)));
}

function fold(text) {
  return text.toLowerCase().replaceAll("ё", "е");
}

function count(...lists) {
  const found = new Map();
  for (const { channel } of lists.flat()) found.set(channel, (found.get(channel) ?? 0) + 1);
  return found;
}
