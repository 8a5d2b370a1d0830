// Wiring: the head of the page, filters, keys, and one function that shows the present state.

graph.paperType = { name: "Paper", colours: graph.paperColours };
graph.headings = Object.fromEntries(
  graph.types.map((type) => [
    type.name,
    `${type.plural[0].toUpperCase()}${type.plural.slice(1)}`.replace("Datasets", "Data sets"),
  ]),
);
graph.active = { introduces: "Introduces", uses: "Uses", compares: "Compares with", mentions: "Mentions" };
graph.passive = {
  introduces: "introduced by",
  uses: "used by",
  compares: "compared with by",
  mentions: "mentioned by",
};
const everyYear = graph.papers.year.filter(Boolean);
graph.years = everyYear.length
  ? [everyYear.reduce((a, b) => Math.min(a, b)), everyYear.reduce((a, b) => Math.max(a, b))]
  : [0, 0];

let shownPanel = null; // what the panel shows, so that it keeps its scroll where nothing changed

const currentPath = () =>
  state.entity >= 0 && state.target >= 0 ? findPath(state.entity, state.target, passes) : null;

/** Show the present state everywhere. */
function render() {
  document.documentElement.dataset.theme =
    state.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const asked = [...FILTERS, "families"].map((name) => String(state[name])).join("|");
  if (passes?.asked !== asked) {
    if (passes?.families !== state.families) takeGrain(state.families);
    passes = { asked, families: state.families, ...whatPasses(state) };
  }
  renderFilters();
  renderView(currentPath());
  renderPanel();
  showSight();
  const name = state.entity >= 0 ? entityName(state.entity) : state.paper >= 0 ? paperTitle(state.paper) : "";
  document.title = name ? `${name} · ${graph.title}` : graph.title;
  byId("to-details").hidden = !selectedKey();
}

const showSight = () => (byId("sight").textContent = sightLine());

/** One line on what is drawn and how much more there is. */
function sightLine() {
  if (!graph.paperCount) return "There are no papers in this graph yet.";
  if (added.size && pictureIsFull()) return FULL;
  const { entity, paper, target } = state;
  if (entity >= 0 && target >= 0) return `From ${entityName(entity)} to ${entityName(target)}, paper by paper.`;
  if (entity >= 0)
    return graph.view === "papers"
      ? `${entityName(entity)} and the papers that name it.`
      : `${entityName(entity)} and what it is named with most.`;
  if (paper >= 0) return "A paper and what it names.";
  const entities = shown.filter(({ kind }) => kind === "e").length;
  const rest = "Search and lists reach the rest.";
  if (filtered()) {
    if (!passes.entities.length) return "No entity passes the filters.";
    const all = count(passes.entities.length, "entity", "entities");
    if (entities >= passes.entities.length) return `${all} within the filters, all drawn.`;
    return `${plain(entities)} drawn of ${all} within the filters. ${rest}`;
  }
  const all = state.families ? count(graph.entityTotal, "family", "families") : count(graph.entityTotal, "entity", "entities");
  const some = entities < graph.entityTotal;
  const most = state.families ? plain(entities) : `the ${plain(entities)} most telling`; // chosen before families were
  const telling = some ? `${most} of ${all}` : `all ${all}`;
  const meaning =
    graph.view === "papers"
      ? `${count(shown.length - entities, "paper")} (squares) and ${telling}; a line: the paper names it.`
      : `${sentence(telling)} in ${count(graph.paperCount, "paper")}; line: papers name both; field: often together.`;
  return some ? `${meaning} ${rest}` : meaning;
}

const sentence = (text) => text[0].toUpperCase() + text.slice(1);

function renderPanel() {
  for (const tab of TABS) {
    byId(`tab-${tab}`).setAttribute("aria-selected", String(tab === state.tab));
    byId(`tab-${tab}`).tabIndex = tab === state.tab ? 0 : -1;
  }
  const totals = {
    entities: passes.entities.length,
    papers: passes.papers.length,
    results: passes.results.length,
  };
  for (const [tab, total] of Object.entries(totals)) byId(`tab-${tab}`).lastElementChild.textContent = plain(total);
  const make = {
    entities: entityList,
    papers: paperList,
    results: resultList,
    details: () =>
      state.entity >= 0 ? entityPanel(state.entity) : state.paper >= 0 ? paperPanel(state.paper) : overview(),
  }[state.tab];
  const body = byId("body");
  const showing = `${state.tab} ${selectedKey()}`;
  const top = showing === shownPanel ? body.scrollTop : 0;
  const hadFocus = body.contains(document.activeElement);
  body.setAttribute("aria-labelledby", `tab-${state.tab}`);
  body.replaceChildren(...[make()].flat().filter(Boolean));
  body.scrollTop = top;
  if (hadFocus) (byId("heading") ?? body).focus({ preventScroll: true });
  shownPanel = showing;
}

/** Paper is light: the canvas too has to be drawn so. */
function dressForPrint() {
  document.documentElement.dataset.theme = "light";
  renderView(currentPath());
}

function startOver() {
  byId("search").value = "";
  moved = false;
  change({ ...NOTHING, theme: state.theme });
  fitAll();
}

function startKeys() {
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  stage.addEventListener("keydown", (event) => {
    const key = selectedKey();
    if (arrows[event.key]) step(arrows[event.key]);
    else if (event.key === "Enter" && key) grow(nodeOf(key));
    else if ((event.key === "Delete" || event.key === "Backspace") && key) hide(key);
    else if (event.key === "+" || event.key === "=") zoomBy(1.3);
    else if (event.key === "-") zoomBy(1 / 1.3);
    else if (event.key === "0") fitAll();
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      byId("search").focus();
      event.preventDefault();
    } else if (event.key === "Escape" && byId("more").open) byId("more").open = false;
    else if (event.key === "Escape" && !typing && selectedKey()) selectNothing();
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (!byId("more").contains(target)) byId("more").open = false;
  });
  byId("panel")
    .querySelector(".tabs")
    .addEventListener("keydown", (event) => {
      const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!move) return;
      const tab = TABS[(TABS.indexOf(state.tab) + move + TABS.length) % TABS.length];
      change({ tab });
      byId(`tab-${tab}`).focus();
    });
}

/** The border between graph and panel: drag it, or move it with the arrow keys. */
function startSplit() {
  const split = byId("split");
  const set = (share) => {
    const percent = Math.round(Math.min(70, Math.max(20, share)));
    document.documentElement.style.setProperty("--panel", `${percent}vw`);
    split.setAttribute("aria-valuenow", percent);
  };
  split.addEventListener("pointerdown", (event) => {
    split.setPointerCapture(event.pointerId);
    split.onpointermove = ({ clientX }) => set(100 - (100 * clientX) / innerWidth);
  });
  split.addEventListener("pointerup", () => (split.onpointermove = null));
  split.addEventListener("keydown", ({ key }) => {
    const by = { ArrowLeft: 3, ArrowRight: -3 }[key];
    if (by) set(Number(split.getAttribute("aria-valuenow")) + by);
  });
}

function start() {
  startFilters();
  startSearch((found) => {
    if (found.target !== undefined) change({ target: found.target, tab: "details" });
    else if (found.entity === undefined) selectPaper(found.paper);
    else selectEntity(found.entity);
    bringIntoSight();
    byId("heading")?.focus({ preventScroll: true });
  });
  state = inItsGrain(fromHash(location.hash));
  written = location.hash.replace(/^#/, "");
  startView();
  render();
  fitAll(false);
  fillRoom();
  if (focus) bringIntoSight();
  startKeys();
  startSplit();
  for (const tab of TABS) byId(`tab-${tab}`).addEventListener("click", () => change({ tab }));
  byId("theme").addEventListener("click", () =>
    change({ theme: scheme() === "dark" ? "light" : "dark" }, { passing: true }),
  );
  byId("reset").addEventListener("click", startOver);
  byId("facets-toggle").addEventListener("click", ({ target }) =>
    target.setAttribute("aria-expanded", String(byId("facets").classList.toggle("open"))),
  );
  byId("to-details").addEventListener("click", () =>
    byId("panel").scrollIntoView({ behavior: calm() ? "auto" : "smooth" }),
  );
  byId("skip").addEventListener("click", () => byId("panel").focus());
  byId("closer").addEventListener("click", () => zoomBy(1.4));
  byId("farther").addEventListener("click", () => zoomBy(1 / 1.4));
  byId("fit").addEventListener("click", () => fitAll());
  addEventListener("hashchange", follow);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", render);
  addEventListener("beforeprint", dressForPrint);
  addEventListener("afterprint", render);
  matchMedia("print").addEventListener("change", ({ matches }) => (matches ? dressForPrint() : render()));
  document.documentElement.dataset.ready = "true";
  (globalThis.requestIdleCallback ?? (() => null))(indexAtLeisure); // Safari has none: there, the first search pays
}

start();
