// One limit: where it stands, how far it is, and the same in words for whoever hears it.
import { html } from "../vendor/htm-preact.mjs";
import { t } from "../words.mjs";
import { amount } from "../format.mjs";

const NEAR = 0.8;

// `show` writes a figure; `note` says more of it; `counts`: false while the limit does not apply yet.
export function Gauge({ name, now, limit, note, show, counts = true }) {
  const isKnown = now !== null && limit !== null;
  const part = isKnown ? (Number(limit) > 0 ? Number(now) / Number(limit) : 1) : 0;
  const look = !isKnown ? "" : !counts ? "good" : part >= 1 ? "bad" : part >= NEAR ? "warn" : "good";
  const left = isKnown ? Number(limit) - Number(now) : 0;
  const shown = show || ((value) => amount(value, Number(limit) >= 100 ? 0 : 3));
  return html`
    <div class=${"gauge " + look}>
      <span class="name">${name}</span>
      <meter min="0" max="1" high=${NEAR} value=${Math.min(1, Math.max(0, part))} aria-label=${name}></meter>
      <span>${isKnown ? t("used", { now: shown(now), limit: shown(limit) }) : t("not_known")}</span>
      <strong>${isKnown && counts ? (left > 0 ? t("left", { left: shown(left) }) : t("over")) : ""}</strong>
      ${note && html`<small>${note}</small>`}
    </div>`;
}
