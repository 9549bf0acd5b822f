// What we count beside what the exchanges hold.
import { html } from "../vendor/htm-preact.mjs";
import { read } from "../api.mjs";
import { useNow, useRead } from "../live.mjs";
import { t, word } from "../words.mjs";
import { age, ageOf, amount, time } from "../format.mjs";
import { Table } from "../parts/table.mjs";

const EVERY_MS = 5000;

function verdict(row) {
  const more = Number(row.theirs_base) - Number(row.ours_base);
  if (more === 0) return html`<span class="good">${t("same")}</span>`;
  if (Math.abs(more) <= Number(row.flight_base)) return html`<span class="warn">${t("under_way")}</span>`;
  // Coins that are the owner's lie beside ours on the spot exchange.
  if (row.venue === "upbit" && more > 0) return html`<span class="good">${t("owners")}</span>`;
  return html`<strong class="bad">${t("differs")}</strong>`;
}

export function Reconcile({ language, changes }) {
  const turn = Math.floor(useNow() / EVERY_MS);
  const { found } = useRead(() => read("/page/reconcile", { lang: language }), [language, changes, turn]);
  if (!found) return html`<p aria-busy="true">${t("loading")}</p>`;
  return html`
    <section>
      <h2>${t("ours_theirs")}</h2>
      <p>${found.at ? t("compared_at", { age: age(ageOf(found.at)) }) : ""}</p>
      <${Table} caption=${t("ours_theirs")} rows=${found.rows} empty=${t("not_compared")} columns=${[
        ["exchange", (row) => word("venue", row.venue)],
        ["asset", (row) => row.asset],
        ["ours", (row) => amount(row.ours_base), "number"],
        ["theirs", (row) => amount(row.theirs_base), "number"],
        ["status", verdict],
      ]} />
    </section>
    <section>
      <h2>${t("by_ledger")}</h2>
      <${Table} caption=${t("by_ledger")} rows=${found.positions} columns=${[
        ["strategy", (row) => row.strategy],
        ["symbol", (row) => row.symbol],
        ["ours", (row) => `${amount(row.spot_base)} / ${amount(row.short_base)}`, "number"],
        ["at", (row) => time(row.updated_at_us)],
      ]} />
    </section>
    <section>
      <h2>${t("latches")}</h2>
      <${Table} caption=${t("latches")} rows=${found.latches} columns=${[
        ["kind", (row) => row.kind],
        ["reason", (row) => row.reason],
        ["at", (row) => time(row.at_us)],
      ]} />
    </section>
    <section>
      <h2>${t("transfers")}</h2>
      <${Table} caption=${t("transfers")} rows=${found.transfers} columns=${[
        ["at", (row) => time(row.at_us)],
        ["exchange", (row) => word("venue", row.exchange)],
        ["amount", (row) => `${amount(row.amount)} ${row.asset}`, "number"],
        ["reason", (row) => row.reason],
      ]} />
    </section>`;
}
