// Details when nothing is selected: what the graph holds and what is shared most.

function overview() {
  const most = graph.types.map((type, number) => {
    const entities = passes.entities.filter((entity) => graph.entities.type[entity] === number);
    return [type, entities];
  });
  const figures = [
    [graph.paperCount, "papers"],
    [graph.entityTotal, state.families ? "families" : "entities"],
    [graph.linkPaper.length, "links"],
    [graph.resultCount, "results"],
  ];
  return [
    el("h2", { class: "hidden" }, "The whole graph"),
    el(
      "dl",
      { class: figures.some(([number]) => number > 99_999) ? "figures long" : "figures" },
      figures.map(([number, what]) => el("div", {}, el("dt", {}, what), el("dd", {}, plain(number)))),
    ),
    themes(),
    ...most.filter(([, entities]) => entities.length).map(([type, entities]) => sharedMost(type, entities)),
    el(
      "details",
      { class: "help" },
      el("summary", {}, "Keys and gestures"),
      el(
        "ul",
        {},
        [
          "/ goes to the search; arrows and Enter choose, Escape leaves",
          "In the graph, arrows go from node to node, Enter adds neighbours, Delete hides, Escape clears",
          "+ and − zoom, 0 shows all; drag to move, double click adds neighbours",
          "The address in the browser restores what you see; back and forward work",
        ].map((line) => el("li", {}, line)),
      ),
    ),
    graph.pipeline ? el("p", { class: "faint" }, `Read by ${graph.pipeline}.`) : null,
  ];
}

/** The fields of the first sight in words; each leads to its place in the picture. */
function themes() {
  if (regions.length < 2) return null;
  const items = regions.map((region) => {
    const entities = region.members.map(nodeOf).filter(({ kind }) => kind === "e");
    const rest = entities.map(({ text }) => text).filter((text) => !region.names.includes(text));
    return el(
      "li",
      { "--tint": fieldColour(region) },
      el("i", { class: "field" }),
      el(
        "span",
        {},
        action(bdi(region.names.join(" · ")), () => showRegion(region), { title: "Show it in the picture" }),
        el("span", { class: "faint" }, bdi(shortened(rest.slice(0, 4).join(", "), 90))),
      ),
    );
  });
  const [list, more] = capped(el("ul", { class: "themes" }), items, (item) => item, 6);
  return section("What goes together", list, more);
}

function sharedMost(type, entities) {
  const top = topOf(entities, 6, byCount);
  const list = el(
    "ol",
    { class: "bars" },
    top.map((entity) => bar(entityLink(entity), passes.count[entity], passes.count[top[0]], type)),
  );
  const all = goTo(`All ${plain(entities.length)}`, { types: [graph.types.indexOf(type)], tab: "entities" });
  return el(
    "section",
    { class: `t-${type.name}` },
    el("h3", { title: type.definition }, graph.headings[type.name], all),
    list,
  );
}

/** A row of a list with a bar under its number. */
const bar = (name, number, most, type, title) =>
  el(
    "li",
    { class: `t-${type.name}`, "--share": String(number / most), title },
    name,
    el("span", { class: "number" }, plain(number)),
  );
