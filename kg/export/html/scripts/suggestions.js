// Suggestions under the search box, as an ARIA combobox.

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
    if (found.more) list.append(note("There are more: type on, or use the lists."));
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
