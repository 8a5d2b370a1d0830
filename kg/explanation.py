"""Why these surface forms are one entity: the forms, the papers that use them, and the decisions that joined them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kg.graph import KnowledgeGraph
from kg.names import normal_form, plain
from kg.resolution.matches import Match
from schemas.records import Entity, Paper
from schemas.text import readable
from schemas.vocabulary import ENTITY_TYPES

__all__ = ["Explanation", "FormUse", "explain"]

SHOWN = 3  # papers that are listed for each form


@dataclass(frozen=True, slots=True)
class FormUse:
    """One surface form of an entity, and the papers that use it."""

    name: str  # as it stands in the texts
    normal: str  # as it is compared; forms with one normal form need no decision to be one
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that speaks for (and against) an entity as it is."""

    entity: Entity
    forms: tuple[FormUse, ...]  # most used first
    matches: tuple[Match, ...]  # the decisions behind it, the best supported first
    open_matches: tuple[Match, ...]  # what else it might be
    former_ids: tuple[str, ...]  # of entities that are now part of it
    variants: tuple[Entity, ...]  # its versions, sizes and editions

    def to_json(self) -> dict[str, Any]:
        """Return everything in plain values; papers by id."""
        matches = [
            [{"left": m.left, "right": m.right, "rule": m.rule, "papers": m.papers, "score": round(m.score, 4)}
             | ({"other": m.other} if m.other else {}) for m in matches]
            for matches in (self.matches, self.open_matches)
        ]  # fmt: skip
        return {
            "id": self.entity.id,
            "type": self.entity.type,
            "name": self.entity.name,
            "papers": self.entity.papers,
            "variant_of": self.entity.variant_of,
            "variants": [entity.id for entity in self.variants],
            "same_as": list(self.entity.same_as),
            "former_ids": list(self.former_ids),
            "forms": [
                {"name": form.name, "normal": form.normal, "papers": [paper.id for paper in form.papers]}
                for form in self.forms
            ],
            "matches": matches[0],
            "open_matches": matches[1],
        }

    def lines(self) -> Iterator[str]:
        """Yield the explanation for people."""
        entity = self.entity
        label = ENTITY_TYPES[entity.type].label.lower()
        yield f"{entity.name}  ({label}, id {entity.id}, {_papers(entity.papers)})"
        if self.former_ids:
            yield f"  once also {', '.join(self.former_ids)}"
        if entity.variant_of:
            yield f"  a variant of {entity.variant_of}"
        if self.variants:
            yield f"  its variants: {', '.join(variant.name for variant in self.variants)}"
        for iri in entity.same_as:
            yield f"  the same as {iri}"
        yield "its forms, and as what they are compared:"
        for form in self.forms:
            yield f"  {form.name}  [{form.normal}]  {_papers(len(form.papers))}"
            for paper in form.papers[:SHOWN]:
                yield f"      {paper.id}  {readable(paper.title).text}"
        yield "why they are one:"
        yield from (f"  {match}" for match in self.matches)
        if not self.matches:
            yield "  no decision was needed: they are compared as the same"
        if self.open_matches:
            yield "what was proposed and not followed:"
            yield from (f"  {match} -> {match.other}" for match in self.open_matches)


def _papers(count: int) -> str:
    return f"{count:,} paper{'' if count == 1 else 's'}"


def explain(graph: KnowledgeGraph, name: str) -> Explanation:
    """Return why the surface forms of an entity are one.

    Parameters
    ----------
    name
        An id (also a former one), name or alias, as for :meth:`kg.graph.KnowledgeGraph.entity`.

    Raises
    ------
    UnknownEntity
        None goes by it.

    Examples
    --------
    >>> import kg
    >>> papers = [kg.Paper(id=i, title=title) for i, title in zip("ab", ["On SQuAD", "The SQuAD dataset"])]
    >>> [(form.name, len(form.papers)) for form in explain(kg.build(papers), "squad").forms]
    [('SQuAD', 2)]
    """
    entity = graph.entity(name)
    return Explanation(
        entity=entity,
        forms=tuple(_forms(graph, entity)),
        matches=tuple(match for match in graph.matches if match.entity == entity.id),
        open_matches=tuple(match for match in graph.open_matches if entity.id in (match.entity, match.other)),
        former_ids=tuple(id_ for id_, current in graph.replaced.items() if current == entity.id),
        variants=tuple(other for other in graph.entities if other.variant_of == entity.id),
    )


def _forms(graph: KnowledgeGraph, entity: Entity) -> Sequence[FormUse]:
    users: dict[str, dict[str, Paper]] = defaultdict(dict)
    for link in graph.links_of(entity.id):
        for mention in link.mentions:
            users[plain(mention.text)][link.paper_id] = graph.paper(link.paper_id)
    forms = [FormUse(form, normal_form(form), tuple(papers.values())) for form, papers in users.items()]
    return sorted(forms, key=lambda form: (-len(form.papers), form.name))
