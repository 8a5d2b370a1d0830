"""The page in a browser beside plain pyvis of the same graph: ``make bench-page``.

Graphs are made up (as large as asked for, always the same) or a folder of yours; pages are opened from disk in
headless Chromium without a graphics card. Each figure is the median of REPEAT visits, each by a browser of its own:

- *responsive*: seconds from the opening of the file until the graph is drawn and five frames in a row come within
  100 ms each;
- *search*: until the first search is answered (the page only; pyvis has none);
- *processor*: seconds of the page's main thread until then (of pyvis: until it is responsive), which a busy machine
  does not lengthen as it does the others;
- *key* and *filter*: what the main thread works for the slowest of many keystrokes until the list stands, and for a
  click on a type until everything shows it;
- *pan* and *work*: a frame while the graph is dragged with every one, and what of it the main thread worked.

What is not responsive within LIMIT seconds is given up, which its row says; so each row, printed when it is known, takes
at most some four minutes.
"""

import argparse
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import CDPSession, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent / "kg" / "export"))
from conftest import FLAGS, find_chromium, made_up

import kg
from kg.export.html import MAX_NODES, page, write_html
from kg.export.html.folder import write_folder
from kg.export.html.selection import choose_view
from kg.graph import KnowledgeGraph

SPAWN = multiprocessing.get_context("spawn")
NODES = (100, 1_000, 5_000, 20_000)
PAPERS = (500, 10_000, 64_000)
DRAWN = (120, 1_000, 2_000, 4_000)
FRAMES = 60
PANNED = 20  # seconds after which fewer frames must do
KEYS = ["s", "x", "e", "ng", "sp", "spe", "speech", "speech 1", "d", "de", "deep graph", "xqz", "transfomer", "the of"]

WATCH = """
const drawn = () => document.documentElement.dataset.ready === "true" || (window.network?.physics?.ready ?? false);
window.keyed = (text) => {
    const box = document.getElementById("search");
    box.focus();
    box.value = text;
    box.dispatchEvent(new Event("input"));
    return document.body.offsetHeight; // so that it is laid out as well
};
const pressed = (selector) => {
    document.querySelector(selector).click();
    return document.body.offsetHeight;
};
window.filtered = () => pressed("#legend button");
window.cleared = () => pressed("#clear");
let quick = 0, last = 0;
requestAnimationFrame(function step(now) {
    if (drawn() && document.getElementById("suggestions") && !window.searchAt) {
        keyed("neural");
        window.searchAt = performance.now();
    }
    quick = drawn() && now - last < 100 ? quick + 1 : 0;
    last = now;
    if (quick === 5) window.responsiveAt = performance.now();
    else requestAnimationFrame(step);
});
window.panned = (frames, most) => new Promise((done) => {
    const canvas = document.querySelector("canvas");
    const { left, top, width } = canvas.getBoundingClientRect();
    const fire = (type, x, y, buttons) => canvas.dispatchEvent(new PointerEvent(type, {
        bubbles: true, cancelable: true, pointerId: 1, pointerType: "mouse", isPrimary: true,
        clientX: left + width / 2 + x, clientY: top + 12 + y, button: buttons && type === "pointermove" ? -1 : 0, buttons,
    }));
    const times = [];
    fire("pointerdown", 0, 0, 1);
    requestAnimationFrame(function step(now) {
        times.push(now);
        if (times.length > frames || (times.length > 2 && now - times[0] > most)) {
            fire("pointerup", 0, 0, 0);
            return done(times.slice(1).map((time, frame) => time - times[frame]));
        }
        const angle = times.length / 9;
        fire("pointermove", 60 * Math.sin(angle), 40 * (1 - Math.cos(angle)), 1);
        requestAnimationFrame(step);
    });
});
"""


def main_thread(session: CDPSession) -> float:
    """Seconds that the page's main thread has worked."""
    return {row["name"]: row["value"] for row in session.send("Performance.getMetrics")["metrics"]}["TaskDuration"]


def worked(tab: Page, session: CDPSession, act: str, after: str = "0", rounds: int = 5) -> float:
    """Median milliseconds of the main thread for ``act``, layout included."""
    taken = []
    for _ in range(rounds):
        before = main_thread(session)
        tab.evaluate(act)
        taken.append(1000 * (main_thread(session) - before))
        tab.evaluate(after)
    return statistics.median(taken)


def measure(address: str, tell: Connection) -> None:
    """Open a page, and ``tell`` what is measured as soon as it is."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
        context.add_init_script(WATCH)
        tab = context.new_page()
        tab.set_default_timeout(0)  # visit() ends what takes too long
        session = context.new_cdp_session(tab)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        tab.goto(address, wait_until="commit")
        tab.wait_for_function("() => window.searchAt ?? window.responsiveAt")
        processor = main_thread(session)
        tab.wait_for_function("() => window.responsiveAt")
        tell.send({"processor": processor, "responsive": tab.evaluate("window.responsiveAt") / 1000})
        if tab.evaluate("Boolean(window.searchAt)"):
            search = tab.evaluate("window.searchAt") / 1000
            key = max(worked(tab, session, f"keyed({key!r})") for key in KEYS)
            tab.evaluate("keyed('')")
            clicked = worked(tab, session, "filtered()", after="cleared()")
            tell.send({"search": search, "key": key, "filter": clicked})
        before = main_thread(session)
        frames = tab.evaluate("([frames, most]) => panned(frames, most)", [FRAMES, 1000 * PANNED])
        work = 1000 * (main_thread(session) - before) / len(frames)
        tell.send({"pan": statistics.median(frames), "work": work})
        browser.close()


def visit(address: str, limit: float) -> dict[str, float]:
    """Open a page in a process and a browser of its own, which are ended after ``limit`` seconds and a minute.

    A page whose script never rests answers nobody, so that calls to it would wait for ever, also those with a timeout.
    """
    told, tell = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=measure, args=(address, tell))
    process.start()
    tell.close()
    measured: dict[str, float] = {}
    deadline = time.monotonic() + limit
    try:
        while told.poll(max(0, deadline - time.monotonic())):
            measured |= told.recv()
            deadline = max(deadline, time.monotonic() + 60)
    except EOFError:  # it is done
        pass
    process.kill()
    process.join()
    return measured


def visits(address: str, limit: float, repeat: int) -> dict[str, float]:
    """The median of each measurement."""
    every = [visit(address, limit)]
    while len(every) < repeat and "pan" in every[0]:  # what is given up once is not waited for again
        every.append(visit(address, limit))
    return {name: statistics.median(one[name] for one in every if name in one) for name in every[0]}


def plain_pyvis(graph: KnowledgeGraph, file: Path, *, physics: bool) -> None:
    """What pyvis makes of the graph by itself; nodes and edges set directly, since ``from_nx`` is quadratic."""
    from pyvis.edge import Edge
    from pyvis.network import Network
    from pyvis.node import Node

    network = Network(cdn_resources="in_line", height="700px")
    side = int((len(graph.papers) + len(graph.entities)) ** 0.5) + 1
    names = [(entity.id, entity.name) for entity in graph.entities] + [
        (paper.id, paper.title) for paper in graph.papers
    ]
    for place, (name, label) in enumerate(names):
        fixed = {} if physics else {"x": 60 * (place % side), "y": 60 * (place // side)}
        network.nodes.append(Node(name, "dot", label, **fixed).options)
    network.edges.extend(Edge(link.paper_id, link.entity_id).options for link in graph.links)
    network.toggle_physics(physics)
    file.write_text(network.generate_html(), encoding="utf-8")


def of_nodes(nodes: int) -> KnowledgeGraph:
    """A graph of about so many papers and entities."""
    papers = max(10, nodes // 2)
    while (found := len((graph := made_up(papers)).papers) + len(graph.entities)) < nodes:
        papers = papers * nodes // found + 1
    return graph


COLUMNS = {
    "responsive": ("s", 1), "search": ("s", 1), "processor": ("s", 2), "key": ("ms", 0), "filter": ("ms", 0),
    "pan": ("ms", 0), "work": ("ms", 0),
}  # fmt: skip


def row(name: str, seconds: float, size: float, measured: dict[str, float], limit: float) -> None:
    cells = [f"{measured[key]:.{digits}f} {unit}" if key in measured else "" for key, (unit, digits) in COLUMNS.items()]
    if "responsive" not in measured:
        cells[0] = f"not within {limit:.0f} s"
    columns = " | ".join(f"{cell:>16}" if place == 0 else f"{cell:>10}" for place, cell in enumerate(cells))
    print(f"| {name:<42} | {seconds:>6.1f} s | {size / 1e6:>6.1f} MB | {columns} |", flush=True)


def main(options: argparse.Namespace) -> None:
    limit = options.limit
    names = " | ".join(f"{name:>{16 if place == 0 else 10}}" for place, name in enumerate(COLUMNS))
    print(f"| {'':<42} | {'written':>8} | {'size':>9} | {names} |")
    print("|" + "---|" * (3 + len(COLUMNS)), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"

        def show(name, write, link="") -> None:
            started = time.perf_counter()
            write()
            seconds = time.perf_counter() - started
            measured = visits(f"{file.as_uri()}#{link}", limit, options.repeat)
            row(name, seconds, file.stat().st_size, measured, limit)

        def alone(name: str, graph: KnowledgeGraph) -> None:
            show(f"{name}: one file", lambda: write_html(graph, file))
            started = time.perf_counter()
            write_folder(graph, Path(folder) / "page")
            seconds = time.perf_counter() - started
            size = sum(path.stat().st_size for path in (Path(folder) / "page").rglob("*.*") if "texts" not in path.name)
            measured = visits((Path(folder) / "page" / "index.html").as_uri(), limit, options.repeat)
            row(f"{name}: a folder (read at first)", seconds, size, measured, limit)

        for number in options.nodes:
            graph = of_nodes(number)
            show(f"{number:,} nodes: pyvis", lambda graph=graph: plain_pyvis(graph, file, physics=True))
            show(f"{number:,} nodes: pyvis, places given", lambda graph=graph: plain_pyvis(graph, file, physics=False))
            show(f"{number:,} nodes: this page", lambda graph=graph: write_html(graph, file))
        for number in options.papers:
            alone(f"{number:,} papers", made_up(number))
        for path in options.folders:
            graph = kg.open(path)
            alone(f"{len(graph.papers):,} papers of {Path(path).name}", graph)
        page.MOST_DRAWN = max([page.MOST_DRAWN, *options.drawn])  # else no more would be drawn
        for number in options.drawn:
            graph = made_up(10_000)
            show(f"{number:,} nodes drawn", lambda graph=graph: write_html(graph, file), drawing(graph, number))


def drawing(graph: KnowledgeGraph, nodes: int) -> str:
    """The link of a view in which so many nodes are drawn: the first sight, and what is named most."""
    home = choose_view(graph, max_nodes=MAX_NODES).keys
    there = {graph.entities[place].id for _, place in home}
    often = [entity for entity, _ in Counter(link.entity_id for link in graph.links).most_common()]
    keys = [f"added={quote(entity)}" for entity in often if entity not in there]
    keys += [f"added-paper={quote(paper.id)}" for paper in graph.papers]
    return "&".join(keys[: nodes - len(home)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="*", default=NODES, help="graphs to show beside pyvis")
    parser.add_argument("--papers", type=int, nargs="*", default=PAPERS, help="graphs to show alone")
    parser.add_argument("--folders", nargs="*", default=(), help="folders of `kg build` to show alone")
    parser.add_argument("--drawn", type=int, nargs="*", default=DRAWN, help="nodes to draw of one graph")
    parser.add_argument("--repeat", type=int, default=3, help="visits of each page")
    parser.add_argument("--limit", type=float, default=170, help="seconds to wait for a page")
    main(parser.parse_args())
