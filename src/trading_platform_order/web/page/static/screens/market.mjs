// The premium with what was traded on it, and funding.
import { html } from "../vendor/htm-preact.mjs";
import { useMemo, useState } from "../vendor/hooks.mjs";
import { read } from "../api.mjs";
import { useNow, useRead } from "../live.mjs";
import { t, word } from "../words.mjs";
import { amount, percent, time, zone } from "../format.mjs";
import { Chart } from "../parts/chart.mjs";
import { ByUsd } from "./home.mjs";
import { Field } from "../parts/field.mjs";
import { Table } from "../parts/table.mjs";

const EVERY_MS = 10000;

export function Market({ changes }) {
  const [symbol, setSymbol] = useState("");
  const turn = Math.floor(useNow() / EVERY_MS);
  const { found } = useRead(() => read("/page/market", { symbol }), [symbol, changes, turn]);
  const marks = useMemo(() => (found ? found.marks.map((mark) => [mark.at, mark.action === "ENTER"]) : []), [found]);
  if (!found) return html`<p aria-busy="true">${t("loading")}</p>`;
  return html`
    <div class="row">
      <${Field} id="symbol" label=${t("filter_symbol")}><select id="symbol" value=${found.symbol} onChange=${(event) => setSymbol(event.target.value)}>
        ${(found.symbols.length ? found.symbols : [found.symbol]).map((name) => html`<option key=${name} value=${name}>${name || t("none")}</option>`)}
      </select><//>
    </div>
    <${Line} title=${t("last_hour")} points=${found.hour} marks=${marks} />
    <${Line} title=${t("last_day")} points=${found.day} marks=${marks} />
    <p><small>${t("times_in", { zone: zone() })} ${t("began_empty")} <${ByUsd} points=${found.hour} /></small></p>
    <section>
      <h2>${t("entries_exits")}</h2>
      <${Table} caption=${t("entries_exits")} rows=${found.marks.slice(0, 20)} columns=${[
        ["at", (row) => time(row.at * 1e6)],
        ["action", (row) => word("action", row.action)],
        ["signal", (row) => html`<a href=${"#/trade/" + encodeURIComponent(row.signal_id)}>${row.signal_id}</a>`],
        ["outcome", (row) => word("outcome", row.outcome)],
      ]} />
    </section>
    <section>
      <h2>${t("funding")}</h2>
      <${Table} caption=${t("funding")} rows=${found.funding.slice(0, 20)} columns=${[
        ["at", (row) => time(row.at)],
        ["symbol", (row) => row.symbol],
        ["amount", (row) => amount(row.amount_usdt) + " USDT", "number"],
      ]} />
    </section>`;
}

function Line({ title, points, marks }) {
  const last = points.length ? points[points.length - 1][1] : null;
  return html`
    <section>
      <h2>${t("premium")}: ${title}</h2>
      <p class="figures"><strong>${percent(last)}</strong></p>
      ${points.length > 1
        ? html`<${Chart} label=${`${t("premium")}, ${title}: ${percent(last)}`} points=${points} marks=${marks} />`
        : html`<p class="empty">${t("no_prices")}</p>`}
    </section>`;
}
