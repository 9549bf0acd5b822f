// Every setting, masked, with where its value comes from.
import { html } from "../vendor/htm-preact.mjs";
import { useState } from "../vendor/hooks.mjs";
import { read } from "../api.mjs";
import { useRead } from "../live.mjs";
import { t } from "../words.mjs";

export function Settings() {
  const [wanted, setWanted] = useState("");
  const { found } = useRead(() => read("/page/settings"), []);
  if (!found) return html`<p aria-busy="true">${t("loading")}</p>`;
  const text = wanted.trim().toLowerCase();
  const rows = found.filter((row) => !text || `${row.name} ${row.about} ${row.variable}`.toLowerCase().includes(text));
  return html`
    <p>${t("settings_about")}</p>
    <form class="row" role="search" onSubmit=${(event) => event.preventDefault()}>
      <label for="wanted">${t("search")}</label>
      <input id="wanted" type="search" value=${wanted} onInput=${(event) => setWanted(event.target.value)} />
    </form>
    <ul class="settings">
      ${rows.map((row) => html`
        <li key=${row.name}>
          <code>${row.name}</code> <strong>${row.value === "" ? "–" : row.value}</strong>
          <span class=${"origin " + row.origin}>${t("origin")}: ${t(row.origin)}</span>
          <small>${row.about}</small>
        </li>`)}
    </ul>`;
}
