"""GraphML and GEXF, for networkx, igraph, Gephi, Cytoscape and yEd.

Both hold the nodes, edges and attributes of :func:`kg.networks.to_networkx`, which lists them; an absent value is an
absent attribute. Written as a stream, in the order of ids and without a date, so that the same graph gives the same
bytes (the writers of networkx build the whole document in memory, put the day into GEXF, and write GraphML differently
where lxml is installed).

Every node has the colour of its type, an area that grows with its papers, and a place (:mod:`kg.export.places`).

- GraphML: the key of an edge is its attribute ``key``, which ``networkx.read_graphml(path, force_multigraph=True)``
  takes as key again. Edges have no id: a key such as ``uses`` is not unique in the document, and Gephi drops edges
  whose id it has seen. Looks are the attributes ``x``, ``y``, ``size``, ``r``, ``g`` and ``b``, which Gephi takes for
  what they are called, and ``color`` (``#1d4ed8``), which a style in Cytoscape maps ("passthrough").
- GEXF (1.2draft, which every version of Gephi reads): looks are ``viz`` elements; edges have a label. Two results of
  one model on one data set are parallel edges: choose "don't merge" when Gephi asks.

XML 1.0 has no control characters and no lone surrogates: each becomes U+FFFD, and ids that fall together by this are
told apart by a number. Everything else comes back equal.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from xml.sax.saxutils import escape

from kg.export import replacing
from kg.export.places import place_all
from schemas.vocabulary import ENTITY_TYPES, PAPER_COLOURS

if TYPE_CHECKING:
    import networkx as nx

    from kg.graph import KnowledgeGraph

__all__ = ["write_gexf", "write_graphml"]

ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ESCAPES: Final = {'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}  # white space as it is, in attributes too
TYPES: Final = {bool: "boolean", int: "long", float: "double", str: "string"}  # named alike in both formats


def write_graphml(graph: KnowledgeGraph, path: Path) -> None:
    """Write ``graph`` to ``path`` as GraphML.

    Raises
    ------
    OSError
        The file cannot be written there; a file that was there is then untouched.

    Examples
    --------
    >>> import networkx as nx, tempfile
    >>> from kg.graph import KnowledgeGraph
    >>> from schemas.records import Entity
    >>> path = Path(tempfile.mkdtemp()) / "graph.graphml"
    >>> entities = [Entity(id="bert", type="Model", name="BERT", papers=2)]
    >>> write_graphml(KnowledgeGraph(papers=[], entities=entities, links=[]), path)
    >>> nx.read_graphml(path).nodes["bert"]["label"]
    'BERT'
    """
    _write(_graphml(graph.to_networkx()), path)


def write_gexf(graph: KnowledgeGraph, path: Path) -> None:
    """Write ``graph`` to ``path`` as GEXF, with colours and sizes.

    Raises
    ------
    OSError
        The file cannot be written there; a file that was there is then untouched.

    Examples
    --------
    >>> import networkx as nx, tempfile
    >>> from kg.graph import KnowledgeGraph
    >>> from schemas.records import Entity
    >>> path = Path(tempfile.mkdtemp()) / "graph.gexf"
    >>> entities = [Entity(id="bert", type="Model", name="BERT", papers=2)]
    >>> write_gexf(KnowledgeGraph(papers=[], entities=entities, links=[]), path)
    >>> nx.read_gexf(path).nodes["bert"]["viz"]["color"]["r"]
    126
    """
    _write(_gexf(graph.to_networkx(), title=graph.info.title), path)


def _write(lines: Iterable[str], path: Path) -> None:
    with replacing(path) as file:
        for line in lines:
            file.write(line.encode() + b"\n")


def _graphml(network: nx.MultiDiGraph[str]) -> Iterator[str]:
    ids, looks = _legal_ids(network), _looks(network)
    node_types = _types(data | looks[node].attributes() for node, data in network.nodes(data=True))
    edge_types = {"key": "string"} | _types(data for *_, data in network.edges(data=True))
    node_keys = {name: f"n{number}" for number, name in enumerate(node_types)}
    edge_keys = {name: f"e{number}" for number, name in enumerate(edge_types)}
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    for part, types, keys in (("node", node_types, node_keys), ("edge", edge_types, edge_keys)):
        for name, type_ in types.items():
            yield f'<key id="{keys[name]}" for="{part}" attr.name="{_xml(name)}" attr.type="{type_}"/>'
    yield '<graph edgedefault="directed">'
    for node, data in network.nodes(data=True):
        yield f'<node id="{ids[node]}">{_data(data | looks[node].attributes(), node_keys)}</node>'
    for source, target, key, data in network.edges(keys=True, data=True):
        values = {"key": str(key), **data}
        yield f'<edge source="{ids[source]}" target="{ids[target]}">{_data(values, edge_keys)}</edge>'
    yield "</graph>"
    yield "</graphml>"


def _data(data: Mapping[str, Any], keys: Mapping[str, str]) -> str:
    return "".join(f'<data key="{keys[name]}">{_xml(value)}</data>' for name, value in data.items())


def _gexf(network: nx.MultiDiGraph[str], *, title: str) -> Iterator[str]:
    ids, looks = _legal_ids(network), _looks(network)
    node_types = _types(data for _, data in network.nodes(data=True))
    node_types.pop("label", None)  # GEXF has a place of its own for it
    edge_types = _types(data for *_, data in network.edges(data=True))
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<gexf xmlns="http://www.gexf.net/1.2draft" xmlns:viz="http://www.gexf.net/1.2draft/viz" version="1.2">'
    yield f"<meta><creator>abstractkg</creator><description>{_xml(title)}</description></meta>"
    yield '<graph mode="static" defaultedgetype="directed">'
    for part, types in (("node", node_types), ("edge", edge_types)):
        yield f'<attributes class="{part}" mode="static">'
        for name, type_ in types.items():
            yield f'<attribute id="{_xml(name)}" title="{_xml(name)}" type="{type_}"/>'
        yield "</attributes>"
    yield "<nodes>"
    for node, data in network.nodes(data=True):
        values = _attvalues(data, node_types)
        yield f'<node id="{ids[node]}" label="{_xml(data.get("label", node))}">{values}{looks[node].elements()}</node>'
    yield "</nodes>"
    yield "<edges>"
    for number, (source, target, data) in enumerate(network.edges(data=True)):
        ends = f'source="{ids[source]}" target="{ids[target]}"'
        yield f'<edge id="{number}" {ends} label="{_xml(_edge_label(data))}">{_attvalues(data, edge_types)}</edge>'
    yield "</edges>"
    yield "</graph>"
    yield "</gexf>"


def _attvalues(data: Mapping[str, Any], types: Mapping[str, str]) -> str:
    values = (f'<attvalue for="{_xml(name)}" value="{_xml(data[name])}"/>' for name in types if name in data)
    return f"<attvalues>{''.join(values)}</attvalues>"


class _Look(NamedTuple):
    """How a node is drawn."""

    colour: str  # "#1d4ed8"
    size: float
    x: float
    y: float

    @property
    def rgb(self) -> tuple[int, int, int]:
        return int(self.colour[1:3], 16), int(self.colour[3:5], 16), int(self.colour[5:7], 16)

    def attributes(self) -> dict[str, Any]:
        """Return what GraphML has for it."""
        place = {"x": self.x, "y": self.y, "size": self.size, "color": self.colour}
        return place | dict(zip("rgb", self.rgb, strict=True))

    def elements(self) -> str:
        """Return what GEXF has for it."""
        r, g, b = self.rgb
        return (
            f'<viz:color r="{r}" g="{g}" b="{b}" a="1.0"/><viz:position x="{self.x}" y="{self.y}" z="0.0"/>'
            f'<viz:size value="{self.size}"/>'
        )


def _looks(network: nx.MultiDiGraph[str]) -> dict[str, _Look]:
    """Return the look of each node: of a paper Gephi's own default size, of an entity the square root of its papers."""
    number = {node: place for place, node in enumerate(network)}
    places = place_all(len(number), [(number[one], number[other]) for one, other in network.edges()])
    looks = {}
    for node, data in network.nodes(data=True):
        x, y = places[number[node]]
        if data.get("kind") == "paper":
            colour, size = PAPER_COLOURS[0], 10.0
        else:
            colour, size = ENTITY_TYPES[data["type"]].colour, round(10 * math.sqrt(max(1, data.get("papers", 1))), 2)
        looks[node] = _Look(colour, size, x, y)
    return looks


def _edge_label(data: Mapping[str, Any]) -> str:
    if data.get("kind") == "result":
        return " ".join(str(data[name]) for name in ("metric", "value") if name in data)
    return str(data.get("role", data.get("kind", ""))).replace("_", " ")


def _types(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the type of each attribute, by name in alphabetical order: what whole numbers and others share is double.

    >>> _types([{"year": 2020}, {"year": 2020.5, "label": "x"}])
    {'label': 'string', 'year': 'double'}
    """
    found: dict[str, set[type]] = {}
    for row in rows:
        for name, value in row.items():
            found.setdefault(name, set()).add(type(value))
    names = {name: TYPES[kinds.pop()] if len(kinds) == 1 else "string" for name, kinds in _numbers_alike(found)}
    return dict(sorted(names.items()))


def _numbers_alike(found: Mapping[str, set[type]]) -> Iterator[tuple[str, set[type]]]:
    for name, kinds in found.items():
        yield name, {float} if kinds == {int, float} else set(kinds)


def _legal_ids(network: nx.MultiDiGraph[str]) -> dict[Hashable, str]:
    """Return an id for each node, escaped: the node itself, unless XML cannot hold it or holds another by that id."""
    legal = {node: ILLEGAL.sub("\ufffd", node) for node in network}
    taken = {node for node, id_ in legal.items() if id_ == node}
    for node, id_ in legal.items():
        if id_ == node:
            continue
        number = 1
        while (candidate := id_ if number == 1 else f"{id_}~{number}") in taken:
            number += 1
        taken.add(candidate)
        legal[node] = candidate
    return {node: escape(id_, ESCAPES) for node, id_ in legal.items()}


def _xml(value: object) -> str:
    """Return ``value`` as text that can stand between tags and between quotes.

    >>> _xml('a < "b"\\x00')
    'a &lt; &quot;b&quot;\ufffd'
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return {"inf": "INF", "-inf": "-INF", "nan": "NaN"}.get(repr(value), repr(value))
    return escape(ILLEGAL.sub("\ufffd", str(value)), ESCAPES)
