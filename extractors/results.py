"""What a paper reports in figures: ``kg_results`` reads value, metric, data set, task, subject and baseline.

Quantities are found by rule (:mod:`extractors.quantities`); which of them are results, and which of the document's
names belong to each, is told by linear classifiers over :mod:`extractors.result_features`, trained on annotated
abstracts by ``python -m extractors.training.results``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from spacy.language import Language
from spacy.tokens import Doc

from extractors.document import get_entities, set_results
from extractors.layout import Layout
from extractors.linear import LinearModel, load_models
from extractors.result_candidates import Candidate, Field, Figure, Reading, candidates, read
from extractors.result_features import link_features, value_features
from schemas.records import DocumentEntity, Result, ResultKind

__all__ = ["FIELDS", "KINDS", "THRESHOLD", "ResultReader", "choose", "create_results", "find_results"]

FIELDS: Final[tuple[Field, ...]] = ("metric", "dataset", "task", "subject", "baseline")
KINDS: Final[tuple[str, ...]] = ("none", "absolute", "gain")
# Of the probability that a quantity is a result. F1 of metric, value and data set, cross-validated on annotated
# abstracts: 0.526 with 0.3, 0.528 with 0.4, 0.527 with 0.5 and 0.6.
THRESHOLD: Final = 0.4
# Value, metric and data set are not independent, and some metrics are in no list of candidates: the product of their
# probabilities is too sure. Fitted to the same cross-validation; expected calibration error 0.03 instead of 0.09.
_SLOPE: Final = 0.85
_OFFSET: Final = -0.42

Models = Mapping[str, LinearModel]  # "value" with the labels KINDS, and one of labels "no" and "yes" for each field


def find_results(
    doc: Doc, entities: Sequence[DocumentEntity], *, models: Models, threshold: float = THRESHOLD
) -> tuple[Result, ...]:
    """Return the results that ``doc`` reports, in text order, under the names of its ``entities``.

    Parameters
    ----------
    doc
        With sentences; its title ends at the first line feed.
    entities
        With their roles.
    models
        A classifier of values, and one of links for each field.
    threshold
        Quantities that are results with a lower probability (in [0, 1]) are left out.

    Examples
    --------
    >>> import spacy
    >>> nlp = spacy.blank("en")
    >>> _ = nlp.add_pipe("kg_sentences")
    >>> models = {"value": LinearModel(KINDS, {"unit=%": (0, 3, 0)})}
    >>> models |= {field: LinearModel(("no", "yes"), {}) for field in FIELDS}
    >>> [result] = find_results(nlp("On X\\nIt reaches 76.5% here."), [], models=models)
    >>> result.value, result.number, result.unit, result.kind
    ('76.5%', 76.5, '%', 'absolute')
    """
    layout = Layout(doc, entities)
    results = []
    for reading in read(layout):
        for figure in reading.figures:
            chances = models["value"].probabilities(value_features(layout, reading, figure))
            none, absolute, gain = (float(chances[models["value"].labels.index(kind)]) for kind in KINDS)
            if 1 - none >= threshold:
                kind: ResultKind = "gain" if gain > absolute else "absolute"
                results.append(_result(layout, reading, figure, models, kind, 1 - none))
    return tuple(results)


def _result(
    layout: Layout, reading: Reading, figure: Figure, models: Models, kind: ResultKind, confidence: float
) -> Result:
    names: dict[str, str | None] = {}
    for field in FIELDS:
        candidate, share = choose(layout, reading, figure, models[field], field)
        names[field] = candidate.name
        if field in ("metric", "dataset"):  # what makes a result comparable with another paper's
            confidence *= share
    if names["baseline"] == names["subject"]:
        names["baseline"] = None
    quantity = figure.quantity
    return Result(
        subject=names["subject"],
        metric=names["metric"],
        value=quantity.text,
        number=quantity.number,
        unit=quantity.unit,
        kind=kind,
        dataset=names["dataset"],
        task=names["task"],
        baseline=names["baseline"],
        start=reading.start,
        end=reading.end,
        confidence=_calibrated(confidence),
    )


def _calibrated(product: float) -> float:
    """The probability that metric, value and data set are right, from the product of their own."""
    product = min(max(product, 1e-6), 1 - 1e-6)
    return 1 / (1 + math.exp(-(_SLOPE * math.log(product / (1 - product)) + _OFFSET)))


def choose(
    layout: Layout, reading: Reading, figure: Figure, model: LinearModel, field: Field
) -> tuple[Candidate, float]:
    """Return the likeliest name of a field, and its share of the probabilities of all; of equals the first."""
    others = candidates(layout, reading, figure, field)
    chances = [
        model.probability(link_features(layout, reading, figure, candidate, others), "yes")
        * (layout.entities[candidate.entity].confidence if candidate.entity >= 0 else 1.0)  # that it is of the type
        for candidate in others
    ]
    best = max(range(len(others)), key=lambda i: chances[i])
    return others[best], chances[best] / sum(chances)


class ResultReader:
    """The component around :func:`find_results`."""

    def __init__(self, models: Models, *, threshold: float = THRESHOLD) -> None:
        self.models = models
        self.threshold = threshold

    def __call__(self, doc: Doc) -> Doc:
        """Set the results of ``doc``."""
        set_results(doc, find_results(doc, get_entities(doc), models=self.models, threshold=self.threshold))
        return doc


@Language.factory("kg_results", default_config={"model": "en", "threshold": THRESHOLD}, requires=["doc.sents"])
def create_results(nlp: Language, name: str, model: str, threshold: float) -> ResultReader:
    """Return the component ``kg_results`` with the shipped classifiers of the pipeline ``model``."""
    return ResultReader(load_models(model, "results"), threshold=threshold)
