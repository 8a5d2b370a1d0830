// What is drawn: the first sight, what the reader added or hid, and what the selection needs; and the ties of these.

const NEIGHBOURS_SHOWN = 24; // of a selected entity: a hub is named together with nearly everything
const NEIGHBOURS_ADDED = 12;
const PAPERS_ADDED = 20;
const TIES_OF_ADDED = 4;
const FIELD_GAP = 40; // canvas units between fields that still count as touching
const FIELD_TINTS = 7;
const ENTITIES_FILTERED = 60; // drawn at least while filters hold, where so many pass that two papers or more name
const ENTITIES_FILTERED_ALONE = 24; // and so many where fewer papers name them

const home = new Map(); // the first sight, most telling first: key -> node
const added = new Map(); // by the reader
const passing = new Map(); // only as long as the selection lasts
const homeTies = [];
let mostShared = 40; // papers of the strongest tie of the first sight, or so many
const regions = []; // of the first sight: {box in canvas units, names, tint, members (keys)}
const fieldOf = new Map(); // community -> place in regions

const entityKey = (entity) => `e${entity}`;
const paperKey = (paper) => `p${paper}`;
const nodeOf = (key) => home.get(key) ?? added.get(key) ?? passing.get(key);
const everyNode = () => [...home.values(), ...added.values(), ...passing.values()];
let mostPapers = 0; // of any entity in the grain that is shown

/** A dot's area grows with the papers that name its entity. */
const sizeOf = (entity) => 5 + 27 * Math.sqrt(entityPapers(entity) / mostPapers);

/** Give every dot the size that it has in the grain that is shown. */
function sizeDots() {
  mostPapers = graph.entities.id.reduce((most, _, entity) => Math.max(most, entityPapers(entity)), 100);
  for (const node of everyNode()) if (node.kind === "e") node.size = sizeOf(node.index);
}

/** Take over the first sight; shapeTo gives its nodes and fields their places. */
function startDrawn({ nodes, edges, regions: found }) {
  for (const { id, label, size, x, y, community } of nodes)
    home.set(id, { key: id, kind: id[0], index: Number(id.slice(1)), text: label, size, community, laid: [x, y], x, y });
  for (const { from, to, value } of edges) homeTies.push([from, to, value]);
  mostShared = homeTies.reduce((most, [, , papers]) => Math.max(most, papers), mostShared);
  found.forEach(([laid, names], community) => {
    const members = [...home.values()].filter((node) => node.community === community).map(({ key }) => key);
    if (members.length < 3) return;
    fieldOf.set(community, regions.length);
    regions.push({ laid, box: laid, names: names.map((key) => home.get(key).text), tint: tintBeside(laid), members });
  });
}

const SQUEEZED = 0.7; // and stretched by the reciprocal at most, that labels keep their room
let shape = null; // [along x, along y, whether x and y are exchanged]

/** Stretch the first sight to the shape of the stage, its area kept, upright where that is; false where it is so. */
function shapeTo(width, height) {
  const upright = height > width;
  const xs = [...home.values()].map(({ laid }) => laid[0]);
  const ys = [...home.values()].map(({ laid }) => laid[1]);
  const aspect = (Math.max(...xs) - Math.min(...xs) + 1) / (Math.max(...ys) - Math.min(...ys) + 1);
  const wanted = Math.sqrt((upright ? height / width : width / height) / aspect);
  const along = home.size > 2 ? Math.min(1 / SQUEEZED, Math.max(SQUEEZED, wanted)) : 1;
  if (shape && shape[2] === upright && Math.abs(shape[0] / along - 1) < 0.02) return false;
  shape = [along, 1 / along, upright];
  for (const node of home.values()) [node.x, node.y] = shaped(node.laid);
  for (const region of regions) {
    const [left, top, right, bottom] = region.laid;
    region.box = [...shaped([left, top]), ...shaped([right, bottom])];
  }
  return true;
}

const shaped = ([x, y]) => {
  const [across, down] = [Math.round(x * shape[0]), Math.round(y * shape[1])];
  return shape[2] ? [down, across] : [across, down];
};

/** The tint that is used least, and by no field that touches this one. */
function tintBeside(box) {
  const near = ({ box: other }) =>
    box[0] < other[2] + FIELD_GAP && box[2] > other[0] - FIELD_GAP && box[1] < other[3] + FIELD_GAP && box[3] > other[1] - FIELD_GAP;
  const taken = new Set(regions.filter(near).map(({ tint }) => tint));
  const used = Array.from({ length: FIELD_TINTS }, (_, tint) => regions.filter((region) => region.tint === tint).length);
  const free = used.map((_, tint) => tint).filter((tint) => !taken.has(tint));
  return topOf(free.length ? free : used.keys(), 1, (a, b) => used[a] - used[b])[0];
}

function passesNode({ kind, index, key }) {
  if (state.hidden.includes(key)) return false;
  return Boolean(kind === "e" ? passes.entity[index] : passes.paper[index]);
}

/** Put a node on the canvas, near those that it is named with, also where filters hide them. */
function draw(where, kind, index) {
  const key = kind + index;
  if (nodeOf(key)) return;
  const near =
    kind === "e"
      ? nearestDrawn(index)
      : [...entitiesOf(index)].map((entity) => nodeOf(entityKey(entity))).filter(Boolean);
  const size = kind === "e" ? sizeOf(index) : 5;
  const text = kind === "e" ? entityName(index) : paperTitle(index);
  const node = { key, kind, index, text, size, community: -1, ...freePlace(near) };
  where.set(key, node);
  occupy(node);
}

/** The drawn papers of an entity, else the three entities of the picture that it is most close to. */
function nearestDrawn(entity) {
  const nodes = everyNode();
  const papers = papersNaming(entity, nodes, null);
  if (papers.length) return papers;
  return closestOf(entity, entitiesAmong([...home.values(), ...added.values()]), null, 3).map(([node]) => node);
}

const entitiesAmong = (nodes) => nodes.filter(({ kind }) => kind === "e");

/** Those of `nodes` that are papers which name an entity, by links that pass or by any. */
const papersNaming = (entity, nodes, passes) =>
  nodes.filter(({ kind, index }) => kind === "p" && paperNames(index, entity, passes));

function paperNames(paper, entity, passes) {
  for (let link = graph.linkStart[paper]; link < graph.linkStart[paper + 1]; link++)
    if (graph.linkEntity[link] === entity) return !passes || passes.link[link] === 1;
  return false;
}

/** The `most` of `nodes`, entities all, that an entity is tied to most (hubs damped), as [node, papers shared]. */
function closestOf(entity, nodes, passes, most) {
  const papers = countTogether(entity, passes);
  const tied = nodes.filter(({ index }) => papers[index]);
  const pull = ({ index }) => papers[index] * closeness(entity, index, papers[index]);
  return topOf(tied, most, (a, b) => pull(b) - pull(a) || a.index - b.index).map((node) => [node, papers[node.index]]);
}

/** A place that no node stands on: the nearest to the middle of `near` on a spiral, which widens faster and faster. */
function freePlace(near) {
  const middle = (axis) => near.reduce((sum, node) => sum + node[axis], 0) / near.length;
  const [x, y] = near.length ? [middle("x"), middle("y")] : [0, lowest + 60];
  for (let step = 1; ; step += 1 + (step >> 7)) {
    const [radius, angle] = [22 * Math.sqrt(step) + (near.length ? 20 : 0), step * 2.4];
    const place = { x: Math.round(x + radius * 1.4 * Math.cos(angle)), y: Math.round(y + radius * Math.sin(angle)) };
    if (ground.free([place.x, place.y, place.x + 1, place.y + 1])) return place;
  }
}

let ground = null; // boxes around what is drawn, in which nothing else may be placed
let lowest = 0; // canvas units

function startPlacing() {
  ground = new Grid();
  lowest = 0;
  everyNode().forEach(occupy);
}

function occupy({ x, y, size }) {
  const [wide, tall] = [1.4 * (size + 26), size + 20];
  ground.add([x - wide, y - tall, x + wide, y + tall]);
  lowest = Math.max(lowest, y + size);
}

/** Ties [key, key, papers] from an entity to what is drawn: its papers, and where entities are tied, its closest. */
function tiesOfEntity(entity, most = TIES_OF_ADDED, nodes = everyNode()) {
  const key = entityKey(entity);
  const ties = papersNaming(entity, nodes, passes).map((paper) => [key, paper.key, 1]);
  if (graph.view === "papers") return ties;
  const close = closestOf(entity, entitiesAmong(nodes).filter(passesNode), passes, most);
  return ties.concat(close.map(([other, papers]) => [key, other.key, papers]));
}

function tiesOfPaper(paper) {
  const links = linkNumbers(paper).filter((link) => passes.link[link] && nodeOf(entityKey(graph.linkEntity[link])));
  return links.map((link) => [entityKey(graph.linkEntity[link]), paperKey(paper), 1]);
}

/** Bring in what the reader added; what came with the last selection stays where it stands. */
function drawAdded() {
  const wanted = new Set(onlyNotHome(state.added).slice(0, graph.mostDrawn - home.size));
  for (const key of added.keys()) if (!wanted.has(key)) added.delete(key);
  for (const key of wanted) {
    if (passing.has(key)) added.set(key, passing.get(key));
    passing.delete(key);
    draw(added, key[0], Number(key.slice(1)));
  }
}

/** Bring in what the selection is about, and forget what the last one needed. */
function drawSelection(path) {
  startPlacing();
  drawAdded();
  passing.clear();
  startPlacing();
  const { entity, paper } = state;
  if (filtered() && graph.view === "shared") drawFiltered();
  if (path) path.forEach((index, step) => draw(passing, step % 2 ? "p" : "e", index));
  else if (entity >= 0) {
    draw(passing, "e", entity);
    if (!tiesOfEntity(entity).length)
      namedWith(entity, passes)
        .slice(0, 4)
        .forEach(([other]) => draw(passing, "e", other));
  } else if (paper >= 0) {
    const byPapers = [...entitiesOf(paper)].sort((a, b) => entityPapers(b) - entityPapers(a));
    byPapers.slice(0, 8).forEach((other) => draw(passing, "e", other));
    draw(passing, "p", paper);
  }
}

/** While filters hold, fill up with what passes them and is named most. */
function drawFiltered() {
  let drawn = entitiesAmong(everyNode()).filter(passesNode).length;
  for (const entity of topOf(passes.entities, ENTITIES_FILTERED + home.size + added.size, byCount)) {
    if (drawn >= (passes.count[entity] > 1 ? ENTITIES_FILTERED : ENTITIES_FILTERED_ALONE)) return;
    if (nodeOf(entityKey(entity))) continue;
    draw(passing, "e", entity);
    drawn++;
  }
}

/** What stays bright while something is selected: a set of keys, or null where nothing is selected. */
function inFocus(path) {
  const { entity, paper } = state;
  if (path) return new Set(path.map((index, step) => (step % 2 ? paperKey(index) : entityKey(index))));
  if (entity < 0 && paper < 0) return null;
  const ties = entity >= 0 ? tiesOfEntity(entity, NEIGHBOURS_SHOWN) : tiesOfPaper(paper);
  return new Set([entity >= 0 ? entityKey(entity) : paperKey(paper), ...ties.flatMap(([one, other]) => [one, other])]);
}

/** Every tie to draw, by its id: {from, to, papers, bright}. */
function everyTie(path, focus) {
  const ties = new Map();
  const put = (one, other, papers, bright = false) => {
    const id = one < other ? `${one} ${other}` : `${other} ${one}`;
    if (!ties.has(id) || bright) ties.set(id, { id, from: one, to: other, papers, bright });
  };
  const nodes = everyNode();
  for (const tie of homeTiesNow()) put(...tie);
  for (const { kind, index } of [...added.values(), ...passing.values()]) {
    for (const tie of kind === "e" ? tiesOfEntity(index, TIES_OF_ADDED, nodes) : tiesOfPaper(index)) put(...tie);
  }
  if ((state.types.length || state.families) && graph.view === "shared") {
    for (const { kind, index } of nodes)
      if (kind === "e" && passes.entity[index]) tiesOfEntity(index, 3, nodes).forEach((tie) => put(...tie));
  }
  if (path) {
    const keys = [...focus];
    keys.slice(1).forEach((key, step) => put(keys[step], key, 1, true));
  } else if (focus) {
    const { entity, paper } = state;
    for (const tie of entity >= 0 ? tiesOfEntity(entity, NEIGHBOURS_SHOWN) : tiesOfPaper(paper)) put(...tie, true);
  }
  return [...ties.values()].filter((tie) => tie.papers > 0);
}

/** The ties of the first sight, each with the papers in which it holds under the filters and in this grain. */
function homeTiesNow() {
  if (!filtered() && !state.families) return homeTies;
  const fromOne = new Map(); // key -> its ties
  for (const tie of homeTies) fromOne.set(tie[0], [...(fromOne.get(tie[0]) ?? []), tie]);
  return [...fromOne].flatMap(([one, ties]) => {
    const papers = countTogether(nodeOf(one).index, passes);
    return ties.map(([, other]) => {
      const { kind, index } = nodeOf(other);
      if (kind === "e") return [one, other, papers[index]];
      return [one, other, papersNaming(nodeOf(one).index, [nodeOf(other)], passes).length];
    });
  });
}

/** Keys to add for the neighbours of a node, itself included where it is not of the first sight. */
function neighboursOf({ kind, index }) {
  const others = kind === "e" ? namedWith(index, passes).map(([other]) => other) : [...entitiesOf(index)];
  const fresh = onlyNew(others.map(entityKey));
  return [...onlyNew([kind + index]), ...fresh.slice(0, NEIGHBOURS_ADDED)];
}

/** Keys to add for the newest papers of an entity. */
function papersOf(entity) {
  const papers = Array.from(linksOf(entity), (link) => graph.linkPaper[link]).filter((paper) => passes.paper[paper]);
  const fresh = onlyNew(papers.sort(byYear).map(paperKey));
  return [...onlyNew([entityKey(entity)]), ...fresh.slice(0, PAPERS_ADDED)];
}

const pictureIsFull = () => home.size + added.size >= graph.mostDrawn;
const FULL = `The picture is full with ${plain(graph.mostDrawn)} nodes: hide some, or start over.`;

const onlyNotHome = (keys) => keys.filter((key) => !home.has(key));
const onlyNew = (keys) => onlyNotHome(keys).filter((key) => !added.has(key));
