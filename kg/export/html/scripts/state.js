// What the reader has chosen, the link that restores it, and what passes the filters.

const TABS = ["details", "entities", "papers", "results"];
const NOTHING = {
  entity: -1,
  paper: -1,
  target: -1,
  types: [],
  role: -1,
  from: 0,
  until: 0,
  min: 1,
  venue: -1,
  confidence: 0,
  families: false, // variants counted as their families
  added: [], // keys of nodes: e and the number of an entity, p and that of a paper
  hidden: [],
  tab: "details",
  drawn: false, // lists hold only what is drawn, or highlighted while something is selected
  theme: "",
};
const FILTERS = ["types", "role", "from", "until", "min", "venue", "confidence"];

let state = { ...NOTHING };
let passes = null; // of the current state: see whatPasses
let written = null; // the hash that we wrote ourselves last

/** The state as the part of the address after "#". */
function toHash(chosen) {
  const parts = new URLSearchParams();
  if (chosen.entity >= 0) parts.set("entity", graph.entities.id[chosen.entity]);
  if (chosen.paper >= 0) parts.set("paper", graph.papers.id[chosen.paper]);
  if (chosen.target >= 0) parts.set("to", graph.entities.id[chosen.target]);
  if (chosen.types.length) parts.set("type", chosen.types.map((type) => graph.types[type].name).join(","));
  if (chosen.role >= 0) parts.set("role", graph.roles[chosen.role].name);
  for (const name of ["from", "until", "confidence"]) if (chosen[name]) parts.set(name, chosen[name]);
  if (chosen.min > 1) parts.set("min", chosen.min);
  if (chosen.families) parts.set("families", "1");
  if (chosen.venue >= 0) parts.set("venue", graph.papers.venues[chosen.venue]);
  for (const name of ["added", "hidden"])
    for (const key of chosen[name]) {
      const number = Number(key.slice(1));
      if (key[0] === "e") parts.append(name, graph.entities.id[number]);
      else parts.append(`${name}-paper`, graph.papers.id[number]);
    }
  if (chosen.tab !== "details") parts.set("tab", chosen.tab);
  if (chosen.drawn) parts.set("drawn", "1");
  if (chosen.theme) parts.set("theme", chosen.theme);
  return parts.toString();
}

/** The state that a hash stands for; what it does not know, it leaves out. */
function fromHash(hash) {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const whole = (name, least) => Math.max(least, Math.floor(Number(parts.get(name))) || least);
  const types = (parts.get("type") ?? "").split(",").map((name) => graph.types.findIndex((type) => type.name === name));
  const keys = (name) =>
    [
      ...parts.getAll(name).map((id) => `e${graph.entityById.get(id) ?? ""}`),
      ...parts.getAll(`${name}-paper`).map((id) => `p${graph.paperById.get(id) ?? ""}`),
    ].filter((key) => key.length > 1);
  return {
    entity: graph.entityById.get(parts.get("entity")) ?? -1,
    paper: graph.paperById.get(parts.get("paper")) ?? -1,
    target: graph.entityById.get(parts.get("to")) ?? -1,
    types: [...new Set(types.filter((type) => type >= 0))].sort(),
    role: graph.roles.findIndex((role) => role.name === parts.get("role")),
    from: whole("from", 0),
    until: whole("until", 0),
    min: whole("min", 1),
    venue: parts.has("venue") ? graph.papers.venues.indexOf(parts.get("venue")) : -1,
    confidence: Math.min(100, whole("confidence", 0)),
    families: parts.get("families") === "1",
    added: keys("added"),
    hidden: keys("hidden"),
    tab: TABS.includes(parts.get("tab")) ? parts.get("tab") : "details",
    drawn: parts.get("drawn") === "1",
    theme: ["light", "dark"].includes(parts.get("theme")) ? parts.get("theme") : "",
  };
}

/** Change what is chosen and show it. A choice becomes a step of the browser's history, a `passing` one does not. */
function change(patch, { passing = false } = {}) {
  state = inItsGrain({ ...state, ...patch });
  const hash = toHash(state);
  if (hash !== written && document.URL.split("#")[0] !== "about:srcdoc") {
    written = hash;
    if (passing) location.replace(`#${hash}`);
    else location.hash = hash;
  }
  render();
  if (FILTERS.some((name) => name in patch) && !moved) fitAll();
}

/** Follow the address: at the start, and when the reader goes back or forward. */
function follow() {
  const hash = location.hash.replace(/^#/, "");
  if (hash === written) return;
  written = hash;
  state = inItsGrain(fromHash(hash));
  render();
  keepInSight();
}

/** Where variants are counted as their families, a family stands for the variant that is chosen. */
function inItsGrain(chosen) {
  const [entity, target] = [chosen.entity, chosen.target].map((number) =>
    chosen.families && number >= 0 ? graph.root[number] : number,
  );
  return { ...chosen, entity, target: target === entity ? -1 : target };
}

/** A link within the page: the address of what `patch` chooses, followed without leaving. */
function goTo(label, patch, attributes = {}) {
  const onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // the reader wants it in another window
    event.preventDefault();
    change({ ...patch });
    keepInSight();
    if (narrow()) byId("panel").scrollIntoView({ block: "start" });
  };
  return el("a", { class: "link", href: `#${toHash({ ...state, ...patch })}`, onclick, ...attributes }, label);
}

const asEntity = (entity) => ({ entity, paper: -1, target: -1, tab: "details" });
const asPaper = (paper) => ({ paper, entity: -1, target: -1, tab: "details" });
const selectEntity = (entity, how) => change(asEntity(entity), how);
const selectPaper = (paper, how) => change(asPaper(paper), how);
const NO_SELECTION = { entity: -1, paper: -1, target: -1 };
const selectNothing = () => change(NO_SELECTION);
const filtered = () => FILTERS.some((name) => String(state[name]) !== String(NOTHING[name]));

/**
 * What passes the filters. A paper passes by year and venue, and by the role where one is asked for; a link by its
 * paper, its role and its confidence; an entity by its type and by the number of its links that pass.
 */
function whatPasses(chosen) {
  const { paperCount, entityCount, linkPaper, linkEntity, linkRole, linkConfidence, papers, entities } = graph;
  const dated = new Uint8Array(paperCount);
  for (let paper = 0; paper < paperCount; paper++) {
    const year = papers.year[paper];
    const inYears = (!chosen.from || year >= chosen.from) && (!chosen.until || (year && year <= chosen.until));
    dated[paper] = inYears && (chosen.venue < 0 || papers.venue[paper] === chosen.venue) ? 1 : 0;
  }
  const link = new Uint8Array(linkPaper.length);
  const count = new Uint32Array(entityCount); // passing papers of each entity
  const named = new Uint32Array(paperCount); // passing links of each paper
  for (let number = 0; number < link.length; number++) {
    if (!dated[linkPaper[number]] || (chosen.role >= 0 && linkRole[number] !== chosen.role)) continue;
    if (linkConfidence[number] < chosen.confidence) continue;
    link[number] = 1;
    count[linkEntity[number]]++;
    named[linkPaper[number]]++;
  }
  const entity = count.map(
    (papersHere, number) => papersHere >= chosen.min && shownType(chosen, entities.type[number]),
  );
  const byLink = chosen.role >= 0 || chosen.confidence > 0;
  const paper = dated.map((passing, number) => passing && (!byLink || named[number] > 0));
  const results = resultsPassing(chosen, paper);
  return { link, entity, paper, count, entities: everyNumber(entity), papers: everyNumber(paper), results };
}

/** Results whose paper and confidence pass, and where types are asked for, that have a part of one of them. */
function resultsPassing(chosen, paperPasses) {
  const { paper, confidence } = graph.results;
  const ofType = (result) =>
    SLOTS.some((slot) => {
      const part = graph.results[slot][result];
      return typeof part === "number" && shownType(chosen, graph.entities.type[part]);
    });
  const passing = [];
  for (let result = 0; result < graph.resultCount; result++)
    if (paperPasses[paper[result]] && confidence[result] >= chosen.confidence && (!chosen.types.length || ofType(result)))
      passing.push(result);
  return passing;
}

function everyNumber(passing) {
  const numbers = [];
  for (let number = 0; number < passing.length; number++) if (passing[number]) numbers.push(number);
  return numbers;
}

/** Named by most papers that pass first. */
const byCount = (one, other) => passes.count[other] - passes.count[one] || one - other;

const shownType = (chosen, type) => (!chosen.types.length || chosen.types.includes(type) ? 1 : 0);
