// How figures read. Amounts arrive as decimal text; they are rounded for the eye alone.
import { lang, t } from "./words.mjs";

const number = (value, digits) =>
  new Intl.NumberFormat("en-US", { minimumFractionDigits: 0, maximumFractionDigits: digits }).format(value);

const known = (value) => value !== null && value !== undefined && value !== "";

export const krw = (value) => (known(value) ? number(Math.round(Number(value)) + 0, 0) : t("not_known"));
export const amount = (value, digits = 8) => (known(value) ? number(Number(value), digits) : t("not_known"));
export const percent = (value, digits = 2) =>
  known(value) ? number(Number(value) * 100, digits) + " %" : t("not_known");

export function age(seconds) {
  if (!known(seconds)) return t("not_known");
  const s = Math.max(0, Number(seconds));
  if (s < 60) return t("seconds", { n: number(s, s < 10 ? 1 : 0) });
  if (s < 3600) return t("minutes", { n: Math.floor(s / 60) });
  if (s < 86400) return t("hours", { n: Math.floor(s / 3600) });
  return t("days", { n: Math.floor(s / 86400) });
}

// A lapse with its sign: to a tenth of a millisecond while that says something, as an age when it is long.
export function lapse(ms) {
  const sign = ms < 0 ? "-" : "+";
  return sign + (Math.abs(ms) < 60000 ? `${number(Math.abs(ms), 1)} ms` : age(Math.abs(ms) / 1000));
}

// Korean readers read Korean time wherever they are, as the commands do; others read their own.
export function time(moment, exact) {
  if (!known(moment)) return "";
  const options = {
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
    second: "2-digit", hourCycle: "h23", timeZoneName: "short",
  };
  if (exact) options.fractionalSecondDigits = 3;
  if (lang() === "ko") options.timeZone = "Asia/Seoul";
  return new Intl.DateTimeFormat("sv-SE", options).format(date(moment)).replace(",", ".").replace("GMT+9", "KST");
}

const dayOf = (text) => text.slice(0, 10);

// Without the day where it is today's.
export function recent(moment) {
  const text = time(moment);
  return text && dayOf(text) === dayOf(time(Date.now() * 1000)) ? text.slice(11) : text;
}

// In which zone times are told: "KST", "UTC", "GMT+1".
export const zone = () => time(Date.now() * 1000).split(" ").pop();

// A market by the name that its exchange gives it: the store calls Upbit's the other way round.
export const marketName = (symbol) => String(symbol ?? "").replace(/^([A-Z0-9]+)-KRW$/, "KRW-$1");

// Milliseconds since 1970 within a text, as a day.
export const withDays = (text) => String(text ?? "").replace(/\b1[2-9]\d{11}\b/g, (ms) => dayOf(time(Number(ms) * 1000)));

export const date = (moment) => new Date(typeof moment === "number" ? moment / 1000 : moment);
export const ageOf = (moment) => (Date.now() - date(moment).getTime()) / 1000;
export const sign = (value) => (Number(value) < 0 ? "loss" : Number(value) > 0 ? "gain" : "");
export const digitsOf = (text) => String(text).replace(/[,\s]/g, "");
