// What operators were told, and that somebody has seen it.
import { html } from "../vendor/htm-preact.mjs";
import { useState } from "../vendor/hooks.mjs";
import { order, read } from "../api.mjs";
import { useRead } from "../live.mjs";
import { t, word } from "../words.mjs";
import { time } from "../format.mjs";
import { Outcome, useOrder } from "../parts/dialog.mjs";

// Urgent, and something is left for an operator: what operators did themselves only informs.
const isOpen = (alert) => alert.waits_for_operator && !alert.acknowledged_at_us;

export function Alerts({ session, language, changes }) {
  const [done, setDone] = useState(0);
  const [state, carryOut] = useOrder();
  const { found } = useRead(() => read("/page/alerts", { lang: language }), [language, changes, done]);
  if (!found) return html`<p aria-busy="true">${t("loading")}</p>`;
  const acknowledge = (id) =>
    carryOut(() => order(`/page/alerts/${id}/acknowledge`), () => {
      setDone(done + 1);
      return "";
    });
  return html`
    <${Outcome} state=${state} />
    ${found.length === 0 && html`<p class="empty">${t("no_alerts")}</p>`}
    <ul class="alerts">
      ${found.map((alert) => html`
        <li key=${alert.id} class=${isOpen(alert) ? "bad" : ""}>
          <h2>${isOpen(alert) ? html`<span class="badge">${t("urgent")}</span> ` : ""}${alert.title}</h2>
          <p><time>${time(alert.at_us)}</time> · ${word("alert_result", alert.result, { attempts: alert.attempts })}
            ${alert.acknowledged_at_us ? ` · ${t("acknowledged")}` : ""}</p>
          <dl>${Object.entries(alert.fields).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
          ${alert.doing && html`<p>${t("engine_does", { what: alert.doing })}</p>`}
          ${alert.action && html`<p><strong>${t("you_do", { what: [alert.deadline, alert.action].filter(Boolean).join(": ") })}</strong></p>`}
          ${session.key === "operator" && isOpen(alert) && html`
            <button disabled=${state.isBusy} onClick=${() => acknowledge(alert.id)}
              aria-label=${`${t("acknowledge")} ${alert.id}`}>${t("acknowledge")}</button>`}
        </li>`)}
    </ul>`;
}
