"""What a reader sees first: the entities that tell most about a graph, and the ties worth drawing between them.

Frequency alone shows a hairball: ``large language model`` would stand in the middle of everything and tie it all
together. Three dampers make the view tell something. An entity counts by what papers do with it (a background
mention counts half) and by how rare it is, as in tf-idf. A tie counts by the papers shared relative to the papers of
both ends, so that a hub's ties weigh little. And only the strongest ties of each entity are drawn, with a spanning
forest that keeps together what belongs together.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from kg.graph import KnowledgeGraph

__all__ = ["PAPERS_DRAWN", "Tie", "View", "choose_view"]

PAPERS_DRAWN = 60  # up to here papers are nodes themselves; above, their dots would bury the entities
TIES_EACH = 3  # strongest ties kept of each entity: with 4 and more, 150 entities fuse into one ball
ROLE_WEIGHTS = {"introduces": 1.0, "uses": 1.0, "compares": 1.0, "mentions": 0.5}

Key = tuple[Literal["e", "p"], int]  # entity or paper, and its place in graph.entities or graph.papers


@dataclass(frozen=True, slots=True)
class Tie:
    """A line between two nodes of a view, which are given by their places in ``View.keys``."""

    one: int
    other: int
    papers: int  # that name both; 1 between a paper and an entity
    strength: float  # in (0, 1]: what the layout pulls with


@dataclass(frozen=True, slots=True)
class View:
    """The nodes and ties of the first sight."""

    kind: Literal["papers", "shared"]  # papers joined to entities, or entities joined by the papers they share
    keys: tuple[Key, ...]  # most telling first
    ties: tuple[Tie, ...]


def choose_view(graph: KnowledgeGraph, *, max_nodes: int) -> View:
    """Return the most telling part of ``graph``, at most ``max_nodes`` nodes.

    Parameters
    ----------
    graph
        Any graph, also an empty one.
    max_nodes
        At least 1.

    Examples
    --------
    >>> from schemas.records import Entity, Link, Paper
    >>> graph = KnowledgeGraph(
    ...     papers=[Paper(id=i, title=i) for i in "ab"],
    ...     entities=[Entity(id="bert", type="Model", name="BERT", papers=2)],
    ...     links=[Link(paper_id=i, entity_id="bert", role="uses", confidence=0.9) for i in "ab"],
    ... )
    >>> choose_view(graph, max_nodes=10).keys
    (('e', 0), ('p', 0), ('p', 1))
    """
    named = _entities_by_paper(graph)
    if len(graph.papers) <= PAPERS_DRAWN:
        return _with_papers(graph, named, max_nodes)
    entities = _most_telling(graph, max_nodes)
    return _connected("shared", [("e", entity) for entity in entities], _ties_of_sharing(named, entities))


def _entities_by_paper(graph: KnowledgeGraph) -> list[list[int]]:
    place = {entity.id: index for index, entity in enumerate(graph.entities)}
    paper_place = {paper.id: index for index, paper in enumerate(graph.papers)}
    named: list[list[int]] = [[] for _ in graph.papers]
    for link in graph.links:
        named[paper_place[link.paper_id]].append(place[link.entity_id])
    return named


def _most_telling(graph: KnowledgeGraph, limit: int) -> list[int]:
    """Places of the entities that two papers or more name (any, where there are none), most telling first."""
    place = {entity.id: index for index, entity in enumerate(graph.entities)}
    papers: Counter[int] = Counter()
    weight: dict[int, float] = defaultdict(float)
    for link in graph.links:
        papers[place[link.entity_id]] += 1
        weight[place[link.entity_id]] += ROLE_WEIGHTS[link.role]
    candidates = [index for index, count in papers.items() if count > 1] or list(papers)
    telling = {index: weight[index] * math.log(1 + len(graph.papers) / papers[index]) for index in candidates}
    return sorted(candidates, key=lambda index: (-telling[index], index))[:limit]


def _ties_of_sharing(named: list[list[int]], entities: list[int]) -> list[Tie]:
    """The strongest ties of each entity, and a maximum spanning forest over all of them."""
    rank = {entity: position for position, entity in enumerate(entities)}
    papers: Counter[int] = Counter()
    shared: Counter[tuple[int, int]] = Counter()
    for entities_of_paper in named:
        here = sorted(rank[entity] for entity in entities_of_paper if entity in rank)
        papers.update(here)
        shared.update(combinations(here, 2))
    ties = [
        Tie(one, other, count, count * count / (papers[one] * papers[other])) for (one, other), count in shared.items()
    ]
    firm = [tie for tie in ties if tie.papers > 1] or ties
    firm.sort(key=lambda tie: (-tie.strength, -tie.papers, tie.one, tie.other))
    kept = set(_spanning_forest(firm, len(entities))) | set(_strongest_of_each(firm))
    return sorted(kept, key=lambda tie: (tie.one, tie.other))


def _strongest_of_each(ties: Iterable[Tie]) -> list[Tie]:
    drawn: Counter[int] = Counter()
    kept = []
    for tie in ties:  # strongest first
        if min(drawn[tie.one], drawn[tie.other]) < TIES_EACH:
            kept.append(tie)
            drawn.update((tie.one, tie.other))
    return kept


def _spanning_forest(ties: Iterable[Tie], nodes: int) -> list[Tie]:
    """Kruskal's algorithm; ``ties`` come strongest first."""
    parent = list(range(nodes))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    kept = []
    for tie in ties:
        one, other = root(tie.one), root(tie.other)
        if one != other:
            parent[one] = other
            kept.append(tie)
    return kept


def _with_papers(graph: KnowledgeGraph, named: list[list[int]], max_nodes: int) -> View:
    entities = _most_telling(graph, max(1, max_nodes - len(graph.papers)))
    keys: list[Key] = [("e", entity) for entity in entities] + [("p", paper) for paper in range(len(graph.papers))]
    place = {key: position for position, key in enumerate(keys)}
    shared = set(entities)
    papers = Counter(entity for entities_of_paper in named for entity in entities_of_paper)
    ties = [
        Tie(place["e", entity], place["p", paper], 1, 1 / math.sqrt(papers[entity]))
        for paper, entities_of_paper in enumerate(named)
        for entity in entities_of_paper
        if entity in shared
    ]
    return _connected("papers", keys, ties, max_nodes=max_nodes)


def _connected(
    kind: Literal["papers", "shared"], keys: list[Key], ties: list[Tie], *, max_nodes: int | None = None
) -> View:
    """Leave out nodes without a tie, unless that leaves nothing: alone, they tell nothing."""
    degree = Counter(end for tie in ties for end in (tie.one, tie.other))
    kept = [position for position in range(len(keys)) if degree[position]] or list(range(len(keys)))
    kept = kept[:max_nodes]
    new = {position: index for index, position in enumerate(kept)}
    renumbered = (
        Tie(new[tie.one], new[tie.other], tie.papers, tie.strength)
        for tie in ties
        if tie.one in new and tie.other in new
    )
    return View(kind, tuple(keys[position] for position in kept), tuple(renumbered))
