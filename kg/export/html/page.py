"""The page put together: our template, style and scripts, pyvis's vis-network, and the data, in one file.

The page may load nothing and run nothing but what is in it: its Content-Security-Policy forbids every request and
allows only the scripts and the style whose hashes it lists.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from functools import cache
from pathlib import Path

from kg.export.html.data import graph_block, text_blocks, to_json
from kg.export.html.network import build_network
from kg.export.html.selection import choose_view
from kg.graph import KnowledgeGraph
from schemas.vocabulary import ENTITY_TYPES, PAPER_COLOURS

__all__ = ["build_page"]

HERE = Path(__file__).parent
# In the order in which the page runs them.
SCRIPTS = (
    "dom", "data", "state", "search", "tables", "lists", "labels",
    "drawn", "view", "overview", "entity", "paper", "filters", "app",
)  # fmt: skip
STYLES = ("base", "head", "stage", "panel", "reading", "media")
VIS = "lib/vis-9.1.2/vis-network.min.js"  # inside the pyvis package


def build_page(graph: KnowledgeGraph, *, title: str | None, max_nodes: int) -> str:
    """Return the whole page; see :func:`kg.export.html.to_html`."""
    view = choose_view(graph, max_nodes=max_nodes)
    network = build_network(graph, view)
    title = title or graph.info.title
    drawn = {"nodes": network.nodes, "edges": network.edges, "options": network.options}
    block = graph_block(graph, title=title, view=view.kind, network=drawn)
    vis, script, style = _vis_script(), _script(), _style()
    parts = {
        "title": html.escape(title),
        "policy": _policy(scripts=(vis, script), style=style),
        "style": style,
        "vis": vis,
        "script": script,
        "data": _data_element("graph", block),
        "texts": "\n".join(_data_element(f"texts-{n}", rows) for n, rows in enumerate(text_blocks(graph))),
    }
    template = (HERE / "template.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{ (\w+) \}\}", lambda match: parts[match.group(1)], template)


def _data_element(name: str, value: object) -> str:
    return f'<script type="application/json" id="{name}">{to_json(value)}</script>'


def _policy(*, scripts: tuple[str, ...], style: str) -> str:
    allowed = " ".join(f"'{_digest(script)}'" for script in scripts)
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
