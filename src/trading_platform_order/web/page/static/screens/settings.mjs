// How the engine was started, by its journal; and this server's own settings, masked, with their origin.
import { html } from "../vendor/htm-preact.mjs";
import { useState } from "../vendor/hooks.mjs";
import { read } from "../api.mjs";
import { useRead } from "../live.mjs";
import { t, word } from "../words.mjs";
import { time } from "../format.mjs";
import { Field } from "../parts/field.mjs";

// The engine is another process: what it journalled of itself is told first, and never mixed with ours.
function Engine({ home }) {
  if (!home) return null;
  const { now, market, build, started_at: startedAt } = home;
  return html`
    <section>
      <h2>${t("engine")}</h2>
      ${now.mode === null
        ? html`<p class="empty">${t("never_started")}</p>`
        : html`<dl class="pair" id="engine">
            <div><dt>${t("engine_mode")}</dt><dd>${now.mode}</dd></div>
            <div><dt>${t("engine_market")}</dt><dd>${market || t("real_markets")}</dd></div>
            <div><dt>${t("engine_state")}</dt><dd>${word("state", now.state)}</dd></div>
            <div><dt>${t("engine_started")}</dt><dd>${time(startedAt)}</dd></div>
            <div><dt>${t("engine_build")}</dt><dd>${build}</dd></div>
          </dl>`}
      <p><small>${t("engine_about")}</small></p>
    </section>`;
}

const shown = (value) => ({ "": "–", True: t("on"), False: t("off") })[value] ?? value;

export function Settings({ home }) {
  const [wanted, setWanted] = useState("");
  const { found } = useRead(() => read("/page/settings"), []);
  if (!found) return html`<p aria-busy="true">${t("loading")}</p>`;
  const text = wanted.trim().toLowerCase();
  const rows = found.filter((row) => !text || `${row.name} ${row.about} ${row.variable}`.toLowerCase().includes(text));
  return html`
    <${Engine} home=${home} />
    <h2>${t("server_settings")}</h2>
    <p class="warn">${t("settings_about")}</p>
    <form class="row" role="search" onSubmit=${(event) => event.preventDefault()}>
      <${Field} id="wanted" label=${t("search")} look="broad">
        <input id="wanted" type="search" value=${wanted} onInput=${(event) => setWanted(event.target.value)} />
      <//>
    </form>
    <ul class="settings">
      ${rows.map((row) => html`
        <li key=${row.name}>
          <code>${row.name}</code> <strong>${shown(row.value)}</strong>
          <span class=${"origin " + row.origin}>${t("origin")}: ${t(row.origin)}</span>
          <small>${row.about}</small>
        </li>`)}
    </ul>`;
}
