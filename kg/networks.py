"""The graph as networkx graphs: the whole, and who is named together.

Nodes are strings: an entity's id, and a paper's id (with ``paper:`` before it where an entity has the same id).
Absent values are absent attributes, so that every writer of networkx takes the graph.

===========  ===========================================================================================
node         attributes
===========  ===========================================================================================
paper        ``kind="paper"``, ``label`` (title), ``year``, ``venue``, ``url``
entity       ``kind="entity"``, ``label`` (name), ``type``, ``papers`` (count), ``aliases`` (``" | "`` between)
===========  ===========================================================================================

==================  =================  ==============================================================
edge                key                attributes
==================  =================  ==============================================================
paper → entity      the role           ``kind="names"``, ``role``, ``confidence``, ``mentions`` (count)
variant → family    ``variant_of``     ``kind="variant_of"``
subject → data set  id of the result   ``kind="result"``, ``paper``, ``metric``, ``value``, ``number``, ``unit``
==================  =================  ==============================================================
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import networkx as nx

from kg.graph import KnowledgeGraph
from schemas.errors import InputError
from schemas.vocabulary import ENTITY_TYPES

__all__ = ["project", "to_networkx"]


def _present(**attributes: Any) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value not in (None, "")}


def to_networkx(graph: KnowledgeGraph) -> nx.MultiDiGraph[str]:
    """Return ``graph`` as a directed multigraph with the attributes of the module's table.

    Examples
    --------
    >>> from schemas.records import Entity, Link, Paper
    >>> graph = KnowledgeGraph(
    ...     papers=[Paper(id="a", title="On X")],
    ...     entities=[Entity(id="bert", type="Model", name="BERT", papers=1)],
    ...     links=[Link(paper_id="a", entity_id="bert", role="uses", confidence=0.9)],
    ... )
    >>> to_networkx(graph).edges["a", "bert", "uses"]["confidence"]
    0.9
    """
    network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for entity in graph.entities:
        aliases = " | ".join(alias.name for alias in entity.aliases)
        network.add_node(
            entity.id,
            **_present(kind="entity", label=entity.name, type=entity.type, papers=entity.papers, aliases=aliases),
        )
    key_of = {paper.id: f"paper:{paper.id}" if paper.id in network else paper.id for paper in graph.papers}
    for paper in graph.papers:
        attributes = _present(kind="paper", label=paper.title, year=paper.year, venue=paper.venue, url=paper.url)
        network.add_node(key_of[paper.id], **attributes)
    for link in graph.links:
        attributes = {"kind": "names", "role": link.role, "confidence": link.confidence, "mentions": len(link.mentions)}
        network.add_edge(key_of[link.paper_id], link.entity_id, key=link.role, **attributes)
    for entity in graph.entities:
        if entity.variant_of is not None:
            network.add_edge(entity.id, entity.variant_of, key="variant_of", kind="variant_of")
    for result in graph.results:
        if result.subject_id and result.dataset_id:
            attributes = _present(paper=result.paper_id, metric=result.metric, value=result.value)
            attributes |= _present(number=result.number, unit=result.unit)
            network.add_edge(result.subject_id, result.dataset_id, key=result.id, kind="result", **attributes)
    return network


def project(graph: KnowledgeGraph, type: str) -> nx.Graph[str]:
    """Return the network of the entities of ``type``, two joined when papers name both.

    Edge attributes: ``weight``, the number of papers that name both; ``jaccard`` in (0, 1], that number over the
    number of papers that name either. Quadratic in the entities of one paper, linear in papers.

    Raises
    ------
    InputError
        ``type`` is none of the entity types.

    Examples
    --------
    >>> from schemas.records import Entity, Link, Paper
    >>> graph = KnowledgeGraph(
    ...     papers=[Paper(id="a", title="On X")],
    ...     entities=[Entity(id=i, type="Dataset", name=i.upper(), papers=1) for i in ("glue", "squad")],
    ...     links=[Link(paper_id="a", entity_id=i, role="uses", confidence=0.9) for i in ("glue", "squad")],
    ... )
    >>> project(graph, "Dataset").edges["glue", "squad"]
    {'weight': 1, 'jaccard': 1.0}
    """
    if type not in ENTITY_TYPES:
        raise InputError(f"unknown entity type {type!r}; valid: {', '.join(ENTITY_TYPES)}")
    network: nx.Graph[str] = nx.Graph()
    for entity in graph.entities:
        if entity.type == type:
            network.add_node(entity.id, label=entity.name, type=type, papers=entity.papers)
    named: dict[str, list[str]] = {}
    for link in graph.links:
        if link.entity_id in network:
            named.setdefault(link.paper_id, []).append(link.entity_id)
    papers = Counter(entity_id for ids in named.values() for entity_id in ids)
    together = Counter(pair for ids in named.values() for pair in combinations(sorted(ids), 2))
    for (one, other), weight in sorted(together.items()):
        network.add_edge(one, other, weight=weight, jaccard=weight / (papers[one] + papers[other] - weight))
    return network
