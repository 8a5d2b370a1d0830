// The canvas: vis-network draws dots and lines where they were placed beforehand; the rest is painted by us.

// Nodes from which on vis-network does not draw while the picture moves, but we do: see strokesOf.
const LARGE = 600;

const stage = byId("network");
const nodeSet = new vis.DataSet();
const tieSet = new vis.DataSet();
let network = null;
let drawing = { nodes: [], ties: [] }; // all that may be shown now
let dressed = { nodes: [], ties: [] }; // the same as vis-network has them
let shown = []; // nodes of it that pass the filters and have room
let shownKeys = new Set();
let present = []; // nodes of it that pass the filters
let fields = []; // regions of which something is present
let crowd = []; // entities of these for which there may be no room, most telling first
let leftOut = 0; // of the crowd
let focus = null;
let hovered = null;
let moved = false; // by the reader: then the picture is not fitted anew on its own

function startView() {
  startDrawn(graph.network);
  shapeTo(stage.clientWidth, stage.clientHeight);
  network = new vis.Network(stage, { nodes: nodeSet, edges: tieSet }, graph.network.options);
  stage.querySelector("canvas").setAttribute("aria-hidden", "true");
  stage.firstElementChild.removeAttribute("tabindex"); // the stage itself takes the keys
  network.on("beforeDrawing", paintBelow);
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
    if (nodes.length) labelled = strokes = null;
  });
  network.on("dragEnd", ({ nodes }) => nodes.length || placeLabelsAnew());
  network.on("zoom", () => (moved = true));
  let [wide, tall] = [stage.clientWidth, stage.clientHeight];
  new ResizeObserver(() => {
    network.setSize("100%", "100%"); // vis-network would notice later, and what is fitted now would stand beside
    const { clientWidth, clientHeight } = stage;
    // A line more or less above the stage must not move what the reader points at.
    const slightly = clientWidth === wide && Math.abs(clientHeight - tall) < 3 * rem();
    if (moved || slightly || !clientWidth) return;
    [wide, tall] = [clientWidth, clientHeight];
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
  drawing = { nodes: everyNode(), ties: everyTie(path, focus) };
  dress();
  if (keysOf(before) !== keysOf(focus)) fadeOver();
  network.redraw();
}

/** Show of the drawing what passes the filters and has room, in the present colours. */
function dress() {
  present = withoutLonePapers(drawing.nodes.filter((node) => passesNode(node) || focus?.has(node.key)), filtered());
  const keys = new Set(present.map(({ key }) => key));
  fields = regions.filter(({ members }) => members.some((key) => keys.has(key)));
  crowd = present.filter(({ key, kind }) => kind === "e" && !added.has(key) && !focus?.has(key));
  const crowded = new Set(crowd.slice(room()));
  leftOut = crowded.size;
  shown = withoutLonePapers(present.filter((node) => !crowded.has(node)), leftOut > 0);
  shownKeys = new Set(shown.map(({ key }) => key));
  const ties = drawing.ties.filter(({ from, to }) => shownKeys.has(from) && shownKeys.has(to));
  const large = shown.length > LARGE;
  network.setOptions({ interaction: { hideEdgesOnDrag: large, hideEdgesOnZoom: large, hideNodesOnDrag: large } });
  dressed = { nodes: drawing.nodes.map(dressedNode), ties: ties.map(dressedTie) };
  replace(nodeSet, dressed.nodes);
  replace(tieSet, dressed.ties);
  const highlighted = focus ? `${plain(focus.size)} of them highlighted` : "nothing selected";
  stage.setAttribute("aria-label", `Graph of ${count(shown.length, "node")}; ${highlighted}`);
  labelled = strokes = null;
}

const keysOf = (keys) => [...(keys ?? [])].join(" ");

let soon = 0; // a timer

/** Where the picture has another size now, there may be room for more. */
function useRoom() {
  if (!soon && Math.max(0, crowd.length - room()) !== leftOut) soon = setTimeout(fillRoom, 150);
}

function fillRoom() {
  clearTimeout(soon);
  soon = 0;
  dress();
  network.redraw();
  showSight();
  if (state.drawn) renderPanel();
}

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

/** Where entities are left out, a paper of which nothing drawn is left says nothing. */
function withoutLonePapers(nodes, leftOut) {
  if (!leftOut) return nodes;
  const keys = new Set(nodes.map(({ key }) => key));
  const tied = new Set();
  for (const { from, to } of drawing.ties) if (keys.has(from) && keys.has(to)) tied.add(from).add(to);
  return nodes.filter(({ key, kind }) => kind !== "p" || tied.has(key) || focus?.has(key));
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
  const strength = Math.min(1, Math.sqrt(papers / mostShared));
  const opacity = bright ? 0.75 : focus ? 0.06 : (0.24 + 0.26 * strength) * (across ? 0.5 : 1);
  return { id, from, to, width: 0.8 + 2.4 * strength, color: { color, opacity } };
}

function replace(set, items) {
  const kept = new Set(items.map(({ id }) => id));
  set.remove(set.getIds().filter((id) => !kept.has(id)));
  set.update(items);
}

const selectedKey = () =>
  state.entity >= 0 ? entityKey(state.entity) : state.paper >= 0 ? paperKey(state.paper) : null;

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
