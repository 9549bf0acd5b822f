// One signal from its creation to its end, drawn in time, with what each verdict rests on.
import { html } from "../vendor/htm-preact.mjs";
import { useState } from "../vendor/hooks.mjs";
import { read } from "../api.mjs";
import { useRead } from "../live.mjs";
import { t } from "../words.mjs";
import { age, lapse, time } from "../format.mjs";
import { Field } from "../parts/field.mjs";
import { Trades } from "./home.mjs";

const BAD = /refused|halted|unanswered|failed|gone|lost|stopped/;
const VERDICT = /absent|refused|halted|collision|gone/;
const GOOD = /settled|fill|accepted|claimed/;
// A signal older than this when it came tells its times from its coming, as `tporder explain` does.
const OLD_MS = 60000;

export function Trade({ home, detail, language, changes }) {
  const [typed, setTyped] = useState(detail);
  const submit = (event) => {
    event.preventDefault();
    location.hash = "#/trade/" + encodeURIComponent(typed.trim());
  };
  return html`
    <form class="row" onSubmit=${submit} role="search">
      <${Field} id="signal" label=${t("signal_id")} look="broad">
        <input id="signal" value=${typed} onInput=${(event) => setTyped(event.target.value)} />
      <//>
      <button>${t("show")}</button>
    </form>
    ${detail ? html`<${Story} key=${detail} name=${detail} language=${language} changes=${changes} />` : html`
      <p>${t("choose_trade")}</p>
      <${Trades} rows=${home ? home.last_trades : []} />`}`;
}

function Story({ name, language, changes }) {
  const { found, problem } = useRead(
    () => read("/page/story/" + encodeURIComponent(name), { lang: language }), [name, language, changes]);
  if (!found) {
    const text = problem ? (problem.status === 404 ? t("no_such_signal") : t("failed", { why: problem.message })) : t("loading");
    return html`<p role=${problem ? "alert" : "status"}>${text}</p>`;
  }
  const clock = clockOf(found.steps);
  return html`
    <section>
      <h2>${t("timeline")}: ${found.signal_id}</h2>
      <ol class="timeline">
        ${found.signal && html`<${Created} signal=${found.signal} reason=${found.reason} clock=${clock} />`}
        ${found.steps.map((step) => html`<${Step} key=${step.seq} step=${step} clock=${clock} />`)}
      </ol>
    </section>`;
}

// `came_ms`: from the signal's creation to its first row; `from_ms`: where the told times begin.
// The bars are in proportion of the trade itself, from its first row to its end: a wait before it
// or something late behind it must not press all of it into one pixel.
function clockOf(steps) {
  const known = steps.filter((step) => step.offset_ms !== null);
  const came_ms = known.length ? known[0].offset_ms : 0;
  const settled = known.find((step) => step.kind === "trade_settled");
  const end_ms = settled ? settled.offset_ms : Math.max(came_ms, ...known.map((step) => step.offset_ms));
  return { came_ms, from_ms: came_ms > OLD_MS ? came_ms : 0, span_ms: Math.max(1, end_ms - came_ms) };
}

const Evidence = ({ of, open }) => html`
  <details open=${open}><summary>${t("evidence")}</summary><pre tabindex="0">${JSON.stringify(of, null, 1)}</pre></details>`;

function Created({ signal, reason, clock }) {
  return html`
    <li class="created">
      <p class="when"><time>${time(signal.created_at, true)}</time><span>${clock.from_ms ? "" : lapse(0)}</span></p>
      <p>${t("signal_created", { strategy: signal.strategy })}</p>
      ${reason && html`<p>${t("signal_reason", { reason })}</p>`}
      ${clock.from_ms > 0 && html`<p><strong>${t("came_late", { age: age(clock.from_ms / 1000) })}</strong></p>`}
      <${Evidence} of=${signal} />
    </li>`;
}

function Step({ step, clock }) {
  const look = BAD.test(step.kind) ? "bad" : GOOD.test(step.kind) ? "good" : "";
  return html`
    <li class=${look}>
      <p class="when">
        <time>${time(step.at, true)}</time>
        ${step.offset_ms !== null && html`<span>${lapse(step.offset_ms - clock.from_ms)}${" "}
          <span class="hidden">${t(clock.from_ms ? "after_arrival" : "after_signal")}</span></span>`}
      </p>
      <progress max="1" value=${Math.min(1, Math.max(0, ((step.offset_ms ?? clock.came_ms) - clock.came_ms) / clock.span_ms))} aria-hidden="true"></progress>
      ${step.text.map((line, index) => html`<p key=${index}>${line}</p>`)}
      <${Evidence} of=${step.body} open=${VERDICT.test(step.kind)} />
    </li>`;
}
