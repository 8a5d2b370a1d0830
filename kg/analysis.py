"""Communities, central entities and paths, the same for the same graph in every process and on every run.

networkx does the work; what it leaves to chance (the seed, the order of sets of strings, which of several shortest
paths it takes) is fixed here, and what it needs scipy for (PageRank) is done with numpy. For graphs of tens of
thousands of papers, ``tests/bench_networks.py`` measures igraph and rustworkx beside it:
``igraph.Graph.from_networkx(network)`` and ``rustworkx.networkx_converter(network)`` take what
:func:`kg.networks.project` gives.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

import networkx as nx

from schemas.errors import InputError

if TYPE_CHECKING:
    from kg.graph import KnowledgeGraph

__all__ = ["MEASURES", "central", "communities", "path"]

MEASURES: Final = ("pagerank", "degree", "betweenness", "closeness")
DIGITS: Final = 9  # to which scores are compared: sums of floats differ beyond, and equals go by their ids
DAMPING: Final = 0.85
ROUNDS: Final = 200  # 0.85 ** 200 is 1e-14
SAMPLE: Final = 500  # nodes from which betweenness is estimated where there are more


def communities(network: nx.Graph[str], *, resolution: float = 1.0, seed: int = 0) -> list[list[str]]:
    """Return groups of nodes that are joined more among themselves than with others, the largest first.

    Louvain's method (Blondel et al., "Fast unfolding of communities in large networks", 2008) over ``weight``. Nodes
    stand in the order of their ids; nearly linear in the edges.

    Parameters
    ----------
    network
        As :func:`kg.networks.project` gives it.
    resolution
        Above 1 for smaller communities, below for larger.
    seed
        Of the order in which nodes are tried.

    Examples
    --------
    >>> communities(nx.Graph([("a", "b"), ("b", "c"), ("c", "a"), ("x", "y")]))
    [['a', 'b', 'c'], ['x', 'y']]
    """
    order = sorted(network)
    place = {node: number for number, node in enumerate(order)}  # numbers: a set of them has one order
    plain: nx.Graph[int] = nx.Graph()
    plain.add_nodes_from(range(len(order)))
    for one, other, weight in _weighted(network):
        plain.add_edge(place[one], place[other], weight=weight)
    found = nx.community.louvain_communities(plain, weight="weight", resolution=resolution, seed=seed)
    groups = [[order[number] for number in sorted(members)] for members in found]
    return sorted(groups, key=lambda members: (-len(members), members))


def central(
    network: nx.Graph[str], n: int | None = 10, *, measure: str = "pagerank", seed: int = 0
) -> list[tuple[str, float]]:
    """Return the ``n`` most central nodes (all, if None) with their scores, the highest first.

    Parameters
    ----------
    network
        As :func:`kg.networks.project` gives it.
    n
        How many.
    measure
        ``pagerank`` (over ``weight``, damping 0.85), ``degree`` (the sum of weights), ``betweenness`` and ``closeness``
        (of edges, not of weights). Betweenness is exact up to 500 nodes, else estimated from 500
        (Brandes and Pich, "Centrality estimation in large networks", 2007).
    seed
        Of the choice of these.

    Raises
    ------
    InputError
        There is no such measure.

    Examples
    --------
    >>> central(nx.Graph([("a", "b"), ("b", "c")]), 1, measure="degree")
    [('b', 2.0)]
    """
    if measure not in MEASURES:
        raise InputError(f"unknown measure {measure!r}; valid: {', '.join(MEASURES)}")
    ordered: nx.Graph[str] = nx.Graph()
    ordered.add_nodes_from(sorted(network))
    ordered.add_weighted_edges_from(_weighted(network))
    scores = _scores(ordered, measure, seed) if len(ordered) else {}
    rounded = {node: round(float(score), DIGITS) for node, score in scores.items()}
    return sorted(rounded.items(), key=lambda item: (-item[1], item[0]))[:n]


def _scores(network: nx.Graph[str], measure: str, seed: int) -> dict[str, Any]:
    if measure == "pagerank":
        return _pagerank(network)
    if measure == "degree":
        return dict(network.degree(weight="weight"))
    if measure == "closeness":
        return dict(nx.closeness_centrality(network))
    return dict(nx.betweenness_centrality(network, k=min(SAMPLE, len(network)), seed=seed))


def _pagerank(network: nx.Graph[str]) -> dict[str, float]:
    """Return the PageRank of each node (Page et al., "The PageRank citation ranking", 1999), by power iteration."""
    import numpy as np

    place = {node: number for number, node in enumerate(network)}
    edges = [(place[one], place[other], weight) for one, other, weight in _weighted(network)]
    edges += [(other, one, weight) for one, other, weight in edges if one != other]
    source, target = (np.array([edge[end] for edge in edges], dtype=np.int64) for end in (0, 1))
    weight = np.array([edge[2] for edge in edges], dtype=float)
    size = len(place)
    out = np.bincount(source, weights=weight, minlength=size)
    share = weight / out[source]
    rank = np.full(size, 1 / size)
    for _ in range(ROUNDS):
        flow = np.bincount(target, weights=rank[source] * share, minlength=size) + rank[out == 0].sum() / size
        new = DAMPING * flow + (1 - DAMPING) / size
        moved, rank = float(np.abs(new - rank).sum()), new
        if moved < 10**-DIGITS:
            break
    return dict(zip(place, rank.tolist(), strict=True))


def _weighted(network: nx.Graph[str]) -> list[tuple[str, str, float]]:
    edges = ((min(one, other), max(one, other), data.get("weight", 1)) for one, other, data in network.edges(data=True))
    return sorted(edges)


def path(graph: KnowledgeGraph, one: str, other: str) -> list[str]:
    """Return a shortest way from one entity to another: an entity, a paper that names it, another entity of that, ….

    Ids of entities stand at even places, ids of papers at odd ones. Of several shortest ways it is that whose ids come
    first in the alphabet. Empty if there is none. Linear in the links.

    Parameters
    ----------
    graph
        Whose links to follow.
    one, other
        Entities, by id, name or alias.

    Raises
    ------
    UnknownEntity
        There is no such entity.

    Examples
    --------
    >>> from kg.graph import KnowledgeGraph
    >>> from schemas.records import Entity, Link, Paper
    >>> graph = KnowledgeGraph(
    ...     papers=[Paper(id=i, title=i) for i in ("p", "q")],
    ...     entities=[Entity(id=i, type="Model", name=i, papers=1) for i in ("a", "b", "c")],
    ...     links=[Link(paper_id=p, entity_id=e, role="uses", confidence=1.0) for p, e in ("pa", "pb", "qb", "qc")],
    ... )
    >>> path(graph, "a", "c")
    ['a', 'p', 'b', 'q', 'c']
    """
    start, goal = graph.entity(one).id, graph.entity(other).id
    before: dict[tuple[str, str], tuple[str, str] | None] = {("entity", start): None}
    waiting = deque(before)
    while waiting and ("entity", goal) not in before:
        kind, id_ = node = waiting.popleft()
        if kind == "entity":
            following = [("paper", link.paper_id) for link in graph.links_of(id_)]
        else:
            following = [("entity", link.entity_id) for link in graph.links_from(id_)]
        for neighbour in sorted(following):
            if neighbour not in before:
                before[neighbour] = node
                waiting.append(neighbour)
    steps: list[str] = []
    node_: tuple[str, str] | None = ("entity", goal) if ("entity", goal) in before else None
    while node_ is not None:
        steps.append(node_[1])
        node_ = before[node_]
    return steps[::-1]
