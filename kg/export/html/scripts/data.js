// The graph as the page holds it: columns, links by paper and by entity.

const SLOTS = ["subject", "metric", "dataset", "task", "baseline"]; // of a result: an entity, a name or nothing

let graph = decode(firstPart()); // in the grain that is shown: see grains.js

function decode(block) {
  const { entities, papers, links } = block;
  const entityCount = entities.id.length;
  const paperCount = papers.id.length;
  const linkStart = new Uint32Array(paperCount + 1); // links of paper p: linkStart[p] to linkStart[p + 1]
  links.papers.forEach((number, paper) => (linkStart[paper + 1] = linkStart[paper] + number));
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
    ...totals(entities.type, () => true),
    paperCount,
    resultCount: block.results.paper.length,
    ...linked({
      linkStart,
      linkEntity: Uint32Array.from(links.entity),
      linkRole: Uint8Array.from(links.role),
      linkConfidence: Uint8Array.from(links.confidence),
      entityCount,
    }),
    root: outermost(entities.family, entityCount),
    resultsOfPaper,
    // A former id leads to the entity that it became, so that old links stay good.
    entityById: new Map([...Object.entries(entities.former), ...entities.id.map((id, entity) => [id, entity])]),
    paperById: new Map(papers.id.map((id, paper) => [id, paper])),
  };
}

/** How many entities there are in a grain, of each type and of all. */
function totals(types, isOne) {
  const typeTotals = [];
  types.forEach((type, entity) => (typeTotals[type] = (typeTotals[type] ?? 0) + (isOne(entity) ? 1 : 0)));
  return { typeTotals, entityTotal: typeTotals.reduce((sum, total) => sum + total, 0) };
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

const together = new Uint32Array(graph.entityCount);

/** In how many papers, those that pass or any, each entity is named with `entity`: to be read at once, not kept. */
function countTogether(entity, passes = null) {
  together.fill(0);
  for (const link of linksOf(entity)) {
    if (passes && !passes.link[link]) continue;
    const paper = graph.linkPaper[link];
    for (let other = graph.linkStart[paper]; other < graph.linkStart[paper + 1]; other++)
      if (!passes || passes.link[other]) together[graph.linkEntity[other]]++;
  }
  together[entity] = 0;
  return together;
}

/** Entities named together with `entity` as [entity, papers], most papers first, and of these the closest first. */
function namedWith(entity, passes = null) {
  const papers = countTogether(entity, passes);
  const found = [];
  for (let other = 0; other < papers.length; other++)
    if (papers[other]) found.push([other, papers[other], papers[other] + 0.5 * closeness(entity, other, papers[other])]);
  return found.sort((a, b) => b[2] - a[2] || a[0] - b[0]);
}

/** Papers shared over papers of either, in [0, 1]: how much two entities belong together, hubs damped. */
const closeness = (entity, other, papers) => (papers * papers) / (entityPapers(entity) * entityPapers(other));

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
