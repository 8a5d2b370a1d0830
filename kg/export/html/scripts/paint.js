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

/** What lies below: the fields, and of a large picture that moves, its ties and dots. */
function paintBelow(context) {
  const { ground } = GROUNDS[scheme()];
  context.save();
  drawRegions(context, fields);
  if (focus) {
    context.save();
    context.resetTransform(); // the fields recede with the rest
    context.globalAlpha = 0.6;
    context.fillStyle = ground;
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    context.restore();
  }
  const { dragging, zooming } = network.renderer;
  if (shown.length > LARGE && (dragging || zooming)) paintStrokes(context, dragging);
  context.restore();
}

let strokes = null; // of the picture as it is dressed

/**
 * Ties and dots that look alike in one path each: {path, colour, opacity, width}, the width of dots being 0.
 *
 * vis-network calls the canvas some ten times for each of them, which with 2,000 dots takes two frames.
 */
function strokesOf({ nodes, ties }) {
  const found = new Map();
  const pathOf = (colour, opacity, width = 0) => {
    const key = [colour, opacity, width].join(" ");
    if (!found.has(key)) found.set(key, { path: new Path2D(), colour, opacity, width });
    return found.get(key).path;
  };
  const rounded = (number, step) => Math.ceil(number / step) * step;
  for (const { from, to, width, color } of ties) {
    const path = pathOf(color.color, rounded(color.opacity, 0.05), rounded(width, 0.4));
    path.moveTo(nodeOf(from).x, nodeOf(from).y);
    path.lineTo(nodeOf(to).x, nodeOf(to).y);
  }
  for (const { id, size, shape, opacity, color, hidden } of nodes) {
    if (hidden) continue;
    const { x, y } = nodeOf(id);
    const path = pathOf(color.background, opacity);
    path.moveTo(x + size, y);
    if (shape === "dot") path.arc(x, y, size, 0, 7);
    else path.rect(x - size, y - size, 2 * size, 2 * size);
  }
  return [...found.values()];
}

function paintStrokes(context, withDots) {
  strokes ??= strokesOf(dressed);
  for (const { path, colour, opacity, width } of strokes) {
    if (!width && !withDots) continue;
    context.globalAlpha = opacity;
    context.lineWidth = width;
    context.strokeStyle = context.fillStyle = colour;
    if (width) context.stroke(path);
    else context.fill(path);
  }
}

/** Once the picture rests, what came into sight gets its label too. */
function placeLabelsAnew() {
  labelled = null;
  network.body.emitter.emit("_requestRedraw");
}

let labelled = null; // the labels as they were placed last: what for, where the picture stood, and where they stand
const SHIFTED = 60; // pixels by which the picture may be moved until labels are placed anew
const SHIFTED_FULL = 240; // and in a picture of which that takes longer than a frame

/** Names of fields and nodes; while the picture is only moved, the places found before go along. */
function paintLabels(context) {
  const { a: zoom, e: left, f: top } = context.getTransform();
  const ratio = zoom / network.getScale();
  const onPage = ([x0, y0, x1, y1]) => [x0, y0, x1, y1].map((at, n) => (at * zoom + (n % 2 ? top : left)) / ratio);
  const { ink, ground, mark, caption } = GROUNDS[scheme()];
  const unit = rem() * Math.min(1.25, Math.max(1, 0.9 * Math.sqrt(network.getScale()))); // larger where there is room
  context.save();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const captions = focus ? [] : fields.map(({ names, box }) => ({ names, box: onPage(box) }));
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
  const far = Math.max(...shift.map(Math.abs)) > (shown.length > LARGE ? SHIFTED_FULL : SHIFTED);
  if (labelled?.asked !== asked || far) {
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
  const boxes = regions.map(({ box }) => onPage(box));
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
        field: focus ? null : boxes[fieldOf.get(community)],
      };
    });
  return nodes.sort((a, b) => b.chosen - a.chosen || a.order - b.order);
}
