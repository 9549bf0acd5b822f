// Rows with a caption. On a phone each row is a card, every value beside its column's name: nothing is cut off.
import { html } from "../vendor/htm-preact.mjs";
import { t, word } from "../words.mjs";

const lookOf = ([name, , look]) => look || (name === "at" ? "time" : "");

// The roles are named because a browser takes them from a table that is laid out as something else.
export function Table({ caption, columns, rows, empty }) {
  if (!rows.length) return html`<p class="empty">${empty || t("none")}</p>`;
  return html`
    <div class="table" tabindex="0" role="region" aria-label=${caption}>
      <table role="table">
        <caption class="hidden">${caption}</caption>
        <thead role="rowgroup"><tr role="row">${columns.map((column) => html`
          <th scope="col" role="columnheader" key=${column[0]} class=${lookOf(column)}>${word("column", column[0])}</th>`)}</tr></thead>
        <tbody role="rowgroup">${rows.map((row, index) => html`
          <tr role="row" key=${row.seq ?? index}>${columns.map((column) => html`
            <td role="cell" key=${column[0]} class=${lookOf(column)} data-label=${word("column", column[0])}>${column[1](row)}</td>`)}</tr>`)}</tbody>
      </table>
    </div>`;
}
