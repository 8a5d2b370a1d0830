// The lists beside the graph: everything that passes the filters, to read, sort and copy.

const entityLink = (entity) =>
  el(
    "span",
    { class: `entity t-${entityType(entity).name}` },
    el("i", { class: "dot" }),
    goTo(bdi(entityName(entity)), asEntity(entity)),
  );

const paperLink = (paper) => goTo(bdi(paperTitle(paper)), asPaper(paper), { class: "link title" });

/** The rows of a list, with what thins them to those that are in the picture: what is said in words is drawn as well. */
function rowsInSight(rows, keyOf) {
  if (!rows.length) return { rows };
  const keys = focus ?? shownKeys;
  const choice = el(
    "label",
    { class: "check" },
    el("input", { type: "checkbox", checked: state.drawn, onchange: ({ target }) => change({ drawn: target.checked }) }),
    focus ? " Highlighted only" : " Drawn only",
  );
  if (!state.drawn) return { rows, choice };
  return { rows: rows.filter((row) => keys.has(keyOf(row))), choice, none: "None of these is in the picture." };
}

const yearColumn = {
  title: "Year",
  numeric: true,
  value: (paper) => paperYear(paper) || null,
  cell: (paper) => String(paperYear(paper)),
};

function entityList() {
  const results = new Map();
  for (const slot of SLOTS)
    for (const part of graph.results[slot])
      if (typeof part === "number") results.set(part, (results.get(part) ?? 0) + 1);
  const columns = [
    { title: "Name", value: entityName, cell: entityLink, wide: true },
    { title: "Type", value: (entity) => entityType(entity).label, tight: true },
    { title: "Papers", numeric: true, value: (entity) => passes.count[entity] },
  ];
  if (graph.resultCount) columns.push({ title: "Results", numeric: true, value: (entity) => results.get(entity) ?? 0 });
  return makeTable({ caption: "Entities", columns, ...rowsInSight(passes.entities, entityKey), sorted: [2, true] });
}

function paperList() {
  const columns = [
    { title: "Title", value: paperTitle, cell: paperLink, wide: true },
    yearColumn,
    { title: "Entities", numeric: true, value: (paper) => entitiesOf(paper).length },
  ];
  if (graph.papers.venues.length) columns.splice(2, 0, { title: "Venue", value: paperVenue });
  const dated = graph.papers.year.some(Boolean);
  if (!dated) columns.splice(1, 1);
  const sorted = dated ? [1, true] : [0, false];
  return makeTable({ caption: "Papers", columns, ...rowsInSight(passes.papers, paperKey), sorted });
}

const SLOT_TITLES = { subject: "What", metric: "Metric", dataset: "Data set", task: "Task", baseline: "Against" };

const slotText = (slot) => (typeof slot === "number" ? entityName(slot) : (slot ?? ""));
const slotCell = (slot) => (typeof slot === "number" ? entityLink(slot) : bdi(slot ?? ""));

function resultTable(caption, results, { without = [], each } = {}) {
  const { paper, value, number, gain } = graph.results;
  const used = SLOTS.filter(
    (slot) => !without.includes(slot) && results.some((result) => graph.results[slot][result] !== null),
  );
  const columns = used.map((slot) => ({
    title: SLOT_TITLES[slot],
    value: (result) => slotText(graph.results[slot][result]),
    cell: (result) => slotCell(graph.results[slot][result]),
  }));
  const valueColumn = {
    title: "Value",
    numeric: true,
    value: (result) => value[result],
    sort: (result) => number[result],
    cell: (result) =>
      action([gain[result] ? "Δ " : "", bdi(value[result])], () => openSentence(result), {
        class: "link value",
        title: `${gain[result] ? "A difference or factor. " : ""}Show the sentence that it is read from`,
      }),
  };
  columns.splice(Math.min(2, columns.length), 0, valueColumn);
  columns.push({
    title: "Paper",
    value: (result) => paperTitle(paper[result]),
    cell: (result) => goTo(bdi(paperTitle(paper[result])), asPaper(paper[result]), { class: "link title clamped" }),
    wide: true,
  });
  if (graph.papers.year.some(Boolean))
    columns.push({
      ...yearColumn,
      value: (result) => paperYear(paper[result]) || null,
      cell: (result) => String(paperYear(paper[result])),
    });
  const dataset = columns.findIndex(({ title }) => title === SLOT_TITLES.dataset);
  const sorted = dataset >= 0 && !each ? [dataset, false] : [columns.indexOf(valueColumn), true];
  return makeTable({ caption, columns, rows: results, sorted, each });
}

function resultList() {
  if (graph.resultCount) return resultTable("Results", passes.results);
  return el("p", { class: "empty" }, "No results were read from these papers.");
}
