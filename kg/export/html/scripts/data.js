// The graph as the page holds it: columns, links by paper and by entity.

const graph = decode(firstPart());

function decode(block) {
  const { entities, papers, links } = block;
  const entityCount = entities.id.length;
  const paperCount = papers.id.length;
  const linkStart = new Uint32Array(paperCount + 1); // links of paper p: linkStart[p] to linkStart[p + 1]
  links.papers.forEach((number, paper) => (linkStart[paper + 1] = linkStart[paper] + number));
  const linkEntity = Uint32Array.from(links.entity);
  const linkPaper = new Uint32Array(linkEntity.length);
  for (let paper = 0; paper < paperCount; paper++) linkPaper.fill(paper, linkStart[paper], linkStart[paper + 1]);
  const { start, order } = grouped(linkEntity, entityCount);
  const resultsOfPaper = new Map();
  block.results.paper.forEach((paper, result) => {
    if (!resultsOfPaper.has(paper)) resultsOfPaper.set(paper, []);
    resultsOfPaper.get(paper).push(result);
  });
  return {
    ...block,
    types: block.types.map(([name, label, plural, definition, light, dark]) => ({
      name,
      label,
      plural,
      definition,
      colours: [light, dark],
    })),
    roles: block.roles.map(([name, label, definition]) => ({ name, label, definition })),
    entityCount,
    paperCount,
    resultCount: block.results.paper.length,
    linkStart,
    linkEntity,
    linkPaper,
    linkRole: Uint8Array.from(links.role),
    linkConfidence: Uint8Array.from(links.confidence),
    entityStart: start, // links of entity e: entityLinks[entityStart[e]] to entityLinks[entityStart[e + 1] - 1]
    entityLinks: order,
    resultsOfPaper,
    entityById: new Map(entities.id.map((id, entity) => [id, entity])),
    paperById: new Map(papers.id.map((id, paper) => [id, paper])),
  };
}

/** Counting sort: where each value's positions start in `order`. */
function grouped(values, size) {
  const start = new Uint32Array(size + 1);
  for (const value of values) start[value + 1]++;
  for (let value = 0; value < size; value++) start[value + 1] += start[value];
  const next = start.slice();
  const order = new Uint32Array(values.length);
  values.forEach((value, position) => (order[next[value]++] = position));
  return { start, order };
}

const linksOf = (entity) => graph.entityLinks.subarray(graph.entityStart[entity], graph.entityStart[entity + 1]);
const entityPapers = (entity) => graph.entityStart[entity + 1] - graph.entityStart[entity];
const entityName = (entity) => graph.entities.name[entity];
const entityType = (entity) => graph.types[graph.entities.type[entity]];
const paperTitle = (paper) => graph.papers.title[paper];
const paperYear = (paper) => graph.papers.year[paper] || "";
const paperVenue = (paper) => graph.papers.venues[graph.papers.venue[paper]] ?? "";

/** Newest first. */
const byYear = (one, other) => graph.papers.year[other] - graph.papers.year[one] || one - other;

function linkNumbers(paper) {
  return Array.from(
    { length: graph.linkStart[paper + 1] - graph.linkStart[paper] },
    (_, n) => graph.linkStart[paper] + n,
  );
}

/** The entities of a paper. */
const entitiesOf = (paper) => graph.linkEntity.subarray(graph.linkStart[paper], graph.linkStart[paper + 1]);

/** Entities named together with `entity`, in papers that pass or in any, as [entity, papers], most papers first. */
function namedWith(entity, passes = null) {
  const together = new Map();
  for (const link of linksOf(entity)) {
    if (passes && !passes.link[link]) continue;
    const paper = graph.linkPaper[link];
    for (let other = graph.linkStart[paper]; other < graph.linkStart[paper + 1]; other++) {
      const name = graph.linkEntity[other];
      if (name !== entity && (!passes || passes.link[other])) together.set(name, (together.get(name) ?? 0) + 1);
    }
  }
  return [...together].sort((a, b) => b[1] - a[1] || closeness(entity, b) - closeness(entity, a) || a[0] - b[0]);
}

/** Papers shared over papers of either: how much two entities belong together, hubs damped. */
const closeness = (entity, [other, papers]) => (papers * papers) / (entityPapers(entity) * entityPapers(other));

/** In how many passing papers both are named. */
function sharedPapers(one, other, passes) {
  const papers = new Set();
  for (const link of linksOf(one)) if (passes.link[link]) papers.add(graph.linkPaper[link]);
  let shared = 0;
  for (const link of linksOf(other)) if (passes.link[link] && papers.has(graph.linkPaper[link])) shared++;
  return shared;
}

/** Papers that share most with `paper`, as [paper, weight, entities shared]; a rare entity weighs more. */
function similarPapers(paper, passes) {
  const weights = new Map();
  for (const entity of entitiesOf(paper)) {
    const weight = Math.log(1 + graph.paperCount / entityPapers(entity));
    for (const link of linksOf(entity)) {
      const other = graph.linkPaper[link];
      if (other === paper || !passes.paper[other]) continue;
      const [sum, shared] = weights.get(other) ?? [0, 0];
      weights.set(other, [sum + weight, shared + 1]);
    }
  }
  return [...weights].map(([other, [sum, shared]]) => [other, sum, shared]).sort((a, b) => b[1] - a[1] || a[0] - b[0]);
}

/** The shortest way from one entity to another over papers that pass: [entity, paper, entity, …], or null. */
function findPath(from, to, passes) {
  const cameOver = new Map([[from, null]]); // entity -> [paper, entity before]
  const seen = new Uint8Array(graph.paperCount);
  let edge = [from];
  while (edge.length && !cameOver.has(to)) {
    const next = [];
    edge.sort((a, b) => entityPapers(a) - entityPapers(b)); // over something rare rather than over a hub
    for (const entity of edge) {
      for (const link of linksOf(entity)) {
        const paper = graph.linkPaper[link];
        if (!passes.link[link] || seen[paper]) continue;
        seen[paper] = 1;
        for (let other = graph.linkStart[paper]; other < graph.linkStart[paper + 1]; other++) {
          const reached = graph.linkEntity[other];
          if (!passes.link[other] || cameOver.has(reached)) continue;
          cameOver.set(reached, [paper, entity]);
          next.push(reached);
        }
      }
    }
    edge = next;
  }
  if (!cameOver.has(to)) return null;
  const path = [to];
  for (let step = cameOver.get(to); step; step = cameOver.get(step[1])) path.unshift(step[1], step[0]);
  return path;
}
