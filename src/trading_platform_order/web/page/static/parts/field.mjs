// One control with its label: they stay together however the line wraps.
import { html } from "../vendor/htm-preact.mjs";

export const Field = ({ id, label, look, children }) => html`
  <div class=${"field " + (look || "")}><label for=${id}>${label}</label>${children}</div>`;
