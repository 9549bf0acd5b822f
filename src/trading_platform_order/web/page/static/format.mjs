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

export const date = (moment) => new Date(typeof moment === "number" ? moment / 1000 : moment);
export const ageOf = (moment) => (Date.now() - date(moment).getTime()) / 1000;
export const sign = (value) => (Number(value) < 0 ? "loss" : Number(value) > 0 ? "gain" : "");
export const digitsOf = (text) => String(text).replace(/[,\s]/g, "");
