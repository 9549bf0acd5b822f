// What the first ten seconds need, in that order; below it what one looks at next.
import { html } from "../vendor/htm-preact.mjs";
import { useMemo, useState } from "../vendor/hooks.mjs";
import { read } from "../api.mjs";
import { useRead } from "../live.mjs";
import { t, word } from "../words.mjs";
import { age, amount, krw, percent, sign, time, zone } from "../format.mjs";
import { Chart, hasSecond } from "../parts/chart.mjs";
import { CloseDialog } from "../parts/close.mjs";
import { Table } from "../parts/table.mjs";

export function Home({ home, session, changes }) {
  if (!home) return html`<p aria-busy="true">${t("loading")}</p>`;
  return html`
    <${Tiles} home=${home} />
    <${Positions} home=${home} session=${session} />
    <${Premium} home=${home} changes=${changes} />
    <${Health} home=${home} />
    <section>
      <h2>${t("last_trades")}</h2>
      <${Trades} rows=${home.last_trades} />
    </section>
    <${Profit} equity=${home.equity} />`;
}

function Tiles({ home }) {
  const now = home.now;
  const naked = Number(now.naked_krw || 0);
  const uneven = Object.entries(now.uneven_base).map(([base, value]) => `${value} ${base}`).join(", ");
  const loss = Math.max(0, -Number(now.day_pnl_krw || 0));
  const limit = Number(now.day_loss_krw_max || 0);
  const isHeld = home.positions.length > 0;
  return html`
    <section class="tiles">
      <${Tile} title=${t("naked")} look=${naked > 0 || uneven ? "bad" : "good"}
        main=${now.naked_krw === null ? uneven || t("not_known") : krw(naked) + " KRW"}
        more=${naked > 0 ? t("naked_for", { age: age(now.naked_s) }) : uneven} />
      <${Tile} title=${t("exit_now")} look=${isHeld && now.exit_cost_krw === null ? "warn" : "good"}
        main=${!isHeld ? t("nothing_held") : now.exit_cost_krw === null ? t("not_known") : t("exit_costs", { amount: krw(now.exit_cost_krw) })} />
      <${Tile} title=${t("liquidation")} look=${Number(now.usdt_to_move || 0) > 0 ? "bad" : "good"}
        main=${now.liquidation_rise === null ? t(isHeld ? "not_known" : "no_short") : t("rise", { rise: percent(now.liquidation_rise, 1) })}
        more=${isHeld ? (Number(now.usdt_to_move || 0) > 0 ? t("to_move", { amount: amount(now.usdt_to_move, 2) }) : t("no_move")) : ""} />
      <${Tile} title=${t("today")} look=${limit && loss / limit > 0.8 ? "bad" : "good"} gain=${sign(now.day_pnl_krw)}
        main=${now.day_pnl_krw === null ? t("not_known") : krw(now.day_pnl_krw) + " KRW"}
        more=${limit ? t("of_limit", { part: percent(loss / limit, 1), limit: krw(limit) }) : ""} />
      <${Tile} title=${t("open_ends")} look=${now.unacknowledged_alerts || now.unknown_orders ? "bad" : now.waiting_closes ? "warn" : "good"}
        main=${html`
          <span>${now.waiting_closes} ${t("waiting_closes")}</span>
          <span>${now.unknown_orders} ${t("unknown_orders")}</span>
          <a href="#/alerts">${now.unacknowledged_alerts} ${t("to_acknowledge")}</a>`} />
    </section>
    ${home.waiting_closes.map((close) => html`
      <p class="warn" key=${close.signal_id}>${close.symbol} (${close.strategy}): ${t("waits_for", { what: close.waits })}</p>`)}
    ${home.trades.map((row) => html`
      <p class=${row.state === "halted" ? "bad" : "warn"} key=${row.trade_id}>
        <a href=${"#/trade/" + encodeURIComponent(row.signal_id)}>${row.symbol} ${word("action", row.action)}</a>:
        ${word("trade_state", row.state)} ${row.detail}</p>`)}`;
}

const Tile = ({ title, main, more, look, gain }) => html`
  <div class=${"tile " + look}>
    <h2>${title}</h2>
    <p class=${"main " + (gain || "")}>${main}</p>
    ${more && html`<p>${more}</p>`}
  </div>`;

function Positions({ home, session }) {
  const [closing, setClosing] = useState(null);
  return html`
    <section>
      <h2>${t("positions")}</h2>
      ${home.positions.length === 0 && html`<p class="empty">${t("nothing_held")}</p>`}
      ${home.positions.map((pair) => html`
        <article class="pair" key=${pair.strategy + pair.symbol}>
          <h3>${pair.symbol} <small>${pair.strategy}</small></h3>
          <dl>
            <div><dt>${t("on_upbit")}</dt><dd>${amount(pair.spot_base)} ${pair.symbol}</dd></div>
            <div><dt>${t("on_binance")}</dt><dd>${amount(pair.short_base)} ${pair.symbol}</dd></div>
            <div><dt>${t("value")}</dt><dd>${krw(pair.value_krw)} KRW</dd></div>
            <div><dt>${t("profit")}</dt><dd class=${sign(pair.profit_krw && pair.profit_krw.total)}>${krw(pair.profit_krw && pair.profit_krw.total)} KRW</dd></div>
            <div><dt>${t("entry_premium")}</dt><dd>${percent(pair.entry_premium_usdt)}</dd></div>
            <div><dt>${t("premium_now")}</dt><dd>${percent(pair.premium_usdt)}</dd></div>
            <div><dt>${t("entry_premium_usd")}</dt><dd>${percent(pair.entry_premium_usd_krw)}</dd></div>
            <div><dt>${t("premium_now_usd")}</dt><dd>${percent(pair.premium_usd_krw)}</dd></div>
          </dl>
          ${pair.unknown && html`<p class="warn">${pair.unknown}</p>`}
          ${session.key === "operator" && html`
            <button onClick=${() => setClosing(pair)} aria-haspopup="dialog"
              aria-label=${`${t("close")} ${pair.symbol} ${pair.strategy}`}>${t("close")}</button>`}
        </article>`)}
      ${closing && html`<${CloseDialog} pair=${closing} close=${() => setClosing(null)} />`}
    </section>`;
}

function Premium({ home, changes }) {
  const pair = home.positions[0];
  const minute = Math.floor(Date.now() / 15000);
  const { found } = useRead(() => read("/page/market", { symbol: pair && pair.symbol }), [pair && pair.symbol, changes, minute]);
  const points = found ? found.hour : [];
  const marks = useMemo(() => (found ? found.marks.map((mark) => [mark.at, mark.action === "ENTER"]) : []), [found]);
  const last = points.length ? points[points.length - 1][1] : null;
  const entry = pair ? pair.entry_premium_usdt : null;
  return html`
    <section>
      <h2>${t("premium_usdt")} ${found && found.symbol}</h2>
      <p class="figures">
        <span>${t("premium_now")}: <strong>${percent(last)}</strong></span>
        ${entry !== null && html`<span>${t("entry_premium")}: <strong>${percent(entry)}</strong></span>`}
      </p>
      ${points.length > 1
        ? html`<${Chart} label=${`${t("premium_usdt")}: ${percent(last)}`} points=${points} level=${entry} marks=${marks} />`
        : html`<p class="empty">${t("no_prices")}</p>`}
      <p><small>${points.length > 1 ? t("times_in", { zone: zone() }) + " " : ""}<${ByUsd} points=${points} /></small></p>
    </section>`;
}

export function ByUsd({ points }) {
  const last = points.length ? points[points.length - 1][3] : null;
  if (last !== null && last !== undefined) return t("premium_usd_now", { premium: percent(last) });
  return t(hasSecond(points) ? "premium_usd_stale" : "premium_usd");
}

function Health({ home }) {
  return html`
    <section>
      <h2>${t("health")}</h2>
      <ul class="health">
        ${home.exchanges.map((exchange) => html`
          <li key=${exchange.venue} class=${exchange.is_stream_up && !exchange.errors_in_a_row ? "good" : "bad"}>
            <strong>${word("venue", exchange.venue)}</strong>
            <span>${t(exchange.is_stream_up ? "up" : "down")}</span>
            <span>${exchange.answer_ms === null ? "" : t("answers_in", { ms: amount(exchange.answer_ms, 0) })}</span>
            <span>${exchange.book_age_s === null ? "" : t("book_age", { age: age(exchange.book_age_s) })}</span>
            <span>${t("errors_hour", { count: exchange.errors_hour })}</span>
          </li>`)}
        <li class=${home.rate_age_s !== null && home.rate_age_s < 60 ? "good" : "warn"}>
          <strong>${t("rate")}</strong>
          <span>${amount(home.krw_per_usdt, 2)}</span>
          <span>${home.rate_age_s === null ? "" : t("book_age", { age: age(home.rate_age_s) })}</span>
        </li>
        <li class=${home.store_ms < 100 ? "good" : "warn"}>
          <strong>${t("store")}</strong><span>${t("answers_in", { ms: amount(home.store_ms, 1) })}</span>
        </li>
      </ul>
    </section>`;
}

export const Trades = ({ rows }) => html`
  <${Table} caption=${t("last_trades")} rows=${rows} columns=${[
    ["at", (row) => time(row.opened_at_us)],
    ["signal", (row) => html`<a href=${"#/trade/" + encodeURIComponent(row.signal_id)}>${row.signal_id}</a>`],
    ["symbol", (row) => row.symbol],
    ["action", (row) => word("action", row.action)],
    ["status", (row) => word("trade_state", row.state)],
    ["outcome", (row) => word("outcome", row.outcome)],
  ]} />`;

function Profit({ equity }) {
  if (!equity) return null;
  return html`
    <section>
      <h2>${t("profit_split")}</h2>
      <dl class="split">
        ${["premium", "funding", "fees", "fx", "slippage"].map((part) => html`
          <div key=${part}><dt>${word("part", part)}</dt><dd class=${sign(equity[part + "_krw"])}>${krw(equity[part + "_krw"])} KRW</dd></div>`)}
      </dl>
    </section>`;
}
