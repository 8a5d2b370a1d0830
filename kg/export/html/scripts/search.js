// Search over every entity, alias and title, also of what is not drawn.

const ENTITIES_SUGGESTED = 8;
const PAPERS_SUGGESTED = 6;

/** Lower case without accents; hyphens, slashes and the like become one space. */
function fold(text) {
  const plainText = /^[\x00-\x7f]*$/.test(text) ? text : text.normalize("NFKD").replace(/\p{M}/gu, "");
  return plainText
    .toLowerCase()
    .replace(/[\s\-_/.,:;()"'‐–—]+/gu, " ")
    .trim();
}

/** Keys in one string, a line each: the browser looks through a text much faster than through as many strings. */
class Lines {
  constructor(keys, owners) {
    this.keys = keys;
    this.owners = owners; // the entity or paper of each key, those first that are to be found first
    this.text = `\n${keys.join("\n")}\n`;
    this.starts = new Uint32Array(keys.length + 1); // where each line begins, its line feed included
    keys.forEach((key, line) => (this.starts[line + 1] = this.starts[line] + key.length + 1));
  }

  /** The lines that hold `needle`, each once, in order, and where each holds it first. */
  *having(needle) {
    const { text, starts } = this;
    for (let line = 0, at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, starts[line])) {
      while (starts[line + 1] <= at) line++;
      yield [line, at - starts[line] - 1];
      line++;
    }
  }
}

let index = null;
const indexing = makeIndex();

/** Make the keys to look through, a little at a time: names and aliases, the same without spaces, titles. */
function* makeIndex() {
  const [keys, owners, forms] = [[], [], []];
  const byPapers = (one, other) => entityPapers(other) - entityPapers(one) || one - other;
  let made = 0;
  for (const entity of Uint32Array.from(graph.entities.id.keys()).sort(byPapers)) {
    const written = new Set([entityName(entity), ...(graph.entities.aliases[entity] ?? []).filter((_, at) => at % 2 === 0)]);
    const seen = new Set();
    for (const form of written) {
      const key = fold(form);
      if (seen.has(key)) continue;
      seen.add(key);
      keys.push(key);
      owners.push(entity);
      forms.push(form);
    }
    if (++made % 500 === 0) yield;
  }
  const newest = Uint32Array.from(graph.papers.id.keys()).sort(byYear);
  const titles = [];
  for (const paper of newest) if (titles.push(fold(paperTitle(paper))) % 500 === 0) yield;
  yield;
  const names = new Lines(keys, owners);
  yield;
  const tight = new Lines(keys.map((key) => key.replaceAll(" ", "")), owners);
  yield;
  index = { names, forms, tight, letters: Uint32Array.from(keys, lettersOf), titles: new Lines(titles, newest) };
}

/** Go on with the index while the browser has nothing else to do. */
function indexAtLeisure(deadline) {
  while (deadline.timeRemaining() > 2) if (indexing.next().done) return;
  requestIdleCallback(indexAtLeisure);
}

function searchIndex() {
  while (!index) indexing.next();
  return index;
}

/**
 * The first `most` owners whose lines answer `query`, and one more where there are more; as a map from owner to line.
 *
 * Best is the same, then what begins with the query, then where a word does, then what has it inside, then what has all
 * its words. Lines stand in the order in which they are wanted: so the search ends as soon as enough begin with it.
 */
function answers(lines, query, most, { same = [], begin = [] } = {}) {
  const found = new Map();
  const take = (line) => found.size <= most && !found.has(lines.owners[line]) && found.set(lines.owners[line], line);
  for (const [line] of lines.having(`\n${query}\n`)) take(line);
  same.forEach(take);
  const [wordBegins, inside] = [[], []];
  for (const [line, at] of lines.having(query)) {
    if (at === 0) take(line);
    else if (wordBegins.length <= most && lines.keys[line].includes(` ${query}`)) wordBegins.push(line);
    else if (inside.length <= most) inside.push(line);
    if (found.size > most) return found;
  }
  begin.forEach(take);
  wordBegins.forEach(take);
  if (/^\w$/.test(query)) return found; // one letter only where a word begins
  inside.forEach(take);
  const words = query.split(" ");
  if (words.length === 1 || found.size > most) return found;
  const longest = words.reduce((a, b) => (b.length > a.length ? b : a));
  for (const [line] of lines.having(longest)) {
    if (words.every((word) => lines.keys[line].includes(word))) take(line);
    if (found.size > most) break;
  }
  return found;
}

/** Entities (with the form that answers) and papers for what was typed, best first, and whether there are more. */
function find(typed) {
  const query = fold(typed);
  if (!query) return { entities: [], papers: [], more: false };
  const { names, forms, tight, titles } = searchIndex();
  const ofEntity = answers(names, query, ENTITIES_SUGGESTED, withoutSpaces(tight, query));
  const ofPaper = answers(titles, query, PAPERS_SUGGESTED);
  const entities = new Map(); // what stands for it in this grain -> form
  for (const [entity, line] of ofEntity) {
    const shown = state.families ? graph.root[entity] : entity;
    if (!entities.has(shown)) entities.set(shown, { entity: shown, form: forms[line] });
  }
  return {
    entities: [...entities.values()].slice(0, ENTITIES_SUGGESTED),
    papers: [...ofPaper.keys()].slice(0, PAPERS_SUGGESTED).map((paper) => ({ paper })),
    more: ofEntity.size > ENTITIES_SUGGESTED || ofPaper.size > PAPERS_SUGGESTED,
  };
}

/** Lines that are the query, or begin with it, once spaces are left out of both: "cifar10" finds CIFAR-10. */
function withoutSpaces(tight, query) {
  const solid = query.replaceAll(" ", "");
  const first = (needle) => {
    const lines = [];
    for (const [line] of tight.having(needle)) if (lines.push(line) > ENTITIES_SUGGESTED) break;
    return lines;
  };
  return { same: first(`\n${solid}\n`), begin: first(`\n${solid}`) };
}

/** Entities whose name or alias differs from what was typed by a letter or two: for slips of the hand. */
function nearest(typed) {
  const query = fold(typed);
  const most = query.length < 4 ? 0 : query.length < 8 ? 1 : 2;
  const found = new Map();
  const { names, forms, letters } = searchIndex();
  const wanted = lettersOf(query);
  for (let line = 0; most && line < names.keys.length; line++) {
    if (bits(letters[line] ^ wanted) > 2 * most) continue; // a slip changes two letters at most
    const key = names.keys[line];
    const entity = state.families ? graph.root[names.owners[line]] : names.owners[line];
    if (Math.abs(key.length - query.length) > most || found.has(entity)) continue;
    const slips = distance(query, key, most);
    if (slips <= most) found.set(entity, { entity, form: forms[line], slips });
  }
  const best = [...found.values()].sort((a, b) => a.slips - b.slips || entityPapers(b.entity) - entityPapers(a.entity));
  return best.slice(0, ENTITIES_SUGGESTED);
}

/** Which letters a key has, a bit each: equal codes modulo 32 share one. */
function lettersOf(key) {
  let found = 0;
  for (let at = 0; at < key.length; at++) found |= 1 << (key.charCodeAt(at) & 31);
  return found;
}

function bits(number) {
  let found = 0;
  for (; number; number &= number - 1) found++;
  return found;
}

/** Letters to insert, delete, replace or swap (optimal string alignment), or more than `most`. */
function distance(one, other, most) {
  let [before, last] = [[], Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= one.length; row++) {
    const now = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      now[column] = Math.min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (same ? 0 : 1));
      if (row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1])
        now[column] = Math.min(now[column], before[column - 2] + 1);
    }
    if (Math.min(...now) > most) return most + 1;
    [before, last] = [last, now];
  }
  return last[other.length];
}
