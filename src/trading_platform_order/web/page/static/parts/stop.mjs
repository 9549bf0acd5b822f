// Stop, flatten, resume. Stopping is one tap behind the button that every screen has.
import { html } from "../vendor/htm-preact.mjs";
import { useRef, useState } from "../vendor/hooks.mjs";
import { order } from "../api.mjs";
import { t } from "../words.mjs";
import { digitsOf, krw } from "../format.mjs";
import { Dialog, Needs, Outcome, useOrder } from "./dialog.mjs";

export function StopDialog({ home, close }) {
  const [state, carryOut] = useOrder();
  const reason = useRef(null);
  const said = () => reason.current.value.trim() || t("stopped_here");
  const stop = () =>
    carryOut(
      () => order("/v1/stop", { reason: said(), file: true }),
      (answer) => t(answer.in_store ? "is_stopped" : "stopped_by_file"),
    );
  return html`
    <${Dialog} title=${t("stop_title")} close=${close}>
      <p>${t("stop_about")}</p>
      <button class="stop wide" autofocus disabled=${state.isBusy} onClick=${stop}>${t("stop_now")}</button>
      <label for="stop-reason">${t("reason_optional")}</label>
      <input id="stop-reason" ref=${reason} maxlength="300" />
      <${Outcome} state=${state} />
      ${home && home.positions.length > 0 && html`<${Flatten} home=${home} said=${said} carryOut=${carryOut} isBusy=${state.isBusy} />`}
    <//>`;
}

// What is held, whole KRW; 0 where a price is missing, because then nobody can read it.
export function valueOf(positions) {
  let total = 0;
  for (const row of positions) {
    if (row.value_krw === null) return 0;
    total += Number(row.value_krw);
  }
  return Math.round(total);
}

function Flatten({ home, said, carryOut, isBusy }) {
  const [typed, setTyped] = useState("");
  // The amount that was shown first stays: a figure that moves cannot be typed.
  const [shown] = useState(() => valueOf(home.positions));
  const fits = digitsOf(typed) === String(shown);
  const flatten = () =>
    carryOut(
      () => order("/v1/stop", { reason: said(), file: true, flatten: true, confirm_krw: digitsOf(typed) }),
      () => t("flatten_ordered"),
    );
  return html`
    <section class="danger">
      <h3>${t("flatten")}</h3>
      <p>${t("flatten_about")}</p>
      <label for="flatten-amount">${shown ? t("type_amount", { amount: krw(shown) }) : t("type_zero")}</label>
      <input id="flatten-amount" inputmode="numeric" autocomplete="off" value=${typed} aria-describedby="flatten-needs"
        onInput=${(event) => setTyped(event.target.value)} />
      <${Needs} id="flatten-needs" text=${t("exactly_needs")} />
      <button class="stop" disabled=${!fits || isBusy} onClick=${flatten}>${t("flatten")}</button>
    </section>`;
}

export function ResumeDialog({ close }) {
  const [state, carryOut] = useOrder();
  const [reason, setReason] = useState("");
  const submit = (event) => {
    event.preventDefault();
    carryOut(() => order("/v1/resume", { reason: reason.trim() }), () => t("resumed"));
  };
  return html`
    <${Dialog} title=${t("resume_title")} close=${close}>
      <p>${t("resume_about")}</p>
      <form onSubmit=${submit}>
        <label for="resume-reason">${t("reason")}</label>
        <input id="resume-reason" required maxlength="300" autofocus value=${reason}
          aria-describedby="resume-needs" onInput=${(event) => setReason(event.target.value)} />
        <${Needs} id="resume-needs" text=${t("resume_needs")} />
        <button class="primary" disabled=${!reason.trim() || state.isBusy}>${t("resume_now")}</button>
      </form>
      <${Outcome} state=${state} />
    <//>`;
}
