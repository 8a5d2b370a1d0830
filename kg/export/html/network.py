"""The first sight as a pyvis network: nodes, edges and options for the vis-network that pyvis brings along.

Nodes and edges are set directly: ``from_nx`` changes the graph that it is given, and it and ``add_node`` look through
all that is there already for each one that they add (104 s for 20,000 nodes, where this takes 0.3 s). vis-network gets
fixed places and no physics, which is what made plain pyvis pages freeze from 1,000 nodes on.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from kg.export.html.layout import LABEL_HEIGHT, Cell, find_communities, place_nodes
from kg.export.html.selection import View
from kg.graph import KnowledgeGraph
from schemas.text import readable
from schemas.vocabulary import ENTITY_TYPES, PAPER_COLOURS

if TYPE_CHECKING:
    from pyvis.network import Network

__all__ = ["Drawing", "Region", "build_network", "node_size"]

LABEL_WIDTH = 6.4  # canvas units a character, at the page's 13 px of a system font
PAPER_SIZE = 5

OPTIONS = {
    "autoResize": True,
    "edges": {"smooth": False, "hoverWidth": 0, "selectionWidth": 0, "chosen": False},
    "interaction": {
        "dragNodes": True,
        "hover": True,
        "hideEdgesOnDrag": False,
        "keyboard": {"enabled": False},
        "multiselect": False,
        "selectConnectedEdges": False,
        "tooltipDelay": 200,
        "zoomSpeed": 0.6,
    },
    "layout": {"improvedLayout": False},
    "nodes": {"borderWidth": 1.5, "borderWidthSelected": 3, "chosen": False, "labelHighlightBold": False},
    "physics": {"enabled": False},
}


class Region(NamedTuple):
    """What is often named together: its place in the picture, and the node ids of two entities that stand for it."""

    cell: Cell
    names: list[str]


class Drawing(NamedTuple):
    """The network, and the regions in the order of ``community``."""

    network: Network
    regions: list[Region]


def node_size(papers: int, most: int) -> float:
    """Return the radius, in canvas units, of the dot of an entity that ``papers`` papers name: its area grows with it.

    ``most`` is the largest number of papers of any entity in the graph; below 100 it counts as 100.

    >>> node_size(1, 10), node_size(100, 10), node_size(100, 900)
    (7.7, 32.0, 14.0)
    """
    return round(5 + 27 * math.sqrt(papers / max(100, most)), 1)


def build_network(graph: KnowledgeGraph, view: View) -> Drawing:
    """Return the pyvis network of ``view``, and its regions.

    Node ids are ``e`` or ``p`` and the place of the entity or paper in ``graph``; beside what vis-network knows, a node
    has ``community`` (from 0, largest first) and stands in the order of how much it tells.

    Examples
    --------
    >>> from kg.export.html.selection import choose_view
    >>> from schemas.records import Entity, Link, Paper
    >>> graph = KnowledgeGraph(
    ...     papers=[Paper(id=i, title=i) for i in "ab"],
    ...     entities=[Entity(id="bert", type="Model", name="BERT", papers=2)],
    ...     links=[Link(paper_id=i, entity_id="bert", role="uses", confidence=0.9) for i in "ab"],
    ... )
    >>> network, regions = build_network(graph, choose_view(graph, max_nodes=10))
    >>> [(node["id"], node["label"], node["group"]) for node in network.nodes]
    [('e0', 'BERT', 'Model'), ('p0', 'a', 'Paper'), ('p1', 'b', 'Paper')]
    >>> [region.names for region in regions]
    [['e0']]
    """
    from pyvis.edge import Edge
    from pyvis.network import Network
    from pyvis.node import Node

    communities = find_communities(len(view.keys), view.ties)
    most = max((entity.papers for entity in graph.entities), default=0)
    shown = [_described(graph, *key, most) for key in view.keys]
    boxes = [(max(2 * size, len(label[:26]) * LABEL_WIDTH), 2 * size + LABEL_HEIGHT) for label, _, size in shown]
    places = place_nodes(len(view.keys), view.ties, communities, boxes)
    network = Network(cdn_resources="in_line")
    names = [f"{kind}{index}" for kind, index in view.keys]
    for name, (label, group, size), (x, y), community in zip(names, shown, places.nodes, communities, strict=True):
        shape = "square" if group == "Paper" else "dot"
        node = Node(name, shape, label, group=group, size=size, x=x, y=y, community=community)
        network.nodes.append(node.options)
    network.node_ids = list(names)
    network.node_map = {node["id"]: node for node in network.nodes}
    for tie in view.ties:
        network.edges.append(Edge(names[tie.one], names[tie.other], value=tie.papers).options)
    network.options = OPTIONS | {"groups": _groups()}
    standing = _standing_for(graph, view, communities)
    return Drawing(network, [Region(cell, standing[number]) for number, cell in enumerate(places.cells)])


def _standing_for(graph: KnowledgeGraph, view: View, communities: list[int]) -> list[list[str]]:
    """Of each community, the entities that share most papers with the rest of it: a task first, metrics last."""
    weight: Counter[int] = Counter()
    for tie in view.ties:
        if communities[tie.one] == communities[tie.other]:
            weight.update({tie.one: tie.papers, tie.other: tie.papers})
    chosen = []
    for number in range(max(communities, default=-1) + 1):
        members = [place for place, community in enumerate(communities) if community == number]
        entities = [place for place in members if view.keys[place][0] == "e"]
        type_of = {place: graph.entities[view.keys[place][1]].type for place in entities}
        entities.sort(key=lambda place: (type_of[place] == "Metric", -weight[place], place))
        tasks = [place for place in entities[:5] if type_of[place] == "Task"]
        first = [*tasks[:1], *(place for place in entities if place not in tasks[:1])]
        chosen.append([f"e{view.keys[place][1]}" for place in first[:2]])
    return chosen


def _described(graph: KnowledgeGraph, kind: str, index: int, most: int) -> tuple[str, str, float]:
    """Label, group and size of a node."""
    if kind == "p":
        return readable(graph.papers[index].title).text, "Paper", PAPER_SIZE
    entity = graph.entities[index]
    return entity.name, entity.type, node_size(entity.papers, most)


def _groups() -> dict[str, dict[str, object]]:
    colours = {name: (row.colour, row.colour_dark) for name, row in ENTITY_TYPES.items()} | {"Paper": PAPER_COLOURS}
    return {name: {"color": {"background": light, "border": "#ffffff"}} for name, (light, _) in colours.items()}
