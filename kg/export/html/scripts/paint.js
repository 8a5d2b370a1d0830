// What is painted on the canvas beside vis-network's dots and lines: fields below them, names and the mark of what is
// selected above.

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

const scheme = () => (document.documentElement.dataset.theme === "dark" ? "dark" : "light");
const colourOf = ({ kind, index }) =>
  (kind === "e" ? entityType(index) : graph.paperType).colours[scheme() === "dark" ? 1 : 0];
const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);
const fieldColour = ({ tint }) => GROUNDS[scheme()].fields[tint % GROUNDS[scheme()].fields.length];

/** Regions of which something is present. */
function shownRegions() {
  const keys = new Set(present.map(({ key }) => key));
  return regions.filter(({ members }) => members.some((key) => keys.has(key)));
}

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
    covered.push(...buttonBoxes());
    const placed = placeLabels(context, nodesToLabel(onPage, network.getScale()), { ...size, unit, covered });
    labelled = { asked, left, top, placed };
    shift.fill(0);
  }
  context.translate(...shift);
  drawLabels(context, labelled.placed, { ink, ground, unit });
  context.restore();
  useRoom();
}

/** Where buttons lie over the stage, in pixels of the page from its corner. */
function buttonBoxes() {
  const from = stage.getBoundingClientRect();
  return [...stage.parentElement.querySelectorAll(".zoom, #to-details")].map((button) => {
    const { left, top, right, bottom } = button.getBoundingClientRect();
    return [left - from.left, top - from.top, right - from.left, bottom - from.top];
  });
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
