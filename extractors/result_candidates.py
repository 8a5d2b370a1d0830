"""Sentences with their quantities, and the names that each field of a result may have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from extractors.layout import Item, Layout
from extractors.quantities import Quantity, find_quantities
from extractors.result_phrases import Phrase, find_phrases

__all__ = ["NOTHING", "Candidate", "Field", "Figure", "Reading", "candidates", "read"]

Field = Literal["metric", "dataset", "task", "subject", "baseline"]
TYPES: Final[dict[str, tuple[str, ...]]] = {
    "metric": ("Metric",),
    "dataset": ("Dataset",),
    "task": ("Task",),
    "subject": ("Method", "Model"),
    "baseline": ("Method", "Model"),
}
# Types that a recogniser takes for those of a field.
STRANGE: Final[dict[str, tuple[str, ...]]] = {
    "metric": ("Method", "Task", "Dataset"),
    "dataset": ("Method", "Model", "Task"),
}
REACH: Final = 30  # items from a figure to a phrase
LONGEST: Final = 400  # items of a sentence that is read; what is longer is a table or no sentence at all
_COMPARED: Final = re.compile(r"[- ]?(?P<what>faster|slower|smaller|larger|cheaper|longer|shorter)\b")
_SPEED: Final = {"faster": "speed", "slower": "speed", "smaller": "size", "larger": "size", "cheaper": "cost"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity in its sentence."""

    quantity: Quantity  # offsets in the document
    item: int  # its item in the sentence
    order: int  # its number among the figures of the sentence


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence whose quantities are items too: ``<%>``, ``<x>``, ``<number>``."""

    number: int  # of the sentence
    start: int
    end: int
    items: tuple[Item, ...]
    figures: tuple[Figure, ...]
    phrases: tuple[Phrase, ...]  # that may be measures


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name that a field of a result may have, and where it stands; nowhere if it is not in the sentence."""

    name: str | None  # None: the field stays empty
    kind: str  # "mention", "previous", "only", "introduced", "elsewhere", "worded …", "phrase", "<type>", "nothing"
    entity: int = -1
    item: int = -1  # in the sentence, -1 if it is not there
    last: int = -1  # its last item
    phrase: Phrase | None = None


NOTHING: Final = Candidate(None, "nothing")


def read(layout: Layout) -> list[Reading]:
    """Return the sentences of ``layout`` that hold quantities outside names.

    Examples
    --------
    >>> import spacy
    >>> nlp = spacy.blank("en")
    >>> _ = nlp.add_pipe("kg_sentences")
    >>> [reading] = read(Layout(nlp("On X\\nWe study X. It gains 2.5% here."), []))
    >>> [item.text for item in reading.items]
    ['it', 'gains', '<%>', 'here', '.']
    """
    readings = []
    for number, sentence in enumerate(layout.sentences):
        if len(sentence.items) > LONGEST:
            continue
        text = layout.text[sentence.start : sentence.end]
        mentions = [item for item in sentence.items if item.entity >= 0]
        quantities = [
            quantity
            for quantity in find_quantities(text)
            if not any(
                item.start < sentence.start + quantity.end and sentence.start + quantity.start < item.end
                for item in mentions
            )
        ]
        if quantities:
            items, figures = _merged(sentence.items, quantities, sentence.start)
            phrases = tuple(find_phrases(items, layout.text))
            readings.append(Reading(number, sentence.start, sentence.end, items, figures, phrases))
    return readings


def _merged(
    items: Sequence[Item], quantities: Sequence[Quantity], offset: int
) -> tuple[tuple[Item, ...], tuple[Figure, ...]]:
    """The items with one for each quantity instead of those that it covers."""
    merged: list[Item] = []
    figures: list[Figure] = []
    waiting = list(reversed(quantities))
    end = -1
    for item in items:
        while waiting and waiting[-1].start + offset < item.end:
            q = waiting.pop()
            start, end = q.start + offset, q.end + offset
            figures.append(Figure(Quantity(start, end, q.text, q.number, q.unit, q.last), len(merged), len(figures)))
            merged.append(Item(f"<{q.unit or 'number'}>", start, end))
        if item.start >= end:
            merged.append(item)
    return tuple(merged), tuple(figures)


def candidates(layout: Layout, reading: Reading, figure: Figure, field: Field) -> list[Candidate]:
    """Return the names that a field of a figure may have; the last is :data:`NOTHING`."""
    types = TYPES[field]
    found: dict[int, Candidate] = {}
    strange: dict[int, Candidate] = {}
    by_distance = sorted(range(len(reading.items)), key=lambda j: (abs(j - figure.item), j))
    for j in by_distance:
        i = reading.items[j].entity
        if i >= 0:
            entity = layout.entities[i]
            if entity.type in types:
                found.setdefault(i, Candidate(entity.name, "mention", i, j, j))
            elif entity.type in STRANGE.get(field, ()):
                strange.setdefault(i, Candidate(entity.name, f"<{entity.type}>", i, j, j))
    if field != "baseline":
        found |= {c.entity: c for c in _from_elsewhere(layout, reading, types) if c.entity not in found}
    named = list(found.values())
    if field == "metric":
        named = [c for c in named if c.kind in ("mention", "previous", "only")]
        named += _worded(layout, reading, figure)
        named += _phrased(reading, figure)
    if field == "dataset":
        named += [c for c in _phrased(reading, figure) if c.name and c.kind == "phrase" and c.name != c.name.lower()]
    return [*named, *strange.values(), NOTHING]


def _phrased(reading: Reading, figure: Figure) -> Iterator[Candidate]:
    """The phrases of the sentence that are not too far from the figure, the nearest of those with one wording."""
    near = []
    for phrase in reading.phrases:
        distance = phrase.first - figure.item if phrase.first > figure.item else figure.item - phrase.last
        if distance <= REACH or phrase.is_known:
            near.append((distance, phrase.first, phrase))
    seen = set()
    for _, _, phrase in sorted(near, key=lambda found: found[:2]):
        if phrase.text not in seen:
            seen.add(phrase.text)
            yield Candidate(phrase.text, "part" if phrase.lost else "phrase", -1, phrase.first, phrase.last, phrase)


def _from_elsewhere(layout: Layout, reading: Reading, types: Sequence[str]) -> Iterator[Candidate]:
    """Entities of the types that other sentences name."""
    of_type = [i for i, entity in enumerate(layout.entities) if entity.type in types and layout.places[i]]
    previous = {
        item.entity
        for item in (layout.sentences[reading.number - 1].items if reading.number else ())
        if item.entity >= 0
    }
    for i in of_type:
        entity = layout.entities[i]
        if len(of_type) == 1:
            kind = "only"
        elif i in previous:
            kind = "previous"
        else:
            kind = "introduced" if entity.role == "introduces" else "elsewhere"
        yield Candidate(entity.name, kind, i)


def _worded(layout: Layout, reading: Reading, figure: Figure) -> Iterator[Candidate]:
    """Measures that no word names: "3x faster" is of speed, a rank is a rank."""
    if figure.quantity.unit == "rank":
        yield Candidate("rank", "worded rank", -1, figure.item, figure.item)
    if match := _COMPARED.match(layout.text, figure.quantity.end):
        yield Candidate(_SPEED.get(match["what"], "length"), "worded compared", -1, figure.item, figure.item)
