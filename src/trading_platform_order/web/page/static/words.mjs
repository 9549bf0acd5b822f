// The texts come from the server's one catalogue, in both languages at once: the switch needs no request.
const KEPT = "tporder.language";
let texts = { en: {}, ko: {} };
let language = "en";

export async function loadWords() {
  const answer = await fetch("/page/words");
  texts = await answer.json();
  const kept = localStorage.getItem(KEPT);
  setLanguage(kept || (navigator.language.startsWith("ko") ? "ko" : "en"));
}

export function setLanguage(chosen) {
  language = chosen === "ko" ? "ko" : "en";
  localStorage.setItem(KEPT, language);
  document.documentElement.lang = language;
}

export const lang = () => language;

// A text of the page, or of another table (`word`); what nobody named is shown as it stands.
export function t(key, values) {
  return filled(texts[language]["page." + key] ?? key, values);
}

export function word(table, key, values) {
  if (key === null || key === undefined) return "";
  return filled(texts[language][table + "." + key] ?? String(key), values);
}

function filled(text, values) {
  return values ? text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole) : text;
}
