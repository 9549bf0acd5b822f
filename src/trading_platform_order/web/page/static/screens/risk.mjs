// How far every limit is, which coin each pair is, and why entries were refused.
import { html } from "../vendor/htm-preact.mjs";
import { read } from "../api.mjs";
import { useNow, useRead } from "../live.mjs";
import { t, word } from "../words.mjs";
import { amount, marketName, percent, time, withDays } from "../format.mjs";
import { Gauge } from "../parts/gauge.mjs";
import { Table } from "../parts/table.mjs";

const EVERY_MS = 3000;
const COUNTS = new Set(["minute_orders", "proof_orders_day"]);

export function Risk({ language, changes }) {
  const turn = Math.floor(useNow() / EVERY_MS);
  const { found } = useRead(() => read("/page/risk", { lang: language }), [language, changes, turn]);
  if (!found) return html`<p aria-busy="true">${t("loading")}</p>`;
  return html`
    <section>
      <h2>${t("limits")}</h2>
      <${Specification} profile=${found.profile} loosened=${found.loosened} />
      ${found.gauges.length === 0 && html`<p class="empty">${t("not_known")}</p>`}
      <div class="gauges">
        ${found.gauges.map((gauge) => html`<${Gauge} key=${gauge.name} ...${gauge} name=${word("gauge", gauge.name)} />`)}
      </div>
      <p>${t("liquidation")}: <strong>${found.liquidation_rise === null ? t("no_short") : t("rise", { rise: percent(found.liquidation_rise, 1) })}</strong>.
        ${Number(found.usdt_to_move || 0) > 0 ? t("to_move", { amount: amount(found.usdt_to_move, 2) }) : ""}</p>
    </section>
    <${Surveillance} changes=${changes} turn=${turn} />
    <section>
      <h2>${t("pairs")}</h2>
      <${Table} caption=${t("pairs")} rows=${found.pairs} columns=${[
        ["symbol", (row) => row.code],
        ["status", (row) => word("pair", row.state)],
        ["upbit", (row) => withDays(row.upbit)],
        ["binance", (row) => withDays(row.binance)],
        ["reason", (row) => withDays(row.doubt)],
      ]} />
    </section>
    <section>
      <h2>${t("refusals")}</h2>
      <${Table} caption=${t("refusals")} rows=${found.refusals} columns=${[
        ["at", (row) => time(row.at_us)],
        ["signal", (row) => html`<a href=${"#/trade/" + encodeURIComponent(row.signal_id)}>${row.signal_id}</a>`],
        ["symbol", (row) => row.symbol],
        ["code", (row) => row.code],
        ["reason", (row) => row.message],
        ["figures", (row) => Object.entries(row.figures).map(([name, value]) => `${name} ${value}`).join(", ")],
      ]} />
    </section>`;
}

// Nothing is said while no engine tells its limits: this server's own settings may be others.
function Specification({ profile, loosened }) {
  if (!loosened) return null;
  const named = profile && html`<p>${t("profile_in_force", { profile })}</p>`;
  if (loosened.length === 0) return html`<div id="specification">${named}<p>${t("specification_holds")}</p></div>`;
  return html`
    <div id="specification" class="warn">
      ${named}
      <p>${t("specification_loosened")}</p>
      <ul>${loosened.map((one) => html`<li key=${one.name + one.here}>${one.text}</li>`)}</ul>
    </div>`;
}

function Surveillance({ changes, turn }) {
  const { found } = useRead(() => read("/page/surveillance"), [changes, turn]);
  return html`
    <section>
      <h2>${t("surveillance")}</h2>
      <p><small>${t("surveillance_about")}</small></p>
      <div class="gauges" id="surveillance">
        ${(found || []).map((one) => html`
          <${Gauge} key=${one.venue + one.name} now=${one.now} limit=${one.limit} counts=${one.is_judged}
            show=${COUNTS.has(one.name) ? undefined : (value) => percent(value, 1)}
            name=${[word("venue", one.venue), marketName(one.symbol)].filter(Boolean).join(" ") + ": " + word("surveillance", one.name)}
            note=${noteOf(one)} />`)}
      </div>
    </section>`;
}

function noteOf(one) {
  const parts = [word("surveillance_note", one.unknown || null), word("surveillance_note", one.limit_of)];
  if (!one.is_judged) parts.push(t("not_judged", { from: one.judged_from, orders: one.orders }));
  return parts.filter(Boolean).join("; ");
}
