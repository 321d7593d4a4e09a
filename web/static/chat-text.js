// What is in the text of a message: links and length. It makes no markup, so nothing in a text can become any.

export const LIMIT = 2000; // characters, as the server counts them

const LINK = /https?:\/\/[^\s<>"'`]+/gi;
const TAIL = /[.,:;!?…»”)\]}]+$/; // belongs to the sentence, not to the address

// [{text} | {text, href} ...]: the whole text, cut at its http(s) addresses.
export function pieces(text) {
  const found = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const address = trim(match[0]);
    const href = whole(address);
    if (!href) continue;
    if (match.index > from) found.push({ text: text.slice(from, match.index) });
    found.push({ text: address, href });
    from = match.index + address.length;
  }
  if (from < text.length) found.push({ text: text.slice(from) });
  return found;
}

// The text without halves of characters, which no server can read.
export function wellFormed(text) {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

// Characters as Python counts them: an emoji outside the basic plane is one.
export function length(text) {
  return [...text].length;
}

// "{n} new" with n filled in; `forms` is by plural category, as the page's language has them.
export function counted(forms, n, language) {
  const category = new Intl.PluralRules(language).select(n);
  const form = forms[category] ?? forms.other ?? forms.many;
  return filled(form, { n: new Intl.NumberFormat(language).format(n) });
}

export function filled(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

// The address as browsers write it, or null when it is none (URL.canParse is younger than many a phone).
function whole(address) {
  try {
    return new URL(address).href;
  } catch {
    return null;
  }
}

function trim(address) {
  const short = address.replace(TAIL, "");
  // An address may end in a bracket that it opened itself, as encyclopedias' do.
  const opened = count(short, "(") - count(short, ")");
  return opened > 0 && address.startsWith(`${short})`) ? `${short})` : short;
}

function count(text, mark) {
  return text.split(mark).length - 1;
}
