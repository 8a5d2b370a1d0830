"""Entities that an authority knows: external identities, asserted where they are sure, else proposed.

Names decide, long ones more than short ones: ``named entity recognition`` is one thing everywhere, ``SAM`` is not.

- A *long* name that both have, and that stands for a good part of the entity's uses, is an identity.
- A *short* form that both have is one where it is the first name of both, written alike, and no accident: mixed case
  or a number (``DeBERTa``, ``GPT-4``), or capitals that many papers use. Long forms that contradict each other rule it
  out. Else it is a proposal (a ``skos:closeMatch`` to be reviewed).
- What fits several concepts of one authority, or several entities, is a proposal, but for the one whose first name it
  is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from rapidfuzz import fuzz

from kg.names import key, normal_form
from kg.resolution.forms import Form, Speller, kind_of
from kg.resolution.matches import Match
from schemas.records import Entity

__all__ = ["Concept", "Identified", "identify"]

LONG_SHARE: Final = 0.1  # of the entity's papers that must use a long name that both have
LONG_ENOUGH: Final = 4  # characters of a short form below which many things share it
MANY_PAPERS: Final = 20  # that use capitals as the name of one thing, so that it is the one that an authority knows
AGREE: Final = 80.0  # rapidfuzz token-set ratio, in percent, from which two long forms do not contradict each other


class Concept(NamedTuple):
    """What an authority says of one thing."""

    iri: str
    types: tuple[str, ...]  # keys of ENTITY_TYPES; empty where it does not say
    labels: tuple[str, ...]  # the preferred one first
    source: str = ""  # the authority


class Identified(NamedTuple):
    """What is known of the entities, and what might be."""

    entities: tuple[Entity, ...]  # with ``same_as``
    matches: tuple[Match, ...]  # behind it
    open_matches: tuple[Match, ...]  # proposals; ``other`` is the IRI


class _Names(NamedTuple):
    """The names of one thing by their keys."""

    first: str
    long: Mapping[str, int]  # with the papers that use each
    short: Mapping[str, int]


class _Pair(NamedTuple):
    """An entity and a concept with a name in common."""

    entity: Entity
    concept: Concept
    name: str  # what they share
    score: float  # share of the entity's uses under names that they share
    first: bool  # whether it is the first name of both
    sure: bool


def identify(
    entities: Sequence[Entity], concepts: Iterable[Concept], *, decided: Mapping[str, str | None] | None = None
) -> Identified:
    """Find the concepts that entities are.

    Parameters
    ----------
    decided
        The user's word: ids of entities with their IRI, None for those that have none.

    Examples
    --------
    >>> from schemas.records import Alias
    >>> bert = Entity(id="bert", type="Model", name="BERT", aliases=(Alias("BERT", 90),), papers=90)
    >>> sam = Entity(id="sam", type="Method", name="SAM", aliases=(Alias("SAM", 2),), papers=2)
    >>> known = [Concept(f"https://example.org/{name}", (), (name,)) for name in ("BERT", "SAM")]
    >>> [entity.same_as for entity in identify([bert, sam], known).entities]
    [('https://example.org/BERT',), ()]
    """
    decided = decided or {}
    pairs = [pair for pair in _pairs(entities, concepts) if pair.entity.id not in decided]
    sure = _unique(pairs)
    same_as: dict[str, list[str]] = defaultdict(list)
    for pair in sure:
        same_as[pair.entity.id].append(pair.concept.iri)
    same_as |= {id_: [iri] for id_, iri in decided.items() if iri}
    settled = {(pair.entity.id, pair.concept.source) for pair in sure}
    open_ = {
        (pair.entity.id, pair.concept.iri): pair
        for pair in pairs
        if (pair.entity.id, pair.concept.source) not in settled
    }
    return Identified(
        entities=tuple(
            replace(entity, same_as=tuple(dict.fromkeys((*entity.same_as, *sorted(same_as[entity.id])))))
            if entity.id in same_as
            else entity
            for entity in entities
        ),
        matches=tuple(_match(pair) for pair in sure),
        open_matches=tuple(replace(_match(pair), other=pair.concept.iri) for _, pair in sorted(open_.items())),
    )


def _match(pair: _Pair) -> Match:
    left, right = normal_form(pair.name), normal_form(pair.concept.labels[0])
    return Match(left, right, "authority", pair.entity.papers, pair.score, pair.entity.id)


def _pairs(entities: Sequence[Entity], concepts: Iterable[Concept]) -> list[_Pair]:
    speller = Speller()
    by_key: dict[str, list[tuple[Concept, _Names]]] = defaultdict(list)
    for concept in concepts:
        names = _names([(label, 1) for label in concept.labels], speller)
        for form in {**names.long, **names.short}:
            by_key[form].append((concept, names))
    pairs = []
    for entity in entities:
        ours = _names([(entity.name, 0), *entity.aliases], speller)
        fitting = {
            concept.iri: (concept, theirs)
            for form in {**ours.long, **ours.short}
            for concept, theirs in by_key.get(form, ())
            if not concept.types or kind_of(entity.type) in {kind_of(type_) for type_ in concept.types}
        }
        pairs += [
            pair for concept, theirs in fitting.values() if (pair := _pair(entity, ours, concept, theirs)) is not None
        ]
    return pairs


def _names(labels: Iterable[tuple[str, int]], speller: Speller) -> _Names:
    forms: list[tuple[Form, int]] = [(speller(label), papers) for label, papers in labels]
    long: dict[str, int] = defaultdict(int)
    short: dict[str, int] = defaultdict(int)
    for form, papers in forms:
        (short if form.short else long)[form.key] += papers
    return _Names(forms[0][0].key, long, {form: n for form, n in short.items() if form not in long})


def _pair(entity: Entity, ours: _Names, concept: Concept, theirs: _Names) -> _Pair | None:
    long, short = ours.long.keys() & theirs.long.keys(), ours.short.keys() & theirs.short.keys()
    shared = long | short | (ours.long.keys() & theirs.short.keys()) | (ours.short.keys() & theirs.long.keys())
    uses = {**ours.long, **ours.short}
    score = min(1.0, sum(uses[form] for form in shared) / max(1, sum(uses.values())))
    first = ours.first in shared and ours.first == theirs.first
    if long:
        sure = ours.first in long or sum(ours.long[form] for form in long) >= LONG_SHARE * max(1, entity.papers)
    else:
        if ours.long and theirs.long and not _agree(ours.long, theirs.long):
            return None
        sure = first and _is_no_accident(entity, concept)
    name = min(shared, key=lambda form: (form != ours.first, -uses.get(form, 0), form))
    surfaces = (entity.name, *(alias.name for alias in entity.aliases))
    surface = next((surface for surface in surfaces if key(normal_form(surface)) == name), entity.name)
    return _Pair(entity, concept, surface, score, first, sure)


def _is_no_accident(entity: Entity, concept: Concept) -> bool:
    """Whether a short form that is the first name of both is too special, or too well known, for two things."""
    name = concept.labels[0]
    alike = name in (entity.name, *(alias.name for alias in entity.aliases))
    coined = any(char.islower() or char.isdigit() for char in name.rstrip("s"))
    return alike and len(name) >= LONG_ENOUGH and (coined or entity.papers >= MANY_PAPERS)


def _agree(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    return any(fuzz.ratio(one, other) >= AGREE for one in ours for other in theirs)


def _unique(pairs: Iterable[_Pair]) -> list[_Pair]:
    """The sure pairs that have no rival, or are the only ones under the first name of both."""
    by_entity: dict[tuple[str, str], list[_Pair]] = defaultdict(list)
    by_concept: dict[str, list[_Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.sure:
            by_entity[pair.entity.id, pair.concept.source].append(pair)
            by_concept[pair.concept.iri].append(pair)
    return [
        pair
        for rivals in by_entity.values()
        for pair in rivals
        if all(len(group) == 1 or _is_the_first(pair, group) for group in (rivals, by_concept[pair.concept.iri]))
    ]


def _is_the_first(pair: _Pair, group: Sequence[_Pair]) -> bool:
    return pair.first and sum(other.first for other in group) == 1
