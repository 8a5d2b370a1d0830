"""Entities as a recogniser would have read them: annotated ones, with its mistakes at random.

What is learned on annotated entities alone trusts them too much: it has never seen a measure that the recogniser missed
or a name of the wrong type. The rates are those of the shipped recogniser on documents that were kept out of its
training, over the first mention of each entity of those that hold figures.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from schemas.records import DocumentEntity, Mention

__all__ = ["misread"]


@dataclass(frozen=True, slots=True)
class Rates:
    """How often something happens to an entity, and how many are seen where there is none."""

    missed: float
    shorter: float  # without its first word
    longer: float  # with the word before it
    types: dict[str, float]  # taken for another type
    invented: float  # a document


RATES: Final = {
    "Model": Rates(0.09, 0.055, 0.02, {"Method": 0.042, "Dataset": 0.006, "Task": 0.006}, 0.07),
    "Method": Rates(0.27, 0.02, 0.03, {"Task": 0.05, "Model": 0.02, "Metric": 0.005}, 0.33),
    "Task": Rates(0.155, 0.06, 0.03, {"Method": 0.025}, 0.14),
    "Dataset": Rates(0.055, 0.005, 0.015, {"Method": 0.03}, 0.03),
    "Metric": Rates(0.15, 0.035, 0.03, {}, 0.11),
}
_NAME: Final = re.compile(r"(?<![\w-])[A-Za-z][\w-]{3,}(?: [a-z][\w-]{3,})?(?![\w-])")
_WORD_BEFORE: Final = re.compile(r"(?<![\w-])[A-Za-z][\w-]* \Z")


def misread(text: str, entities: tuple[DocumentEntity, ...], *, seed: str) -> tuple[DocumentEntity, ...]:
    """Return ``entities`` with mistakes, the same for the same ``seed``.

    Parameters
    ----------
    text
        Of the document, in which the offsets of the mentions are.

    Examples
    --------
    >>> text = "We measure test accuracy."
    >>> mention = Mention(11, 24, "test accuracy", "Metric")
    >>> found = DocumentEntity(name="test accuracy", type="Metric", role="uses", mentions=(mention,))
    >>> readings = [misread(text, (found,), seed=str(i)) for i in range(200)]
    >>> {"accuracy", "measure test accuracy"} < {entity.name for read in readings for entity in read}
    True
    >>> any(read == () for read in readings)
    True
    """
    chance = random.Random(seed)
    seen = [read for entity in entities for read in _read(text, entity, chance)]
    taken = {m.start for entity in entities for m in entity.mentions}
    for type_, rates in RATES.items():
        if chance.random() < rates.invented:
            seen += _invented(text, type_, taken, chance)
    return tuple(sorted(seen, key=lambda entity: entity.mentions[0].start))


def _read(text: str, entity: DocumentEntity, chance: random.Random) -> Iterator[DocumentEntity]:
    rates, drawn = RATES[entity.type], chance.random()
    if drawn < rates.missed:
        return
    drawn -= rates.missed
    for type_, rate in rates.types.items():
        if 0 <= drawn < rate:
            yield replace(entity, type=type_, mentions=tuple(replace(m, type=type_) for m in entity.mentions))
            return
        drawn -= rate
    if 0 <= drawn < rates.shorter:
        mentions = tuple(_moved(text, m, m.start + m.text.find(" ") + 1) for m in entity.mentions)
        yield replace(entity, name=mentions[0].text, mentions=mentions)
    elif 0 <= drawn - rates.shorter < rates.longer:
        before = [_WORD_BEFORE.search(text, max(0, m.start - 30), m.start) for m in entity.mentions]
        pairs = zip(entity.mentions, before, strict=True)
        mentions = tuple(_moved(text, m, found.start() if found else m.start) for m, found in pairs)
        yield replace(entity, name=mentions[0].text, mentions=mentions)
    else:
        yield entity


def _moved(text: str, mention: Mention, start: int) -> Mention:
    return replace(mention, start=start, text=text[start : mention.end])


def _invented(text: str, type_: str, taken: set[int], chance: random.Random) -> Iterator[DocumentEntity]:
    """An entity that nobody annotated: one or two words of the text."""
    free = [match for match in _NAME.finditer(text) if not any(match.start() <= start < match.end() for start in taken)]
    if free:
        start, end = chance.choice(free).span()
        mention = Mention(start, end, text[start:end], type_)
        yield DocumentEntity(name=mention.text, type=type_, role="mentions", mentions=(mention,))
