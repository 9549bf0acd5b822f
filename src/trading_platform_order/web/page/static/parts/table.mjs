// Rows with a caption; on a phone they scroll sideways inside their own box, reachable by keyboard.
import { html } from "../vendor/htm-preact.mjs";
import { t, word } from "../words.mjs";

export function Table({ caption, columns, rows, empty }) {
  if (!rows.length) return html`<p class="empty">${empty || t("none")}</p>`;
  return html`
    <div class="table" tabindex="0" role="region" aria-label=${caption}>
      <table>
        <caption class="hidden">${caption}</caption>
        <thead><tr>${columns.map(([name]) => html`<th scope="col" key=${name}>${word("column", name)}</th>`)}</tr></thead>
        <tbody>${rows.map((row, index) => html`
          <tr key=${row.seq ?? index}>${columns.map(([name, shown, look]) => html`
            <td key=${name} class=${look || ""}>${shown(row)}</td>`)}</tr>`)}</tbody>
      </table>
    </div>`;
}
