"""Annotated documents for training and scoring: gold lines as spaCy documents with their spans, and strict scores."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from schemas.lines import extraction_from_json
from schemas.records import Extraction
from schemas.text import Readable, readable
from schemas.vocabulary import ENTITY_TYPES

__all__ = ["HELD_OUT", "GoldDocument", "Score", "read_gold", "read_lines", "score_spans", "token_spans"]

HELD_OUT = 16  # one in so many training documents is kept out of the recogniser's training, for calibration
CharSpan = tuple[int, int, str]  # [start, end) in characters of the readable text, type


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """A tokenised document in its readable form, and the mentions that it should give."""

    id: str
    doc: Doc
    spans: frozenset[CharSpan]
    roles: tuple[tuple[tuple[CharSpan, ...], str], ...] = ()  # of each entity its mentions and its role


class Score(NamedTuple):
    """Precision, recall and F1 of spans that must be right in both borders and in type."""

    precision: float
    recall: float
    f1: float


def read_lines(path: Path) -> Iterator[tuple[Extraction, Readable]]:
    """Yield what each paper of a gold file should give, and the readable form of its text.

    Raises
    ------
    RecordError
        A line that is not of the extraction format.
    """
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            paper, extraction = extraction_from_json(json.loads(line))
            yield extraction, readable(paper.text)


def read_gold(path: Path, nlp: Language) -> Iterator[GoldDocument]:
    """Yield the documents of a gold file, tokenised by ``nlp``; raises what :func:`read_lines` raises."""
    for extraction, text in read_lines(path):
        roles = tuple(
            (tuple((*text.from_source(m.start, m.end), m.type) for m in entity.mentions), entity.role)
            for entity in extraction.entities
        )
        spans = frozenset(span for own, _ in roles for span in own)
        yield GoldDocument(extraction.paper_id, nlp.make_doc(text.text), spans, roles)


def token_spans(document: GoldDocument) -> list[tuple[int, int, str]]:
    """Return the spans in tokens; those that do not stand on token borders are left out."""
    spans = [document.doc.char_span(start, end, label=type_) for start, end, type_ in sorted(document.spans)]
    return [(span.start, span.end, span.label_) for span in spans if span is not None]


def _score(found: int, right: int, wanted: int) -> Score:
    precision, recall = right / found if found else 0.0, right / wanted if wanted else 0.0
    return Score(precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0)


def score_spans(gold: Sequence[Iterable[CharSpan]], found: Sequence[Iterable[CharSpan]]) -> dict[str, Score]:
    """Return the strict score of each type, and of all together under ``"all"``.

    >>> score_spans([[(0, 4, "Model"), (9, 12, "Task")]], [[(0, 4, "Model"), (9, 11, "Task")]])["all"]
    Score(precision=0.5, recall=0.5, f1=0.5)
    """
    counts = {type_: [0, 0, 0] for type_ in ENTITY_TYPES}
    for wanted_spans, found_spans in zip(gold, found, strict=True):
        wanted = set(wanted_spans)
        for span in wanted:
            counts[span[2]][2] += 1
        for span in found_spans:
            counts[span[2]][0] += 1
            counts[span[2]][1] += span in wanted
    total = [sum(column) for column in zip(*counts.values(), strict=True)]
    return {"all": _score(*total)} | {type_: _score(*row) for type_, row in counts.items()}
