"""Gold and predicted clusters of the same names -> a report of how well they agree.

- *B³* (Bagga and Baldwin 1998): for each name the share of its predicted cluster that is also in its gold cluster
  (precision), and the reverse (recall), averaged over the names;
- *pairwise*: of all pairs of names, those that are together in both.

The gold is a TSV with the columns ``paper_id``, ``type``, ``surface_forms`` (separated by `` | ``) and ``cluster``, one
row for each entity of each paper. Only the first three are resolved.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.resolution.matches import RULES
from schemas.errors import InputError
from schemas.records import DocumentEntity, Extraction, Mention
from schemas.vocabulary import ENTITY_TYPES

__all__ = [
    "LinkReport",
    "ablate_links",
    "ablation_lines",
    "evaluate_links_file",
    "read_links",
    "resolve_links",
    "score_links",
]

COLUMNS = ("paper_id", "type", "surface_forms")
SEPARATOR = " | "
GIVEN = ("same paper", "authority", "curation")  # no rules of resolution: what papers and people say


@dataclass(frozen=True, slots=True)
class LinkReport:
    """What :func:`score_links` found; every share in [0, 1]."""

    names: int
    gold_clusters: int
    predicted_clusters: int
    b3_precision: float
    b3_recall: float
    pair_precision: float
    pair_recall: float

    @property
    def b3_f1(self) -> float:
        """Harmonic mean of B³ precision and recall."""
        return _f1(self.b3_precision, self.b3_recall)

    @property
    def pair_f1(self) -> float:
        """Harmonic mean of pairwise precision and recall."""
        return _f1(self.pair_precision, self.pair_recall)

    def to_json(self) -> dict[str, Any]:
        """Return every figure under a readable key."""
        figures = {
            "b3": {"precision": self.b3_precision, "recall": self.b3_recall, "f1": self.b3_f1},
            "pairwise": {"precision": self.pair_precision, "recall": self.pair_recall, "f1": self.pair_f1},
        }
        return {
            "names": self.names,
            "clusters": {"gold": self.gold_clusters, "predicted": self.predicted_clusters},
            **{name: {key: round(value, 4) for key, value in row.items()} for name, row in figures.items()},
        }

    def lines(self) -> Iterator[str]:
        """Yield the report as a table for people."""
        yield f"{'names in clusters':<18}{'precision':>10}{'recall':>8}{'F1':>8}"
        yield f"{'B³':<18}{self.b3_precision:>10.4f}{self.b3_recall:>8.4f}{self.b3_f1:>8.4f}"
        yield f"{'pairwise':<18}{self.pair_precision:>10.4f}{self.pair_recall:>8.4f}{self.pair_f1:>8.4f}"
        yield f"{self.names:,} names; {self.gold_clusters:,} gold and {self.predicted_clusters:,} predicted clusters"


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def score_links(gold: Sequence[Hashable], predicted: Sequence[Hashable]) -> LinkReport:
    """Compare two clusterings of the same names, given as the cluster of each name.

    Raises
    ------
    ValueError
        The two are not of one length.

    Examples
    --------
    >>> report = score_links(["x", "x", "y"], ["p", "p", "p"])
    >>> round(report.b3_precision, 3), report.b3_recall, report.pair_precision, report.pair_recall
    (0.556, 1.0, 0.3333333333333333, 1.0)
    """
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} gold and {len(predicted)} predicted clusters: give one of each for every name")
    both, ours, theirs = Counter(zip(gold, predicted, strict=True)), Counter(predicted), Counter(gold)
    right, found, there = (_pairs(counts) for counts in (both, ours, theirs))
    total = max(1, len(gold))
    return LinkReport(
        names=len(gold),
        gold_clusters=len(theirs),
        predicted_clusters=len(ours),
        b3_precision=sum(count**2 / ours[cluster] for (_, cluster), count in both.items()) / total,
        b3_recall=sum(count**2 / theirs[cluster] for (cluster, _), count in both.items()) / total,
        pair_precision=right / found if found else 1.0,
        pair_recall=right / there if there else 1.0,
    )


def _pairs(counts: Counter[Any]) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())


def read_links(path: str | Path, *, columns: Sequence[str] = (*COLUMNS, "cluster")) -> list[dict[str, str]]:
    """Read the rows of a gold file.

    Raises
    ------
    InputError
        The file cannot be read, lacks a column, or has a row of an unknown type or without a surface form.
    """
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if missing := [name for name in columns if name not in (reader.fieldnames or ())]:
                raise InputError(f"{path}: no column {', '.join(missing)}; needed: {', '.join(columns)}")
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    for number, row in enumerate(rows, start=2):
        if any(not row[name] for name in columns):
            raise InputError(f"{path}:{number}: a row must have {', '.join(columns)}")
        if row["type"] not in ENTITY_TYPES:
            raise InputError(f"{path}:{number}: unknown type {row['type']!r}; valid: {', '.join(ENTITY_TYPES)}")
    return rows


def _extractions(rows: Sequence[dict[str, str]]) -> list[Extraction]:
    papers: dict[str, list[DocumentEntity]] = defaultdict(list)
    for row in rows:
        surfaces = row["surface_forms"].split(SEPARATOR)
        mentions = tuple(Mention(0, len(surface), surface, row["type"]) for surface in surfaces)
        entity = DocumentEntity(name=surfaces[0], type=row["type"], role="mentions", mentions=mentions)
        papers[row["paper_id"]].append(entity)
    return [
        Extraction(paper_id=paper_id, text_hash="", pipeline="gold", entities=tuple(entities))
        for paper_id, entities in papers.items()
    ]


def resolve_links(path: str | Path) -> list[str]:
    """Resolve the entities of a gold file from paper, type and surface forms alone; return the id for each row.

    Raises
    ------
    InputError
        As :func:`read_links`.
    """
    return _resolve_rows(read_links(path, columns=COLUMNS))


def _resolve_rows(rows: Sequence[dict[str, str]], *, without: Collection[str] = ()) -> list[str]:
    from kg.resolve import resolve

    assigned = {paper_id: iter(ids) for paper_id, ids in resolve(_extractions(rows), without=without).assigned.items()}
    return [str(next(assigned[row["paper_id"]])) for row in rows]


def evaluate_links_file(path: str | Path, *, out: str | Path | None = None) -> LinkReport:
    """Resolve the entities of a gold file, score them, and write ``paper_id, name, cluster`` to ``out`` if given.

    Raises
    ------
    InputError
        The file cannot be used (see :func:`read_links`), or ``out`` cannot be written.
    """
    rows = read_links(path)
    predicted = _resolve_rows(rows)
    if out is not None:
        names = [row.get("name") or row["surface_forms"].split(SEPARATOR)[0] for row in rows]
        lines = [f"{row['paper_id']}\t{name}\t{id_}" for row, name, id_ in zip(rows, names, predicted, strict=True)]
        try:
            Path(out).write_text("\n".join(["paper_id\tname\tcluster", *lines, ""]), encoding="utf-8")
        except OSError as error:
            raise InputError(f"{out}: cannot be written: {error.strerror}") from error
    return score_links([row["cluster"] for row in rows], predicted)


def ablate_links(path: str | Path) -> dict[str, LinkReport]:
    """Score the resolution of a gold file as it is, and with each rule left out; by rule, ``""`` for none.

    Raises
    ------
    InputError
        The file cannot be used (see :func:`read_links`).
    """
    rows = read_links(path)
    gold = [row["cluster"] for row in rows]
    rules = [(), *((rule,) for rule in RULES if rule not in GIVEN), tuple(rule for rule in RULES if rule not in GIVEN)]
    names = ["", *(rule[0] for rule in rules[1:-1]), "all of these"]
    return {
        name: score_links(gold, _resolve_rows(rows, without=without))
        for name, without in zip(names, rules, strict=True)
    }


def ablation_lines(reports: Mapping[str, LinkReport]) -> Iterator[str]:
    """Yield the reports of :func:`ablate_links` as a table for people."""
    yield f"{'without':<20}{'B³ F1':>10}{'precision':>11}{'recall':>9}{'pair F1':>10}{'precision':>11}{'recall':>9}"
    for name, row in reports.items():
        figures = (row.b3_f1, row.b3_precision, row.b3_recall, row.pair_f1, row.pair_precision, row.pair_recall)
        widths = (10, 11, 9, 10, 11, 9)
        cells = "".join(f"{figure:>{width}.4f}" for figure, width in zip(figures, widths, strict=True))
        yield f"{name or '(nothing)':<20}{cells}"
