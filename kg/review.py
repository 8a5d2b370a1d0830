"""The decisions that a person should look at, the most uncertain and consequential first, and what answers mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final

from kg.curation import NO_IDENTITY, Curation, merge, split
from kg.graph import KnowledgeGraph
from kg.names import key, normal_form
from kg.resolution.matches import Match
from schemas.records import Entity
from schemas.vocabulary import ENTITY_TYPES

__all__ = ["DOUBT", "Question", "answer", "questions"]

# How often a decision of each rule is wrong. Of those on annotated papers whose two forms the annotators have put in
# different clusters: 2 of 56 for long forms, 6 of 62 for word forms, 1 of 11 for heads, none of 16 for aliases; for
# contexts see kg.resolution.contexts; the others are too rare there to count. What a paper says itself and what the
# user says is not asked about.
DOUBT: Final = {
    "long form": 0.04,
    "context": 0.07,
    "shared short form": 0.1,
    "word forms": 0.1,
    "word order": 0.1,
    "head": 0.09,
    "alias table": 0.01,
}
UNDECIDED: Final = 0.5
CANDIDATES: Final = 9  # identities that are offered at once, one key each


@dataclass(frozen=True, slots=True)
class Question:
    """Something to be decided, with one key."""

    kind: str  # "merged", "apart" or "identity"
    entity: Entity
    matches: tuple[Match, ...]  # one; for an identity one for each candidate
    other: Entity | None  # the one that it is kept apart from
    weight: float  # doubt (probability of being wrong) times papers at stake

    @property
    def keys(self) -> dict[str, str]:
        """The keys that answer, with what each says."""
        if self.kind == "identity":
            numbers = {str(i): f"it is {match.other}" for i, match in enumerate(self.matches, start=1)}
            return numbers | {"n": "none of them"}
        return {"y": "one and the same", "n": "two things"}

    def lines(self) -> Iterator[str]:
        """Yield the question for people."""
        yield _described(self.entity) + (f"   and   {_described(self.other)}" if self.other else "")
        if self.kind == "identity":
            for i, match in enumerate(self.matches, start=1):
                yield f"  {i}  {match.right}  <{match.other}>"
        else:
            match = self.matches[0]
            yield f"  {match}" if self.kind == "merged" else f"  {match}; but papers name both side by side"

    def to_json(self) -> dict[str, Any]:
        """Return the question in plain values."""
        return {
            "kind": self.kind,
            "entity": self.entity.id,
            "other": self.other.id if self.other else None,
            "matches": [
                {"left": m.left, "right": m.right, "rule": m.rule, "papers": m.papers, "iri": m.other or None}
                if self.kind == "identity"
                else {"left": m.left, "right": m.right, "rule": m.rule, "papers": m.papers}
                for m in self.matches
            ],
            "weight": round(self.weight, 4),
        }


def _described(entity: Entity) -> str:
    papers = f"{entity.papers:,} paper{'' if entity.papers == 1 else 's'}"
    return f"{entity.name} ({ENTITY_TYPES[entity.type].label.lower()}, {papers})"


def questions(graph: KnowledgeGraph, curation: Curation | None = None) -> list[Question]:
    """Return what is worth a look, the heaviest first; what ``curation`` has settled is left out.

    The weight of a question is the probability that the decision is wrong times the papers that it is about.

    Examples
    --------
    >>> import kg
    >>> titles = ["The sparse graph parser model", "A sparse graph parser", "We use the sparse graph parser model"]
    >>> graph = kg.build(kg.Paper(id=str(i), title=title) for i, title in enumerate(titles))
    >>> all(question.weight >= 0 for question in questions(graph))
    True
    """
    entities = {entity.id: entity for entity in graph.entities}
    asked = [*_merged(graph, entities), *_apart(graph, entities), *_identities(graph, entities)]
    settled = _settled(curation or Curation())
    kept = [question for question in asked if not _is_settled(question, settled)]
    return sorted(kept, key=_heaviest_first)


def _heaviest_first(question: Question) -> tuple[float, str, str, str]:
    first = question.matches[0]
    return -question.weight, question.entity.id, first.left, first.right


def _merged(graph: KnowledgeGraph, entities: Mapping[str, Entity]) -> Iterator[Question]:
    for match in graph.matches:
        if match.rule in DOUBT:
            doubt = max(DOUBT[match.rule], 1 - match.score)
            yield Question("merged", entities[match.entity], (match,), None, doubt * max(1, match.papers))


def _apart(graph: KnowledgeGraph, entities: Mapping[str, Entity]) -> Iterator[Question]:
    for match in graph.open_matches:
        if match.rule != "authority":
            left, right = entities[match.entity], entities[match.other]
            yield Question("apart", left, (match,), right, UNDECIDED * min(left.papers, right.papers))


def _identities(graph: KnowledgeGraph, entities: Mapping[str, Entity]) -> Iterator[Question]:
    candidates: dict[str, list[Match]] = defaultdict(list)
    for match in graph.open_matches:
        if match.rule == "authority":
            candidates[match.entity].append(match)
    for id_, matches in candidates.items():
        entity = entities[id_]
        best = sorted(matches, key=lambda match: (-match.score, match.other))[:CANDIDATES]
        # one external identity more or less moves no paper: it weighs as one decision about a tenth of them
        yield Question("identity", entity, tuple(best), None, UNDECIDED * entity.papers / 10)


def _settled(curation: Curation) -> set[frozenset[str]]:
    pairs = (pair for group in (*curation.same, *curation.different) for pair in combinations(group, 2))
    return {frozenset(map(_form, pair)) for pair in pairs} | {frozenset({_form(name)}) for name in curation.identity}


def _is_settled(question: Question, settled: set[frozenset[str]]) -> bool:
    names = {_form(question.entity.name), _form(question.entity.id)}
    if question.kind == "identity":
        return any(frozenset({name}) in settled for name in names)
    match = question.matches[0]
    pairs = [frozenset({_form(match.left), _form(match.right)})]
    if question.other is not None:
        others = {_form(question.other.name), _form(question.other.id)}
        pairs += [frozenset({one, other}) for one in names for other in others]
    return any(pair in settled for pair in pairs)


def _form(name: str) -> str:
    return key(normal_form(name))


def answer(curation: Curation, question: Question, given: str, graph: KnowledgeGraph) -> Curation:
    """Return the corrections with the answer to a question.

    Parameters
    ----------
    given
        One of ``question.keys``.
    """
    entity = _name(question.entity, graph)
    if question.kind == "identity":
        iri = NO_IDENTITY if given == "n" else question.matches[int(given) - 1].other
        return replace(curation, identity={**curation.identity, entity: iri})
    if question.other is not None:
        names = (entity, _name(question.other, graph))
    else:
        surfaces = [alias.name for alias in question.entity.aliases]
        match = question.matches[0]
        names = (_surface(match.right, surfaces), _surface(match.left, surfaces))
    return merge(curation, *names) if given == "y" else split(curation, *names)


def _name(entity: Entity, graph: KnowledgeGraph) -> str:
    """The name of an entity where it means this one, else its id."""
    return entity.name if graph.entity(entity.name).id == entity.id else entity.id


def _surface(normal: str, surfaces: Iterable[str]) -> str:
    """The most used surface form that is compared as ``normal``; that itself where the texts have none."""
    return next((surface for surface in surfaces if _form(surface) == key(normal)), normal)
