// The two grains of the graph: every variant by itself, or counted as its outermost family (BERT-base as BERT), as
// kg/families.py counts them. Entities keep their numbers; in the coarse grain a variant has no papers of its own.

/** The outermost family of each entity: itself where it is no variant; in a ring of variants, the one before it. */
function outermost(family, entityCount) {
  const root = Uint32Array.from({ length: entityCount }, (_, entity) => entity);
  for (const variant of Object.keys(family)) {
    const passed = [Number(variant)];
    for (let parent = family[variant]; parent !== undefined && !passed.includes(parent); parent = family[parent])
      passed.push(parent);
    root[variant] = passed.at(-1);
  }
  return root;
}

/**
 * `fine` with one link for all that a paper names of a family: the strongest role, the highest confidence.
 *
 * `joinedIn` gives the link that stands here for a link of the fine grain, `telling` the link of the fine grain whose
 * evidence stands for one here.
 */
function rolledUp(fine) {
  const { root, entityCount, paperCount } = fine;
  const linkStart = new Uint32Array(paperCount + 1);
  const joinedIn = new Uint32Array(fine.linkEntity.length);
  const [entities, telling, confidences] = [[], [], []];
  for (let paper = 0; paper < paperCount; paper++) {
    const here = new Map(); // family -> link
    for (let link = fine.linkStart[paper]; link < fine.linkStart[paper + 1]; link++) {
      const family = root[fine.linkEntity[link]];
      const joined = here.get(family) ?? entities.length;
      joinedIn[link] = joined;
      if (!here.has(family)) {
        here.set(family, joined);
        entities.push(family);
        telling.push(link);
        confidences.push(0);
      } else if (fine.linkRole[link] < fine.linkRole[telling[joined]]) telling[joined] = link; // strongest role first
      confidences[joined] = Math.max(confidences[joined], fine.linkConfidence[link]);
    }
    linkStart[paper + 1] = entities.length;
  }
  const slots = SLOTS.map((slot) => [
    slot,
    fine.results[slot].map((part) => (typeof part === "number" ? root[part] : part)),
  ]);
  return {
    ...fine,
    ...linked({
      linkStart,
      linkEntity: Uint32Array.from(entities),
      linkRole: Uint8Array.from(telling, (link) => fine.linkRole[link]),
      linkConfidence: Uint8Array.from(confidences),
      entityCount,
    }),
    results: { ...fine.results, ...Object.fromEntries(slots) },
    ...totals(fine.entities.type, (entity) => root[entity] === entity),
    telling,
    joinedIn,
  };
}

/** Links in the order of their papers, with what leads from a link to its paper and from an entity to its links. */
function linked({ linkStart, linkEntity, linkRole, linkConfidence, entityCount }) {
  const linkPaper = new Uint32Array(linkEntity.length);
  for (let paper = 0; paper + 1 < linkStart.length; paper++)
    linkPaper.fill(paper, linkStart[paper], linkStart[paper + 1]);
  const { start, order } = grouped(linkEntity, entityCount);
  // Links of entity e: entityLinks[entityStart[e]] to entityLinks[entityStart[e + 1] - 1].
  return { linkStart, linkEntity, linkRole, linkConfidence, linkPaper, entityStart: start, entityLinks: order };
}

/** Counting sort: where each value's positions start in `order`. */
function grouped(values, size) {
  const start = new Uint32Array(size + 1);
  for (const value of values) start[value + 1]++;
  for (let value = 0; value < size; value++) start[value + 1] += start[value];
  const next = start.slice();
  const order = new Uint32Array(values.length);
  for (let position = 0; position < values.length; position++) order[next[values[position]]++] = position;
  return { start, order };
}

const grains = { fine: graph, coarse: null };

/** Count variants as their families from now on, or by themselves. */
function takeGrain(coarse) {
  if (coarse) grains.coarse ??= rolledUp(grains.fine);
  graph = coarse ? grains.coarse : grains.fine;
  sizeDots();
}

/** The papers that name an entity itself, in whichever grain is shown. */
const finePapers = (entity) => grains.fine.entityStart[entity + 1] - grains.fine.entityStart[entity];

/** The link of a paper's mention, which gives its number among the links of the fine grain; and the way back. */
const linkOfMention = (paper, number) => {
  const link = grains.fine.linkStart[paper] + number;
  return graph.joinedIn ? graph.joinedIn[link] : link;
};
const placeInPaper = (paper, link) => (graph.telling ? graph.telling[link] : link) - grains.fine.linkStart[paper];

/** All that a family counts: itself and its variants, theirs too. */
function membersOf(entity) {
  grains.members ??= grouped(graph.root, graph.entityCount);
  const { start, order } = grains.members;
  return [...order.subarray(start[graph.root[entity]], start[graph.root[entity] + 1])];
}
