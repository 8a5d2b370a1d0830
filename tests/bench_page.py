"""The page in a browser beside plain pyvis of the same graph: ``make bench-page``.

Graphs are made up (as large as asked for, always the same), pages are opened from disk in headless Chromium without a
graphics card. Seconds count from the opening of the file:

- *responsive*: the graph is drawn, and five frames in a row come within 100 ms each;
- *search*: the first search is answered (the page only; pyvis has none);
- *key*: the slowest of ten keystrokes, until the list stands;
- *pan*: the median frame while the graph is dragged.

What takes longer than LIMIT seconds is given up, which a row says as ``> LIMIT s``.
"""

import argparse
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Page, TimeoutError, sync_playwright

sys.path.insert(0, str(Path(__file__).parent / "kg" / "export"))
from conftest import FLAGS, find_chromium, made_up

from kg.export.html import MAX_NODES, to_html, write_html
from kg.export.html.folder import write_folder
from kg.graph import KnowledgeGraph

NODES = (100, 1_000, 5_000, 20_000)
PAPERS = (500, 10_000, 64_000)
DRAWN = (120, 1_000, 2_000, 4_000)

WATCH = """
const drawn = () => document.documentElement.dataset.ready === "true" || (window.network?.physics?.ready ?? false);
const search = (text) => {
    const box = document.getElementById("search");
    box.focus();
    box.value = text;
    const start = performance.now();
    box.dispatchEvent(new Event("input"));
    document.body.offsetHeight;
    return performance.now() - start;
};
let quick = 0, last = 0;
requestAnimationFrame(function step(now) {
    if (drawn() && document.getElementById("suggestions") && !window.searchAt) {
        search("neural");
        window.searchAt = performance.now();
    }
    quick = drawn() && now - last < 100 ? quick + 1 : 0;
    last = now;
    if (quick === 5) window.responsiveAt = performance.now();
    else requestAnimationFrame(step);
});
window.keys = (texts) => texts.map(search);
window.frames_ = [];
window.countFrames = () => requestAnimationFrame(function step(now) {
    window.frames_.push(now);
    requestAnimationFrame(step);
});
"""
KEYS = ["s", "sp", "spe", "speech", "speech 1", "speech 12", "d", "de", "deep graph", "xqz"]


def pan(tab: Page) -> float:
    """Median milliseconds of a frame."""
    box = tab.locator("canvas").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 12
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.evaluate("countFrames()")
    for step in range(60):
        tab.mouse.move(x + 3 * step, y + step)
    tab.mouse.up()
    times = tab.evaluate("window.frames_")
    return statistics.median(after - before for before, after in pairwise(times))


def visit(playwright, file: Path, limit: float) -> dict[str, float]:
    """Open a page in a browser of its own: what was stuck must not slow down the next."""
    browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
    context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    context.add_init_script(WATCH)
    tab = context.new_page()
    tab.set_default_timeout(1000 * limit)
    measured: dict[str, float] = {}
    try:
        tab.goto(file.as_uri(), wait_until="commit")
        tab.wait_for_function("() => window.responsiveAt")
        measured["responsive"] = tab.evaluate("window.responsiveAt") / 1000
        if tab.evaluate("Boolean(window.searchAt)"):
            measured["search"] = tab.evaluate("window.searchAt") / 1000
            measured["key"] = max(tab.evaluate("texts => keys(texts)", KEYS))
            tab.keyboard.press("Escape")
            tab.keyboard.press("Escape")
        measured["pan"] = pan(tab)
    except TimeoutError:
        pass  # a measurement that lacks says that it took too long
    finally:
        browser.close()
    return measured


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
    papers = max(10, nodes // 5)
    while len((graph := made_up(papers)).papers) + len(graph.entities) < nodes:
        papers = int(papers * 1.15) + 1
    return graph


def shown(measured: dict[str, float], limit: float) -> str:
    columns = (("responsive", "s", 1), ("search", "s", 1), ("key", "ms", 0), ("pan", "ms", 0))
    cells = [f"{measured[name]:.{digits}f} {unit}" if name in measured else "" for name, unit, digits in columns]
    if "responsive" not in measured:
        cells[0] = f"> {limit:.0f} s"
    return " | ".join(f"{cell:>10}" for cell in cells)


def row(name: str, seconds: float, size: float, measured: dict[str, float], limit: float) -> None:
    print(f"| {name:<42} | {seconds:>6.1f} s | {size / 1e6:>6.1f} MB | {shown(measured, limit)} |", flush=True)


def main(nodes: list[int], papers: list[int], drawn: list[int], limit: float) -> None:
    print(f"| {'':<42} | {'written':>8} | {'size':>9} | responsive |     search |        key |        pan |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "page.html"

        def measure(name, write) -> None:
            started = time.process_time()
            write()
            row(name, time.process_time() - started, file.stat().st_size, visit(playwright, file, limit), limit)

        for number in nodes:
            graph = of_nodes(number)
            measure(f"{number:,} nodes: pyvis", lambda graph=graph: plain_pyvis(graph, file, physics=True))
            measure(
                f"{number:,} nodes: pyvis, places given", lambda graph=graph: plain_pyvis(graph, file, physics=False)
            )
            measure(f"{number:,} nodes: this page", lambda graph=graph: write_html(graph, file))
        for number in papers:
            graph = made_up(number)
            measure(f"{number:,} papers: one file", lambda graph=graph: write_html(graph, file))
            started = time.process_time()
            write_folder(graph, Path(folder) / "page")
            seconds = time.process_time() - started
            size = sum(path.stat().st_size for path in (Path(folder) / "page").rglob("*.*") if "texts" not in path.name)
            measured = visit(playwright, Path(folder) / "page" / "index.html", limit)
            row(f"{number:,} papers: a folder (what is read at first)", seconds, size, measured, limit)
        graph = made_up(2_000) if drawn else None
        for number in drawn:
            page = f"{number:,} nodes drawn" + (" (at first sight)" if number == MAX_NODES else "")
            measure(page, lambda n=number: file.write_text(to_html(graph, max_nodes=n), encoding="utf-8"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="*", default=NODES, help="graphs to show beside pyvis")
    parser.add_argument("--papers", type=int, nargs="*", default=PAPERS, help="graphs to show alone")
    parser.add_argument("--drawn", type=int, nargs="*", default=DRAWN, help="nodes to draw of one graph")
    parser.add_argument("--limit", type=float, default=170, help="seconds to wait for a page")
    options = parser.parse_args()
    main(options.nodes, options.papers, options.drawn, options.limit)
