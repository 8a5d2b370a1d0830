"""What a paper reports in figures: ``kg_results`` reads value, metric, data set, task, subject and baseline.

Quantities are found by rule (:mod:`extractors.quantities`); which of them are results, and which of the document's
names belong to each, is told by linear classifiers over :mod:`extractors.result_features`, trained on annotated
abstracts by ``python -m extractors.training.results``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from extractors.document import get_entities, get_possible, set_results
from extractors.layout import Layout
from extractors.linear import LinearModel, load_models
from extractors.result_candidates import Candidate, Field, Figure, Reading, candidates, read
from extractors.result_features import link_features, value_features
from schemas.records import DocumentEntity, Mention, Result, ResultKind
from schemas.text import fold

__all__ = [
    "FIELDS",
    "KINDS",
    "THRESHOLD",
    "Choice",
    "ResultReader",
    "choose",
    "create_results",
    "find_results",
    "possible_entities",
    "to_result",
]

FIELDS: Final[tuple[Field, ...]] = ("metric", "dataset", "task", "subject", "baseline")
KINDS: Final[tuple[str, ...]] = ("none", "absolute", "gain")
THRESHOLD: Final = 0.3  # of the probability that a quantity is a result
# Of the probability that value, metric and data set are right. Cross-validated on misread mentions, F1 is
# 0.498 with 0, 0.507 with 0.15 and 0.507 with 0.3, that of values 0.878, 0.879 and 0.833.
LEAST: Final = 0.15
_BUCKETS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)

# "value" with the labels KINDS; of labels "no" and "yes" one for each field, and "right", the confidence.
Models = Mapping[str, LinearModel]


def find_results(
    doc: Doc,
    entities: Sequence[DocumentEntity],
    *,
    models: Models,
    threshold: float = THRESHOLD,
    least: float = LEAST,
) -> tuple[Result, ...]:
    """Return the results that ``doc`` reports, in text order, under the names of its ``entities``.

    Parameters
    ----------
    doc
        With sentences; its title ends at the first line feed.
    entities
        With their roles.
    models
        A classifier of values, one of links for each field, and "right", which says how far to believe them together.
    threshold
        Quantities that are results with a lower probability (in [0, 1]) are left out,
    least
        and so are results whose value, metric and data set are all right with a lower probability.

    Examples
    --------
    >>> import spacy
    >>> nlp = spacy.blank("en")
    >>> _ = nlp.add_pipe("kg_sentences")
    >>> models = {"value": LinearModel(KINDS, {"unit=%": (0, 3, 0)})}
    >>> models |= {field: LinearModel(("no", "yes"), {}) for field in (*FIELDS, "right")}
    >>> [result] = find_results(nlp("On X\\nIt reaches 76.5% here."), [], models=models)
    >>> result.value, result.number, result.unit, result.kind
    ('76.5%', 76.5, '%', 'absolute')
    """
    layout = Layout(doc, (*entities, *possible_entities(doc, entities)))
    return tuple(
        to_result(reading, choice, confidence=models["right"].probability(choice.features(), "yes"))
        for reading in read(layout)
        for choice in choose(layout, reading, models, threshold=threshold, least=least)
    )


def possible_entities(doc: Doc, entities: Sequence[DocumentEntity]) -> list[DocumentEntity]:
    """Return as entities what the recogniser found too improbable for mentions, but for what ``entities`` cover.

    A figure beside it makes a measure more probable than the recogniser thought.
    """
    taken = [(mention.start, mention.end) for entity in entities for mention in entity.mentions]
    groups: dict[tuple[str, str], list[Mention]] = {}
    for mention in get_possible(doc):
        if not any(mention.start < end and start < mention.end for start, end in taken):
            groups.setdefault((fold(mention.text), mention.type), []).append(mention)
    return [
        DocumentEntity(
            name=mentions[0].text,
            type=type_,
            role="uses",
            mentions=tuple(mentions),
            confidence=fmean(mention.confidence for mention in mentions),
        )
        for (_, type_), mentions in groups.items()
    ]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is read of a figure: the kind of result, and the likeliest name of each field with its probability."""

    figure: Figure
    kind: ResultKind
    chance: float  # that the figure is a result
    names: Mapping[Field, tuple[Candidate, float]]

    @property
    def product(self) -> float:
        """The probability that value, metric and data set are all right, as if they were independent."""
        return self.chance * self.names["metric"][1] * self.names["dataset"][1]

    def features(self) -> list[str]:
        """Return what tells whether metric, value and data set are all right."""
        found = [f"value {_bucket(self.chance)}", f"unit={self.figure.quantity.unit}"]
        for field in ("metric", "dataset"):
            candidate, share = self.names[field]
            found += [f"{field} {_bucket(share)}", f"{field} {candidate.kind}"]
            found.append(f"{field} {candidate.kind} {_bucket(share) // 3}")
        return [*found, f"all {_bucket(self.product)}"]


def _bucket(probability: float) -> int:
    return bisect_left(_BUCKETS, probability)


def choose(
    layout: Layout, reading: Reading, models: Models, *, threshold: float, least: float = LEAST
) -> Iterator[Choice]:
    """Yield what is read of each figure of a sentence that is a result with at least the probability ``threshold``.

    What is right as a whole with less than ``least`` is left out, and so are fields without a model.
    """
    for figure in reading.figures:
        chances = models["value"].probabilities(value_features(layout, reading, figure))
        none, absolute, gain = (float(chances[models["value"].labels.index(kind)]) for kind in KINDS)
        if 1 - none >= threshold:
            names = {
                field: _likeliest(layout, reading, figure, models[field], field) for field in FIELDS if field in models
            }
            choice = Choice(figure, "gain" if gain > absolute else "absolute", 1 - none, names)
            if choice.product >= least:
                yield choice


def _likeliest(
    layout: Layout, reading: Reading, figure: Figure, model: LinearModel, field: Field
) -> tuple[Candidate, float]:
    """The likeliest name of a field, and its probability; of equals the first."""
    others = candidates(layout, reading, figure, field)
    scores = np.array([model.log_odds(own, "yes") for own in link_features(layout, reading, figure, others)])
    sure = [layout.entities[other.entity].confidence if other.entity >= 0 else 1.0 for other in others]
    scores += np.log(np.maximum(sure, 1e-3))  # that it is an entity of the type
    powers = np.exp(scores - scores.max())
    best = int(scores.argmax())
    return others[best], float(powers[best] / powers.sum())


def to_result(reading: Reading, choice: Choice, *, confidence: float) -> Result:
    """Return what was read of a figure as a result."""
    names = dict.fromkeys(FIELDS) | {field: candidate.name for field, (candidate, _) in choice.names.items()}
    quantity = choice.figure.quantity
    return Result(
        subject=names["subject"],
        metric=names["metric"],
        value=quantity.text,
        number=quantity.number,
        unit=quantity.unit,
        kind=choice.kind,
        dataset=names["dataset"],
        task=names["task"],
        baseline=None if names["baseline"] == names["subject"] else names["baseline"],
        start=reading.start,
        end=reading.end,
        confidence=confidence,
    )


class ResultReader:
    """The component around :func:`find_results`."""

    def __init__(self, models: Models, *, threshold: float = THRESHOLD, least: float = LEAST) -> None:
        self.models = models
        self.threshold = threshold
        self.least = least

    def __call__(self, doc: Doc) -> Doc:
        """Set the results of ``doc``."""
        found = find_results(doc, get_entities(doc), models=self.models, threshold=self.threshold, least=self.least)
        set_results(doc, found)
        return doc


@Language.factory(
    "kg_results",
    default_config={"model": "en", "threshold": THRESHOLD, "least": LEAST},
    requires=["doc.sents", "doc._.metrics", "doc._.datasets"],
    assigns=["doc._.results"],
)
def create_results(nlp: Language, name: str, model: str, threshold: float, least: float) -> ResultReader:
    """Return the component ``kg_results`` with the shipped classifiers of the pipeline ``model``."""
    return ResultReader(load_models(model, "results"), threshold=threshold, least=least)
