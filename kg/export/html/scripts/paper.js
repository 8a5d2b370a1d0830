// The detail panel of a paper: its abstract with the mentions marked, and each result with its sentence.

let pointedAt = null; // [start, end) of the sentence to show next

function paperPanel(paper) {
  const texts = textsOf(paper);
  if (texts === NO_TEXTS) whenTexts(paper, () => state.paper === paper && state.tab === "details" && renderPanel());
  const links = linkNumbers(paper);
  const about = [texts.authors.join(", "), [paperVenue(paper), paperYear(paper)].filter(Boolean).join(" ")].filter(
    Boolean,
  );
  const outside = [];
  for (let at = 0; at < texts.addresses.length; at += 2)
    outside.push(outLink(texts.addresses[at + 1], texts.addresses[at]));
  return [
    el(
      "header",
      { class: "t-Paper" },
      el(
        "p",
        { class: "kind" },
        el("i", { class: "dot square" }),
        "Paper",
        copyButton("Copy link", () => document.URL),
      ),
      el("h2", { tabindex: "-1", id: "heading", dir: "auto" }, marked(paper, texts, 0, paperTitle(paper).length)),
      about.map((line) => el("p", { class: "faint" }, bdi(line))),
      outside.length ? el("p", { class: "outside" }, outside) : null,
    ),
    el(
      "div",
      { class: "actions" },
      el(
        "button",
        {
          type: "button",
          onclick: () => grow({ kind: "p", index: paper }),
          title: "Add its entities to the picture (Enter)",
        },
        "+ Entities",
      ),
      el(
        "button",
        { type: "button", onclick: () => hide(paperKey(paper)), title: "Take it out of the picture (Delete)" },
        "Hide",
      ),
    ),
    texts.abstract
      ? el(
          "p",
          { class: "abstract", dir: "auto", id: "abstract" },
          marked(paper, texts, paperTitle(paper).length + 1, paperTitle(paper).length + 1 + texts.abstract.length),
        )
      : el("p", { class: "empty", id: "abstract" }, texts === NO_TEXTS ? "Opening the abstract …" : "No abstract."),
    texts.keywords.length ? el("p", { class: "faint" }, "Keywords: ", bdi(texts.keywords.join(", "))) : null,
    ...rolesOf(paper, texts, links),
    paperResults(paper),
    similarSection(paper),
  ];
}

/** The text [from, to) of title, line feed, abstract: cut wherever a mention or a result's sentence begins or ends. */
function marked(paper, texts, from, to) {
  const whole = `${paperTitle(paper)}\n${texts.abstract ?? ""}`;
  const mentions = spans(texts.mentions, 3);
  const results = graph.resultsOfPaper.get(paper) ?? [];
  const sentences = spans(texts.sentences, 2);
  const borders = [from, to, ...mentions.flatMap(([, start, end]) => [start, end]), ...sentences.flat()];
  if (pointedAt) borders.push(...pointedAt);
  const cuts = [...new Set(borders)].filter((cut) => cut >= from && cut <= to).sort((a, b) => a - b);
  return cuts.slice(1).flatMap((end, number) => {
    const start = cuts[number];
    const text = whole.slice(start, end);
    const mention = mentions.find(([, first, last]) => first <= start && end <= last);
    const pointed = pointedAt && pointedAt[0] <= start && end <= pointedAt[1];
    const piece = mention ? mark(text, linkOfMention(paper, mention[0])) : document.createTextNode(text);
    const numbers = sentences.flatMap(([first, last], result) =>
      last === end && last > first && from > 0 ? [resultMark(results, result)] : [],
    );
    return [pointed ? el("span", { class: "pointed" }, piece) : piece, ...numbers];
  });
}

const spans = (flat, width) =>
  Array.from({ length: flat.length / width }, (_, number) => flat.slice(number * width, (number + 1) * width));

function mark(text, link) {
  const entity = graph.linkEntity[link];
  const role = graph.roles[graph.linkRole[link]].label;
  const title = `${entityName(entity)}: ${entityType(entity).label}; the paper ${role} it (${graph.linkConfidence[link]} %)`;
  return el("mark", { class: `t-${entityType(entity).name}` }, goTo(text, asEntity(entity), { title }));
}

const resultMark = (results, number) =>
  el(
    "sup",
    {},
    action(String(number + 1), () => byId(`result-${results[number]}`)?.scrollIntoView({ block: "nearest" }), {
      "aria-label": `Result ${number + 1}`,
      title: "A result is read from this sentence",
    }),
  );

/** The entities of the paper by what it does with them; each leads to the sentence that says so. */
function rolesOf(paper, texts, links) {
  const evidence = spans(texts.evidence, 2);
  return graph.roles.map((role, number) => {
    const here = links.filter((link) => graph.linkRole[link] === number);
    if (!here.length) return null;
    const items = here.map((link) => {
      const span = evidence[placeInPaper(paper, link)];
      const why =
        span && span[1] > span[0]
          ? action("why", () => pointAt(span), {
              class: "link why",
              title: "Show the sentence that this was read from",
            })
          : null;
      return el("li", {}, entityLink(graph.linkEntity[link]), why);
    });
    return el(
      "section",
      {},
      el("h3", { title: role.definition }, graph.active[role.name]),
      el("ul", { class: "entities" }, items),
    );
  });
}

function paperResults(paper) {
  const results = graph.resultsOfPaper.get(paper) ?? [];
  if (!results.length) return null;
  const sentences = spans(textsOf(paper).sentences, 2);
  const items = results.map((result, number) => {
    const { value, gain, metric, subject, dataset, task, baseline } = graph.results;
    const parts = [
      ["", subject],
      ["", metric],
      ["on", dataset],
      ["for", task],
      ["against", baseline],
    ].filter(([, slot]) => slot[result] !== null && slot[result] !== undefined);
    const said = parts.map(([word, slot]) =>
      el("span", {}, word ? el("span", { class: "faint" }, `${word} `) : null, slotCell(slot[result])),
    );
    return el(
      "li",
      { id: `result-${result}` },
      el("span", { class: "value" }, gain[result] ? "Δ " : "", bdi(value[result])),
      el("span", { class: "parts" }, said),
      sentences[number] ? action("sentence", () => pointAt(sentences[number]), { class: "link why" }) : null,
    );
  });
  return section("Results", el("ol", { class: "results" }, items));
}

function similarSection(paper) {
  const similar = similarPapers(paper, passes).slice(0, 6);
  if (!similar.length) return null;
  return section(
    "Papers that share most with it",
    el(
      "ul",
      { class: "papers" },
      similar.map(([other, , shared]) =>
        el(
          "li",
          {},
          paperLink(other),
          el("span", { class: "faint", title: `${count(shared, "entity", "entities")} in common` }, `${shared} shared`),
        ),
      ),
    ),
  );
}

/** Show a sentence of the open paper. */
function pointAt(span) {
  pointedAt = span;
  renderPanel();
  pointedAt = null;
  const place = document.querySelector(".pointed");
  place?.scrollIntoView({ block: "center", behavior: calm() ? "auto" : "smooth" });
}

/** Open the paper of a result at its sentence. */
function openSentence(result) {
  const paper = graph.results.paper[result];
  const number = graph.resultsOfPaper.get(paper).indexOf(result);
  if (state.paper !== paper || state.tab !== "details") selectPaper(paper);
  whenTexts(paper, () => state.paper === paper && pointAt(spans(textsOf(paper).sentences, 2)[number]));
}
