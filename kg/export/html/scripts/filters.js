// Legend and facets: what they show, and what they choose.

function renderFilters() {
  byId("legend")
    .querySelectorAll("button")
    .forEach((button, type) => {
      button.setAttribute("aria-pressed", String(state.types.includes(type)));
      button.classList.toggle("off", !shownType(state, type));
      button.lastElementChild.textContent = plain(graph.typeTotals[type] ?? 0);
    });
  byId("families").checked = state.families;
  const put = (id, value) => {
    if (document.activeElement !== byId(id)) byId(id).value = value;
  };
  put("role", state.role < 0 ? "" : state.role);
  put("venue", state.venue < 0 ? "" : state.venue);
  put("from", state.from || "");
  put("until", state.until || "");
  put("min", state.min);
  put("confidence", state.confidence);
  byId("more").classList.toggle("on", state.venue >= 0 || state.min > 1 || state.confidence > 0);
  byId("clear").hidden = !filtered();
}

function startFilters() {
  byId("counts").textContent = [
    count(graph.paperCount, "paper"),
    count(graph.entityCount, "entity", "entities"),
    count(graph.resultCount, "result"),
  ].join(" · ");
  byId("legend").append(
    ...graph.types.map((type, number) =>
      el(
        "button",
        {
          type: "button",
          class: `chip t-${type.name}`,
          title: `${type.definition} Click: only these; again: all.`,
          onclick: () => toggleType(number),
        },
        el("i", { class: "dot" }),
        graph.headings[type.name],
        el("small", {}),
      ),
    ),
    graph.view === "papers"
      ? el(
          "span",
          { class: "chip t-Paper" },
          el("i", { class: "dot square" }),
          "Papers",
          el("small", {}, plain(graph.paperCount)),
        )
      : "",
  );
  byId("role").append(
    ...graph.roles.map((role, number) => el("option", { value: number, title: role.definition }, role.label)),
  );
  byId("venue").append(...graph.papers.venues.map((venue, number) => el("option", { value: number }, venue)));
  byId("venue").closest("label").hidden = !graph.papers.venues.length;
  const [first, last] = graph.years;
  byId("from").closest("label").hidden = !first;
  Object.assign(byId("from"), { placeholder: first, min: first, max: last });
  Object.assign(byId("until"), { placeholder: last, min: first, max: last });
  byId("families").closest("label").hidden = !Object.keys(graph.entities.family).length;
  byId("families").addEventListener("change", ({ target }) => change({ families: target.checked }));
  const choice = (id, name) =>
    byId(id).addEventListener("change", ({ target }) =>
      change({ [name]: target.value === "" ? -1 : Number(target.value) }),
    );
  choice("role", "role");
  choice("venue", "venue");
  const year = (text) => (/^\d{4}$/.test(text) ? Number(text) : 0);
  const number = (id, name, read) =>
    byId(id).addEventListener("input", ({ target }) => change({ [name]: read(target.value) }, { passing: true }));
  number("from", "from", year);
  number("until", "until", year);
  number("min", "min", (text) => Math.max(1, Math.floor(Number(text)) || 1));
  number("confidence", "confidence", (text) => Math.min(100, Math.max(0, Number(text) || 0)));
  byId("clear").addEventListener("click", () =>
    change(Object.fromEntries(FILTERS.map((name) => [name, NOTHING[name]]))),
  );
}

function toggleType(type) {
  const types = state.types.includes(type)
    ? state.types.filter((other) => other !== type)
    : [...state.types, type].sort();
  change({ types: types.length === graph.types.length ? [] : types });
}
