// What is drawn: the first sight, what the reader added or hid, and what the selection needs; and the ties of these.

const NEIGHBOURS_SHOWN = 24; // of a selected entity: a hub is named together with nearly everything
const NEIGHBOURS_ADDED = 12;
const PAPERS_ADDED = 20;
const TIES_OF_ADDED = 4;
const ENTITIES_FILTERED = 60; // drawn at least while filters hold, where so many pass

const home = new Map(); // the first sight, most telling first: key -> node
const added = new Map(); // by the reader
const passing = new Map(); // only as long as the selection lasts
const homeTies = [];
const regions = []; // of the first sight: {box in canvas units, names, tint, members (keys)}

const entityKey = (entity) => `e${entity}`;
const paperKey = (paper) => `p${paper}`;
const nodeOf = (key) => home.get(key) ?? added.get(key) ?? passing.get(key);
const everyNode = () => [...home.values(), ...added.values(), ...passing.values()];
const mostPapers = graph.entities.id.reduce((most, _, entity) => Math.max(most, entityPapers(entity)), 100);

function startDrawn({ nodes, edges, regions: fields }, upright) {
  nodes.forEach(({ id, label, size, x, y, community }) => {
    const [kind, index] = [id[0], Number(id.slice(1))];
    home.set(id, { key: id, kind, index, text: label, size, community, x: upright ? y : x, y: upright ? x : y });
  });
  for (const { from, to, value } of edges) homeTies.push([from, to, value]);
  fields.forEach(([[left, top, right, bottom], names], tint) => {
    const members = [...home.values()].filter(({ community }) => community === tint).map(({ key }) => key);
    const box = upright ? [top, left, bottom, right] : [left, top, right, bottom];
    if (members.length > 2) regions.push({ box, names: names.map((key) => home.get(key).text), tint, members });
  });
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
  const size = kind === "e" ? 5 + 27 * Math.sqrt(entityPapers(index) / mostPapers) : 5;
  const text = kind === "e" ? entityName(index) : paperTitle(index);
  where.set(key, { key, kind, index, text, size, community: -1, ...freePlace(near) });
}

function nearestDrawn(entity) {
  const close = namedWith(entity).filter(([other]) => home.has(entityKey(other)) || added.has(entityKey(other)));
  close.sort((a, b) => b[1] * closeness(entity, b) - a[1] * closeness(entity, a));
  const papers = Array.from(linksOf(entity), (link) => nodeOf(paperKey(graph.linkPaper[link]))).filter(Boolean);
  return papers.length ? papers : close.slice(0, 3).map(([other]) => nodeOf(entityKey(other)));
}

/** A place that no node stands on: the nearest to the middle of `near` on a spiral. */
function freePlace(near) {
  const nodes = everyNode();
  const middle = (axis) => near.reduce((sum, node) => sum + node[axis], 0) / near.length;
  const edge = Math.max(0, ...nodes.map(({ y, size }) => y + size)) + 60;
  const [x, y] = near.length ? [middle("x"), middle("y")] : [0, edge];
  for (let step = 1; ; step++) {
    const [radius, angle] = [22 * Math.sqrt(step) + (near.length ? 20 : 0), step * 2.4];
    const place = { x: Math.round(x + radius * 1.4 * Math.cos(angle)), y: Math.round(y + radius * Math.sin(angle)) };
    if (nodes.every((node) => Math.hypot((node.x - place.x) / 1.6, node.y - place.y) > node.size + 26)) return place;
  }
}

/** Ties [key, key, papers] from an entity to what is drawn: its papers, and where entities are tied, its closest. */
function tiesOfEntity(entity, most = TIES_OF_ADDED) {
  const ties = [];
  for (const link of linksOf(entity)) {
    const paper = paperKey(graph.linkPaper[link]);
    if (passes.link[link] && nodeOf(paper)) ties.push([entityKey(entity), paper, 1]);
  }
  if (graph.view === "papers") return ties;
  const close = namedWith(entity, passes).filter(
    ([other]) => nodeOf(entityKey(other)) && passesNode(nodeOf(entityKey(other))),
  );
  close.sort((a, b) => b[1] * closeness(entity, b) - a[1] * closeness(entity, a));
  return ties.concat(close.slice(0, most).map(([other, papers]) => [entityKey(entity), entityKey(other), papers]));
}

function tiesOfPaper(paper) {
  const links = linkNumbers(paper).filter((link) => passes.link[link] && nodeOf(entityKey(graph.linkEntity[link])));
  return links.map((link) => [entityKey(graph.linkEntity[link]), paperKey(paper), 1]);
}

/** Bring in what the reader added; what came with the last selection stays where it stands. */
function drawAdded() {
  for (const key of added.keys()) if (!state.added.includes(key)) added.delete(key);
  for (const key of state.added) {
    if (passing.has(key)) added.set(key, passing.get(key));
    passing.delete(key);
    draw(added, key[0], Number(key.slice(1)));
  }
}

/** Bring in what the selection is about, and forget what the last one needed. */
function drawSelection(path) {
  drawAdded();
  passing.clear();
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
  const room = ENTITIES_FILTERED - everyNode().filter((node) => node.kind === "e" && passesNode(node)).length;
  if (room <= 0) return;
  const others = passes.entities.filter((entity) => passes.count[entity] > 1 && !nodeOf(entityKey(entity)));
  for (const entity of topOf(others, room, byCount)) draw(passing, "e", entity);
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
  for (const [one, other, papers] of homeTies) put(one, other, stillShared(one, other, papers));
  for (const { kind, index } of [...added.values(), ...passing.values()]) {
    for (const tie of kind === "e" ? tiesOfEntity(index) : tiesOfPaper(index)) put(...tie);
  }
  if (state.types.length && graph.view === "shared") {
    for (const { kind, index } of everyNode())
      if (kind === "e" && passes.entity[index]) tiesOfEntity(index, 3).forEach((tie) => put(...tie));
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

/** In how many papers a tie of the first sight holds under the filters. */
function stillShared(one, other, papers) {
  if (!filtered()) return papers;
  const [entity, second] = [Number(one.slice(1)), Number(other.slice(1))];
  if (other[0] === "e") return sharedPapers(entity, second, passes);
  return linkNumbers(second).some((link) => graph.linkEntity[link] === entity && passes.link[link]) ? 1 : 0;
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

const onlyNew = (keys) => keys.filter((key) => !home.has(key) && !added.has(key));
