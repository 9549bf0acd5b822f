// How far every limit is, which coin each pair is, and why entries were refused.
import { html } from "../vendor/htm-preact.mjs";
import { read } from "../api.mjs";
import { useNow, useRead } from "../live.mjs";
import { t, word } from "../words.mjs";
import { amount, percent, time } from "../format.mjs";
import { Gauge } from "../parts/gauge.mjs";
import { Table } from "../parts/table.mjs";

const EVERY_MS = 3000;

export function Risk({ language, changes }) {
  const turn = Math.floor(useNow() / EVERY_MS);
  const { found } = useRead(() => read("/page/risk", { lang: language }), [language, changes, turn]);
  if (!found) return html`<p aria-busy="true">${t("loading")}</p>`;
  return html`
    <section>
      <h2>${t("limits")}</h2>
      ${found.gauges.length === 0 && html`<p class="empty">${t("not_known")}</p>`}
      <div class="gauges">
        ${found.gauges.map((gauge) => html`<${Gauge} key=${gauge.name} ...${gauge} name=${word("gauge", gauge.name)} />`)}
      </div>
      <p>${t("liquidation")}: <strong>${found.liquidation_rise === null ? t("no_short") : t("rise", { rise: percent(found.liquidation_rise, 1) })}</strong>.
        ${Number(found.usdt_to_move || 0) > 0 ? t("to_move", { amount: amount(found.usdt_to_move, 2) }) : ""}</p>
      <p><small>${t("exchange_watch")}</small></p>
    </section>
    <section>
      <h2>${t("pairs")}</h2>
      <${Table} caption=${t("pairs")} rows=${found.pairs} columns=${[
        ["symbol", (row) => row.code],
        ["status", (row) => word("pair", row.state)],
        ["upbit", (row) => row.upbit || ""],
        ["binance", (row) => row.binance || ""],
        ["reason", (row) => row.doubt || ""],
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
