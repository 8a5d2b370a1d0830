"""From annotated abstracts to the weights of ``kg_results``: ``python -m extractors.training.results GOLD_DIR``.

Reads ``train.jsonl`` and ``dev.jsonl`` of GOLD_DIR, takes some two minutes, and gives the same weights each time.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from extractors.layout import Layout
from extractors.linear import LinearModel, write_models
from extractors.quantities import parse_quantity
from extractors.result_candidates import Field, Figure, Reading, candidates, read
from extractors.result_features import link_features, value_features
from extractors.results import FIELDS, KINDS, THRESHOLD, choose, find_results, to_result
from extractors.training.annotated import AnnotatedDocument, blank, read_annotated
from extractors.training.linear import cross_validated, fit, fit_choice, folds
from extractors.training.misreading import misread
from extractors.training.recogniser import calibration_error
from schemas.records import DocumentEntity, Result
from schemas.text import fold

MISREAD = 1  # readings of each document with mistakes, beside the one as annotated
PENALTY = {"value": 2.0 * (1 + MISREAD), "link": 2.0 * (1 + MISREAD), "right": 16.0 * (1 + MISREAD)}
MIN_COUNT = 3
FOLDS = 5
SCORED: tuple[Field, ...] = ("metric", "dataset")  # beside the value, what makes a result right
THRESHOLDS = (THRESHOLD, 0.4, 0.5)


@dataclass
class Examples:
    """What the classifiers of values and links learn from."""

    values: list[list[str]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    links: dict[str, list[list[list[str]]]] = field(default_factory=lambda: {name: [] for name in FIELDS})
    right: dict[str, list[list[bool]]] = field(default_factory=lambda: {name: [] for name in FIELDS})

    def extend(self, other: Examples) -> None:
        """Add what ``other`` holds."""
        self.values += other.values
        self.kinds += other.kinds
        for name in FIELDS:
            self.links[name] += other.links[name]
            self.right[name] += other.right[name]


def plain(value: str) -> str:
    """Return a value as values are compared: without spaces and signs of approximation."""
    return "".join(value.casefold().split()).lstrip("+~≈")


def names_of(document: AnnotatedDocument, entities: Iterable[DocumentEntity] = ()) -> dict[str, str]:
    """Return for each surface form, folded, the name of its annotated entity, folded.

    The name of one of ``entities`` that were read stands for the annotated one that a mention of it names.
    """
    names: dict[str, str] = {}
    for entity in document.entities:
        for form in (entity.name, *(mention.text for mention in entity.mentions)):
            names.setdefault(fold(form), fold(entity.name))
    for entity in entities:
        forms = (fold(mention.text) for mention in entity.mentions)
        if known := next((names[form] for form in forms if form in names), None):
            names.setdefault(fold(entity.name), known)
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


def readings_of(document: AnnotatedDocument) -> Iterator[tuple[DocumentEntity, ...]]:
    """Yield the entities of a document as annotated, and as recognisers may have read them."""
    yield document.entities
    for number in range(MISREAD):
        yield misread(document.doc.text, document.entities, seed=f"{document.id} {number}")


def examples_of(document: AnnotatedDocument) -> Examples:
    """Return what ``document`` teaches."""
    examples = Examples()
    for entities in readings_of(document):
        layout = Layout(document.doc, entities)
        readings = read(layout)
        results, names = aligned(document, readings), names_of(document, entities)
        for reading in readings:
            for figure in reading.figures:
                result = results.get((reading.number, figure.order))
                examples.values.append(value_features(layout, reading, figure))
                examples.kinds.append(result.kind if result else "none")
                if result:
                    _add_links(examples, layout, reading, figure, result, names)
    return examples


def _add_links(
    examples: Examples, layout: Layout, reading: Reading, figure: Figure, result: Result, names: dict[str, str]
) -> None:
    def key(name: str | None) -> str:
        own = fold(name or "")
        return names.get(own, own)

    for name in FIELDS:
        wanted, others = key(getattr(result, name)), candidates(layout, reading, figure, name)
        examples.links[name].append(list(link_features(layout, reading, figure, others)))
        examples.right[name].append([key(other.name) == wanted for other in others])


def train_results(parts: Iterable[Examples], fields: Iterable[Field] = FIELDS) -> dict[str, LinearModel]:
    """Return the classifiers of values and of ``fields``, fitted to the examples of many documents."""
    every = Examples()
    for examples in parts:
        every.extend(examples)
    models = {"value": fit(every.values, every.kinds, KINDS, penalty=PENALTY["value"], min_count=MIN_COUNT)}
    for name in fields:
        models[name] = fit_choice(every.links[name], every.right[name], penalty=PENALTY["link"], min_count=MIN_COUNT)
    return models


@dataclass
class Score:
    """Results found, annotated and right: as a whole (metric, value, data set), and each part where the value is."""

    found: int = 0
    wanted: int = 0
    right: int = 0
    values: int = 0
    fields: Sequence[Field] = FIELDS
    parts: Counter[str] = field(default_factory=Counter)
    sure: list[tuple[float, bool]] = field(default_factory=list)

    def add(
        self, document: AnnotatedDocument, entities: Iterable[DocumentEntity], results: Sequence[Result]
    ) -> list[bool]:
        """Count the results found in a document that was read with ``entities``; return whether each is right."""
        names = names_of(document, entities)
        rights = []

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
            rights.append(right)
            self.right += right
            self.sure.append((result.confidence, right))
            same = [other for other in document.results if plain(other.value) == plain(result.value)]
            if same:
                self.parts["of"] += 1
                self.parts.update(n for n in self.fields if any(key(other, n) == key(result, n) for other in same))
                self.parts["kind"] += any(other.kind == result.kind for other in same)
        return rights

    def lines(self, name: str) -> Iterable[str]:
        """Yield the score for people."""
        for what, right in (("metric+value+data set", self.right), ("value", self.values)):
            precision, recall = right / max(1, self.found), right / max(1, self.wanted)
            f1 = 2 * right / max(1, self.found + self.wanted)
            yield f"  {name}, {what}: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}"
        of = max(1, self.parts["of"])
        yield "    where the value is right: " + ", ".join(
            f"{n} {self.parts[n] / of:.3f}" for n in (*self.fields, "kind")
        )
        if not any(sure for sure, _ in self.sure):
            return
        bins = [[pair for pair in self.sure if int(min(pair[0], 0.999) * 10) == b] for b in range(10)]
        gaps = (abs(sum(right - sure for sure, right in own)) for own in bins)
        yield f"    expected calibration error of the whole: {sum(gaps) / max(1, len(self.sure)):.3f}"


@dataclass
class Trial:
    """What classifiers made of documents that they had not seen."""

    scores: dict[float, Score] = field(
        default_factory=lambda: {threshold: Score(fields=SCORED) for threshold in THRESHOLDS}
    )
    features: list[list[str]] = field(default_factory=list)  # of the results at the threshold that is shipped
    rights: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)

    def add(
        self, document: AnnotatedDocument, entities: tuple[DocumentEntity, ...], models: dict[str, LinearModel]
    ) -> None:
        """Count what is read in a document with these entities."""
        layout = Layout(document.doc, entities)
        found = [
            (reading, choice)
            for reading in read(layout)
            for choice in choose(layout, reading, models, threshold=min(THRESHOLDS))
        ]
        for threshold, own in self.scores.items():
            kept = [(reading, choice) for reading, choice in found if choice.chance >= threshold]
            rights = own.add(document, entities, [to_result(*pair, confidence=0.0) for pair in kept])
            if threshold == THRESHOLD:
                self.features += [choice.features() for _, choice in kept]
                self.rights += ["yes" if right else "no" for right in rights]
                self.documents += [document.id] * len(rights)


def train_confidence(*trials: Trial) -> LinearModel:
    """Return the classifier of whether a result is right, fitted to ``trials``; print how far to believe it."""
    features = [found for trial in trials for found in trial.features]
    rights = [right for trial in trials for right in trial.rights]
    documents = [document for trial in trials for document in trial.documents]
    labels, penalty = ["no", "yes"], PENALTY["right"]
    blind = cross_validated(features, rights, labels, documents, n=FOLDS, penalty=penalty, min_count=MIN_COUNT)
    error = calibration_error(blind[:, 1].tolist(), [right == "yes" for right in rights])
    print(f"  cross-validated calibration error of {len(rights)} results: {error:.3f}")
    return fit(features, rights, labels, penalty=penalty, min_count=MIN_COUNT)


def main(argv: Sequence[str] | None = None) -> None:
    """Train, report, write."""
    parser = argparse.ArgumentParser(prog="python -m extractors.training.results", description="Train kg_results.")
    parser.add_argument("gold", type=Path, help="folder with train.jsonl and dev.jsonl")
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="more annotated documents to train on")
    parser.add_argument("-o", "--output", type=Path, default=Path("extractors/models/en"))
    arguments = parser.parse_args(argv)
    nlp = blank()
    gold, dev = (list(read_annotated(arguments.gold / f"{part}.jsonl", nlp)) for part in ("train", "dev"))
    train = [*gold, *(document for path in arguments.also for document in read_annotated(path, nlp))]
    results = [result for document in train for result in document.results]
    quantities = sum(parse_quantity(result.value) is not None for result in results)
    print(f"{len(results)} results to learn from, {quantities} quantities")
    examples = [examples_of(document) for document in train]
    fold_of = folds([document.id for document in train], FOLDS)
    given, misled = Trial(), Trial()
    for held_out in range(FOLDS):
        others = [own for own, part in zip(examples, fold_of, strict=True) if part != held_out]
        models = train_results(others, SCORED)
        for document, part in zip(gold, fold_of, strict=False):  # confidences are about results as gold has them
            if part == held_out:
                annotated, *misread_ones = readings_of(document)
                given.add(document, annotated, models)
                for entities in misread_ones:
                    misled.add(document, entities, models)
    for threshold in THRESHOLDS:
        for what, trial in (("mentions given", given), ("misread", misled)):
            print(*trial.scores[threshold].lines(f"cross-validated, {what}, threshold {threshold}"), sep="\n")
    models = train_results(examples)
    models["right"] = train_confidence(given, misled)
    own = Score()
    for document in dev:
        own.add(document, document.entities, find_results(document.doc, document.entities, models=models))
    print(*own.lines("dev, mentions given"), sep="\n")
    write_models(arguments.output, "results", models)
    print(f"Wrote {arguments.output}/results.npz and results.json")


if __name__ == "__main__":
    main()
