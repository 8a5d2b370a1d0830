"""From annotated abstracts to the weights of ``kg_roles``: ``python -m extractors.training.roles GOLD_DIR``.

Reads ``train.jsonl`` and ``dev.jsonl`` of GOLD_DIR, takes some two minutes, and gives the same weights each time. Run
it after the recogniser's recipe: where there is a transformer, its scores of roles are weighed against the classifier's
on the documents that were kept out of its training.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from extractors.layout import Layout
from extractors.linear import LinearModel, write_models
from extractors.recogniser import Recogniser, has_transformer
from extractors.role_features import features
from extractors.roles import Blend, word_opinion
from extractors.training.annotated import AnnotatedDocument, blank, read_annotated
from extractors.training.gold import HELD_OUT
from extractors.training.linear import accuracy, cross_validated, expected_calibration_error, fit, minimise
from schemas.vocabulary import ROLES

Floats = npt.NDArray[np.float64]
PENALTY = 10.0  # cross-validated accuracy 0.849 with 25, 0.850 with 14, 0.851 with 10
MIN_COUNT = 4
FOLDS = 5


@dataclass(frozen=True)
class Examples:
    """Entities as the classifier is to see them."""

    features: list[list[str]]
    roles: list[str]
    documents: list[str]  # of each entity the id of its document


def examples_of(documents: Sequence[AnnotatedDocument]) -> Examples:
    """Return the features and the role of every entity of ``documents``."""
    found = Examples([], [], [])
    for document in documents:
        layout = Layout(document.doc, document.entities)
        for index, entity in enumerate(document.entities):
            found.features.append([feature.name for feature in features(layout, index)])
            found.roles.append(entity.role)
            found.documents.append(document.id)
    return found


def opinions(documents: Sequence[AnnotatedDocument], recogniser: Recogniser) -> Floats:
    """Return what the transformer says of each entity of ``documents``, shape (n_entities, n_roles)."""
    rows = []
    for document in documents:
        words = recogniser.read(document.doc).roles
        assert words is not None
        for entity in document.entities:
            opinion = word_opinion(document.doc, entity, words)
            rows.append(np.zeros(len(ROLES)) if opinion is None else opinion)
    return np.array(rows)


def fit_blend(linear: Floats, transformer: Floats, roles: Sequence[str]) -> Blend:
    """Return the weights of two scores of each role, both (n_entities, n_roles), under which ``roles`` are most likely.

    >>> good, bad = np.eye(4) * 5, np.ones((4, 4))
    >>> blend = fit_blend(good, bad, list(ROLES))
    >>> blend.linear > 0.5, round(blend.transformer, 2)
    (True, 0.0)
    """
    both = np.stack([linear, transformer])
    target = np.array([list(ROLES).index(role) for role in roles])
    rows = np.arange(len(target))

    def objective(weights: Floats) -> tuple[float, Floats]:
        scores = np.tensordot(weights, both, axes=1)
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        loss = -np.log(np.maximum(chances[rows, target], 1e-300)).sum()
        chances[rows, target] -= 1
        return loss + 0.5 * float(weights @ weights), (both * chances).sum(axis=(1, 2)) + weights

    return Blend(*(round(float(weight), 4) for weight in minimise(objective, np.zeros(2))))


def blended(blend: Blend, linear: Floats, transformer: Floats) -> Floats:
    """Return the probabilities of the roles under the sum of both scores."""
    scores = blend.linear * linear + blend.transformer * transformer
    chances: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    return chances


def scores_of(model: LinearModel, examples: Examples) -> Floats:
    """Return the classifier's scores, shape (n_entities, n_roles)."""
    return np.array([model.scores(names) for names in examples.features])


def report(name: str, probabilities: np.ndarray, roles: Sequence[str]) -> None:
    """Print accuracy, calibration and who is taken for whom."""
    labels = list(ROLES)
    print(f"  {name}: accuracy {accuracy(probabilities, roles, labels):.3f}", end=", ")
    print(f"expected calibration error {expected_calibration_error(probabilities, roles, labels):.3f}")
    predicted = [labels[i] for i in probabilities.argmax(axis=1)]
    counts = Counter(zip(roles, predicted, strict=True))
    print(f"    {'gold':<12}" + "".join(f"{label:>12}" for label in labels))
    for gold in labels:
        print(f"    {gold:<12}" + "".join(f"{counts[gold, label]:>12}" for label in labels))


def train_roles(train: Examples) -> LinearModel:
    """Return the classifier of roles, fitted to ``train``."""
    return fit(train.features, train.roles, list(ROLES), penalty=PENALTY, min_count=MIN_COUNT)


def main(argv: Sequence[str] | None = None) -> None:
    """Train, report, write."""
    parser = argparse.ArgumentParser(prog="python -m extractors.training.roles", description="Train kg_roles.")
    parser.add_argument("gold", type=Path, help="folder with train.jsonl and dev.jsonl")
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="more annotated documents to train on")
    parser.add_argument("-o", "--output", type=Path, default=Path("extractors/models/en"))
    arguments = parser.parse_args(argv)
    nlp = blank()
    gold, dev_documents = (list(read_annotated(arguments.gold / f"{part}.jsonl", nlp)) for part in ("train", "dev"))
    more = [document for path in arguments.also for document in read_annotated(path, nlp)]
    train, dev = examples_of([*gold, *more]), examples_of(dev_documents)
    print(f"{len(train.roles)} entities to learn from, {len(dev.roles)} to report on")
    labels = list(ROLES)
    blind = cross_validated(
        train.features, train.roles, labels, train.documents, n=FOLDS, penalty=PENALTY, min_count=MIN_COUNT
    )
    report(f"train, cross-validated in {FOLDS} folds of documents", blind, train.roles)
    model = train_roles(train)
    report("dev", np.array([model.probabilities(names) for names in dev.features]), dev.roles)
    settings = {}
    if has_transformer(arguments.output):
        recogniser = Recogniser.from_disk(arguments.output)
        unseen = gold[::HELD_OUT]
        seen = [document for number, document in enumerate(gold) if number % HELD_OUT]
        rest, held_out = train_roles(examples_of([*seen, *more])), examples_of(unseen)
        blend = fit_blend(scores_of(rest, held_out), opinions(unseen, recogniser), held_out.roles)
        print(f"weights of both: {blend}")
        spoken = opinions(dev_documents, recogniser)
        report("dev, transformer alone", blended(Blend(0.0, 1.0), spoken, spoken), dev.roles)
        report("dev, both", blended(blend, scores_of(model, dev), spoken), dev.roles)
        settings = {"blend": list(blend)}
    write_models(arguments.output, "roles", {"roles": model}, **settings)
    print(f"Wrote {arguments.output}/roles.npz and roles.json")


if __name__ == "__main__":
    main()
