// One limit: where it stands, how far it is, and the same in words for whoever hears it.
import { html } from "../vendor/htm-preact.mjs";
import { t } from "../words.mjs";
import { amount } from "../format.mjs";

const NEAR = 0.8;

export function Gauge({ name, now, limit }) {
  const isKnown = now !== null && limit !== null;
  const part = isKnown ? (Number(limit) > 0 ? Number(now) / Number(limit) : 1) : 0;
  const look = !isKnown ? "" : part >= 1 ? "bad" : part >= NEAR ? "warn" : "good";
  const left = isKnown ? Number(limit) - Number(now) : 0;
  const digits = Number(limit) >= 100 ? 0 : 3;
  return html`
    <div class=${"gauge " + look}>
      <span class="name">${name}</span>
      <meter min="0" max="1" high=${NEAR} value=${Math.min(1, Math.max(0, part))} aria-label=${name}></meter>
      <span>${isKnown ? t("used", { now: amount(now, digits), limit: amount(limit, digits) }) : t("not_known")}</span>
      <strong>${isKnown ? (left > 0 ? t("left", { left: amount(left, digits) }) : t("over")) : ""}</strong>
    </div>`;
}
