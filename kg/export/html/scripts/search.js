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

let index = null;

/** Keys to look through, made at the first search. */
function searchIndex() {
  if (index) return index;
  const entities = [];
  graph.entities.name.forEach((name, entity) => {
    const aliases = (graph.entities.aliases[entity] ?? []).filter((_, position) => position % 2 === 0);
    const keys = new Map([name, ...aliases].map((form) => [fold(form), form]));
    for (const [key, form] of keys) entities.push({ key, tight: key.replaceAll(" ", ""), form, entity });
  });
  index = { entities, titles: graph.papers.title.map(fold) };
  return index;
}

/** How well `key` answers: 0 the same, 1 begins with it, 2 a word begins with it, 3 inside, 4 all words; else -1. */
function fit(key, tight, query, tightQuery, words) {
  if (key === query || tight === tightQuery) return 0;
  if (key.startsWith(query) || tight.startsWith(tightQuery)) return 1;
  const at = key.indexOf(query);
  if (at >= 0) return key[at - 1] === " " || key.includes(` ${query}`) ? 2 : 3;
  return words.length > 1 && words.every((word) => key.includes(word)) ? 4 : -1;
}

/** Entities and papers for what was typed, best first. */
function find(typed) {
  const query = fold(typed);
  if (!query) return { entities: [], papers: [] };
  const words = query.split(" ");
  const tightQuery = words.join("");
  const { entities, titles } = searchIndex();
  const best = new Map();
  for (const { key, tight, form, entity } of entities) {
    const rank = fit(key, tight, query, tightQuery, words);
    if (rank >= 0 && (best.get(entity)?.rank ?? 9) > rank) best.set(entity, { rank, form, entity });
  }
  const papers = [];
  titles.forEach((title, paper) => {
    const rank = fit(title, title, query, query, words);
    if (rank >= 0) papers.push({ rank, paper });
  });
  const foundEntities = [...best.values()].sort(
    (a, b) => a.rank - b.rank || entityPapers(b.entity) - entityPapers(a.entity) || a.entity - b.entity,
  );
  papers.sort(
    (a, b) => a.rank - b.rank || graph.papers.year[b.paper] - graph.papers.year[a.paper] || a.paper - b.paper,
  );
  return { entities: foundEntities, papers };
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
    const papers = wantsTarget ? [] : found.papers;
    options = [
      ...found.entities.slice(0, ENTITIES_SUGGESTED).map(({ entity, form }) => ({ entity, form })),
      ...papers.slice(0, PAPERS_SUGGESTED).map(({ paper }) => ({ paper })),
    ];
    list.replaceChildren(...options.map(makeOption));
    if (!options.length) list.append(el("li", { class: "none", role: "presentation" }, "Nothing goes by that name."));
    const rest = found.entities.length + papers.length - options.length;
    if (rest > 0)
      list.append(
        el("li", { class: "none", role: "presentation" }, `and ${plain(rest)} more: type on, or use the lists`),
      );
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
    list.children[position].scrollIntoView({ block: "nearest" });
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
