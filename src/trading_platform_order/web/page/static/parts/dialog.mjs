// A question that must be answered; the browser keeps the focus inside, Escape cancels.
import { html } from "../vendor/htm-preact.mjs";
import { useEffect, useRef, useState } from "../vendor/hooks.mjs";
import { t } from "../words.mjs";

let count = 0;

export function Dialog({ title, close, children }) {
  const box = useRef(null);
  const [id] = useState(() => `dialog-${(count += 1)}`);
  useEffect(() => {
    const dialog = box.current;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return html`
    <dialog ref=${box} aria-labelledby=${id} onClose=${close} onCancel=${close}>
      <h2 id=${id}>${title}</h2>
      ${children}
      <button class="cancel" onClick=${close}>${t("close_dialog")}</button>
    </dialog>`;
}

// Carries one order out and says what came of it; what is wrong stays on the screen.
export function useOrder() {
  const [state, setState] = useState({ isBusy: false, problem: "", done: "" });
  async function carryOut(ask, told) {
    setState({ isBusy: true, problem: "", done: "" });
    try {
      const answer = await ask();
      setState({ isBusy: false, problem: "", done: told(answer) });
    } catch (problem) {
      setState({ isBusy: false, problem: wording(problem), done: "" });
    }
  }
  return [state, carryOut];
}

function wording(problem) {
  if (problem.code === "another_amount") return t("another_amount");
  if (problem.status === 0) return t("no_answer");
  return t("failed", { why: problem.message });
}

// What opens the button below; it stays when that is done, so that nothing jumps under the finger.
export const Needs = ({ id, text }) => html`<p id=${id}><small>${text}</small></p>`;

export const Outcome = ({ state }) => html`
  ${state.problem && html`<p class="bad" role="alert">${state.problem}</p>`}
  ${state.done && html`<p class="good" role="status">${state.done}</p>`}`;
