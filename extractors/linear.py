"""A linear classifier over features that are there or not: small, exact and fast without a library.

Multinomial logistic regression: ``p(label | features) ∝ exp(sum of the weights of the features that are there)``. A
feature is a string and is kept as its hash (CRC-32), so that a file of weights is numbers alone; a feature that the
classifier has never seen counts nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

from extractors.weights import read_weights, write_weights

__all__ = ["BIAS", "LinearModel", "load_models", "load_settings", "read_models", "write_models"]

BIAS: Final = "bias"  # a feature that is always there
_BIAS_KEY: Final = crc32(BIAS.encode())
FOLDER: Final = Path(__file__).parent / "models"
Floats = npt.NDArray[np.float64]


class LinearModel:
    """Weights by feature and label.

    Parameters
    ----------
    labels
        At least two.
    weights
        Of each feature, as many as there are labels.

    Examples
    --------
    >>> model = LinearModel(("no", "yes"), {"bias": (0, -1), "we propose": (0, 3)})
    >>> label, probability = model.classify(["we propose", "never seen"])
    >>> label, round(probability, 2)
    ('yes', 0.88)
    """

    def __init__(self, labels: Sequence[str], weights: Mapping[str, Sequence[float]]) -> None:
        self.labels = tuple(labels)
        by_key = {crc32(name.encode()): row for name, row in weights.items()}
        self._table = np.array([by_key.pop(_BIAS_KEY, [0.0] * len(self.labels)), *by_key.values()], dtype=np.float64)
        self._rows = {key: row for row, key in enumerate(by_key, start=1)}

    def weights(self, features: Sequence[str], label: str) -> Floats:
        """Return the weight of each of ``features`` for a label, 0 where it has none."""
        rows = [self._rows.get(crc32(name.encode()), -1) for name in features]
        return np.where(np.array(rows) < 0, 0, self._table[rows, self.labels.index(label)])

    def scores(self, features: Iterable[str]) -> Floats:
        """Return the sum of the weights of the distinct ``features``, one a label."""
        rows = set(map(self._rows.get, map(crc32, map(str.encode, features)), repeat(0)))
        total: Floats = self._table[sorted({0} | rows)].sum(axis=0)  # in order: sums of floats depend on it
        return total

    def probabilities(self, features: Iterable[str]) -> Floats:
        """Return the probability of each label; they sum to 1."""
        scores = self.scores(features)
        powers: Floats = np.exp(scores - scores.max())
        powers /= powers.sum()
        return powers

    def classify(self, features: Iterable[str]) -> tuple[str, float]:
        """Return the most probable label and its probability; of equals the first."""
        probabilities = self.probabilities(features)
        best = int(probabilities.argmax())
        return self.labels[best], float(probabilities[best])

    def log_odds(self, features: Iterable[str], label: str) -> float:
        """Return how much the score of one of two labels is above the other's."""
        scores = self.scores(features)
        own = self.labels.index(label)
        return float(scores[own] - scores[1 - own])

    def probability(self, features: Iterable[str], label: str) -> float:
        """Return the probability of one label."""
        return float(self.probabilities(features)[self.labels.index(label)])

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return what to keep: hashes in order, weights in eight bits, and the step between two weights."""
        keys = sorted(self._rows)
        table = self._table[[0, *(self._rows[key] for key in keys)]]
        step = np.float16(max(np.abs(table).max() / 127, 1e-6)) * np.float16(1.01)  # rounding must not overflow a code
        codes = np.rint(table / float(step)).astype(np.int8)
        return {"keys": np.array(keys, dtype=np.uint32), "codes": codes, "step": np.array([step])}

    @classmethod
    def from_arrays(cls, labels: Sequence[str], arrays: Mapping[str, npt.NDArray[Any]]) -> LinearModel:
        """Return the classifier that :meth:`to_arrays` gave, to the nearest of 255 weights."""
        model = cls(labels, {})
        model._table = arrays["codes"].astype(np.float64) * float(arrays["step"][0])
        model._rows = {key: row for row, key in enumerate(arrays["keys"].tolist(), start=1)}
        return model


def write_models(folder: Path, name: str, models: Mapping[str, LinearModel], **settings: object) -> None:
    """Write classifiers under their names, and ``settings``, into ``name.npz`` and ``name.json`` of ``folder``."""
    arrays = {f"{key}.{part}": array for key, model in models.items() for part, array in model.to_arrays().items()}
    labels = {key: list(model.labels) for key, model in models.items()}
    write_weights(folder, name, arrays, {"labels": labels, **settings})


def read_models(folder: Path, name: str) -> dict[str, LinearModel]:
    """Return what :func:`write_models` wrote.

    Raises
    ------
    InputError
        A file is missing or damaged; the message says to install again.
    """
    return _read(folder, name)[0]


def _read(folder: Path, name: str) -> tuple[dict[str, LinearModel], dict[str, Any]]:
    arrays, settings = read_weights(folder, name)
    models = {
        key: LinearModel.from_arrays(labels, {part: arrays[f"{key}.{part}"] for part in ("keys", "codes", "step")})
        for key, labels in settings["labels"].items()
    }
    return models, settings


@cache
def _shipped(pipeline: str, name: str) -> tuple[dict[str, LinearModel], dict[str, Any]]:
    return _read(FOLDER / pipeline, name)


def load_models(pipeline: str, name: str) -> dict[str, LinearModel]:
    """Return shipped classifiers, read once a process.

    Raises
    ------
    InputError
        There are none of that name.
    """
    return _shipped(pipeline, name)[0]


def load_settings(pipeline: str, name: str) -> dict[str, Any]:
    """Return the settings that shipped classifiers were written with; raises what :func:`load_models` raises."""
    return _shipped(pipeline, name)[1]
