// The data comes as JSON in elements of the page; or, where the page is a folder, in scripts beside it, each of which
// leaves its JSON in the list `abstractkg`.

const beside = byId("parts")?.getAttribute("src").replace(/[^/]*$/, "") ?? null; // their folder, or null
const PARTED = "Part of this page is missing: index.html and the folder data-… beside it belong together.";

function firstPart() {
  const content = beside === null ? byId("graph").textContent : globalThis.abstractkg?.pop();
  if (content === undefined) {
    byId("sight").textContent = PARTED;
    throw new Error(PARTED);
  }
  byId("graph")?.remove(); // it is not needed twice
  return JSON.parse(content);
}

const textBlocks = new Map(); // number -> rows, or a promise of them
const blockOf = (paper) => Math.floor(paper / graph.textsEach);
const NO_TEXTS = { abstract: null, authors: [], keywords: [], addresses: [], mentions: [], evidence: [], sentences: [] };

/** What is read only when a paper is opened: abstract, mentions and so on; empty until `whenTexts`. */
function textsOf(paper) {
  const number = blockOf(paper);
  if (beside === null && !textBlocks.has(number))
    textBlocks.set(number, JSON.parse(byId(`texts-${number}`).textContent));
  const rows = textBlocks.get(number);
  if (!Array.isArray(rows)) return NO_TEXTS;
  const [abstract, authors, keywords, addresses, mentions, evidence, sentences] = rows[paper % graph.textsEach];
  return { abstract, authors, keywords, addresses, mentions, evidence, sentences };
}

/** Call `then` as soon as the texts of a paper are there, at once where they are. */
function whenTexts(paper, then) {
  if (textsOf(paper) !== NO_TEXTS) return then();
  const number = blockOf(paper);
  if (!textBlocks.has(number)) textBlocks.set(number, loadTexts(number));
  textBlocks.get(number).then(then, () => {
    if (state.paper === paper && byId("abstract")) byId("abstract").textContent = PARTED;
  });
}

function loadTexts(number) {
  return new Promise((done, failed) => {
    const onload = () => {
      textBlocks.set(number, JSON.parse(globalThis.abstractkg.pop()));
      done();
    };
    const onerror = () => {
      textBlocks.delete(number); // so that it is tried again
      failed();
    };
    document.head.append(el("script", { src: `${beside}texts-${number}.js`, onload, onerror }));
  });
}
