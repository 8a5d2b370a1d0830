// A table that sorts by any column, grows on demand and can be copied as CSV.

const ROWS_EACH = 100;
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** RFC 4180; a cell that a spreadsheet would run as a formula is quoted with an apostrophe. */
function csv(columns, rows) {
  const cell = (value) => {
    let text = String(value ?? "");
    if (typeof value !== "number" && /^[=+\-@\t\r]/.test(text) && !/^[+-]?[\d.]+ ?%?$/.test(text)) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [
    columns.map((column) => column.title),
    ...rows.map((row) => columns.map((column) => column.value(row))),
  ];
  return `${lines.map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** The first `most` of `rows` by a column, or all of them; what is not there comes last either way. */
function sortedBy(rows, { value, sort = value }, down, most = rows.length) {
  const keys = rows.map(sort);
  const there = [];
  const missing = [];
  keys.forEach((key, place) => (key === null || key === "" ? missing : there).push(place));
  const sign = down ? -1 : 1;
  const compare = there.every((place) => typeof keys[place] === "number")
    ? (a, b) => sign * (keys[a] - keys[b])
    : (a, b) => sign * collator.compare(keys[a], keys[b]);
  const first = most < there.length / 4 ? topOf(there, most, compare) : there.sort(compare);
  return first.concat(missing).slice(0, most).map((place) => rows[place]);
}

/**
 * A sortable table of `rows`.
 *
 * A column has `title`, `value(row)` (text or number, for sorting and CSV), and where it differs `cell(row)` (what is
 * shown), `sort(row)`, `numeric`, `wide`, `tight`. `sorted` is [position of a column, downwards]; `choice` an element
 * that chooses the rows, and `none` what is said where there are none.
 */
function makeTable({ caption, columns, rows, sorted, each = ROWS_EACH, choice = null, none = nothing() }) {
  const makeBar = (...more) => el("div", { class: "tablebar" }, el("span", {}, caption), choice, ...more);
  if (!rows.length) return el("div", { class: "tablebox" }, choice && makeBar(), el("p", { class: "empty" }, none));
  const remembered = makeTable.sorted.get(caption) ?? sorted;
  let [by, down] = remembered;
  let shown = each;
  let ordered = [];
  const body = el("tbody");
  const more = el("button", {
    type: "button",
    class: "more",
    onclick: () => {
      shown += each * 2;
      fill();
    },
  });
  const heads = columns.map((column, position) =>
    el(
      "th",
      { scope: "col", class: column.numeric ? "number" : null },
      el(
        "button",
        { type: "button", onclick: () => sortBy(position) },
        column.title,
        el("span", { class: "arrow", "aria-hidden": "true" }),
      ),
    ),
  );

  function sortBy(position) {
    down = by === position ? !down : Boolean(columns[position].numeric);
    by = position;
    makeTable.sorted.set(caption, [by, down]);
    order();
  }

  function order() {
    ordered = sortedBy(rows, columns[by], down, shown);
    heads.forEach((head, position) =>
      head.setAttribute("aria-sort", position !== by ? "none" : down ? "descending" : "ascending"),
    );
    body.replaceChildren();
    fill();
  }

  function fill() {
    if (ordered.length < Math.min(shown, rows.length)) ordered = sortedBy(rows, columns[by], down);
    const next = ordered.slice(body.childElementCount, shown);
    body.append(
      ...next.map((row) =>
        el(
          "tr",
          {},
          columns.map((column) =>
            el(
              "td",
              { class: column.numeric ? "number" : column.wide ? "wide" : column.tight ? "name" : null },
              column.cell ? column.cell(row) : asText(column.value(row)),
            ),
          ),
        ),
      ),
    );
    const left = rows.length - body.childElementCount;
    more.hidden = left <= 0;
    more.textContent = moreOf(each * 2, left);
  }

  order();
  const bar = makeBar(copyCsv(columns, () => sortedBy(rows, columns[by], down)));
  const table = el("table", { "aria-label": caption }, el("thead", {}, el("tr", {}, heads)), body);
  return el("div", { class: "tablebox" }, bar, el("div", { class: "scroll" }, table), more);
}
const asText = (value) => (typeof value === "number" ? plain(value) : bdi(value ?? ""));
const nothing = () => (filtered() ? "Nothing passes the filters." : "There are none.");
const copyCsv = (columns, rows) => copyButton("Copy as CSV", () => csv(columns, rows()));

makeTable.sorted = new Map(); // how the reader sorted each table last
