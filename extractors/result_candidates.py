"""Sentences with their quantities, and the names that each field of a result may have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from extractors.layout import Item, Layout
from extractors.quantities import Quantity, find_quantities

__all__ = ["NOTHING", "Candidate", "Field", "Figure", "Reading", "candidates", "read"]

Field = Literal["metric", "dataset", "task", "subject", "baseline"]
TYPES: Final[dict[str, tuple[str, ...]]] = {
    "metric": ("Metric",),
    "dataset": ("Dataset",),
    "task": ("Task",),
    "subject": ("Method", "Model"),
    "baseline": ("Method", "Model"),
}
_IN: Final = re.compile(
    r"\b(?:improvement|gain|increase|reduction|decrease|boost|drop|saving|speedup|degradation)s? (?:in|of) "
    r"(?:the |its |their |both )?(?P<what>(?:[a-zA-Z][\w-]* ){0,2}[a-zA-Z][\w-]*)"
)
LONGEST: Final = 400  # items of a sentence that is read; what is longer is a table or no sentence at all
_WORDED: Final = re.compile(r"\b(?:(?:overall|average|downstream|zero-shot|task|model) )?performance\b|\bspeed-?ups?\b")
_COMPARED: Final = re.compile(r"[- ]?(?P<what>faster|slower|smaller|larger|cheaper|longer|shorter)\b")
_FEWER: Final = re.compile(r" (?:fewer|less|more|higher|lower|better|of the|of) (?P<what>(?:[a-z][\w-]* )?[a-z][\w-]*)")
_LINKING: Final = re.compile(
    r"(?: (?:and|or|than|to|while|with|on|in|for|when|as|at|by|of|the|compared|over|from))++\Z"
)
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


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name that a field of a result may have, and where it stands; nowhere if it is not in the sentence."""

    name: str | None  # None: the field stays empty
    kind: str  # "mention", "previous", "only", "introduced", "elsewhere", "worded", "nothing"
    entity: int = -1
    item: int = -1  # in the sentence, -1 if it is not there


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
        if quantities and len(sentence.items) <= LONGEST:
            items, figures = _merged(sentence.items, quantities, sentence.start)
            readings.append(Reading(number, sentence.start, sentence.end, items, figures))
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
    by_distance = sorted(range(len(reading.items)), key=lambda j: (abs(j - figure.item), j))
    for j in by_distance:
        entity = reading.items[j].entity
        if entity >= 0 and layout.entities[entity].type in types and entity not in found:
            found[entity] = Candidate(layout.entities[entity].name, "mention", entity, j)
    if field != "baseline":
        found |= {c.entity: c for c in _from_elsewhere(layout, reading, types) if c.entity not in found}
    named = list(found.values())
    if field == "metric":
        named = [c for c in named if c.kind in ("mention", "previous", "only")]
        named += _worded(layout, reading, figure)
    return [*named, NOTHING]


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
    """Measures that no entity names: "performance", "40% reduction in size", "3x faster", "rank"."""
    text = layout.text[reading.start : reading.end]
    after = figure.quantity.end - reading.start
    spans = [(item.start - reading.start, item.end - reading.start) for item in reading.items if item.entity >= 0]
    found: list[tuple[str, str, int]] = []
    if figure.quantity.unit == "rank":
        found.append(("rank", "rank", after))
    if match := _COMPARED.match(text, after):
        found.append((_SPEED.get(match["what"], "length"), "compared", match.start()))
    if match := _FEWER.match(text, after):
        found.append((_LINKING.sub("", match["what"]), "fewer", match.start("what")))
    found += [(_LINKING.sub("", match["what"]), "change", match.start("what")) for match in _IN.finditer(text)]
    found += [(match[0].lower(), "general", match.start()) for match in _WORDED.finditer(text)]
    seen = set()
    for name, kind, start in found:
        inside = any(a < start + len(name) and start < b for a, b in spans)
        if name not in seen and not inside:
            seen.add(name)
            item = next((j for j, item in enumerate(reading.items) if item.end > reading.start + start), -1)
            yield Candidate(
                "speedup" if name.startswith("speed") and name != "speed" else name, f"worded {kind}", -1, item
            )
