"""The page put together: our template, style and scripts, pyvis's vis-network, and the data.

In one file, the page may load nothing and run nothing but what is in it: its Content-Security-Policy forbids every
request and allows only the scripts and the style whose hashes it lists. In a folder, it may also load scripts from
where it lies itself: the parts of its data, which a page from disk can get in no other way (``fetch`` is refused).
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from kg.export.html.data import graph_block, text_blocks, to_json
from kg.export.html.network import build_network
from kg.export.html.selection import choose_view
from kg.graph import KnowledgeGraph
from schemas.vocabulary import ENTITY_TYPES, PAPER_COLOURS

__all__ = ["build_index", "build_page", "build_parts"]

HERE = Path(__file__).parent
# In the order in which the page runs them.
SCRIPTS = (
    "dom", "parts", "data", "grains", "state", "search", "suggestions", "tables", "lists", "labels",
    "drawn", "paint", "camera", "view", "overview", "entity", "paper", "filters", "app",
)  # fmt: skip
STYLES = ("base", "head", "stage", "panel", "reading", "media")
MOST_DRAWN = 2_000  # nodes: what a browser without a graphics card still pans at 30 frames a second
VIS = "lib/vis-9.1.2/vis-network.min.js"  # inside the pyvis package


def build_page(graph: KnowledgeGraph, *, title: str | None, max_nodes: int) -> Iterator[str]:
    """Yield the whole page piece by piece; see :func:`kg.export.html.to_html`."""
    block = _graph_block(graph, title=title, max_nodes=max_nodes)
    before, after = _shell(block["title"], papers=len(graph.papers))
    yield before
    yield _data_element("graph", block)
    for number, rows in enumerate(text_blocks(graph)):
        yield "\n" + _data_element(f"texts-{number}", rows)
    yield after


def build_parts(graph: KnowledgeGraph, *, title: str | None, max_nodes: int) -> Iterator[tuple[str, str]]:
    """Yield name and content of the parts of the data, which are scripts; see :func:`kg.export.html.write_folder`."""
    yield "graph.js", _data_script(_graph_block(graph, title=title, max_nodes=max_nodes))
    for number, rows in enumerate(text_blocks(graph)):
        yield f"texts-{number}.js", _data_script(rows)


def build_index(graph: KnowledgeGraph, *, title: str | None, parts: str) -> str:
    """Return the page whose data lies in the folder ``parts`` beside it."""
    element = f'<script id="parts" src="{parts}/graph.js"></script>'
    return element.join(_shell(title or graph.info.title, papers=len(graph.papers), sources="'self' file: "))


def _graph_block(graph: KnowledgeGraph, *, title: str | None, max_nodes: int) -> dict[str, Any]:
    view = choose_view(graph, max_nodes=max_nodes)
    network, regions = build_network(graph, view)
    drawn = {"nodes": network.nodes, "edges": network.edges, "options": network.options, "regions": regions}
    title = title or graph.info.title
    most = max(MOST_DRAWN, len(network.nodes))
    return graph_block(graph, title=title, view=view.kind, network=drawn, mostDrawn=most)


def _shell(title: str, *, papers: int, sources: str = "") -> tuple[str, str]:
    """Return the page before and after its data; ``sources`` are those that the policy allows scripts from."""
    vis, script, style = _vis_script(), _script(), _style()
    parts = {
        "title": html.escape(title),
        "papers": f"{papers:,}",
        "policy": _policy(scripts=(vis, script), style=style, sources=sources),
        "style": style,
        "vis": vis,
        "script": script,
    }
    before, _, after = (HERE / "template.html").read_text(encoding="utf-8").partition("{{ data }}")
    filled = [re.sub(r"\{\{ (\w+) \}\}", lambda match: parts[match.group(1)], half) for half in (before, after)]
    return filled[0], filled[1]


def _data_element(name: str, value: object) -> str:
    return f'<script type="application/json" id="{name}">{to_json(value)}</script>'


def _data_script(value: object) -> str:
    r"""Return a script that leaves ``value`` as JSON in a list: a browser parses that faster than a literal of its own.

    >>> print(_data_script(["it's", "a\\b"]), end="")
    (globalThis.abstractkg ??= []).push('["it\'s","a\\\\b"]');
    """
    literal = to_json(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"(globalThis.abstractkg ??= []).push('{literal}');\n"


def _policy(*, scripts: tuple[str, ...], style: str, sources: str) -> str:
    allowed = sources + " ".join(f"'{_digest(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src '{_digest(style)}'; base-uri 'none'; form-action 'none'"
    )


def _digest(content: str) -> str:
    """The hash of an inline element as a Content-Security-Policy wants it (W3C CSP Level 3, section 2.3.1)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


@cache
def _script() -> str:
    parts = [(HERE / "scripts" / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


@cache
def _style() -> str:
    sheets = [(HERE / "styles" / f"{name}.css").read_text(encoding="utf-8") for name in STYLES]
    return "\n".join([_colours(), *sheets])


def _colours() -> str:
    """Custom properties and classes of the types, so that colours stand in the vocabulary alone."""
    rows = [(name, row.colour, row.colour_dark) for name, row in ENTITY_TYPES.items()]
    rows.append(("Paper", *PAPER_COLOURS))
    properties = "".join(f"--{name}:light-dark({light},{dark});" for name, light, dark in rows)
    classes = "".join(f".t-{name}{{--c:var(--{name})}}\n" for name, _, _ in rows)
    return f":root{{{properties}}}\n{classes}"


@cache
def _vis_script() -> str:
    import pyvis

    script = (Path(pyvis.__path__[0]) / VIS).read_text(encoding="utf-8")
    return re.sub(r"//# sourceMappingURL=\S+", "", script)  # a browser's tools would ask for that file
