"""Gold and predicted extractions of the same papers -> a report of how well they agree.

- *Mentions*: strict, a mention counts when start, end and type are the gold's (as in CoNLL-2003); micro-averaged, and
  by type.
- *Roles*: accuracy over the gold entities that were found, that is, with which a predicted entity of the same type
  shares a mention.
- *Results*: tuples (metric, value, data set) as multisets; names count as equal when they are names of the same gold
  entity.
- *Calibration*: expected calibration error of the confidences of mentions, and of results as such tuples, over ten
  bins of equal width (Guo et al. 2017).
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.errors import InputError, RecordError
from schemas.lines import extraction_from_json
from schemas.records import Extraction, Paper, Result
from schemas.text import fold, readable
from schemas.vocabulary import ENTITY_TYPES, ROLES

if TYPE_CHECKING:
    from kg.run import Progress

__all__ = ["Report", "Score", "evaluate", "evaluate_file"]

BINS = 10
Bins = list[tuple[int, float, int]]  # of each bin how many, the sum of their confidences, how many of them are right
Span = tuple[int, int, str]
ResultKey = tuple[str, str, str]


@dataclass(slots=True)
class Score:
    """Counts of a comparison of sets, and what follows from them.

    >>> Score(gold=4, predicted=2, right=2).f1
    0.6666666666666666
    """

    gold: int = 0
    predicted: int = 0
    right: int = 0

    @property
    def precision(self) -> float:
        """Share of what was predicted that is right, in [0, 1]; 0 where nothing was predicted."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of what there is that was found, in [0, 1]; 0 where there is nothing."""
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, in [0, 1]."""
        both = self.gold + self.predicted
        return 2 * self.right / both if both else 0.0

    def add(self, gold: Counter[Any], predicted: Counter[Any]) -> None:
        """Count one document's multisets."""
        self.gold += gold.total()
        self.predicted += predicted.total()
        self.right += (gold & predicted).total()


@dataclass(slots=True)
class Report:
    """What :func:`evaluate` found."""

    papers: int = 0
    papers_per_second: float | None = None  # of extraction, loading included
    mentions: Score = field(default_factory=Score)
    by_type: dict[str, Score] = field(default_factory=lambda: {name: Score() for name in ENTITY_TYPES})
    spans: Score = field(default_factory=Score)  # the type disregarded
    roles: Counter[tuple[str, str]] = field(default_factory=Counter)  # (gold, predicted)
    results: Score = field(default_factory=Score)
    values: Score = field(default_factory=Score)  # the values of results alone
    bins: Bins = field(default_factory=lambda: [(0, 0.0, 0)] * BINS)  # of mentions
    result_bins: Bins = field(default_factory=lambda: [(0, 0.0, 0)] * BINS)

    @property
    def role_accuracy(self) -> float:
        """Share of the gold entities found whose role is right, in [0, 1]."""
        total = self.roles.total()
        return sum(n for (gold, predicted), n in self.roles.items() if gold == predicted) / total if total else 0.0

    @property
    def calibration_error(self) -> float:
        """Mean distance between confidence and precision of mentions, weighted by bin, in [0, 1]."""
        return _calibration_error(self.bins)

    @property
    def result_calibration_error(self) -> float:
        """The same of results."""
        return _calibration_error(self.result_bins)

    def to_json(self) -> dict[str, Any]:
        """Return every figure under a readable key."""
        return {
            "papers": self.papers,
            "mentions": _figures(self.mentions),
            "by_type": {name: _figures(score) for name, score in self.by_type.items()},
            "spans": _figures(self.spans),
            "roles": {"accuracy": round(self.role_accuracy, 4), "entities": self.roles.total()},
            "results": _figures(self.results),
            "result_values": _figures(self.values),
            "calibration_error": round(self.calibration_error, 4),
            "result_calibration_error": round(self.result_calibration_error, 4),
            "papers_per_second": None if self.papers_per_second is None else round(self.papers_per_second, 1),
        }

    def lines(self) -> Iterator[str]:
        """Yield the report as tables for people."""
        yield from _table("strict mentions", {"all types": self.mentions, **self.by_type, "any type": self.spans})
        yield ""
        yield from _table("results", {"metric+value+data": self.results, "value alone": self.values})
        yield ""
        yield f"roles: {self.role_accuracy:.3f} right of {self.roles.total()} gold entities found"
        for gold in ROLES:
            counts = ", ".join(f"{name} {self.roles[gold, name]}" for name in ROLES if self.roles[gold, name])
            yield f"  {gold:<12} read as: {counts or 'none'}"
        errors = self.calibration_error, self.result_calibration_error
        yield f"calibration error of mentions: {errors[0]:.3f}, of results: {errors[1]:.3f}"
        if self.papers_per_second is not None:
            yield f"{self.papers:,} papers, {self.papers_per_second:.1f} a second (loading included)"


def evaluate(pairs: Iterable[tuple[Paper, Extraction, Extraction]]) -> Report:
    """Compare extractions with the gold.

    Parameters
    ----------
    pairs
        Each paper with its gold and its predicted extraction; offsets of both refer to ``Paper.text``.

    Examples
    --------
    >>> from schemas.lines import extraction_from_json
    >>> paper, gold = extraction_from_json(
    ...     {
    ...         "id": "a",
    ...         "title": "BERT on GLUE",
    ...         "abstract": "",
    ...         "entities": [{"name": "BERT", "type": "Model", "role": "uses", "mentions": [{"start": 0, "end": 4}]}],
    ...     }
    ... )
    >>> evaluate([(paper, gold, gold)]).mentions.f1
    1.0
    """
    report = Report()
    for paper, gold, predicted in pairs:
        report.papers += 1
        _score_mentions(report, gold, predicted)
        _score_roles(report, gold, predicted)
        _score_results(report, paper, gold, predicted)
    return report


def evaluate_file(
    gold: Path, *, out: Path | None = None, jobs: int = 1, fast: bool = False, progress: Progress | None = None
) -> Report:
    """Extract the papers of a gold file with the shipped pipeline and score what comes out.

    Parameters
    ----------
    gold
        Lines of ``kg extract`` with the entities and results that there should be.
    out
        Where to write what was predicted, in the same format.
    fast
        Without the transformer.

    Raises
    ------
    InputError
        The file cannot be read, or a line is not of the format; the message names the line.
    """
    from kg.extraction import extract_pairs

    lines = list(_gold_lines(gold))
    started = time.perf_counter()
    predicted = []
    for pair in extract_pairs((paper for paper, _ in lines), jobs=jobs, fast=fast):
        predicted.append(pair)
        if progress is not None:
            progress("extract", len(predicted), len(lines))
    seconds = time.perf_counter() - started
    report = evaluate((paper, right, found) for (paper, right), (_, found) in zip(lines, predicted, strict=True))
    report.papers_per_second = len(lines) / seconds
    if out is not None:
        from kg.export.extractions import write_extractions

        write_extractions(predicted, str(out))
    return report


def _gold_lines(path: Path) -> Iterator[tuple[Paper, Extraction]]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield extraction_from_json(json.loads(line))
                except (RecordError, ValueError) as error:
                    raise InputError(f"{path}:{number}: not a gold line: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error


def _spans(extraction: Extraction) -> dict[Span, float]:
    return {(m.start, m.end, m.type): m.confidence for entity in extraction.entities for m in entity.mentions}


def _score_mentions(report: Report, gold: Extraction, predicted: Extraction) -> None:
    right, found = _spans(gold), _spans(predicted)
    report.mentions.add(Counter(right.keys()), Counter(found.keys()))
    report.spans.add(Counter({span[:2] for span in right}), Counter({span[:2] for span in found}))
    for name, score in report.by_type.items():
        of_type = [Counter(span for span in spans if span[2] == name) for spans in (right, found)]
        score.add(of_type[0], of_type[1])
    for span, confidence in found.items():
        _count(report.bins, confidence, span in right)


def _count(bins: Bins, confidence: float, is_right: bool) -> None:
    i = min(BINS - 1, int(confidence * BINS))
    n, total, hits = bins[i]
    bins[i] = (n + 1, total + confidence, hits + is_right)


def _calibration_error(bins: Bins) -> float:
    total = sum(n for n, _, _ in bins)
    return sum(abs(confidence - right) for _, confidence, right in bins) / total if total else 0.0


def _score_roles(report: Report, gold: Extraction, predicted: Extraction) -> None:
    role_at = {(m.start, m.end, m.type): entity.role for entity in predicted.entities for m in entity.mentions}
    for entity in gold.entities:
        found = Counter(role for m in entity.mentions if (role := role_at.get((m.start, m.end, m.type))))
        if found:
            report.roles[entity.role, min(found, key=lambda role: (-found[role], role))] += 1


def _score_results(report: Report, paper: Paper, gold: Extraction, predicted: Extraction) -> None:
    names: dict[str, str] = {}
    for entity in gold.entities:
        for form in (entity.name, *(readable(m.text).text for m in entity.mentions)):
            names.setdefault(fold(form), fold(entity.name))
    for entity in predicted.entities:  # a predicted name stands for the gold entity that one of its mentions names
        forms = [fold(readable(m.text).text) for m in entity.mentions]
        known = next((names[form] for form in forms if form in names), None)
        if known is not None:
            names.setdefault(fold(entity.name), known)

    def key(result: Result) -> ResultKey:
        metric, dataset = (names.get(fold(name), fold(name)) for name in (result.metric or "", result.dataset or ""))
        return metric, _plain_value(result.value), dataset

    keys = [Counter(key(result) for result in extraction.results) for extraction in (gold, predicted)]
    report.results.add(keys[0], keys[1])
    left = keys[0].copy()
    for result in predicted.results:
        is_right = left[key(result)] > 0
        left[key(result)] -= is_right
        _count(report.result_bins, result.confidence, is_right)
    values = [Counter(value for _, value, _ in counter.elements()) for counter in keys]
    report.values.add(values[0], values[1])


def _plain_value(value: str) -> str:
    return "".join(readable(value).text.casefold().split()).lstrip("+~≈")


def _table(title: str, rows: dict[str, Score]) -> Iterator[str]:
    yield f"{title:<18}{'precision':>10}{'recall':>8}{'F1':>8}{'gold':>8}{'found':>8}"
    for name, s in rows.items():
        yield f"{name:<18}{s.precision:>10.3f}{s.recall:>8.3f}{s.f1:>8.3f}{s.gold:>8}{s.predicted:>8}"


def _figures(score: Score) -> dict[str, float | int]:
    figures: dict[str, float | int] = {"precision": score.precision, "recall": score.recall, "f1": score.f1}
    return {name: round(value, 4) for name, value in figures.items()} | {"gold": score.gold, "found": score.predicted}
