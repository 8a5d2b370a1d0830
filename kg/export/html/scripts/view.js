// The canvas: vis-network draws dots and lines where they were placed beforehand; labels and regions are ours.

const GROUNDS = {
  light: {
    ground: "#f8fafc",
    ink: "#0f172a",
    line: "#64748b",
    rim: "#ffffff",
    mark: "#0f172a",
    caption: "#475569",
    fields: ["#e6ecf6", "#efece0", "#e2efeb", "#f2e8f0", "#eaeaf6", "#f3e9e4", "#e9f0dd"],
  },
  dark: {
    ground: "#0b1120",
    ink: "#e2e8f0",
    line: "#94a3b8",
    rim: "#0b1120",
    mark: "#f8fafc",
    caption: "#a3b1c6",
    fields: ["#16213a", "#201f26", "#10242a", "#221b30", "#1a1d3c", "#241d22", "#18241f"],
  },
};

// While 1,000 nodes and their ties are panned, a frame takes 31 ms of a processor, of 2,000 nodes alone 24 and of 4,000
// alone 42 (no graphics card): so from here on, ties are left out of the picture while it moves.
const TIES_REST = 600;

const stage = byId("network");
const nodeSet = new vis.DataSet();
const tieSet = new vis.DataSet();
let network = null;
let focus = null;
let hovered = null;
let moved = false; // by the reader: then the picture is not fitted anew on its own

const scheme = () => (document.documentElement.dataset.theme === "dark" ? "dark" : "light");
const colourOf = ({ kind, index }) =>
  (kind === "e" ? entityType(index) : graph.paperType).colours[scheme() === "dark" ? 1 : 0];
const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

function startView() {
  startDrawn(graph.network);
  shapeTo(stage.clientWidth, stage.clientHeight);
  network = new vis.Network(stage, { nodes: nodeSet, edges: tieSet }, graph.network.options);
  stage.querySelector("canvas").setAttribute("aria-hidden", "true");
  stage.firstElementChild.removeAttribute("tabindex"); // the stage itself takes the keys
  network.on("beforeDrawing", paintRegions);
  network.on("afterDrawing", paintLabels);
  network.on("click", ({ nodes }) =>
    nodes.length ? select(nodes[0]) : state.entity >= 0 || state.paper >= 0 ? selectNothing() : null,
  );
  network.on("doubleClick", ({ nodes }) => nodes.length && grow(nodeOf(nodes[0])));
  network.on("hoverNode", ({ node, event }) => hover(node, event));
  network.on("blurNode", () => hover(null));
  network.on("dragging", ({ nodes }) => {
    moved = true;
    hover(null);
    for (const key of nodes) Object.assign(nodeOf(key), network.getPosition(key));
    if (nodes.length) labelled = null;
  });
  network.on("dragEnd", ({ nodes }) => nodes.length || placeLabelsAnew());
  network.on("zoom", () => (moved = true));
  new ResizeObserver(() => {
    network.setSize("100%", "100%"); // vis-network would notice later, and what is fitted now would stand beside
    if (moved || !stage.clientWidth) return;
    if (!added.size && shapeTo(stage.clientWidth, stage.clientHeight)) renderView(currentPath());
    if (focus) bringIntoSight(false);
    else fitAll(false);
  }).observe(stage);
}

const select = (key, how) => (key[0] === "e" ? selectEntity : selectPaper)(Number(key.slice(1)), how);

const grow = (node) => add(neighboursOf(node), "Everything it is named with is drawn already.");
const growPapers = (entity) => add(papersOf(entity), "All its papers are drawn already.");

function add(wanted, otherwise) {
  const keys = wanted.slice(0, Math.max(0, graph.mostDrawn - home.size - added.size));
  const number = keys.filter((key) => key !== selectedKey()).length;
  change({ added: [...state.added, ...keys], hidden: state.hidden.filter((key) => !keys.includes(key)) });
  bringIntoSight();
  say(number ? `${count(number, "node")} added.` : pictureIsFull() ? FULL : otherwise);
}

const hide = (key) =>
  change({
    ...NO_SELECTION,
    added: state.added.filter((other) => other !== key),
    hidden: home.has(key) ? [...new Set([...state.hidden, key])] : state.hidden,
  });

/** Give vis-network the present nodes and ties. */
function renderView(path) {
  const before = focus;
  drawSelection(path);
  focus = inFocus(path);
  const nodes = everyNode();
  shownKeys = new Set(nodes.filter((node) => passesNode(node) || focus?.has(node.key)).map(({ key }) => key));
  const ties = everyTie(path, focus).filter(({ from, to }) => shownKeys.has(from) && shownKeys.has(to));
  if (filtered()) dropLonePapers(nodes, ties, shownKeys);
  shown = nodes.filter(({ key }) => shownKeys.has(key));
  const resting = shown.length > TIES_REST;
  network.setOptions({ interaction: { hideEdgesOnDrag: resting, hideEdgesOnZoom: resting } });
  replace(nodeSet, nodes.map(dressedNode));
  replace(tieSet, ties.map(dressedTie));
  const highlighted = focus ? `${plain(focus.size)} of them highlighted` : "nothing selected";
  stage.setAttribute("aria-label", `Graph of ${count(shown.length, "node")}; ${highlighted}`);
  labelled = null;
  if (keysOf(before) !== keysOf(focus)) fadeOver();
  network.redraw();
}

const keysOf = (keys) => [...(keys ?? [])].join(" ");

/** Let the picture as it is now fade away over the next one. */
function fadeOver() {
  const canvas = stage.querySelector("canvas");
  stage.parentElement.querySelector(".before")?.remove();
  if (calm() || document.hidden || !canvas.width) return;
  const copy = el("canvas", { class: "before", "aria-hidden": "true", width: canvas.width, height: canvas.height });
  copy.getContext("2d").drawImage(canvas, 0, 0);
  copy.addEventListener("animationend", () => copy.remove());
  stage.after(copy);
}

/** While filters hold, a paper of which nothing drawn is left says nothing. */
function dropLonePapers(nodes, ties, shown) {
  const tied = new Set(ties.flatMap(({ from, to }) => [from, to]));
  for (const { key, kind } of nodes) if (kind === "p" && !tied.has(key) && !focus?.has(key)) shown.delete(key);
}

function dressedNode(node) {
  const colour = { background: colourOf(node), border: GROUNDS[scheme()].rim };
  return {
    id: node.key,
    x: node.x,
    y: node.y,
    size: node.size,
    shape: node.kind === "e" ? "dot" : "square",
    hidden: !shownKeys.has(node.key),
    opacity: focus && !focus.has(node.key) ? 0.13 : 1,
    color: { ...colour, highlight: colour, hover: colour },
  };
}

/** A tie of the selected node takes the colour of what it leads to. */
function dressedTie({ id, from, to, papers, bright }) {
  const color = bright ? colourOf(nodeOf(from === selectedKey() ? to : from)) : GROUNDS[scheme()].line;
  const across = nodeOf(from).community !== nodeOf(to).community;
  const opacity = bright ? 0.75 : focus ? 0.06 : Math.min(0.5, 0.24 + 0.04 * papers) * (across ? 0.5 : 1);
  return { id, from, to, width: Math.min(3.2, 0.6 + 0.4 * Math.sqrt(papers)), color: { color, opacity } };
}

function replace(set, items) {
  const kept = new Set(items.map(({ id }) => id));
  set.remove(set.getIds().filter((id) => !kept.has(id)));
  set.update(items);
}

const selectedKey = () =>
  state.entity >= 0 ? entityKey(state.entity) : state.paper >= 0 ? paperKey(state.paper) : null;
let shown = []; // nodes that are drawn and not hidden
let shownKeys = new Set();
const shownNodes = () => shown;

const fieldColour = ({ tint }) => GROUNDS[scheme()].fields[tint % GROUNDS[scheme()].fields.length];

/** Regions of which something is drawn. */
const shownRegions = () => regions.filter(({ members }) => members.some((key) => shownKeys.has(key)));

function paintRegions(context) {
  const { ground } = GROUNDS[scheme()];
  drawRegions(context, shownRegions());
  if (!focus) return; // else the regions recede with the rest
  context.save();
  context.resetTransform();
  context.globalAlpha = 0.6;
  context.fillStyle = ground;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.restore();
}

/** Once the picture rests, what came into sight gets its label too. */
function placeLabelsAnew() {
  labelled = null;
  network.body.emitter.emit("_requestRedraw");
}

let labelled = null; // the labels as they were placed last: what for, where the picture stood, and where they stand
const SHIFTED = 60; // pixels by which the picture may be moved until labels are placed anew

/** Names of fields and nodes; while the picture is only moved, the places found before go along. */
function paintLabels(context) {
  const { a: zoom, e: left, f: top } = context.getTransform();
  const ratio = zoom / network.getScale();
  const onPage = ([x0, y0, x1, y1]) => [x0, y0, x1, y1].map((at, n) => (at * zoom + (n % 2 ? top : left)) / ratio);
  const { ink, ground, mark, caption } = GROUNDS[scheme()];
  const unit = rem();
  context.save();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const captions = focus ? [] : shownRegions().map(({ names, box }) => ({ names, box: onPage(box) }));
  const covered = drawCaptions(context, captions, { colour: caption, ground, unit });
  const ring = shownKeys.has(selectedKey()) && nodeOf(selectedKey());
  if (ring) {
    context.beginPath();
    context.arc((ring.x * zoom + left) / ratio, (ring.y * zoom + top) / ratio, ring.size * network.getScale() + 4, 0, 7);
    context.lineWidth = 2.5;
    context.strokeStyle = mark;
    context.stroke();
  }
  const asked = [zoom, stage.clientWidth, stage.clientHeight, unit].join(" ");
  const shift = labelled ? [left - labelled.left, top - labelled.top].map((by) => by / ratio) : [0, 0];
  if (labelled?.asked !== asked || Math.max(...shift.map(Math.abs)) > SHIFTED) {
    const size = { width: stage.clientWidth, height: stage.clientHeight };
    covered.push(zoomBox());
    const placed = placeLabels(context, nodesToLabel(onPage, network.getScale()), { ...size, unit, covered });
    labelled = { asked, left, top, placed };
    shift.fill(0);
  }
  context.translate(...shift);
  drawLabels(context, labelled.placed, { ink, ground, unit });
  context.restore();
}

/** Where the buttons for zooming lie over the stage, in pixels of the page from its corner. */
function zoomBox() {
  const from = stage.getBoundingClientRect();
  const { left, top, right, bottom } = stage.parentElement.querySelector(".zoom").getBoundingClientRect();
  return [left - from.left, top - from.top, right - from.left, bottom - from.top];
}

/** What may have a label, most telling first; `onPage` turns a box of the canvas into pixels of the page. */
function nodesToLabel(onPage, scale) {
  const chosen = selectedKey();
  const largest = Math.max(10, ...Array.from(home.values(), ({ size }) => size));
  const fields = regions.map(({ box }) => onPage(box));
  const nodes = shown
    .filter(({ key }) => !focus || focus.has(key) || key === hovered)
    .map(({ key, kind, x, y, size, text, community }) => {
      const [px, py] = onPage([x, y, x, y]);
      return {
        text,
        x: px,
        y: py,
        radius: size * scale,
        weight: kind === "e" ? (size - 5) / (largest - 5) : 0,
        strong: Boolean(focus?.has(key)) || key === hovered,
        chosen: key === chosen || key === hovered,
        order: kind === "p" ? 1 : 0,
        field: focus ? null : fields[fieldOf.get(community)],
      };
    });
  return nodes.sort((a, b) => b.chosen - a.chosen || a.order - b.order);
}

function hover(key, event) {
  if (key === hovered) return;
  hovered = key;
  labelled = null;
  const tip = byId("tip");
  tip.hidden = !key;
  stage.classList.toggle("over", Boolean(key));
  if (key) {
    const { kind, index } = nodeOf(key);
    const about =
      kind === "p"
        ? [paperVenue(index), paperYear(index)].filter(Boolean).join(" ") || "Paper"
        : `${entityType(index).label} · ${count(passes.count[index], "paper")}`;
    tip.replaceChildren(bdi(kind === "p" ? paperTitle(index) : entityName(index)), el("span", {}, about));
    const { left, top, width } = stage.getBoundingClientRect();
    const x = event.clientX - left;
    tip.style.left = `${Math.min(x + 14, width - tip.offsetWidth - 8)}px`;
    tip.style.top = `${event.clientY - top + stage.offsetTop + 16}px`;
  }
  network.body.emitter.emit("_requestRedraw"); // with the next frame; redraw() would draw at once
}

/** Move so that `nodes` fill the stage, labels included. */
function fitTo(nodes, animated, closest = rem() / 10) {
  if (!nodes.length || Math.min(stage.clientWidth, stage.clientHeight) < 100) return; // nothing to be seen yet
  const edge = (axis, sign) => sign * Math.max(...nodes.map((node) => sign * node[axis] + node.size));
  const [left, right, top, bottom] = [edge("x", -1), edge("x", 1), edge("y", -1), edge("y", 1)];
  const [padX, padY] = regions.length && nodes.length > home.size ? [32, 32] : [Math.min(120, stage.clientWidth * 0.16), 64];
  const scale = Math.min(
    (stage.clientWidth - padX) / (right - left + 1),
    (stage.clientHeight - padY) / (bottom - top + 1),
    closest,
  );
  const animation = animated && !calm() ? { duration: 350, easingFunction: "easeInOutQuad" } : false;
  network.moveTo({ position: { x: (left + right) / 2, y: (top + bottom) / 2 }, scale, animation });
}

/** The corners of the fields count as well. */
const fitAll = (animated = true) =>
  fitTo([...shownNodes(), ...shownRegions().flatMap(({ box: [x0, y0, x1, y1] }) => corners(x0, y0, x1, y1))], animated);
const corners = (x0, y0, x1, y1) => [{ x: x0, y: y0, size: 0 }, { x: x1, y: y1, size: 0 }];
function showRegion({ box: [x0, y0, x1, y1] }) {
  moved = true;
  if (narrow()) stage.scrollIntoView({ block: "nearest" });
  fitTo(corners(x0, y0, x1, y1), true, rem() / 8);
}

const bringIntoSight = (animated = true) =>
  focus && fitTo([...focus].map(nodeOf).filter(Boolean), animated, rem() / 12);

function zoomBy(factor) {
  moved = true;
  network.moveTo({
    scale: network.getScale() * factor,
    animation: calm() ? false : { duration: 150, easingFunction: "easeOutQuad" },
  });
}

/** Arrow keys: the nearest node in that direction, sideways distance counting double. */
function step([dx, dy]) {
  const from = nodeOf(selectedKey()) ?? { ...network.getViewPosition(), key: null };
  const ahead = (node) => (node.x - from.x) * dx + (node.y - from.y) * dy;
  const aside = (node) => Math.abs((node.x - from.x) * dy) + Math.abs((node.y - from.y) * dx);
  const candidates = shownNodes().filter((node) => node.key !== from.key && ahead(node) > aside(node) * 0.5);
  candidates.sort((a, b) => ahead(a) + 2 * aside(a) - ahead(b) - 2 * aside(b));
  if (!candidates.length) return;
  select(candidates[0].key, { passing: true });
  say(`${candidates[0].text}, ${candidates[0].kind === "e" ? entityType(candidates[0].index).label : "paper"}`);
  const at = network.canvasToDOM(candidates[0]);
  if (at.x < 30 || at.y < 30 || at.x > stage.clientWidth - 30 || at.y > stage.clientHeight - 30)
    network.moveTo({ position: { x: candidates[0].x, y: candidates[0].y } });
}
