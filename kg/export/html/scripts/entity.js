// The detail panel of an entity.

function entityPanel(entity) {
  const type = entityType(entity);
  const papers = passes.count[entity];
  const all = entityPapers(entity);
  return [
    el(
      "header",
      { class: `t-${type.name}` },
      el(
        "p",
        { class: "kind", title: type.definition },
        el("i", { class: "dot" }),
        type.label,
        copyButton("Copy link", () => document.URL),
      ),
      el("h2", { tabindex: "-1", id: "heading" }, bdi(entityName(entity))),
      el(
        "p",
        { class: "faint" },
        papers === all
          ? `Named by ${count(all, "paper")} of ${plain(graph.paperCount)}.`
          : `Named by ${count(all, "paper")}, ${plain(papers)} of them within the filters.`,
      ),
    ),
    el(
      "div",
      { class: "actions" },
      el(
        "button",
        {
          type: "button",
          onclick: () => grow({ kind: "e", index: entity }),
          title: "Add what it is named with most (Enter)",
        },
        "+ Neighbours",
      ),
      graph.view === "shared" ? el("button", { type: "button", onclick: () => growPapers(entity) }, "+ Papers") : null,
      el(
        "button",
        { type: "button", onclick: () => hide(entityKey(entity)), title: "Take it out of the picture (Delete)" },
        "Hide",
      ),
      el(
        "button",
        {
          type: "button",
          onclick: () => askTarget(),
          title: "The shortest way to another entity, over papers that name both",
        },
        "Path to …",
      ),
    ),
    pathSection(entity),
    namesSection(entity),
    yearsSection(entity, type),
    papersSection(entity),
    togetherSection(entity),
    resultsSection(entity),
  ];
}

const section = (title, ...content) => el("section", {}, el("h3", {}, title), ...content);

function namesSection(entity) {
  const { family, same } = graph.entities;
  const forms = formsOf(entity);
  const rows = [
    forms.length
      ? [
          "Written",
          forms
            .slice(0, FORMS_SHOWN)
            .map(([form, papers]) => el("span", { class: "form" }, bdi(form), el("small", {}, ` ${plain(papers)}`))),
        ]
      : null,
    family[entity] === undefined ? null : ["Variant of", above(entity).map(entityLink)],
    ...familyRows(entity),
    same[entity] ? ["The same as", same[entity].map((address) => outLink(address))] : null,
  ];
  const present = rows.filter(Boolean);
  return present.length
    ? el("dl", { class: "facts" }, present.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]).flat())
    : null;
}

const FORMS_SHOWN = 12;

/** How an entity is written, as [form, papers]; in the coarse grain, its whole family. */
function formsOf(entity) {
  const papers = new Map();
  for (const member of state.families ? membersOf(entity) : [entity]) {
    const flat = graph.entities.aliases[member] ?? [];
    for (let at = 0; at < flat.length; at += 2) papers.set(flat[at], (papers.get(flat[at]) ?? 0) + flat[at + 1]);
  }
  return [...papers].sort((a, b) => b[1] - a[1]);
}

/** What an entity is a variant of, nearest first. */
function above(entity) {
  const found = [];
  for (let next = graph.entities.family[entity]; next !== undefined && !found.includes(next) && next !== entity; )
    [next] = [graph.entities.family[next], found.push(next)];
  return found;
}

/** The variants of an entity, and the way from it to its family as a whole or back. */
function familyRows(entity) {
  const { family } = graph.entities;
  if (state.families) {
    const variants = membersOf(entity).filter((member) => member !== entity);
    if (!variants.length) return [];
    const alone = goTo(`${entityName(entity)} without its variants`, { families: false }, { class: "link jump" });
    return [
      ["Counts too", variants.map((variant) => variantLink(variant, { ...asEntity(variant), families: false }))],
      ["", alone],
    ];
  }
  const variants = Object.keys(family)
    .map(Number)
    .filter((other) => family[other] === entity);
  const members = membersOf(entity);
  const whole = new Set(members.flatMap((member) => Array.from(linksOf(member), (link) => graph.linkPaper[link]))).size;
  return [
    variants.length ? ["Variants", variants.map((variant) => variantLink(variant, asEntity(variant)))] : null,
    members.length > 1
      ? [
          "Family",
          goTo(`${entityName(graph.root[entity])} with all its variants: ${count(whole, "paper")}`, { families: true }, { class: "link jump" }),
        ]
      : null,
  ];
}

const variantLink = (variant, patch) =>
  el(
    "span",
    { class: "form" },
    goTo(bdi(entityName(variant)), patch),
    el("small", {}, ` ${plain(finePapers(variant))}`),
  );

/** Papers by year as bars. */
function yearsSection(entity, type) {
  const years = new Map();
  for (const link of linksOf(entity)) {
    const year = paperYear(graph.linkPaper[link]);
    if (passes.link[link] && year) years.set(year, (years.get(year) ?? 0) + 1);
  }
  const [first, last] = graph.years;
  if (!years.size || first === last) return null;
  const most = Math.max(...years.values());
  const bars = Array.from({ length: last - first + 1 }, (_, number) => {
    const papers = years.get(first + number) ?? 0;
    return el("i", { title: `${first + number}: ${count(papers, "paper")}`, "--share": String(papers / most) });
  });
  const label = `Papers by year: ${[...years]
    .sort((a, b) => a[0] - b[0])
    .map(([year, papers]) => `${year} ${papers}`)
    .join(", ")}`;
  return section(
    "By year",
    el("div", { class: `spark t-${type.name}`, role: "img", "aria-label": label }, bars),
    el("div", { class: "ends faint" }, el("span", {}, String(first)), el("span", {}, String(last))),
  );
}

function papersSection(entity) {
  const groups = graph.roles.map((role, number) => [
    role,
    Array.from(linksOf(entity)).filter((link) => passes.link[link] && graph.linkRole[link] === number),
  ]);
  const copied = copyCsv(
    [
      { title: "Title", value: (link) => paperTitle(graph.linkPaper[link]) },
      { title: "Year", value: (link) => paperYear(graph.linkPaper[link]) },
      { title: "Venue", value: (link) => paperVenue(graph.linkPaper[link]) },
      { title: "Role", value: (link) => graph.roles[graph.linkRole[link]].label },
    ],
    () => groups.flatMap(([, links]) => links.sort((a, b) => byYear(graph.linkPaper[a], graph.linkPaper[b]))),
  );
  const parts = groups
    .filter(([, links]) => links.length)
    .map(([role, links]) => {
      const papers = links.map((link) => graph.linkPaper[link]).sort(byYear);
      const [list, more] = capped(
        el("ul", { class: "papers" }),
        papers,
        (paper) => el("li", {}, paperLink(paper), el("span", { class: "faint" }, String(paperYear(paper)))),
        5,
      );
      return el(
        "div",
        { class: "role" },
        el("h4", { title: role.definition }, graph.passive[role.name], el("small", {}, ` ${plain(papers.length)}`)),
        list,
        more,
      );
    });
  if (!parts.length) return section("Papers", el("p", { class: "empty" }, "No paper within the filters."));
  return section(["Papers", copied], parts);
}

function togetherSection(entity) {
  const together = namedWith(entity, passes).filter(([other]) => shownType(state, graph.entities.type[other]));
  if (!together.length) return null;
  const [list, more] = capped(
    el("ol", { class: "bars" }),
    together,
    ([other, papers]) =>
      bar(entityLink(other), papers, together[0][1], entityType(other), `${count(papers, "paper")} name both`),
    10,
  );
  const copied = copyCsv(
    [
      { title: "Name", value: ([other]) => entityName(other) },
      { title: "Type", value: ([other]) => entityType(other).label },
      { title: "Papers", value: ([, papers]) => papers },
    ],
    () => together,
  );
  return section(["Named together with", copied], list, more);
}

function resultsSection(entity) {
  const results = [];
  for (let result = 0; result < graph.resultCount; result++)
    if (SLOTS.some((slot) => graph.results[slot][result] === entity) && passes.paper[graph.results.paper[result]])
      results.push(result);
  if (!results.length) return null;
  const same = SLOTS.filter((slot) => results.every((result) => graph.results[slot][result] === entity));
  return section("Results", resultTable(`Results on ${entityName(entity)}`, results, { without: same, each: 10 }));
}

/** The way to a second entity, where one is chosen. */
function pathSection(entity) {
  if (state.target < 0) return null;
  const path = currentPath();
  const leave = el(
    "button",
    { type: "button", class: "more", onclick: () => change({ target: -1 }) },
    "Leave the path",
  );
  if (!path)
    return section("Path", el("p", {}, `Nothing within the filters leads to ${entityName(state.target)}.`), leave);
  const steps = path.map((index, number) =>
    el("li", { class: number % 2 ? "through" : null }, number % 2 ? paperLink(index) : entityLink(index)),
  );
  return section(`The way to ${entityName(state.target)}`, el("ol", { class: "path" }, steps), leave);
}
