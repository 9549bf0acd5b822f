// How the engine was started, by its journal; and every setting, its own and this server's, with its origin.
import { html } from "../vendor/htm-preact.mjs";
import { useState } from "../vendor/hooks.mjs";
import { read } from "../api.mjs";
import { useRead } from "../live.mjs";
import { t, word } from "../words.mjs";
import { time } from "../format.mjs";
import { Field } from "../parts/field.mjs";

// The engine is another process: what it told of itself comes first, and is never mixed with ours.
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

function About({ whose, engine }) {
  if (whose === "server")
    return html`
      ${!engine && html`<p class="warn" id="untold">${t("engine_settings_untold")}</p>`}
      <p class="warn">${t("settings_about")}</p>`;
  return html`
    ${!engine.is_of_last_start && html`<p class="warn" id="old">${t("engine_settings_old")}</p>`}
    <p>${t("engine_settings_about", { at: time(engine.started_at), build: engine.build })}</p>`;
}

export function Settings({ home, language, changes }) {
  const [wanted, setWanted] = useState("");
  const [chosen, setChosen] = useState("engine");
  const { found } = useRead(() => read("/page/settings", { lang: language }), [language, changes]);
  if (!found) return html`<p aria-busy="true">${t("loading")}</p>`;
  const whose = found.engine ? chosen : "server";
  const all = whose === "engine" ? found.engine.rows : found.server;
  const text = wanted.trim().toLowerCase();
  const rows = all.filter((row) => !text || `${row.name} ${row.about} ${row.variable}`.toLowerCase().includes(text));
  return html`
    <${Engine} home=${home} />
    <h2>${whose === "engine" ? t("engine_settings") : t("server_settings")}</h2>
    <${About} whose=${whose} engine=${found.engine} />
    <form class="row" role="search" onSubmit=${(event) => event.preventDefault()}>
      ${found.engine && html`
        <${Field} id="whose" label=${t("whose_settings")} look="broad">
          <select id="whose" value=${whose} onChange=${(event) => setChosen(event.target.value)}>
            <option value="engine">${t("engine_settings")}</option>
            <option value="server">${t("server_settings")}</option>
          </select>
        <//>`}
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
