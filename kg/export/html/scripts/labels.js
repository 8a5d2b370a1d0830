// Names beside the dots, drawn on top of vis-network's canvas: in the size of the page's text at any zoom, the most
// telling first, and only where they cover nothing. Below everything, the fields of what often goes together.

const LABEL_LENGTH = 30; // letters in one line
const TWO_LINES = [12, 44]; // letters in two lines, at least and at most
const CELL = 80; // pixels of a cell of the grid that finds what a label would cover

const shortened = (text, length = LABEL_LENGTH) =>
  text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text;

/** Rectangles [left, top, right, bottom] by the cells of a grid. */
class Grid {
  cells = new Map();

  *keys([left, top, right, bottom]) {
    for (let x = Math.floor(left / CELL); x <= Math.floor(right / CELL); x++)
      for (let y = Math.floor(top / CELL); y <= Math.floor(bottom / CELL); y++) yield x * 65536 + y;
  }

  add(box) {
    for (const key of this.keys(box)) {
      if (!this.cells.has(key)) this.cells.set(key, []);
      this.cells.get(key).push(box);
    }
  }

  free(box) {
    return this.under(box).next().done;
  }

  /** The area of what `box` would lie over. */
  covered(box) {
    return [...new Set(this.under(box))].reduce(
      (sum, [left, top, right, bottom]) => sum + (right - left) * (bottom - top),
      0,
    );
  }

  *under(box) {
    for (const key of this.keys(box))
      for (const other of this.cells.get(key) ?? [])
        if (box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]) yield other;
  }
}

const widths = new Map(); // font -> text -> pixels

function widthOf(context, font, text) {
  if (!widths.has(font)) widths.set(font, new Map());
  const known = widths.get(font);
  let width = known.get(text);
  if (width === undefined) {
    context.font = font;
    known.set(text, (width = context.measureText(text).width));
  }
  return width;
}

/** A long name in two lines of nearly the same length, or null. */
function inTwoLines(name) {
  const text = shortened(name, TWO_LINES[1]);
  if (text.length < TWO_LINES[0]) return null;
  const gaps = [...text.matchAll(/ /g)].map(({ index }) => index);
  if (!gaps.length) return null;
  const [cut] = topOf(gaps, 1, (a, b) => Math.abs(2 * a - text.length) - Math.abs(2 * b - text.length));
  return [text.slice(0, cut), text.slice(cut + 1)];
}

/** Where a label may stand around a dot: below, right, left, above, and between these. */
function placesAround(x, y, radius, width, height) {
  const gap = radius + 3;
  const aside = radius * 0.7 + 3;
  const [below, above] = [y + radius * 0.7, y - radius * 0.7 - height];
  return [
    [x - width / 2, y + gap, x + width / 2, y + gap + height],
    [x + gap, y - height / 2, x + gap + width, y + height / 2],
    [x - gap - width, y - height / 2, x - gap, y + height / 2],
    [x - width / 2, y - gap - height, x + width / 2, y - gap],
    [x + aside, below, x + aside + width, below + height],
    [x - aside - width, below, x - aside, below + height],
    [x + aside, above, x + aside + width, above + height],
    [x - aside - width, above, x - aside, above + height],
  ];
}

const FREE_LEFT = [0.5, 0, 1, 0.5, 0, 1, 0, 1]; // in these places, the share of what a short line leaves free

/** The ways to write the label of a node: {lines, widths, box, free}, in one line first, then in two. */
function* waysToLabel(context, node, { font, height, most }) {
  const radius = node.radius + (node.chosen ? 4 : 0);
  for (const write of [(text) => [shortened(text, node.strong ? most : LABEL_LENGTH)], inTwoLines]) {
    const lines = write(node.text);
    if (!lines) continue;
    const widths = lines.map((line) => widthOf(context, font, line));
    const boxes = placesAround(node.x, node.y, radius, Math.max(...widths), height * lines.length);
    for (const [place, box] of boxes.entries()) yield { lines, widths, box, free: FREE_LEFT[place] };
  }
}

/** The best way to write a label: over nothing and in its field, over nothing, over smaller dots, or null. */
function bestWay(ways, node, { names, dots, width }) {
  const open = [];
  let clear = null;
  let first = null;
  for (const way of ways) {
    first ??= way;
    if (!names.free(way.box) || way.box[0] <= 2 || way.box[2] >= width - 2) continue;
    open.push(way);
    if (!dots.free(way.box)) continue;
    if (within(way.box, node.field)) return way;
    clear ??= way;
  }
  return clear ?? overSmaller(node, open, dots) ?? (node.chosen ? first : null);
}

/** The way in which the label of a hub, or of what is in focus, covers the least of dots, if these are smaller. */
function overSmaller(node, ways, dots) {
  if (!node.strong && node.weight <= 0.4) return null;
  const [best] = ways.map((way) => [dots.covered(way.box), way]).sort((a, b) => a[0] - b[0]);
  return best && (best[0] <= (2 * node.radius) ** 2 || node.strong || node.weight > 0.7) ? best[1] : null;
}

/**
 * Where the labels of `nodes`, which come most telling first, may stand: [{text, font, x, y}] of each of their lines,
 * by its left and middle.
 *
 * A node has x, y and radius in pixels of the page, text, `strong` where its label must be seen, and perhaps the box of
 * its `field`, in which it would best stand; no label lies over what is `covered`.
 */
function placeLabels(context, nodes, { width, height, unit, covered }) {
  const names = new Grid();
  covered.forEach((box) => names.add(box));
  for (const { x, y, radius, chosen } of nodes)
    if (chosen) names.add([x - radius - 4, y - radius - 4, x + radius + 4, y + radius + 4]);
  const dots = new Grid();
  for (const { x, y, radius } of nodes) dots.add([x - radius, y - radius, x + radius, y + radius]);
  const seen = nodes.filter(({ x, y }) => x > -80 && x < width + 80 && y > -80 && y < height + 80);
  const placed = [];
  for (const node of [...seen.filter(({ strong }) => strong), ...seen.filter(({ strong }) => !strong)]) {
    const size = Math.round(unit * (node.strong ? 0.86 : 0.7 + 0.16 * node.weight) * 2) / 2;
    const font = `${node.chosen || node.weight > 0.55 ? 600 : 400} ${size}px ${FONT}`;
    const most = Math.min(60, Math.floor((1.6 * width) / size)); // letters that the stage has room for
    const ways = waysToLabel(context, node, { font, height: size * 1.15, most });
    const way = bestWay(ways, node, { names, dots, width });
    if (!way) continue;
    const [left, top, right, bottom] = way.box;
    names.add([left - 4, top, right + 4, bottom]);
    way.lines.forEach((text, line) => {
      const x = left + way.free * (right - left - way.widths[line]);
      placed.push({ text, font, x, y: top + ((line + 0.5) * (bottom - top)) / way.lines.length });
    });
  }
  return placed;
}

const within = (box, field) =>
  !field || (box[0] >= field[0] && box[1] >= field[1] && box[2] <= field[2] && box[3] <= field[3]);

function drawLabels(context, placed, { ink, ground, unit }) {
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = unit * 0.22;
  context.strokeStyle = ground;
  context.fillStyle = ink;
  let font = null;
  for (const label of placed) {
    if (label.font !== font) context.font = font = label.font;
    context.strokeText(label.text, label.x, label.y);
    context.fillText(label.text, label.x, label.y);
  }
}

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif';

/** Fill the field of each region, a rectangle with round corners, in canvas units. */
function drawRegions(context, regions) {
  for (const region of regions) {
    const [left, top, right, bottom] = region.box;
    context.fillStyle = fieldColour(region);
    context.beginPath();
    context.roundRect(left, top, right - left, bottom - top, 18);
    context.fill();
  }
}

/** Write the name of each region at the top of its field; boxes are in pixels of the page. Returns what they cover. */
function drawCaptions(context, regions, { colour, ground, unit }) {
  const size = Math.round(unit * 0.76 * 10) / 10;
  const font = `600 ${size}px ${FONT}`;
  context.font = font;
  context.textBaseline = "middle";
  context.lineWidth = unit * 0.2;
  context.strokeStyle = ground;
  context.fillStyle = colour;
  const covered = [];
  for (const { names, box } of regions) {
    const [left, top, right] = box;
    const texts = [names.join(" · "), ...names.map((name) => shortened(name)), shortened(names[0], 12)];
    const shown = texts.find((text) => widthOf(context, font, text) < right - left - 1.2 * size);
    if (!shown) continue;
    const [x, y] = [left + 0.6 * size, top + 0.85 * size];
    context.strokeText(shown, x, y);
    context.fillText(shown, x, y);
    covered.push([x, y - size / 2, x + widthOf(context, font, shown), y + size / 2]);
  }
  return covered;
}
