// Logging in: one field for a password or a key, one for the name that reasons are signed with.
import { html } from "../vendor/htm-preact.mjs";
import { useState } from "../vendor/hooks.mjs";
import { logIn } from "../api.mjs";
import { t } from "../words.mjs";

const NAME = "tporder.name";

export function Login({ begun, switchLanguage, switchTheme }) {
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);

  async function submit(event) {
    event.preventDefault();
    const form = new FormData(event.target);
    const name = String(form.get("name")).trim();
    setBusy(true);
    try {
      const session = await logIn(String(form.get("password")), name);
      localStorage.setItem(NAME, name);
      begun(session);
    } catch (found) {
      const known = { 401: "wrong_password", 429: "too_many_logins", 0: "no_answer" };
      setProblem(known[found.status] ? t(known[found.status]) : t("failed", { why: found.message }));
      setBusy(false);
    }
  }

  return html`
    <main class="login">
      <h1>tporder</h1>
      <form onSubmit=${submit}>
        <label for="name">${t("name")}</label>
        <input id="name" name="name" autocomplete="username" maxlength="40"
          defaultValue=${localStorage.getItem(NAME) || ""} />
        <label for="password">${t("password")}</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required
          maxlength="256" />
        ${problem && html`<p class="bad" role="alert">${problem}</p>`}
        <button class="primary" disabled=${isBusy}>${t("log_in")}</button>
      </form>
      <p class="switches">
        <button onClick=${switchLanguage} lang=${t("language") === "English" ? "en" : "ko"}>${t("language")}</button>
        <button onClick=${switchTheme}>${t("theme")}</button>
      </p>
    </main>`;
}
