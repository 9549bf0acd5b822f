// Orders, fills, the journal and the rest: searched, filtered, and taken home as CSV.
import { html } from "../vendor/htm-preact.mjs";
import { useEffect, useState } from "../vendor/hooks.mjs";
import { query, read } from "../api.mjs";
import { useRead } from "../live.mjs";
import { t, word } from "../words.mjs";
import { amount, krw, marketName, time } from "../format.mjs";
import { Field } from "../parts/field.mjs";
import { Table } from "../parts/table.mjs";

const LATER_MS = 250;
const link = (row) => (row.signal_id ? html`<a href=${"#/trade/" + encodeURIComponent(row.signal_id)}>${row.signal_id}</a>` : "");
// What it was filled at; until then its limit, which a market order has not.
const priceOf = (row) => (row.average_price ? amount(row.average_price) : row.price ? t("limit_at", { price: amount(row.price) }) : "");
const COLUMNS = {
  orders: [
    ["at", (row) => time(row.created_at)], ["symbol", (row) => marketName(row.symbol)], ["side", (row) => word("side", row.side)],
    ["quantity", (row) => amount(row.quantity), "number"], ["price", priceOf, "number"],
    ["purpose", (row) => word("purpose", row.purpose)], ["status", (row) => word("order", row.status)], ["signal", link],
    ["detail", (row) => row.detail || ""],
  ],
  fills: [
    ["at", (row) => time(row.at)], ["symbol", (row) => marketName(row.symbol)], ["side", (row) => word("side", row.side)],
    ["quantity", (row) => amount(row.quantity), "number"], ["price", (row) => amount(row.price), "number"],
    ["fee", (row) => `${amount(row.fee)} ${row.fee_asset}`, "number"], ["signal", link],
  ],
  trades: [
    ["at", (row) => time(row.opened_at_us)], ["signal", link], ["symbol", (row) => row.symbol],
    ["action", (row) => word("action", row.action)], ["status", (row) => word("trade_state", row.state)],
    ["outcome", (row) => word("outcome", row.outcome)], ["detail", (row) => row.detail || ""],
  ],
  signals: [
    ["at", (row) => time(row.received_at_us)], ["signal", link], ["strategy", (row) => row.strategy],
    ["symbol", (row) => row.symbol], ["action", (row) => word("action", row.action)], ["status", (row) => word("result", row.result)],
    ["code", (row) => row.code || ""], ["reason", (row) => row.detail || ""],
  ],
  refusals: [
    ["at", (row) => time(row.at_us)], ["signal", link], ["symbol", (row) => row.symbol], ["code", (row) => row.code],
    ["reason", (row) => row.message],
  ],
  funding: [["at", (row) => time(row.at)], ["symbol", (row) => row.symbol], ["amount", (row) => `${amount(row.amount_usdt)} USDT`, "number"]],
  transfers: [
    ["at", (row) => time(row.at_us)], ["exchange", (row) => word("venue", row.exchange)],
    ["amount", (row) => `${amount(row.amount)} ${row.asset}`, "number"], ["reason", (row) => row.reason],
  ],
  equity: [["at", (row) => time(row.at_us)], ["equity", (row) => krw(row.equity_krw), "number"]],
  journal: [
    ["seq", (row) => row.seq, "number"], ["at", (row) => time(row.at_us, true)], ["kind", (row) => html`<span>${word("kind", row.kind)} <small>${row.kind}</small></span>`],
    ["body", (row) => html`<code>${row.body}</code>`],
  ],
};
const STATUSES = {
  orders: ["PENDING", "UNKNOWN", "WORKING", "FILLED", "CANCELLED", "REFUSED", "ABSENT"],
  trades: ["executing", "settled", "halted"],
};
const TABLES = { orders: "order", trades: "trade_state" };

export function Records({ detail, changes, language }) {
  const record = COLUMNS[detail] ? detail : "orders";
  const [asked, setAsked] = useState({ q: "", symbol: "", exchange: "", status: "" });
  const [later, setLater] = useState(asked);
  useEffect(() => {
    const timer = setTimeout(() => setLater(asked), LATER_MS);
    return () => clearTimeout(timer);
  }, [asked]);
  const ask = async () => ({ record, rows: await read("/page/records/" + record, { ...later, lang: language }) });
  const { found } = useRead(ask, [record, later, changes, language]);
  // Until the rows of another record are there, those of the last one do not fit its columns.
  const rows = found && found.record === record ? found.rows : null;
  const set = (name) => (event) => setAsked({ ...asked, [name]: event.target.value });
  const statuses = STATUSES[record] || [];
  return html`
    <form class="row" role="search" onSubmit=${(event) => event.preventDefault()}>
      <${Field} id="record" label=${t("record")} look="broad">
        <select id="record" value=${record} onChange=${(event) => { location.hash = "#/records/" + event.target.value; }}>
          ${Object.keys(COLUMNS).map((name) => html`<option key=${name} value=${name}>${t(name)}</option>`)}
        </select>
      <//>
      <${Field} id="q" label=${t("search")} look="broad">
        <input id="q" type="search" value=${asked.q} maxlength="100" onInput=${set("q")} />
      <//>
      <${Field} id="filter-symbol" label=${t("filter_symbol")}>
        <input id="filter-symbol" value=${asked.symbol} size="8" maxlength="20" onInput=${set("symbol")} />
      <//>
      <${Field} id="filter-exchange" label=${t("filter_exchange")}>
        <select id="filter-exchange" value=${asked.exchange} onChange=${set("exchange")}>
          <option value="">${t("any")}</option>
          ${["upbit", "binance"].map((name) => html`<option key=${name} value=${name}>${word("venue", name)}</option>`)}
        </select>
      <//>
      ${statuses.length > 0 && html`
        <${Field} id="filter-status" label=${t("filter_status")}>
          <select id="filter-status" value=${asked.status} onChange=${set("status")}>
            <option value="">${t("any")}</option>
            ${statuses.map((name) => html`<option key=${name} value=${name}>${word(TABLES[record], name)}</option>`)}
          </select>
        <//>`}
      <a class="button" href=${query("/page/csv/" + record, later)} download>${t("csv")}</a>
    </form>
    ${rows
      ? html`<p role="status">${t("rows", { count: rows.length })}</p>
          <${Table} caption=${t(record)} rows=${rows} columns=${COLUMNS[record]} />`
      : html`<p aria-busy="true">${t("loading")}</p>`}`;
}
