// Closing one pair: the amount is typed, all of it or a part.
import { html } from "../vendor/htm-preact.mjs";
import { useState } from "../vendor/hooks.mjs";
import { order } from "../api.mjs";
import { t } from "../words.mjs";
import { digitsOf, krw } from "../format.mjs";
import { Dialog, Needs, Outcome, useOrder } from "./dialog.mjs";
import { valueOf } from "./stop.mjs";

export function CloseDialog({ pair, close }) {
  const [state, carryOut] = useOrder();
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const [all] = useState(() => valueOf([pair]));
  const amount = digitsOf(typed);
  const isNumber = /^\d{1,18}$/.test(amount);
  const isAll = isNumber && Number(amount) === all;
  const isPart = isNumber && Number(amount) > 0 && Number(amount) < all;
  const submit = (event) => {
    event.preventDefault();
    const part = isAll ? { confirm_krw: amount } : { krw: amount };
    carryOut(
      () => order("/v1/close", { symbol: pair.symbol, strategy: pair.strategy, reason: reason.trim(), ...part }),
      (answer) => t(answer.result === "waiting" ? "close_waits" : "close_ordered"),
    );
  };
  return html`
    <${Dialog} title=${t("close_title", { symbol: pair.symbol })} close=${close}>
      <p>${t("close_about", { amount: krw(all) })}</p>
      <form onSubmit=${submit}>
        <label for="close-amount">${all ? t("close_amount", { amount: krw(all) }) : t("type_zero")}</label>
        <input id="close-amount" inputmode="numeric" autocomplete="off" autofocus value=${typed}
          aria-describedby="close-needs" onInput=${(event) => setTyped(event.target.value)} />
        <${Needs} id="close-needs" text=${all ? t("close_needs", { amount: krw(all) }) : t("exactly_needs")} />
        <label for="close-reason">${t("reason_optional")}</label>
        <input id="close-reason" maxlength="300" value=${reason} onInput=${(event) => setReason(event.target.value)} />
        <button class="stop" disabled=${!(isAll || isPart) || state.isBusy}>${t("close_now")}</button>
      </form>
      <${Outcome} state=${state} />
    <//>`;
}
