"""The graph in memory: papers, entities, links and results, with the questions that users ask of it.

A :class:`KnowledgeGraph` only holds records and answers from them; building it is :mod:`kg.resolve`, keeping it is
:mod:`kg.store`, writing it is :mod:`kg.export`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.frames import Records
from kg.resolution.matches import Match
from schemas.errors import InputError, UnknownEntity
from schemas.records import Entity, Link, Paper, ReportedResult
from schemas.text import fold
from schemas.vocabulary import BASE_IRI, ENTITY_TYPES, ROLES, EntityType

if TYPE_CHECKING:
    import networkx as nx
    import rdflib

    from kg.query import Answer

__all__ = ["GraphInfo", "KnowledgeGraph", "Records"]


@dataclass(frozen=True, slots=True)
class GraphInfo:
    """What is said of a graph as a whole."""

    pipeline: str = ""  # name and version of what read the papers
    base_iri: str = BASE_IRI  # under which papers and entities get their IRIs
    title: str = "Papers and what they share"
    licence: str = ""  # web address of the licence that the graph may be used under
    types: tuple[EntityType, ...] = ()  # those of its entities that are not ours: schemas.vocabulary.register_type


class KnowledgeGraph:
    """Papers, the entities that they share, and what links them.

    Parameters
    ----------
    papers, entities, links, results
        Records that refer to each other by id. Papers and entities are kept in the order of their ids.
    matches, open_matches
        The decisions that made names one entity, and what was proposed and not decided.
    replaced
        Ids of earlier builds whose entities are now parts of others, with the ids of these.
    info
        What is said of the graph as a whole.

    Examples
    --------
    >>> graph = KnowledgeGraph(
    ...     papers=[Paper(id="a", title="On X"), Paper(id="b", title="On Y")],
    ...     entities=[Entity(id="imagenet", type="Dataset", name="ImageNet", papers=2)],
    ...     links=[Link(paper_id=i, entity_id="imagenet", role="uses", confidence=0.9) for i in "ab"],
    ... )
    >>> graph
    <KnowledgeGraph: 2 papers, 1 entities, 2 links, 0 results>
    >>> [entity.name for entity in graph.shared("a", "b")]
    ['ImageNet']
    """

    def __init__(
        self,
        *,
        papers: Iterable[Paper],
        entities: Iterable[Entity],
        links: Iterable[Link],
        results: Iterable[ReportedResult] = (),
        matches: Iterable[Match] = (),
        open_matches: Iterable[Match] = (),
        replaced: Mapping[str, str] | None = None,
        info: GraphInfo | None = None,
    ) -> None:
        self.papers = Records(sorted(papers, key=lambda paper: paper.id), of=Paper)
        self.entities = Records(sorted(entities, key=lambda entity: entity.id), of=Entity)
        self.links = Records(sorted(links, key=lambda link: (link.paper_id, link.entity_id)), of=Link)
        self.results = Records(
            sorted(results, key=lambda result: (result.paper_id, result.start, result.id)), of=ReportedResult
        )
        self.matches = Records(sorted(matches, key=_of_entity), of=Match)
        self.open_matches = Records(sorted(open_matches, key=_of_entity), of=Match)
        self.replaced = dict(sorted((replaced or {}).items()))
        self.info = info or GraphInfo()

    def __repr__(self) -> str:
        return (
            f"<KnowledgeGraph: {len(self.papers)} papers, {len(self.entities)} entities, "
            f"{len(self.links)} links, {len(self.results)} results>"
        )

    # Looking things up

    @cached_property
    def _paper_by_id(self) -> dict[str, Paper]:
        return {paper.id: paper for paper in self.papers}

    @cached_property
    def _entity_by_id(self) -> dict[str, Entity]:
        return {entity.id: entity for entity in self.entities}

    @cached_property
    def _links_of_entity(self) -> dict[str, list[Link]]:
        return _grouped(self.links, "entity_id")

    @cached_property
    def _links_of_paper(self) -> dict[str, list[Link]]:
        return _grouped(self.links, "paper_id")

    @cached_property
    def _ids_by_name(self) -> dict[str, list[str]]:
        """Folded names and aliases to ids, the entity of most papers first."""
        by_name: dict[str, list[str]] = {}
        for entity in sorted(self.entities, key=lambda entity: (-entity.papers, entity.id)):
            for name in dict.fromkeys([fold(entity.name), *(fold(alias.name) for alias in entity.aliases)]):
                by_name.setdefault(name, []).append(entity.id)
        return by_name

    def paper(self, paper_id: str) -> Paper:
        """Return the paper of that id.

        Raises
        ------
        InputError
            No paper has it.
        """
        try:
            return self._paper_by_id[paper_id]
        except KeyError:
            raise InputError(f"no paper {paper_id!r} in this graph of {len(self.papers)} papers") from None

    def entity(self, name: str) -> Entity:
        """Return the entity with this id, name or alias; of several that share an alias, the one of most papers.

        The id of an entity that is now a part of another leads to that one.

        Raises
        ------
        UnknownEntity
            None goes by it; the message gives the nearest names.
        """
        if name in self._entity_by_id:
            return self._entity_by_id[name]
        if ids := self._ids_by_name.get(fold(name)):
            return self._entity_by_id[ids[0]]
        if name in self.replaced:
            return self._entity_by_id[self.replaced[name]]
        from rapidfuzz import process

        nearest = [match[0] for match in process.extract(fold(name), list(self._ids_by_name), limit=3, score_cutoff=60)]
        names = [self._entity_by_id[self._ids_by_name[near][0]].name for near in nearest]
        hint = f"; nearest: {', '.join(dict.fromkeys(names))}" if names else ""
        raise UnknownEntity(f"no entity {name!r} in this graph{hint}")

    def links_of(self, name: str) -> Records[Link]:
        """Return the links of papers to the entity that :meth:`entity` finds."""
        return Records(self._links_of_entity.get(self.entity(name).id, ()), of=Link)

    def links_from(self, paper_id: str) -> Records[Link]:
        """Return the links of a paper to its entities."""
        return Records(self._links_of_paper.get(self.paper(paper_id).id, ()), of=Link)

    def papers_of(self, name: str, *, role: str | None = None) -> Records[Paper]:
        """Return the papers that name an entity, all or those in which it has ``role``.

        Those that name a variant alone are not among them: ask ``graph.roll_up().papers_of(name)`` for these too.

        Raises
        ------
        UnknownEntity, InputError
            No such entity, or no such role.
        """
        if role is not None and role not in ROLES:
            raise InputError(f"unknown role {role!r}; valid: {', '.join(ROLES)}")
        named = (self.paper(link.paper_id) for link in self.links_of(name) if role in (None, link.role))
        return Records(named, of=Paper)

    def shared(self, *paper_ids: str) -> Records[Entity]:
        """Return the entities that all of these papers name, those of fewest papers (the most telling) first."""
        sets = [{link.entity_id for link in self.links_from(paper_id)} for paper_id in paper_ids]
        common = set.intersection(*sets) if sets else set()
        entities = (self._entity_by_id[entity_id] for entity_id in common)
        return Records(sorted(entities, key=lambda entity: (entity.papers, entity.id)), of=Entity)

    def top(self, n: int = 10, *, type: str | None = None, role: str | None = None) -> list[tuple[Entity, int]]:
        """Return the ``n`` entities of most papers with that number, of one ``type`` or in one ``role`` if given."""
        if type is not None and type not in ENTITY_TYPES:
            raise InputError(f"unknown entity type {type!r}; valid: {', '.join(ENTITY_TYPES)}")
        counts = Counter(link.entity_id for link in self.links if role in (None, link.role))
        rows = ((self._entity_by_id[entity_id], count) for entity_id, count in counts.items())
        return sorted((row for row in rows if type in (None, row[0].type)), key=lambda row: (-row[1], row[0].id))[:n]

    def subgraph(self, paper_ids: Iterable[str]) -> KnowledgeGraph:
        """Return the graph of some of the papers, with the entities that they name (and their families)."""
        kept = {self.paper(paper_id).id for paper_id in paper_ids}
        links = [link for link in self.links if link.paper_id in kept]
        counts = Counter(link.entity_id for link in links)
        named = set(counts) | {family for i in counts if (family := self._entity_by_id[i].variant_of)}
        return KnowledgeGraph(
            papers=[paper for paper in self.papers if paper.id in kept],
            entities=[replace(self._entity_by_id[i], papers=counts[i]) for i in sorted(named)],
            links=links,
            results=[result for result in self.results if result.paper_id in kept],
            matches=[match for match in self.matches if match.entity in named],
            open_matches=[match for match in self.open_matches if match.entity in named],
            replaced={id_: current for id_, current in self.replaced.items() if current in named},
            info=self.info,
        )

    def roll_up(self) -> KnowledgeGraph:
        """Return the graph with versions and sizes counted as their families; see :func:`kg.families.roll_up`."""
        from kg.families import roll_up

        return roll_up(self)

    # Giving it to others

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return the graph as a networkx multigraph; see :func:`kg.networks.to_networkx` for its attributes."""
        from kg.networks import to_networkx

        return to_networkx(self)

    def project(self, type: str, *, weight: str = "shared", **options: Any) -> nx.Graph[str]:
        """Return the network of the entities of one type that papers name together; see :func:`kg.networks.project`.

        ``weight`` is "shared" (papers), "pmi" or "recent".
        """
        from kg.networks import project

        return project(self, type, weight=weight, **options)

    def to_rdf(self, *, evidence: str = "mentions") -> rdflib.Dataset:
        """Return the graph as an rdflib dataset; see :func:`kg.export.rdf.to_rdf`."""
        from kg.export.rdf import to_rdf

        return to_rdf(self, evidence=evidence)

    def to_schema_org(self, paper_id: str) -> dict[str, Any]:
        """Return a paper as a JSON-LD document of schema.org; see :func:`kg.export.schema_org.to_schema_org`."""
        from kg.export.schema_org import to_schema_org

        return to_schema_org(self, paper_id)

    def query(self, query: str) -> Answer:
        """Answer a SPARQL query; see :func:`kg.query.sparql`."""
        from kg.query import sparql

        return sparql(self, query)

    def write(self, path: str | Path, **options: Any) -> None:
        """Write the graph in the format of the suffix of ``path``; see :func:`kg.export.write`."""
        from kg.export import write

        write(self, path, **options)

    def _repr_html_(self) -> str:
        """Show the graph in a notebook: the page, in a frame that keeps it apart."""
        from kg.export.html import to_frame

        return to_frame(self)


def _of_entity(match: Match) -> tuple[str, int, str, str, str]:
    return match.entity, -match.papers, match.left, match.right, match.rule


def _grouped(links: Iterable[Link], field: str) -> dict[str, list[Link]]:
    groups: dict[str, list[Link]] = {}
    for link in links:
        groups.setdefault(getattr(link, field), []).append(link)
    return groups
