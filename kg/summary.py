"""What a graph holds, in lines for people: the text of ``kg info``, ``kg build`` and ``kg demo``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from kg.graph import KnowledgeGraph
from schemas.records import Duplicate, Entity, Paper, Rejection
from schemas.vocabulary import ENTITY_TYPES, ROLES

__all__ = ["counts", "describe", "most_shared_pair", "skipped", "top_entities"]


def counts(graph: KnowledgeGraph) -> dict[str, Any]:
    """Return the numbers of papers, entities (also by type), links (also by role), shared entities and results.

    >>> counts(KnowledgeGraph(papers=[Paper(id="a", title="On X")], entities=[], links=[]))["papers"]
    1
    """
    types = Counter(entity.type for entity in graph.entities)
    roles = Counter(link.role for link in graph.links)
    return {
        "papers": len(graph.papers),
        "entities": len(graph.entities),
        "entities_by_type": {name: types[name] for name in ENTITY_TYPES},
        "shared_entities": sum(entity.papers > 1 for entity in graph.entities),
        "identified_entities": sum(bool(entity.same_as) for entity in graph.entities),
        "links": len(graph.links),
        "links_by_role": {name: roles[name] for name in ROLES},
        "mentions": sum(len(link.mentions) for link in graph.links),
        "results": len(graph.results),
    }


def describe(graph: KnowledgeGraph) -> Iterator[str]:
    """Yield the counts as lines."""
    values = counts(graph)
    types = ", ".join(f"{n:,} {ENTITY_TYPES[name].label.lower()}" for name, n in values["entities_by_type"].items())
    roles = ", ".join(f"{n:,} {name}" for name, n in values["links_by_role"].items())
    yield f"{values['papers']:,} papers"
    yield f"{values['entities']:,} entities ({types}); {values['shared_entities']:,} shared by two papers or more"
    yield f"{values['links']:,} links ({roles}), from {values['mentions']:,} mentions"
    yield f"{values['results']:,} reported results"
    if values["identified_entities"]:
        yield f"{values['identified_entities']:,} entities known to authorities"


def top_entities(graph: KnowledgeGraph, n: int = 5) -> Iterator[str]:
    """Yield, for each type, a line of the entities that most papers name."""
    for name, row in ENTITY_TYPES.items():
        found = [f"{entity.name} ({papers})" for entity, papers in graph.top(n, type=name)]
        yield f"  {row.label + ':':<10}{', '.join(found) or 'none'}"


def most_shared_pair(graph: KnowledgeGraph) -> tuple[Paper, Paper, list[Entity]] | None:
    """Return the two papers that share most, rare entities counting more (1 / papers), and what they share.

    Entities of more than 50 papers say little of a pair and are left out, which keeps this near linear.

    >>> most_shared_pair(KnowledgeGraph(papers=[Paper(id="a", title="On X")], entities=[], links=[])) is None
    True
    """
    named: dict[str, list[str]] = {}
    for link in graph.links:
        named.setdefault(link.entity_id, []).append(link.paper_id)
    weight: Counter[tuple[str, str]] = Counter()
    for papers in named.values():
        if 2 <= len(papers) <= 50:
            for pair in combinations(sorted(papers), 2):
                weight[pair] += 1 / len(papers)  # type: ignore[assignment]
    if not weight:
        return None
    one, other = min(weight, key=lambda pair: (-round(weight[pair], 9), pair))
    return graph.paper(one), graph.paper(other), list(graph.shared(one, other))


def skipped(duplicates: Iterable[Duplicate], rejections: Iterable[Rejection]) -> Iterator[str]:
    """Yield a line for each record that the last build left out, and why."""
    for duplicate in duplicates:
        yield f"duplicate ({duplicate.reason}) of {duplicate.paper_id}: {duplicate.source}: {duplicate.title}"
    for rejection in rejections:
        yield f"rejected: {rejection.source}: {rejection.reason}"
