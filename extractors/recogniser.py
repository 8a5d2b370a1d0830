"""The trained recogniser: which spans of a text may be mentions, and how sure each is.

A recogniser is either a transformer (:mod:`extractors.transformer`), which weighs all that stands around a word, or a
convolutional network (:mod:`extractors.network`), several times as fast, which knows words by their letters, their use
and their neighbours. A conditional random field (:mod:`extractors.crf`) turns their scores into probabilities of
spans, and a calibration learned on documents that neither had seen makes of them confidences that can be taken at their
word (Platt 1999).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from spacy.tokens import Doc

from extractors import weights
from extractors.crf import ScoredSpan, decode, span_probabilities
from extractors.network import FeatureExtractor, Network, NetworkSettings, build_network, one_thread, set_weights
from extractors.vectors import WordVectors
from schemas.errors import InputError
from schemas.records import Mention

if TYPE_CHECKING:
    from extractors.transformer import Transformer

__all__ = [
    "MODELS",
    "TRANSFORMER",
    "Reading",
    "Recogniser",
    "calibrate",
    "find_mentions",
    "has_transformer",
]

Floats = npt.NDArray[np.float64]
MODELS = Path(__file__).parent / "models"
TRANSFORMER = "transformer.onnx"  # in the folder of a recogniser that has one
_AGREEMENT = 0.4  # how far; F1 on the development documents was 0.764 with 0, 0.767 with 0.35 to 0.5, 0.764 with 0.65
_CANDIDATE_FLOOR = 0.1  # spans less probable than this are not even looked at


def calibrate(probability: float, slope: float, offset: float) -> float:
    """Return a probability moved by a straight line over its log-odds.

    >>> round(calibrate(0.9, 0.5, 0.0), 3)
    0.75
    """
    return _probability(slope * _log_odds(probability) + offset)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a recogniser makes of a text: spans that may overlap, and the transformer's scores of roles, if it read."""

    spans: list[ScoredSpan]
    roles: npt.NDArray[np.float32] | None = None  # (n_tokens, n_roles)


@dataclass(slots=True)
class Recogniser:
    """A network with its weights and all that was learned with it, and maybe a transformer, which then decides alone.

    Parameters
    ----------
    settings
        Sizes of the ``network``; of it alone ``calibration`` (slope and offset of each type) and ``threshold``.
    arrays
        Weights of the network, ``transitions``, and word vectors if it has any.
    beside
        Bytes of the transformer's ONNX file, and its settings: ``vocabulary``, ``rows`` (sizes of the tables of
        features), ``transitions``, ``calibration`` and ``threshold``. It shares the network's word vectors.
    """

    settings: dict[str, Any]
    arrays: dict[str, npt.NDArray[Any]]
    beside: tuple[bytes, dict[str, Any]] | None = None
    extract_features: FeatureExtractor = field(init=False)
    transformer: Transformer | None = field(init=False, default=None)
    transitions: Floats = field(init=False)  # of what decides
    _vectors: WordVectors | None = field(init=False)
    _network: Network | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        sizes = NetworkSettings(**self.settings["network"])
        self._vectors = WordVectors.from_arrays(self.arrays) if sizes.vector_size else None
        self.extract_features = FeatureExtractor(sizes.rows, self._vectors)
        self.transitions = np.asarray(self.arrays["transitions"], dtype=np.float64)
        if self.beside is not None and self._vectors is not None:
            from extractors.transformer import Transformer

            model, own = self.beside
            self.transformer = Transformer(model, own["vocabulary"], self.extract_features, self._vectors, own["rows"])
            self.transitions = np.array(own["transitions"])

    @property
    def network(self) -> Network:
        """The convolutional network, built when it is first asked for: beside a transformer it seldom is."""
        if self._network is None:
            self._network = build_network(NetworkSettings(**self.settings["network"]), self._vectors)
            set_weights(self._network, self.arrays)
        return self._network

    @classmethod
    def load(cls, name: str, *, fast: bool = False) -> Recogniser:
        """Return the shipped recogniser of that name; the ``fast`` one has no transformer.

        Raises
        ------
        InputError
            None goes by it, or its files are damaged.
        """
        valid = sorted(path.parent.name for path in MODELS.glob("*/recogniser.json"))
        if name not in valid:
            raise InputError(f"no recogniser {name!r} is installed; valid: {', '.join(valid)}")
        return cls.from_disk(MODELS / name, fast=fast)

    @classmethod
    def from_disk(cls, folder: Path, *, fast: bool = False) -> Recogniser:
        """Return what :meth:`to_disk` wrote.

        Raises
        ------
        InputError
            A file is missing or damaged.
        """
        arrays, settings = weights.read_weights(folder, "recogniser")
        return cls(
            settings,
            arrays,
            weights.read_checked(folder, TRANSFORMER) if has_transformer(folder) and not fast else None,
        )

    def to_disk(self, folder: Path) -> None:
        """Write settings and weights into ``folder``."""
        weights.write_weights(folder, "recogniser", self.arrays, self.settings)
        if self.beside is not None:
            weights.write_checked(folder, TRANSFORMER, *self.beside)

    @property
    def deciding(self) -> dict[str, Any]:
        """The settings in force: ``calibration`` and ``threshold``."""
        return self.settings if self.beside is None else self.beside[1]

    def emissions(self, doc: Doc) -> Floats:
        """Return the network's scores of tags, shape (n_tokens, n_tags); ``doc`` must not be empty."""
        with one_thread():
            scores = np.asarray(self.network.predict([self.extract_features(doc)])[0], dtype=np.float64)
        return _within_lines(doc, scores)

    def read(self, doc: Doc) -> Reading:
        """Return the spans of tokens that may be mentions, with probabilities that can be taken at their word."""
        if not len(doc):
            return Reading([])
        if self.transformer is None:
            scores, roles = self.emissions(doc), None
        else:
            words = self.transformer(doc)
            scores, roles = _within_lines(doc, words.tags.astype(np.float64)), words.roles
        spans = span_probabilities(scores, self.transitions, floor=_CANDIDATE_FLOOR)
        lines = self.deciding["calibration"]
        calibrated = [span._replace(probability=calibrate(span.probability, *lines[span.type])) for span in spans]
        return Reading(agreed(doc, calibrated), roles)


def agreed(doc: Doc, spans: Sequence[ScoredSpan]) -> list[ScoredSpan]:
    """Return ``spans`` with the log-odds of the same words with the same type moved towards their mean.

    Names keep their sense within one document (Gale et al. 1992, "one sense per discourse"), so that its places help
    each other.

    >>> import spacy
    >>> doc = spacy.blank("en")("BERT or BERT")
    >>> [round(s.probability, 2) for s in agreed(doc, [ScoredSpan(0, 1, "Model", 0.9), ScoredSpan(2, 3, "Model", 0.5)])]
    [0.85, 0.61]
    """
    places: dict[tuple[str, str], list[float]] = {}
    keys = [(doc[span.start : span.end].text.lower().replace("-", " "), span.type) for span in spans]
    odds = [_log_odds(span.probability) for span in spans]
    for key, own in zip(keys, odds, strict=True):
        places.setdefault(key, []).append(own)
    means = {key: math.fsum(found) / len(found) for key, found in places.items()}
    return [
        span._replace(probability=_probability((1 - _AGREEMENT) * own + _AGREEMENT * means[key]))
        if len(places[key]) > 1
        else span
        for span, key, own in zip(spans, keys, odds, strict=True)
    ]


def _log_odds(probability: float) -> float:
    clipped = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(clipped / (1 - clipped))


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def _within_lines(doc: Doc, scores: Floats) -> Floats:
    """``scores`` under which no name goes over a line feed, that is, over the end of the title."""
    scores[np.flatnonzero(doc.to_array("IS_SPACE")), 1:] -= 1e3
    return scores


def find_mentions(doc: Doc, spans: Sequence[ScoredSpan], *, threshold: float) -> list[Mention]:
    """Return the mentions in ``doc`` of at least that confidence (in [0, 1]), in text order and without overlap."""
    mentions = []
    for span in decode(spans, threshold=threshold):
        piece = doc[span.start : span.end]
        if not any(character.isalpha() for character in piece.text):
            continue  # a figure is nobody's name
        confidence = round(span.probability, 4)
        mentions.append(Mention(piece.start_char, piece.end_char, piece.text, span.type, confidence))
    return mentions


def has_transformer(folder: Path) -> bool:
    """Return whether a transformer was written into ``folder``."""
    return (folder / TRANSFORMER).with_suffix(".json").exists()
