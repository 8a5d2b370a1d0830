"""Graphs of papers written for the tests, ten in a small markup and any number made up; and a browser to read them."""

import os
import random
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from kg.export.html import write_html
from kg.graph import GraphInfo, KnowledgeGraph
from schemas.records import Alias, Entity, Link, Mention, Paper, ReportedResult

# {Type:role:surface} or {Type:role:surface|name of the entity}; «…» is a sentence with results.
PAPERS = [
    (
        "w01", 2015, "Northern Vision",
        "{Model:introduces:StairNet}: Deep Stairs for {Task:uses:image classification}",
        "Very deep {Model:mentions:convolutional networks|convolutional network} are hard to train. We propose "
        "{Model:introduces:StairNet}, which adds {Method:introduces:step connections|step connection}. «On "
        "{Dataset:uses:PictureNet} it reaches 76.5% {Metric:uses:top-1 accuracy}, 2.1 points above "
        "{Model:compares:FlatNet}.» Training takes {Method:uses:stochastic gradient descent} and "
        "{Method:uses:data augmentation}.",
    ),
    (
        "w02", 2016, "Northern Vision",
        "How Wide Should {Model:uses:StairNets|StairNet} Be?",
        "We widen {Model:uses:StairNet} and study {Task:uses:image classification} on {Dataset:uses:TinyPics-10} and "
        "{Dataset:uses:PictureNet}. «A wide model has an error of 3.9% on {Dataset:uses:TinyPics-10}.» "
        "{Method:uses:Data augmentation|data augmentation} and {Method:uses:random silence} help.",
    ),
    (
        "w03", 2017, "Words and Models",
        "{Model:introduces:Lantern}: Attention without Recurrence",
        "Recurrence is slow. {Model:introduces:Lantern} relies on {Method:uses:self-attention} alone, trained for "
        "{Task:uses:machine translation}. «It scores 28.4 {Metric:uses:BLEU} on {Dataset:uses:EuroTalk}.»",
    ),
    (
        "w04", 2018, "Words and Models",
        "{Model:introduces:OWL}: Pre-training of {Model:uses:Lanterns|Lantern} for Language",
        "We introduce {Model:introduces:OWL} (Ordinary Words Learner), a {Model:uses:Lantern} encoder with "
        "{Method:introduces:masked word prediction}. «It improves {Dataset:uses:GLOW} to 80.5% "
        "{Metric:uses:accuracy}.» {Task:uses:Question answering|question answering} on {Dataset:uses:AskMe} gains too.",
    ),
    (
        "w05", 2019, "Words and Models",
        "Smaller Owls: {Method:uses:knowledge distillation} of {Model:uses:OWL}",
        "Large encoders are costly. We distil {Model:uses:OWL} by {Method:uses:knowledge distillation} and keep 97% "
        "of its {Metric:uses:accuracy} on {Dataset:uses:GLOW}; {Metric:uses:latency} falls by half.",
    ),
    (
        "w06", 2020, "Northern Vision",
        "{Model:uses:Lanterns|Lantern} See: {Task:uses:image classification} by {Method:uses:self-attention}",
        "Patches as words: a {Model:uses:Lantern} on {Dataset:uses:PictureNet} rivals {Model:compares:StairNet}. «It "
        "reaches 88.1% {Metric:uses:top-1 accuracy} on {Dataset:uses:PictureNet}.» Pre-training needs "
        "{Method:uses:data augmentation}.",
    ),
    (
        "w07", 2021, "Journal of Small Models",
        "{Method:uses:Knowledge distillation|knowledge distillation} for Vision",
        "A {Model:uses:StairNet} teacher helps a {Model:uses:Lantern} student on {Dataset:uses:TinyPics-10}. "
        "{Metric:uses:Top-1 accuracy|top-1 accuracy} and {Metric:uses:latency} are reported.",
    ),
    (
        "w08", 2022, "Words and Models",
        "Do Owls Answer? {Task:uses:question answering} Revisited",
        "On {Dataset:uses:AskMe}, {Model:uses:OWL} answers from surface cues; {Model:compares:Lantern} does so less. "
        "{Metric:uses:Accuracy|accuracy} drops by 12 points under paraphrase.",
    ),
    (
        "w09", 2022, None,
        r"Na\"{\i}ve Scaling of {Model:uses:OWL} to 93\% Sparsity",
        r"We prune {Model:uses:OWL} to 93\% sparsity. On {Dataset:uses:GLOW} {Metric:uses:accuracy} stays within "
        r"1\%; {Metric:uses:latency} halves. 😀 {Method:uses:Self-attention|self-attention} heads go first.",
    ),
    (
        "w10", 2023, "Journal of Small Models",
        "A Paper of Its Own: {Task:uses:tide prediction}",
        "Nothing here is shared: {Method:introduces:moon tables|moon table} predict tides at "
        "{Dataset:uses:HarbourLog}.",
    ),
]  # fmt: skip


def slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def parse(marked: str) -> tuple[str, list[tuple[int, int, str, str, str]], list[tuple[int, int]]]:
    """Plain text, mentions (start, end, type, role, name) and the sentences in «…»."""
    text, mentions, sentences = "", [], []
    for part in re.split(r"(\{\w+:\w+:[^{}]+\}|[«»])", marked):
        if part == "«":
            sentences.append((len(text), len(text)))
        elif part == "»":
            sentences[-1] = (sentences[-1][0], len(text))
        elif match := re.fullmatch(r"\{(\w+):(\w+):([^{}|]+)(?:\|([^{}]+))?\}", part):
            type_, role, surface, name = match.groups()
            mentions.append((len(text), len(text) + len(surface), type_, role, name or surface))
            text += surface
        else:
            text += part
    return text, mentions, sentences


def make_graph(rows: Iterable[tuple], *, title: str = "Ten papers") -> KnowledgeGraph:
    papers, links, results, entities = [], [], [], {}
    for paper_id, year, venue, marked_title, marked_abstract in rows:
        plain_title = parse(marked_title)[0]
        text, mentions, sentences = parse(f"{marked_title}\n{marked_abstract}")
        papers.append(
            Paper(
                id=paper_id, title=plain_title, abstract=text[len(plain_title) + 1 :], year=year, venue=venue,
                authors=("Ada Example", "Ben Sample"), url=f"https://example.org/{paper_id}", doi=f"10.1000/{paper_id}",
            )
        )  # fmt: skip
        found: dict[str, list[Mention]] = {}
        roles: dict[str, str] = {}
        for start, end, type_, role, name in mentions:
            found.setdefault(slug(name), []).append(Mention(start, end, text[start:end], type_, 0.9))
            roles.setdefault(slug(name), role)
            entity = entities.setdefault(slug(name), {"name": name, "type": type_, "papers": set(), "forms": {}})
            entity["papers"].add(paper_id)
            entity["forms"].setdefault(text[start:end], set()).add(paper_id)
        for entity_id, spans in found.items():
            links.append(
                Link(
                    paper_id=paper_id, entity_id=entity_id, role=roles[entity_id], confidence=0.9,
                    mentions=tuple(spans), evidence=(spans[-1].start, spans[-1].end),
                )
            )  # fmt: skip
        for number, (start, end) in enumerate(sentences, 1):
            results.append(_result(paper_id, number, text, start, end, mentions))
    return KnowledgeGraph(
        papers=papers,
        entities=[
            Entity(
                id=entity_id,
                type=entity["type"],
                name=entity["name"],
                papers=len(entity["papers"]),
                aliases=tuple(
                    sorted((Alias(form, len(ids)) for form, ids in entity["forms"].items()), key=lambda a: -a.papers)
                ),
                same_as=("https://example.org/id/picturenet", "javascript:alert(1)")
                if entity_id == "picturenet"
                else (),
            )
            for entity_id, entity in entities.items()
        ],
        links=links,
        results=results,
        info=GraphInfo(title=title, pipeline="abstractkg-test 1"),
    )


def _result(paper_id, number, text, start, end, mentions):
    inside = {type_: slug(name) for begin, _, type_, _, name in mentions if start <= begin < end}
    value = re.search(r"\d+(?:\.\d+)?%?", text[start:end]).group()
    names = {slug(name): name for *_, name in mentions}
    slots = {"metric": inside.get("Metric"), "dataset": inside.get("Dataset")}
    return ReportedResult(
        id=f"{paper_id}#result-{number}", paper_id=paper_id, subject=None, value=value,
        number=float(value.rstrip("%")), unit="%" if "%" in value else None, start=start, end=end, confidence=0.8,
        **{slot: names.get(entity_id) for slot, entity_id in slots.items()},
        **{f"{slot}_id": entity_id for slot, entity_id in slots.items()},
    )  # fmt: skip


def made_up(papers: int) -> KnowledgeGraph:
    """A graph as large as asked for, with hubs and a long tail as real ones have, always the same."""
    random_ = random.Random(7)
    words = ["sparse", "deep", "joint", "robust", "neural", "graph", "speech", "image", "causal", "latent", "federated"]
    types = ["Method", "Model", "Dataset", "Metric", "Task"]
    names = [f"{random_.choice(words)} {random_.choice(words)} {number}" for number in range(papers * 4)]
    rows = []
    for number in range(papers):
        topic = random_.randrange(12)
        chosen = {min(len(names) - 1, int(random_.paretovariate(0.75)) * 12 + topic) for _ in range(9)}
        marked = [f"{{{types[entity % 5]}:uses:{names[entity]}}}" for entity in sorted(chosen)]
        filler = " ".join(random_.choices(words, k=90))
        abstract = f"{filler}. «We reach {random_.randrange(100)}.5% with {' and '.join(marked)}.»"
        rows.append((f"m{number:05}", 2010 + number % 14, f"Venue {number % 7}", f"On {filler[:60]}", abstract))
    return make_graph(rows, title=f"{papers} papers")


@pytest.fixture(scope="session")
def ten_papers() -> KnowledgeGraph:
    return make_graph(PAPERS)


@pytest.fixture(scope="session")
def many_papers() -> KnowledgeGraph:
    """500 papers: enough for the view of what is shared."""
    return made_up(500)


@pytest.fixture(scope="session")
def graph_of():
    """What makes a graph of rows (id, year, venue, marked title, marked abstract)."""
    return make_graph


# The page in a real browser, offline, as a reader uses it

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

DOT_OF_COLOUR = """([r, g, b]) => {
    const canvas = document.querySelector("#network canvas");
    const { width, height } = canvas;
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    const is = (x, y) => [r, g, b].every((value, channel) => data[4 * (y * width + x) + channel] === value);
    const { left, top } = canvas.getBoundingClientRect();
    const ratio = width / canvas.clientWidth;
    for (let y = 8; y < height - 8; y++)
        for (let x = 8; x < width - 8; x++)
            if (is(x, y) && is(x - 4, y) && is(x + 4, y) && is(x, y - 4) && is(x, y + 4))
                return [left + x / ratio, top + y / ratio];
}"""


class Reader:
    """Someone at an open page: what they see and what they do."""

    def __init__(self, tab: Page) -> None:
        self.tab = tab
        self.find = tab.locator
        self.js = tab.evaluate
        self.press = tab.keyboard.press
        self.type = tab.keyboard.type

    @property
    def heading(self) -> Locator:
        return self.find("#heading")

    def button(self, name: str) -> Locator:
        return self.tab.get_by_role("button", name=name)

    def look_up(self, text: str) -> None:
        self.press("/")
        self.type(text)
        self.press("Enter")

    def go(self, link: str) -> None:
        """Follow a link within the page."""
        self.js("link => { location.hash = link }", link)
        self.js("() => new Promise((done) => setTimeout(done, 20))")

    def drawn(self) -> int:
        return int(self.find("#network").get_attribute("aria-label").split()[2].replace(",", ""))

    def rows(self, column: int = 0) -> list[str]:
        """The cells of a column of the table in the panel."""
        return self.find(f"#body table tbody td:nth-child({column + 1})").all_inner_texts()

    def dot(self, rgb: tuple[int, int, int]) -> tuple[float, float]:
        """Where on the page a dot of that colour lies; the canvas may still be about to be drawn."""
        return self.tab.wait_for_function(DOT_OF_COLOUR, arg=rgb, timeout=10_000).json_value()


def find_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = find_chromium()
    if not found or not Path(found).exists():
        pytest.fail(
            "The tests of the page need Chromium. Install it (Debian: apt-get install chromium), or set CHROMIUM to "
            "the path of a Chromium or Chrome.",
            pytrace=False,
        )
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def pages(ten_papers, many_papers, tmp_path_factory) -> Path:
    """The folder with ten.html and many.html."""
    folder = tmp_path_factory.mktemp("pages")
    write_html(ten_papers, folder / "ten.html")
    write_html(many_papers, folder / "many.html")
    return folder


class Visits:
    """Open pages by their file and window, and what their browser asked for or complained of."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser, self.folder = browser, folder
        self.open: dict[tuple, Reader] = {}
        self.said: list[str] = []

    def __call__(self, name="ten.html", link="", *, width=1280, height=800, scheme="light", afresh=False) -> Reader:
        """Visit a page: one that is open already is started over, unless it must be loaded ``afresh``."""
        window = (name, width, height, scheme)
        if window in self.open and not afresh:
            self.open[window].find("#reset").click()
            self.open[window].go(link)
            return self.open[window]
        self.open[window] = self._load(name, link, width, height, scheme)
        return self.open[window]

    def _load(self, name: str, link: str, width: int, height: int, scheme: str) -> Reader:
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, offline=True
        )
        context.add_init_script(
            "Object.defineProperty(navigator, 'clipboard', "
            "{ value: { writeText: async (text) => { window.copied = text } } })"
        )
        tab = context.new_page()
        tab.set_default_timeout(5000)
        tab.on("console", lambda message: self.said.append(message.text))
        tab.on("pageerror", lambda error: self.said.append(str(error)))
        tab.on("request", lambda request: request.url.startswith("file:") or self.said.append(request.url))
        tab.goto((self.folder / name).as_uri() + link)
        tab.wait_for_selector("html[data-ready=true]")
        return Reader(tab)


@pytest.fixture(scope="module")
def visits(browser: Browser, pages: Path) -> Visits:
    return Visits(browser, pages)


@pytest.fixture
def visit(visits: Visits) -> Iterator[Visits]:
    """Visit a page; at the end, nothing may have been asked for or complained of."""
    visits.said.clear()
    yield visits
    assert visits.said == []
