"""From extractions to what resolution works on: one unit for each entity of each paper, one entry for each form.

A *form* is a surface string by its key (:mod:`kg.names`). A *unit* is one entity of one paper with all its forms. Its
*anchor* is the form that says best what the paper means: the long form where the paper gives one, for ``CL`` alone
says little and ``continual learning (CL)`` says all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from kg.names import is_initialism, key, normal_form, plain, signature
from schemas.errors import InputError
from schemas.records import DocumentEntity, Extraction
from schemas.vocabulary import ENTITY_TYPES

__all__ = ["Corpus", "Form", "Node", "Speller", "Unit", "kind_of", "kinds", "read_corpus"]

# Types between which papers honestly differ over one and the same thing (reinforcement learning: a method here, the
# task there) are one kind. Of 57 names that annotators typed in several ways, 56 stayed within one of these kinds.
CONCEPT: Final = "Concept"
KINDS: Final = {"Dataset": "Dataset", "Metric": "Metric"}  # all others, registered ones too, are "Concept"

# When a form has several kinds, the minor one is a homonym of its own if this much speaks for it, else a mistake.
HOMONYM_SHARE: Final = 0.25  # of the summed confidence ...
HOMONYM_PAPERS: Final = 3.0  # ... or this much confidence in sum, and the share below
HOMONYM_MINIMUM: Final = 0.05
SHORT_SHARE: Final = 0.5  # of a form's units that must write it like an abbreviation: Adam is a name, ADAM may be short


def kind_of(type_: str) -> str:
    """Return the kind of an entity type.

    >>> kind_of("Model"), kind_of("Metric")
    ('Concept', 'Metric')
    """
    return KINDS.get(type_, CONCEPT)


def kinds() -> list[str]:
    """Return all kinds, sorted."""
    return sorted({CONCEPT, *KINDS})


class Node(NamedTuple):
    """What is clustered: a form in one kind."""

    kind: str
    key: str


class Form(NamedTuple):
    """One spelling, as it is compared."""

    surface: str  # readable
    normal: str
    key: str
    short: bool  # written like an abbreviation


class Unit(NamedTuple):
    """One entity of one paper."""

    paper: str
    position: int  # in Extraction.entities
    type: str
    confidence: float
    surfaces: tuple[str, ...]  # readable, distinct, sorted
    keys: tuple[str, ...]  # distinct, sorted
    shorts: frozenset[str]  # those of the keys that are written like abbreviations alone
    anchor: str = ""  # one of the keys; chosen when all units are known


class Speller:
    """Surface strings to forms, each computed once.

    Parameters
    ----------
    apart
        Spellings (as :func:`kg.names.plain` gives them) that are to have a key of their own, with that key.
    """

    def __init__(self, apart: Mapping[str, str] | None = None) -> None:
        self._apart = apart or {}
        self._forms: dict[str, Form] = {}

    def __call__(self, surface: str) -> Form:
        """Return the form of a surface string, as it stands in a text or readable."""
        form = self._forms.get(surface)
        if form is None:
            readable, normal = plain(surface), normal_form(surface)
            form = Form(readable, normal, self._apart.get(readable, key(normal)), is_initialism(readable))
            self._forms[surface] = form
        return form

    def forms(self) -> Iterable[Form]:
        """Return the forms met so far."""
        return self._forms.values()


@dataclass(slots=True)
class Corpus:
    """All units, and what is known of the forms."""

    units: list[Unit] = field(default_factory=list)  # in the order of paper id and position
    normals: dict[str, str] = field(default_factory=dict)  # key -> normal form; of several, that of most words
    support: Counter[str] = field(default_factory=Counter)  # key -> units that have it
    shorts: set[Node] = field(default_factory=set)  # abbreviations
    kinds: dict[str, dict[str, str]] = field(default_factory=dict)  # anchor -> type -> kind, where not the type's own

    def node(self, unit: Unit) -> Node:
        """Return the node that a unit counts for by its own forms."""
        return Node(self.kinds[unit.anchor].get(unit.type, kind_of(unit.type)), unit.anchor)

    def is_bare(self, unit: Unit) -> bool:
        """Tell whether the paper gives the abbreviation alone."""
        return unit.anchor in unit.shorts or self.node(unit) in self.shorts

    def is_head(self, short: str, long: str) -> bool:
        """Tell whether one form is the last word of another: ``translation`` of ``machine translation``."""
        normal = self.normals[short]
        return " " not in normal and self.normals[long].endswith(" " + normal)

    def is_version(self, form: str, other: str) -> bool:
        """Tell whether the second form is the first with a version, size or other letters added: no long form of it."""
        one, two = self.normals[form], self.normals[other]
        if other.startswith(form) and form != other:
            return any(map(str.isdigit, form)) or other[len(form)].isdigit()
        return signature(one) != signature(two) and set(one.split()) <= set(two.split())


def read_corpus(extractions: Iterable[Extraction], speller: Speller) -> Corpus:
    """Return the units of all papers with their anchors, in an order that does not depend on that of the input.

    Raises
    ------
    InputError
        Two extractions are of one paper.
    """
    ordered = sorted(extractions, key=lambda extraction: extraction.paper_id)
    for one, other in pairwise(ordered):
        if one.paper_id == other.paper_id:
            raise InputError(f"two extractions of paper {one.paper_id!r}: give each paper once")
    corpus = Corpus()
    for extraction in ordered:
        longs = _long_forms(extraction, speller)
        for position, entity in enumerate(extraction.entities):
            corpus.units.append(_unit(extraction.paper_id, position, entity, longs, speller))
    _describe_forms(corpus, speller)
    corpus.units = [unit._replace(anchor=_anchor(unit, corpus)) for unit in corpus.units]
    corpus.kinds = _decide_kinds(corpus.units)
    return corpus


def _long_forms(extraction: Extraction, speller: Speller) -> dict[str, str]:
    """Keys of short forms with the keys of what this paper says they stand for, the surest first."""
    longs: dict[str, str] = {}
    for pair in sorted(extraction.abbreviations, key=lambda pair: (-pair.confidence, pair.start, pair.long)):
        longs.setdefault(speller(pair.short).key, speller(pair.long).key)
    return longs


def _unit(paper: str, position: int, entity: DocumentEntity, longs: Mapping[str, str], speller: Speller) -> Unit:
    forms = [speller(mention.text) for mention in entity.mentions] or [speller(entity.name)]
    keys = {form.key for form in forms}
    shorts = frozenset(keys - {form.key for form in forms if not form.short})
    keys |= {longs[short] for short in keys if short in longs}
    surfaces = tuple(sorted({form.surface for form in forms}))
    return Unit(paper, position, entity.type, entity.confidence, surfaces, tuple(sorted(keys)), shorts)


def _describe_forms(corpus: Corpus, speller: Speller) -> None:
    for form in speller.forms():
        known = corpus.normals.get(form.key)
        if known is None or (-form.normal.count(" "), form.normal) < (-known.count(" "), known):
            corpus.normals[form.key] = form.normal
    short: Counter[Node] = Counter()
    total: Counter[Node] = Counter()
    for unit in corpus.units:
        corpus.support.update(unit.keys)
        nodes = [Node(kind_of(unit.type), key) for key in unit.keys]
        total.update(nodes)
        short.update(node for node in nodes if node.key in unit.shorts)
    corpus.shorts = {node for node, count in short.items() if count >= SHORT_SHARE * total[node]}


def _anchor(unit: Unit, corpus: Corpus) -> str:
    """The best supported long form; where a unit has none, the best supported short form."""
    if len(unit.keys) == 1:
        return unit.keys[0]
    full = [key for key in unit.keys if key not in unit.shorts]
    # GPT-4V is no abbreviation of GPT-4V(ision): such a short form is as good as the other
    full += [key for key in unit.keys if key in unit.shorts and full and _names_versions(key, full, corpus)]
    heads = [key for key in full if kind_of(unit.type) == CONCEPT and any(corpus.is_head(key, other) for other in full)]
    telling = [key for key in full if key not in heads]
    return min(telling or unit.keys, key=lambda key: (-corpus.support[key], -len(key), key))


def _names_versions(key: str, others: list[str], corpus: Corpus) -> bool:
    return all(corpus.is_version(key, other) for other in others)


def _decide_kinds(units: Iterable[Unit]) -> dict[str, dict[str, str]]:
    """For each anchor the types whose evidence is too thin for a kind of their own, with the kind they count for."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for unit in units:
        sums[unit.anchor][kind_of(unit.type)] += unit.confidence  # type: ignore[assignment]  # Counter holds floats too
    return {anchor: _mistaken(counts) for anchor, counts in sums.items()}


def _mistaken(counts: Mapping[str, float]) -> dict[str, str]:
    if len(counts) == 1:
        return {}
    total = sum(counts.values())
    main = min(counts, key=lambda kind: (-counts[kind], kind))
    mistaken = {
        kind
        for kind, value in counts.items()
        if kind != main
        and value < HOMONYM_SHARE * total
        and not (value >= HOMONYM_PAPERS and value >= HOMONYM_MINIMUM * total)
    }
    return {type_: main for type_ in ENTITY_TYPES if kind_of(type_) in mistaken}
