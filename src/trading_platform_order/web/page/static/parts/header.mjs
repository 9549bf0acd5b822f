// On every screen: whose money, how it stands, and the stop.
import { html } from "../vendor/htm-preact.mjs";
import { useState } from "../vendor/hooks.mjs";
import { t, word } from "../words.mjs";
import { recent } from "../format.mjs";
import { ResumeDialog, StopDialog } from "./stop.mjs";

const MODES = { paper: "paper", testnet: "testnet", live: "real" };
const LOOKS = { armed: "good", stopped: "bad", waiting: "warn", "not running": "bad" };

export function Header({ home, session, ended, switchLanguage, switchTheme }) {
  const [dialog, setDialog] = useState("");
  const now = home && home.now;
  const close = () => setDialog("");
  const mayOrder = session.key === "operator";
  const isStopped = Boolean(home && home.stop);
  return html`
    <header class=${now && now.mode === "live" ? "real" : ""}>
      <div class="whose">
        <strong>${session.account}</strong>
        <span class=${"mode " + (now && now.mode)}>${now ? t(MODES[now.mode] || "never_started") : ""}</span>
        ${home && home.market && html`<small class="market">${t("prices_of", { market: home.market })}</small>`}
      </div>
      <p class=${"state " + (now ? LOOKS[now.state] : "")} role="status">
        ${now ? html`<strong>${word("state", now.state)}</strong>${" "}
          <small><span class="whole">${now.since ? t("since", { at: recent(now.since) }) : ""}</span> ${now.why || ""}</small>` : t("loading")}
      </p>
      <div class="orders">
        ${mayOrder && isStopped && html`<button class="resume" onClick=${() => setDialog("resume")}>${t("resume")}</button>`}
        ${mayOrder
          ? html`<button class="stop" aria-label=${t("stop_label")} aria-haspopup="dialog"
              onClick=${() => setDialog("stop")}>${t("stop")}</button>`
          : html`<small>${t("read_only")}</small>`}
      </div>
      <div class="switches">
        <button onClick=${switchLanguage} aria-label=${t("language_of")}>${t("language")}</button>
        <button onClick=${switchTheme} aria-label=${t("theme")}><span aria-hidden="true">◐</span></button>
        <button onClick=${ended}>${t("log_out")}</button>
      </div>
      ${dialog === "stop" && html`<${StopDialog} home=${home} close=${close} />`}
      ${dialog === "resume" && html`<${ResumeDialog} close=${close} />`}
    </header>`;
}
