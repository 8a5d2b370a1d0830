"""The browsable page, which opens from disk, offline, and shows what papers share: one HTML file, or a folder.

::

    selection.py   which entities tell most, and which ties between them to draw
    layout.py      where they stand: computed here, once, the same everywhere
    network.py     the pyvis network of them
    data.py        everything else of the graph as compact JSON
    page.py        template.html, *.css, scripts/*.js, vis-network and the data put together
    folder.py      a small index.html, and the data in parts that it loads on demand
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.graph import KnowledgeGraph

__all__ = ["MAX_FRAMED", "MAX_NODES", "to_frame", "to_html", "write_html"]

MAX_NODES = 120  # at first sight; some hundred labels can be read at once, and vis-network pans them at 60 Hz

MAX_FRAMED = 2_000  # papers in a frame, which a notebook keeps in its file: some 5 MB


def to_html(graph: KnowledgeGraph, *, title: str | None = None, max_nodes: int = MAX_NODES) -> str:
    """Return ``graph`` as one self-contained page.

    The same graph gives the same string. Search and lists reach everything; ``max_nodes`` bounds only what is drawn
    at first, of which a small screen shows the most telling until the reader zooms in.

    Parameters
    ----------
    graph
        Any graph, also an empty one.
    title
        Heading of the page; the graph's own by default.
    max_nodes
        At least 1. The time to write is quadratic in it: for 1,728 papers, 0.6 s with 300 and 1.4 s with 1,000.

    Raises
    ------
    InputError
        ``max_nodes`` is below 1.

    Examples
    --------
    >>> from kg.graph import KnowledgeGraph
    >>> from schemas.records import Paper
    >>> page = to_html(KnowledgeGraph(papers=[Paper(id="a", title="On X")], entities=[], links=[]), title="A & B")
    >>> page[:15], "<title>A &amp; B</title>" in page, "http-equiv" in page
    ('<!doctype html>', True, True)
    """
    from kg.export.html.page import build_page

    _check(max_nodes)
    return "".join(build_page(graph, title=title, max_nodes=max_nodes))


def to_frame(graph: KnowledgeGraph, *, height: int = 640, title: str | None = None, max_nodes: int = MAX_NODES) -> str:
    """Return the page as an ``iframe`` for notebooks: ``height`` pixels high, sandboxed from what stands around it.

    Of more than :data:`MAX_FRAMED` papers, the frame shows those that name most entities, and says so.

    Examples
    --------
    >>> from kg.graph import KnowledgeGraph
    >>> to_frame(KnowledgeGraph(papers=[], entities=[], links=[]), height=400)[:62]
    '<iframe sandbox="allow-scripts allow-popups" style="width:100%'
    """
    from html import escape

    note = ""
    if len(graph.papers) > MAX_FRAMED:
        note = (
            f"<p>{MAX_FRAMED:,} of {len(graph.papers):,} papers, those that name most. "
            "<code>graph.write('graph.html')</code> writes a page of all, "
            "<code>graph.subgraph(paper_ids)</code> chooses others.</p>"
        )
        graph = _naming_most(graph, MAX_FRAMED)
    page = escape(to_html(graph, title=title, max_nodes=max_nodes))
    return (
        f'{note}<iframe sandbox="allow-scripts allow-popups" '
        f'style="width:100%;height:{height}px;border:1px solid #94a3b8;border-radius:6px" srcdoc="{page}"></iframe>'
    )


def _naming_most(graph: KnowledgeGraph, papers: int) -> KnowledgeGraph:
    from collections import Counter

    names = Counter(link.paper_id for link in graph.links)
    return graph.subgraph(sorted((paper.id for paper in graph.papers), key=lambda i: (-names[i], i))[:papers])


def write_html(graph: KnowledgeGraph, path: Path, *, title: str | None = None, max_nodes: int = MAX_NODES) -> None:
    """Write the page of :func:`to_html` to ``path``, in UTF-8; nothing else is written.

    Raises
    ------
    InputError
        ``max_nodes`` is below 1.
    OSError
        The file cannot be written.
    """
    from kg.export import replacing
    from kg.export.html.page import build_page

    _check(max_nodes)
    with replacing(Path(path)) as file:
        for piece in build_page(graph, title=title, max_nodes=max_nodes):
            file.write(piece.encode())


def _check(max_nodes: int) -> None:
    from schemas.errors import InputError

    if max_nodes < 1:
        raise InputError(f"max_nodes is {max_nodes}; it must be at least 1")
