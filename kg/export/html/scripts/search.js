// Search over every entity, alias and title, also of what is not drawn; suggestions as an ARIA combobox.

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
    this.owners = owners; // the entity or paper of each key
    this.text = `\n${keys.join("\n")}\n`;
    this.starts = new Uint32Array(keys.length + 1); // where each line begins, its line feed included
    keys.forEach((key, line) => (this.starts[line + 1] = this.starts[line] + key.length + 1));
  }

  /** The lines that hold `needle`, each once, in order. */
  *having(needle) {
    const { text, starts } = this;
    for (let line = 0, at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, starts[line])) {
      while (starts[line + 1] <= at) line++;
      yield line++;
    }
  }
}

let index = null;
const indexing = makeIndex();

/** Make the keys to look through, a little at a time: [names and aliases, the same without spaces, titles]. */
function* makeIndex() {
  const [keys, owners, forms] = [[], [], []];
  for (let entity = 0; entity < graph.entityCount; entity++) {
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
    if (entity % 500 === 0) yield;
  }
  const titles = [];
  for (let paper = 0; paper < graph.paperCount; paper++) {
    titles.push(fold(paperTitle(paper)));
    if (paper % 500 === 0) yield;
  }
  yield;
  const names = new Lines(keys, owners);
  const tight = new Lines(keys.map((key) => key.replaceAll(" ", "")), owners);
  index = { names, forms, tight, titles: new Lines(titles, null) };
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

/** How well `key` answers: 0 the same, 1 begins with it, 2 a word begins with it, 3 inside, 4 all words; else 9. */
function fit(key, query, words) {
  const at = key.indexOf(query);
  if (at === 0) return key.length === query.length ? 0 : 1;
  if (at > 0) return key[at - 1] === " " || key.includes(` ${query}`) ? 2 : 3;
  return words.length > 1 && words.every((word) => key.includes(word)) ? 4 : 9;
}

/** Every line that answers, with how well: by the query's longest word; one letter only where a word begins. */
function* answers(lines, query, words) {
  const needles =
    query.length === 1 ? [`\n${query}`, ` ${query}`] : [words.reduce((a, b) => (b.length > a.length ? b : a))];
  for (const needle of needles)
    for (const line of lines.having(needle)) {
      const rank = fit(lines.keys[line], query, words);
      if (rank < 9) yield [line, rank];
    }
}

/** Of those whose rank is below 9, the `most` first by rank and then by `compare`, and how many more there are. */
function bestOf(ranks, most, compare) {
  const found = [];
  for (let item = 0; item < ranks.length; item++) if (ranks[item] < 9) found.push(item);
  const best = topOf(found, most, (a, b) => ranks[a] - ranks[b] || compare(a, b));
  return [best, found.length - best.length];
}

/** Entities (with the form that answers) and papers for what was typed, best first, and how many more there are. */
function find(typed) {
  const query = fold(typed);
  if (!query) return { entities: [], papers: [], more: { entities: 0, papers: 0 } };
  const words = query.split(" ");
  const { names, forms, tight, titles } = searchIndex();
  const ofEntity = new Uint8Array(graph.entityCount).fill(9);
  const lineOf = new Map();
  const better = (line, rank) => {
    const entity = names.owners[line];
    if (rank >= ofEntity[entity]) return;
    ofEntity[entity] = rank;
    lineOf.set(entity, line);
  };
  for (const [line, rank] of answers(names, query, words)) better(line, rank);
  const solid = words.join("");
  for (const line of tight.having(`\n${solid}`)) better(line, tight.keys[line] === solid ? 0 : 1);
  const ofPaper = new Uint8Array(graph.paperCount).fill(9);
  for (const [paper, rank] of answers(titles, query, words)) ofPaper[paper] = rank;
  const [entities, moreEntities] = bestOf(ofEntity, ENTITIES_SUGGESTED, (a, b) => entityPapers(b) - entityPapers(a));
  const [papers, morePapers] = bestOf(ofPaper, PAPERS_SUGGESTED, byYear);
  return {
    entities: entities.map((entity) => ({ entity, form: forms[lineOf.get(entity)] })),
    papers: papers.map((paper) => ({ paper })),
    more: { entities: moreEntities, papers: morePapers },
  };
}

/** Entities whose name or alias differs from what was typed by a letter or two: for slips of the hand. */
function nearest(typed) {
  const query = fold(typed);
  const most = query.length < 4 ? 0 : query.length < 8 ? 1 : 2;
  const found = new Map();
  const { names, forms } = searchIndex();
  for (let line = 0; most && line < names.keys.length; line++) {
    const key = names.keys[line];
    if (Math.abs(key.length - query.length) > most || found.has(names.owners[line])) continue;
    const slips = distance(query, key, most);
    if (slips <= most) found.set(names.owners[line], { entity: names.owners[line], form: forms[line], slips });
  }
  const best = [...found.values()].sort((a, b) => a.slips - b.slips || entityPapers(b.entity) - entityPapers(a.entity));
  return best.slice(0, ENTITIES_SUGGESTED);
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

const SEARCH_FOR = "Search entities, aliases and paper titles";
let wantsTarget = false; // the next choice is the end of a path

/** Let the search box ask for the end of a path from the selected entity. */
function askTarget() {
  wantsTarget = true;
  byId("search").placeholder = `From ${entityName(state.entity)} to which entity?`;
  byId("search").focus();
}

/** Search box and suggestions; `choose` gets {entity} or {paper}, or {target} where a path was asked for. */
function startSearch(choose) {
  const box = byId("search");
  const list = byId("suggestions");
  let options = [];
  let active = -1;

  function show(found) {
    const note = (text) => el("li", { class: "none", role: "presentation" }, text);
    options = wantsTarget ? found.entities : [...found.entities, ...found.papers];
    const slipped = !options.length;
    if (slipped) options = nearest(box.value);
    list.replaceChildren(...options.map(makeOption));
    if (slipped) list.prepend(note(`Nothing goes by that name.${options.length ? " Nearest:" : ""}`));
    const rest = found.more.entities + (wantsTarget ? 0 : found.more.papers);
    if (rest > 0) list.append(note(`and ${plain(rest)} more: type on, or use the lists`));
    open(true);
    activate(options.length ? 0 : -1);
  }

  function makeOption({ entity, paper, form }, position) {
    const attributes = {
      role: "option",
      id: `option-${position}`,
      "aria-selected": "false",
      onpointerdown: (event) => event.preventDefault(),
      onclick: () => take(position),
    };
    if (entity === undefined) {
      const about = [paperVenue(paper), paperYear(paper)].filter(Boolean).join(" ");
      return el(
        "li",
        { class: "t-Paper", ...attributes },
        el("i", { class: "dot square" }),
        bdi(paperTitle(paper), { class: "name" }),
        el("span", { class: "about" }, bdi(about || "paper")),
      );
    }
    const name = entityName(entity);
    const alias = form === name ? null : el("span", { class: "alias" }, " also ", bdi(form));
    const about = `${entityType(entity).label} · ${count(entityPapers(entity), "paper")}`;
    return el(
      "li",
      { class: `t-${entityType(entity).name}`, ...attributes },
      el("i", { class: "dot" }),
      el("span", { class: "name" }, bdi(name), alias),
      el("span", { class: "about" }, about),
    );
  }

  function open(shown) {
    list.hidden = !shown;
    box.setAttribute("aria-expanded", String(shown));
    if (!shown) activate(-1);
  }

  function activate(position) {
    list
      .querySelectorAll("[role=option]")
      .forEach((option, number) => option.setAttribute("aria-selected", String(number === position)));
    active = position;
    if (position < 0) return box.removeAttribute("aria-activedescendant");
    box.setAttribute("aria-activedescendant", `option-${position}`);
    byId(`option-${position}`).scrollIntoView({ block: "nearest" });
  }

  function take(position) {
    const { entity, paper } = options[position];
    const target = wantsTarget;
    box.value = "";
    box.blur();
    choose(target ? { target: entity } : entity === undefined ? { paper } : { entity });
  }

  const update = () => (box.value.trim() ? show(find(box.value)) : open(false));
  box.addEventListener("input", update);
  box.addEventListener("focus", update);
  box.addEventListener("blur", () => {
    open(false);
    wantsTarget = false;
    box.placeholder = SEARCH_FOR;
  });
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !list.hidden && options.length) activate((active + step + options.length) % options.length);
    else if (event.key === "Enter" && active >= 0) take(active);
    else if (event.key === "Escape" && box.value) {
      box.value = "";
      open(false);
    } else if (event.key === "Escape") box.blur();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
