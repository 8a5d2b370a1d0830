"""From annotated abstracts to the weights of ``kg_results``: ``python -m extractors.training.results GOLD_DIR``.

Reads ``train.jsonl`` and ``dev.jsonl`` of GOLD_DIR, takes some two minutes, and gives the same weights each time.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from extractors.layout import Layout
from extractors.linear import LinearModel, write_models
from extractors.quantities import parse_quantity
from extractors.result_candidates import Figure, Reading, candidates, read
from extractors.result_features import link_features, value_features
from extractors.results import FIELDS, KINDS, THRESHOLD, find_results
from extractors.training.annotated import AnnotatedDocument, blank, read_annotated
from extractors.training.linear import fit, folds
from schemas.records import Result
from schemas.text import fold

PENALTY = {"value": 4.0, "link": 4.0}
MIN_COUNT = 3
FOLDS = 5


@dataclass
class Examples:
    """What one classifier learns from."""

    features: list[list[str]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)


def plain(value: str) -> str:
    """Return a value as values are compared: without spaces and signs of approximation."""
    return "".join(value.casefold().split()).lstrip("+~≈")


def names_of(document: AnnotatedDocument) -> dict[str, str]:
    """Return for each surface form, folded, the name of its entity, folded."""
    names: dict[str, str] = {}
    for entity in document.entities:
        for form in (entity.name, *(mention.text for mention in entity.mentions)):
            names.setdefault(fold(form), fold(entity.name))
    return names


def aligned(document: AnnotatedDocument, readings: Iterable[Reading]) -> dict[tuple[int, int], Result]:
    """Return the annotated result of each figure, by sentence and order; of a value that stands twice for the first."""
    waiting: dict[str, list[Result]] = {}
    for result in document.results:
        waiting.setdefault(plain(result.value), []).append(result)
    found = {}
    for reading in readings:
        for figure in reading.figures:
            results = waiting.get(plain(figure.quantity.text))
            if results:
                found[reading.number, figure.order] = results.pop(0)
    return found


def add_examples(examples: dict[str, Examples], document: AnnotatedDocument) -> None:
    """Add what ``document`` teaches."""
    layout = Layout(document.doc, document.entities)
    readings = read(layout)
    results, names = aligned(document, readings), names_of(document)
    for reading in readings:
        for figure in reading.figures:
            result = results.get((reading.number, figure.order))
            examples["value"].features.append(value_features(layout, reading, figure))
            examples["value"].answers.append(result.kind if result else "none")
            if result:
                _add_links(examples, layout, reading, figure, result, names)


def _add_links(
    examples: dict[str, Examples],
    layout: Layout,
    reading: Reading,
    figure: Figure,
    result: Result,
    names: dict[str, str],
) -> None:
    for name in FIELDS:
        wanted = fold(getattr(result, name) or "")
        wanted = names.get(wanted, wanted)
        others = candidates(layout, reading, figure, name)
        for candidate in others:
            own = fold(candidate.name or "")
            examples[name].features.append(link_features(layout, reading, figure, candidate, others))
            examples[name].answers.append("yes" if names.get(own, own) == wanted else "no")


def train_results(documents: Iterable[AnnotatedDocument]) -> dict[str, LinearModel]:
    """Return the classifiers, fitted to ``documents``."""
    examples = {name: Examples() for name in ("value", *FIELDS)}
    for document in documents:
        add_examples(examples, document)
    value, links = examples.pop("value"), examples
    models = {
        "value": fit(value.features, value.answers, KINDS, penalty=PENALTY["value"], min_count=MIN_COUNT),
    }
    for name, own in links.items():
        models[name] = fit(own.features, own.answers, ["no", "yes"], penalty=PENALTY["link"], min_count=MIN_COUNT)
    return models


@dataclass
class Score:
    """Results found, annotated and right: as a whole (metric, value, data set), and each part where the value is."""

    found: int = 0
    wanted: int = 0
    right: int = 0
    values: int = 0
    parts: Counter[str] = field(default_factory=Counter)
    sure: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, document: AnnotatedDocument, results: Sequence[Result]) -> None:
        """Count the results found in one document."""
        names = names_of(document)

        def key(result: Result, name: str) -> str:
            own = fold(getattr(result, name) or "")
            return names.get(own, own)

        def whole(result: Result) -> tuple[str, str, str]:
            return key(result, "metric"), plain(result.value), key(result, "dataset")

        wanted = Counter(whole(result) for result in document.results)
        self.found += len(results)
        self.wanted += len(document.results)
        values = Counter(plain(result.value) for result in document.results)
        self.values += (values & Counter(plain(result.value) for result in results)).total()
        for result in results:
            right = wanted[whole(result)] > 0
            wanted[whole(result)] -= right
            self.right += right
            self.sure.append((result.confidence, right))
            same = [other for other in document.results if plain(other.value) == plain(result.value)]
            if same:
                self.parts["of"] += 1
                self.parts.update(n for n in FIELDS if any(key(other, n) == key(result, n) for other in same))
                self.parts["kind"] += any(other.kind == result.kind for other in same)

    def lines(self, name: str) -> Iterable[str]:
        """Yield the score for people."""
        for what, right in (("metric+value+data set", self.right), ("value", self.values)):
            precision, recall = right / max(1, self.found), right / max(1, self.wanted)
            f1 = 2 * right / max(1, self.found + self.wanted)
            yield f"  {name}, {what}: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}"
        of = max(1, self.parts["of"])
        yield "    where the value is right: " + ", ".join(f"{n} {self.parts[n] / of:.3f}" for n in (*FIELDS, "kind"))
        bins = [[pair for pair in self.sure if int(min(pair[0], 0.999) * 5) == b] for b in range(5)]
        gaps = (abs(sum(right - sure for sure, right in own)) for own in bins)
        yield f"    expected calibration error of the whole: {sum(gaps) / max(1, len(self.sure)):.3f}"


def score(
    documents: Iterable[AnnotatedDocument], models: dict[str, LinearModel], into: Score, threshold: float
) -> Score:
    """Return ``into`` after counting what ``models`` find in ``documents``, whose entities are taken as annotated."""
    for document in documents:
        into.add(document, find_results(document.doc, document.entities, models=models, threshold=threshold))
    return into


def main(argv: Sequence[str] | None = None) -> None:
    """Train, report, write."""
    parser = argparse.ArgumentParser(prog="python -m extractors.training.results", description="Train kg_results.")
    parser.add_argument("gold", type=Path, help="folder with train.jsonl and dev.jsonl")
    parser.add_argument("-o", "--output", type=Path, default=Path("extractors/models/en"))
    arguments = parser.parse_args(argv)
    nlp = blank()
    train, dev = (list(read_annotated(arguments.gold / f"{part}.jsonl", nlp)) for part in ("train", "dev"))
    results = [result for document in train for result in document.results]
    print(
        f"{len(results)} results to learn from, {sum(parse_quantity(r.value) is not None for r in results)} quantities"
    )
    fold_of = folds([document.id for document in train], FOLDS)
    thresholds = (0.3, 0.4, 0.5, 0.6)
    blind = {threshold: Score() for threshold in thresholds}
    for held_out in range(FOLDS):
        models = train_results(d for d, own in zip(train, fold_of, strict=True) if own != held_out)
        rest = [d for d, own in zip(train, fold_of, strict=True) if own == held_out]
        for threshold in thresholds:
            score(rest, models, blind[threshold], threshold)
    for threshold in thresholds:
        print(*blind[threshold].lines(f"train, cross-validated, threshold {threshold}"), sep="\n")
    models = train_results(train)
    print(*score(dev, models, Score(), THRESHOLD).lines("dev"), sep="\n")
    write_models(arguments.output, "results", models)
    print(f"Wrote {arguments.output}/results.npz and results.json")


if __name__ == "__main__":
    main()
