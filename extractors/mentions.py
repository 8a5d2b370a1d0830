"""Consistency and grouping: all mentions of a document, and which of them name the same thing.

What is a name once is one at every whole-word occurrence in the same document, in any of its spellings; one name has
one type; the forms of one name are one entity. Recognisers decide place by place, so this is where a document comes to
speak with one voice.
"""

from __future__ import annotations

import re
from collections import ChainMap, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import fmean

from spacy.language import Language
from spacy.tokens import Doc

from extractors.alignment import stands_for
from extractors.document import get_abbreviations, get_mentions, set_entities, set_mentions
from extractors.lexicon import common_abbreviations
from extractors.naming import IMPLIED, best_name
from schemas.inflection import singular
from schemas.records import Abbreviation, DocumentEntity, Mention
from schemas.text import fold
from schemas.vocabulary import ENTITY_TYPES

__all__ = ["MentionGrouper", "complete_mentions", "create_mentions", "group_mentions"]

_SPREAD = 0.8  # of the confidence of a mention, for the other occurrences of its name: so many of them were right
_EXPLAINED = re.compile(r"(?<=\w)\s?\([\w-]{1,8}\)(?=\s)")  # a short form within a long one: "Monte Carlo (MC) dropout"
_AS_SPACE = str.maketrans("-‐‑–_", "     ")


def _implied(mentions: Sequence[Mention], abbreviations: Sequence[Abbreviation]) -> list[Abbreviation]:
    """Pairs of mentions of one type that read as short and long form, where the document defines no other."""
    defined = {singular(pair.short) for pair in abbreviations}
    first = {mention.text: mention for mention in sorted(mentions, key=lambda mention: -mention.start)}
    shorts = [m for text, m in sorted(first.items()) if text.isalnum() and text[:3].isupper()]
    pairs = []
    for short in shorts:
        longs = [m for m in first.values() if m.type == short.type and " " in m.text and stands_for(short.text, m.text)]
        if longs and singular(short.text) not in defined:
            long = min(longs, key=lambda mention: (len(mention.text), mention.start))
            pairs.append(
                Abbreviation(short.text, long.text, short.start, short.end, long.start, long.end, confidence=IMPLIED)
            )
    return pairs


def _groups(surfaces: Iterable[str], abbreviations: Sequence[Abbreviation]) -> dict[str, str]:
    """Surface forms to the key of their entity: by spelling, and by the abbreviations of the document and the field."""
    own = {singular(pair.short): pair.long for pair in abbreviations} | {p.short: p.long for p in abbreviations}
    long_forms: Mapping[str, str] = ChainMap(own, common_abbreviations()) if own else common_abbreviations()
    keys = {}
    for surface in surfaces:
        plain = _EXPLAINED.sub("", surface) if "(" in surface else surface
        words = [long_forms.get(word) or long_forms.get(singular(word), word) for word in plain.split(" ")]
        keys[surface] = fold(long_forms.get(surface) or " ".join(words))
    return keys


def _decide_types(mentions: Iterable[Mention], keys: dict[str, str]) -> dict[str, str]:
    """The type of each entity: that of the greatest summed confidence, the first in the alphabet of equal ones."""
    votes: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for mention in mentions:
        votes[keys[mention.text]][mention.type] += mention.confidence
    return {key: min(types, key=lambda type_: (-round(types[type_], 9), type_)) for key, types in votes.items()}


def _is_ordinary(surface: str) -> bool:
    """Whether a surface form may be written in other case: words, none of which has capitals or digits inside."""
    words = surface.replace("-", " ").split()
    return len(surface) > 3 and all(word.isalpha() and word[1:].islower() for word in words if len(word) > 1)


def _same_length_lower(text: str) -> str:
    lower = text.lower()
    return lower if len(lower) == len(text) else text


def _variants(surface: str) -> set[str]:
    """The spellings, in lower case and with spaces for hyphens, under which ``surface`` is looked for."""
    last = surface.rsplit(" ", 1)[-1]
    stem = surface[: len(surface) - len(last)] + singular(last)
    plural = stem[:-1] + "ies" if stem.endswith("y") and stem[-2:-1] not in "aeiou" else stem + "s"
    return {_same_length_lower(form).translate(_AS_SPACE) for form in {surface, stem, plural}}


def _occurrences(doc: Doc, text: str, surfaces: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    """Every place ``[start, end)`` on token borders at which a spelling of one of ``surfaces`` stands."""
    plain = _same_length_lower(text).translate(_AS_SPACE)
    borders = doc.to_array(["IDX", "LENGTH"])
    starts, ends = set(borders[:, 0].tolist()), set(borders.sum(axis=1).tolist())
    for surface in surfaces:
        ordinary = _is_ordinary(surface)
        head = singular(surface)
        for variant in sorted(_variants(surface)):
            start = plain.find(variant)
            while start >= 0:
                end = start + len(variant)
                same_case = ordinary or singular(text[start:end]).translate(_AS_SPACE) == head.translate(_AS_SPACE)
                if start in starts and end in ends and same_case and "\n" not in text[start:end]:
                    yield start, end, surface
                start = plain.find(variant, start + 1)


def complete_mentions(
    doc: Doc, mentions: Sequence[Mention], *, abbreviations: Sequence[Abbreviation] = ()
) -> list[Mention]:
    """Return ``mentions`` with the further occurrences of their names, in text order, without overlap.

    The long form of an abbreviation that is a mention is one too, and the other way round. One name has one type
    throughout: that of the greatest summed confidence. What stands in the way of a given mention is left out; of
    added ones the longest wins.

    Parameters
    ----------
    doc
        The document; mentions are added on token borders only.
    mentions
        What earlier components found; not overlapping.
    abbreviations
        That the document defines.

    Examples
    --------
    >>> import spacy
    >>> doc = spacy.blank("en")("CLIP wins. We tune CLIP and clip it.")
    >>> [mention.start for mention in complete_mentions(doc, [Mention(0, 4, "CLIP", "Model", 0.9)])]
    [0, 19]
    """
    keys = _groups({mention.text for mention in mentions}, abbreviations)
    best: dict[str, float] = defaultdict(float)
    for mention in mentions:
        best[keys[mention.text]] = max(best[keys[mention.text]], mention.confidence)
    types = _decide_types(mentions, keys)
    surfaces = dict(keys)
    for form, key in _groups([form for p in abbreviations for form in (p.short, p.long)], abbreviations).items():
        if key in types:
            surfaces.setdefault(form, key)
    text = doc.text
    taken = bytearray(len(text))
    kept = [replace(mention, type=types[keys[mention.text]]) for mention in mentions]
    for mention in kept:
        taken[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
    found = sorted(
        _occurrences(doc, text, sorted(surfaces)), key=lambda place: (place[0] - place[1], place[0], place[2])
    )
    for start, end, surface in found:
        if not any(taken[start:end]):
            key = surfaces[surface]
            taken[start:end] = b"\1" * (end - start)
            kept.append(Mention(start, end, text[start:end], types[key], round(best[key] * _SPREAD, 4)))
    return sorted(kept, key=lambda mention: mention.start)


def group_mentions(
    text: str, mentions: Sequence[Mention], *, abbreviations: Sequence[Abbreviation] = ()
) -> list[DocumentEntity]:
    """Return the entities that ``mentions`` name, in the order of their first mentions, all in the role "mentions".

    Spellings (case, hyphen, plural) and the short and long form of an abbreviation are one entity. Its confidence is
    the mean of its mentions': on annotated abstracts that predicts better than their maximum or than taking them as
    independent (Brier score 0.177, 0.178, 0.191).

    Examples
    --------
    >>> found = [Mention(0, 3, "LLM", "Model", 0.9), Mention(8, 12, "LLMs", "Model", 0.8)]
    >>> [(entity.name, len(entity.mentions), entity.confidence) for entity in group_mentions("LLM and LLMs", found)]
    [('large language model', 2, 0.85)]
    """
    abbreviations = [*abbreviations, *_implied(mentions, abbreviations)]
    keys = _groups({mention.text for mention in mentions}, abbreviations)
    groups: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    for mention in sorted(mentions, key=lambda mention: mention.start):
        groups[keys[mention.text], mention.type].append(mention)
    entities: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    names: dict[tuple[str, str], str] = {}
    for (_, type_), group in groups.items():
        name = best_name(text, group, abbreviations=abbreviations)
        names.setdefault((fold(name), type_), name)  # forms that the field unites, though not this document
        entities[fold(name), type_] += group
    return [_entity(names[key], group) for key, group in entities.items()]


def _entity(name: str, mentions: Iterable[Mention]) -> DocumentEntity:
    ordered = tuple(sorted(mentions, key=lambda mention: mention.start))
    confidence = round(fmean(mention.confidence for mention in ordered), 4)
    return DocumentEntity(name=name, type=ordered[0].type, role="mentions", mentions=ordered, confidence=confidence)


class MentionGrouper:
    """The component: completes the mentions and groups them into entities."""

    def __call__(self, doc: Doc) -> Doc:
        """Set the mentions, ``doc.ents`` and the entities of ``doc``."""
        abbreviations = get_abbreviations(doc)
        mentions = complete_mentions(doc, get_mentions(doc), abbreviations=abbreviations)
        set_mentions(doc, mentions)
        set_entities(doc, group_mentions(doc.text, mentions, abbreviations=abbreviations))
        return doc


@Language.factory(
    "kg_mentions",
    requires=["doc.ents"],
    assigns=["doc.ents", *(f"doc._.{row.plural}" for row in ENTITY_TYPES.values())],
)
def create_mentions(nlp: Language, name: str) -> MentionGrouper:
    """Return the component ``kg_mentions``."""
    return MentionGrouper()
