"""From annotated abstracts to the weights of ``kg_roles``: ``python -m extractors.training.roles GOLD_DIR``.

Reads ``train.jsonl`` and ``dev.jsonl`` of GOLD_DIR, takes some two minutes, and gives the same weights each time.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from extractors.layout import Layout
from extractors.linear import LinearModel, write_models
from extractors.role_features import features
from extractors.training.annotated import AnnotatedDocument, blank, read_annotated
from extractors.training.linear import accuracy, cross_validated, expected_calibration_error, fit
from schemas.vocabulary import ROLES

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
    parser.add_argument("-o", "--output", type=Path, default=Path("extractors/models/en"))
    arguments = parser.parse_args(argv)
    nlp = blank()
    train, dev = (examples_of(list(read_annotated(arguments.gold / f"{p}.jsonl", nlp))) for p in ("train", "dev"))
    print(f"{len(train.roles)} entities to learn from, {len(dev.roles)} to report on")
    labels = list(ROLES)
    blind = cross_validated(
        train.features, train.roles, labels, train.documents, n=FOLDS, penalty=PENALTY, min_count=MIN_COUNT
    )
    report(f"train, cross-validated in {FOLDS} folds of documents", blind, train.roles)
    model = train_roles(train)
    report("dev", np.array([model.probabilities(names) for names in dev.features]), dev.roles)
    write_models(arguments.output, "roles", {"roles": model})
    print(f"Wrote {arguments.output}/roles.npz and roles.json")


if __name__ == "__main__":
    main()
