// One signal from its creation to its end, drawn in time, with what each verdict rests on.
import { html } from "../vendor/htm-preact.mjs";
import { useState } from "../vendor/hooks.mjs";
import { read } from "../api.mjs";
import { useRead } from "../live.mjs";
import { t } from "../words.mjs";
import { amount, time } from "../format.mjs";
import { Trades } from "./home.mjs";

const BAD = /refused|halted|unanswered|failed|gone|lost|stopped/;
const VERDICT = /absent|refused|halted|collision|gone/;
const GOOD = /settled|fill|accepted|claimed/;

export function Trade({ home, detail, language, changes }) {
  const [typed, setTyped] = useState(detail);
  const submit = (event) => {
    event.preventDefault();
    location.hash = "#/trade/" + encodeURIComponent(typed.trim());
  };
  return html`
    <form class="row" onSubmit=${submit} role="search">
      <label for="signal">${t("signal_id")}</label>
      <input id="signal" value=${typed} onInput=${(event) => setTyped(event.target.value)} />
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
  const span = Math.max(1, ...found.steps.map((step) => step.offset_ms || 0));
  return html`
    <section>
      <h2>${t("timeline")}: ${found.signal_id}</h2>
      <ol class="timeline">
        ${found.steps.map((step) => html`<${Step} key=${step.seq} step=${step} span=${span} />`)}
      </ol>
    </section>`;
}

function Step({ step, span }) {
  const look = BAD.test(step.kind) ? "bad" : GOOD.test(step.kind) ? "good" : "";
  return html`
    <li class=${look}>
      <p class="when">
        <time>${time(step.at, true)}</time>
        <span>${step.offset_ms === null ? "" : `+${amount(step.offset_ms, 1)} ms`} <span class="hidden">${t("after_signal")}</span></span>
      </p>
      <progress max="1" value=${Math.max(0, (step.offset_ms || 0) / span)} aria-hidden="true"></progress>
      ${step.text.map((line, index) => html`<p key=${index}>${line}</p>`)}
      <details open=${VERDICT.test(step.kind)}><summary>${t("evidence")}</summary><pre tabindex="0">${JSON.stringify(step.body, null, 1)}</pre></details>
    </li>`;
}
