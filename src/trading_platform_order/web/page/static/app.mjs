// The page put together: login, frame, and the screen that the address names.
import { html, render } from "./vendor/htm-preact.mjs";
import { useEffect, useRef, useState } from "./vendor/hooks.mjs";
import { currentSession, logOut, onLoggedOut } from "./api.mjs";
import { useHome, useNow } from "./live.mjs";
import { lang, loadWords, setLanguage, t } from "./words.mjs";
import { age } from "./format.mjs";
import { Header } from "./parts/header.mjs";
import { Login } from "./parts/login.mjs";
import { Home } from "./screens/home.mjs";
import { Trade } from "./screens/trade.mjs";
import { Market } from "./screens/market.mjs";
import { Risk } from "./screens/risk.mjs";
import { Reconcile } from "./screens/reconcile.mjs";
import { Records } from "./screens/records.mjs";
import { Alerts } from "./screens/alerts.mjs";
import { Settings } from "./screens/settings.mjs";

const SCREENS = {
  home: Home, trade: Trade, market: Market, risk: Risk, reconcile: Reconcile,
  records: Records, alerts: Alerts, settings: Settings,
};
const OLD_MS = 8000;
const THEME = "tporder.theme";

function place() {
  const [screen, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  return { screen: SCREENS[screen] ? screen : "home", detail: decodeURIComponent(rest.join("/")) };
}

function usePlace() {
  const [now, setNow] = useState(place());
  useEffect(() => {
    const moved = () => setNow(place());
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  return now;
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem(THEME, theme);
}

function App() {
  const [session, setSession] = useState(undefined);
  const [language, choose] = useState(lang());
  const [problem, setProblem] = useState(false);

  useEffect(() => {
    onLoggedOut(() => setSession(null));
    currentSession().then(setSession, () => setProblem(true));
  }, []);

  const switchLanguage = () => {
    setLanguage(lang() === "ko" ? "en" : "ko");
    choose(lang());
  };
  const switchTheme = () => {
    const now = document.documentElement.dataset.theme;
    const isDark = now ? now === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    setTheme(isDark ? "light" : "dark");
  };
  const switches = { switchLanguage, switchTheme };

  if (problem) return html`<main><p role="alert">${t("no_answer")}</p></main>`;
  if (session === undefined) return html`<main aria-busy="true"><p>${t("loading")}</p></main>`;
  if (session === null) return html`<${Login} begun=${setSession} ...${switches} />`;
  const ended = async () => {
    await logOut();
    setSession(null);
  };
  return html`<${Frame} session=${session} language=${language} ended=${ended} ...${switches} />`;
}

function Frame({ session, language, ended, ...switches }) {
  const { screen, detail } = usePlace();
  const { home, heardAt, changes } = useHome(session, language);
  const now = useNow();
  const main = useRef(null);
  const isOld = heardAt > 0 && now - heardAt > OLD_MS;
  const Screen = SCREENS[screen];

  useEffect(() => {
    document.title = `${home ? home.account + " " : ""}${t(screen)} · tporder`;
    if (main.current && location.hash) main.current.focus();
  }, [screen, language]);

  return html`
    <a class="skip" href="#content" onClick=${(event) => { event.preventDefault(); main.current.focus(); }}>${t("skip")}</a>
    <${Header} home=${home} session=${session} screen=${screen} ended=${ended} ...${switches} />
    ${isOld && html`<p class="banner bad" role="alert">${t("not_live", { age: age((now - heardAt) / 1000) })}</p>`}
    <nav aria-label=${t("menu")}>
      ${Object.keys(SCREENS).map((name) => html`
        <a key=${name} href=${"#/" + name} aria-current=${name === screen ? "page" : undefined}>${t(name)}</a>`)}
    </nav>
    <main id="content" tabindex="-1" ref=${main}>
      <h1>${t(screen)}</h1>
      <${Screen} home=${home} session=${session} detail=${detail} language=${language} changes=${changes} />
    </main>`;
}

const theme = localStorage.getItem(THEME);
if (theme) setTheme(theme);
await loadWords();
render(html`<${App} />`, document.getElementById("app"));
