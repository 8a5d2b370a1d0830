"""The graph as networkx graphs: the whole, and who is named together.

Nodes are strings: an entity's id, and a paper's id (with ``paper:`` before it where an entity has the same id).
Absent values are absent attributes, so that every writer of networkx takes the graph; all are strings, whole numbers
or floats, so that ``json.dumps(nx.node_link_data(network, edges="edges"))`` works.

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
from math import log2
from typing import Any, Final

import networkx as nx

from kg.graph import KnowledgeGraph
from schemas.errors import InputError
from schemas.vocabulary import ENTITY_TYPES

__all__ = ["HALF_LIFE", "WEIGHTS", "project", "to_networkx"]

WEIGHTS: Final = ("shared", "pmi", "recent")
HALF_LIFE: Final = 3.0  # years


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


def project(
    graph: KnowledgeGraph, type: str, *, weight: str = "shared", half_life: float = HALF_LIFE, least: int = 1
) -> nx.Graph[str]:
    """Return the network of the entities of ``type``, two joined when papers name both.

    Nodes have ``label``, ``type`` and ``papers``. Edges have ``weight``; ``jaccard`` in (0, 1], the number of papers
    that name both over the number that name either; and, where it is not the weight, ``shared``, the former number.
    Quadratic in the entities of one paper, linear in papers.

    Parameters
    ----------
    graph
        Whose entities.
    type
        A key of :data:`schemas.vocabulary.ENTITY_TYPES`.
    weight
        - ``"shared"``: the number of papers that name both. Large for what is everywhere.
        - ``"pmi"``: pointwise mutual information in bits (Church and Hanks, "Word association norms, mutual
          information, and lexicography", 1990), over papers that name any entity of the type: how much oftener they are
          together than chance would have it. Pairs that are together no oftener are left out. Rare pairs get the
          highest values, so use it with ``least``.
        - ``"recent"``: the number of shared papers, each counting half as much with every ``half_life`` years that it
          is older than the newest paper. A paper without a year counts as one of the middle (median) year.
    half_life
        In years, above 0.
    least
        Pairs that fewer papers share are left out.

    Raises
    ------
    InputError
        ``type`` is none of the entity types, ``weight`` none of the three, or a number is out of its range.

    Examples
    --------
    >>> from schemas.records import Entity, Link, Paper
    >>> graph = KnowledgeGraph(
    ...     papers=[Paper(id="a", title="On X", year=2020), Paper(id="b", title="On Y", year=2023)],
    ...     entities=[Entity(id=i, type="Dataset", name=i.upper(), papers=1) for i in ("glue", "squad", "mnli")],
    ...     links=[
    ...         Link(paper_id=p, entity_id=i, role="uses", confidence=0.9)
    ...         for p, i in (("a", "glue"), ("a", "squad"), ("b", "mnli"))
    ...     ],
    ... )
    >>> project(graph, "Dataset").edges["glue", "squad"]
    {'weight': 1, 'jaccard': 1.0}
    >>> project(graph, "Dataset", weight="recent").edges["glue", "squad"]
    {'weight': 0.5, 'shared': 1, 'jaccard': 1.0}
    >>> project(graph, "Dataset", weight="pmi").edges["glue", "squad"]["weight"]
    1.0
    """
    _check(type, weight, half_life, least)
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
    recent = _recent(graph, named, half_life) if weight == "recent" else {}
    for (one, other), shared in sorted(together.items()):
        edge: dict[str, float] = {"weight": shared} if weight == "shared" else {"weight": 0.0, "shared": shared}
        edge["jaccard"] = shared / (papers[one] + papers[other] - shared)
        if weight == "pmi":
            edge["weight"] = log2(len(named) * shared / (papers[one] * papers[other]))
        elif weight == "recent":
            edge["weight"] = recent[one, other]
        if shared >= least and edge["weight"] > 0:
            network.add_edge(one, other, **edge)
    return network


def _check(type: str, weight: str, half_life: float, least: int) -> None:
    if type not in ENTITY_TYPES:
        raise InputError(f"unknown entity type {type!r}; valid: {', '.join(ENTITY_TYPES)}")
    if weight not in WEIGHTS:
        raise InputError(f"unknown weight {weight!r}; valid: {', '.join(WEIGHTS)}")
    if not half_life > 0 or least < 1:
        raise InputError(f"half_life ({half_life}) must be above 0 and least ({least}) at least 1")


def _recent(graph: KnowledgeGraph, named: dict[str, list[str]], half_life: float) -> dict[tuple[str, str], float]:
    """Return the papers that two entities share, each by its age."""
    years = {paper.id: paper.year for paper in graph.papers}
    known = sorted(year for year in years.values() if year is not None) or [0]
    together: dict[tuple[str, str], float] = {}
    for paper_id, ids in named.items():
        year = years.get(paper_id) or known[len(known) // 2]
        worth = 0.5 ** ((known[-1] - year) / half_life)
        for pair in combinations(sorted(ids), 2):
            together[pair] = together.get(pair, 0.0) + worth
    return together
