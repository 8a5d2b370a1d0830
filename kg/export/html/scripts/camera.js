// Where one looks: fitting, zooming, and going from node to node; and how much there is room for.

/** Left, right, top and bottom of `nodes` on the canvas. */
function extent(nodes) {
  const edge = (axis, sign) => sign * nodes.reduce((most, node) => Math.max(most, sign * node[axis] + node.size), -Infinity);
  return [edge("x", -1), edge("x", 1), edge("y", -1), edge("y", 1)];
}

/** The scale at which a part of the canvas fills the stage, its labels included. */
function scaleFor([left, right, top, bottom], [padX, padY], closest) {
  const across = (stage.clientWidth - padX) / (right - left + 1);
  return Math.min(across, (stage.clientHeight - padY) / (bottom - top + 1), closest);
}

const CLOSEST = 1 / 10; // pixels of the page per canvas unit, times the size of its text: at first sight

/** Pixels at the foot of the stage over which buttons lie. */
const foot = () => (narrow() ? 3 * rem() : 0);

function paddingOf(bounded) {
  const [across, down] = bounded ? [32, 32] : [Math.min(120, stage.clientWidth * 0.16), 64];
  return [across, down + foot()];
}

/** Move so that `nodes`, and the corners of `regions`, fill the stage. */
function fitTo(nodes, animated, { regions = [], closest = rem() * CLOSEST } = {}) {
  const seen = [...nodes, ...regions.flatMap(corners)];
  if (!seen.length || Math.min(stage.clientWidth, stage.clientHeight) < 100) return; // nothing to be seen yet
  const [left, right, top, bottom] = extent(seen);
  const scale = scaleFor([left, right, top, bottom], paddingOf(regions.length > 0), closest);
  const animation = animated && !calm() ? { duration: 350, easingFunction: "easeInOutQuad" } : false;
  const y = (top + bottom + foot() / scale) / 2;
  network.moveTo({ position: { x: (left + right) / 2, y }, scale, animation });
}

const ROOM = 15; // squares of the page's text that a dot of the first sight needs for itself and its label

/** For how many dots of the first sight there is room: on a small stage for some, and for more the closer one looks. */
function room() {
  if (!home.size || Math.min(stage.clientWidth, stage.clientHeight) < 100) return Infinity; // nothing to be seen yet
  const [left, right, top, bottom] = extent([...home.values()]);
  const whole = scaleFor([left, right, top, bottom], paddingOf(regions.length > 0), rem() * CLOSEST);
  const scale = Math.max(network.getScale(), whole);
  return Math.round(((right - left + 100) * (bottom - top + 100) * scale ** 2) / (ROOM * rem() ** 2));
}

const fitAll = (animated = true) => fitTo(present, animated, { regions: fields });
const corners = ({ box: [x0, y0, x1, y1] }) => [{ x: x0, y: y0, size: 0 }, { x: x1, y: y1, size: 0 }];

function showRegion(region) {
  moved = true;
  if (narrow()) stage.scrollIntoView({ block: "nearest" });
  fitTo([], true, { regions: [region], closest: rem() / 8 });
}

const bringIntoSight = (animated = true) =>
  focus && fitTo([...focus].map(nodeOf), animated, { closest: rem() / 12 });

/** Go there where what is selected, or most of what it is tied to, cannot be seen. */
function keepInSight() {
  if (!focus) return;
  const seen = [...focus].filter((key) => {
    const { x, y } = network.canvasToDOM(nodeOf(key));
    return x > 0 && y > 0 && x < stage.clientWidth && y < stage.clientHeight;
  });
  const least = state.target < 0 ? focus.size / 2 : focus.size;
  if (!seen.includes(selectedKey()) || seen.length < least) bringIntoSight();
}

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
  const candidates = shown.filter((node) => node.key !== from.key && ahead(node) > aside(node) * 0.5);
  candidates.sort((a, b) => ahead(a) + 2 * aside(a) - ahead(b) - 2 * aside(b));
  if (!candidates.length) return;
  select(candidates[0].key, { passing: true });
  say(`${candidates[0].text}, ${candidates[0].kind === "e" ? entityType(candidates[0].index).label : "paper"}`);
  const at = network.canvasToDOM(candidates[0]);
  if (at.x < 30 || at.y < 30 || at.x > stage.clientWidth - 30 || at.y > stage.clientHeight - 30)
    network.moveTo({ position: { x: candidates[0].x, y: candidates[0].y } });
}
