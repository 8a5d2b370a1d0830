"""The trained recogniser as a spaCy component: ``kg_entities`` finds the mentions of the five entity types.

A convolutional network scores the tags of each token (:mod:`extractors.network`), a conditional random field turns
the scores into probabilities of spans (:mod:`extractors.crf`), and a calibration learned on documents that the
network had not seen makes of them confidences that can be taken at their word (Platt 1999).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy import util
from spacy.language import Language
from spacy.tokens import Doc

from extractors import weights
from extractors.crf import ScoredSpan, decode, span_probabilities
from extractors.document import set_mentions
from extractors.network import FeatureExtractor, Network, NetworkSettings, build_network, one_thread, set_weights
from extractors.vectors import WordVectors
from schemas.errors import InputError
from schemas.records import Mention

__all__ = ["MODELS", "EntityRecogniser", "Recogniser", "calibrate", "create_entities", "find_mentions"]

MODELS = Path(__file__).parent / "models"
_FILE = "recogniser"
_CANDIDATE_FLOOR = 0.1  # spans less probable than this are not even looked at


def calibrate(probability: float, slope: float, offset: float) -> float:
    """Return a probability moved by a straight line over its log-odds.

    >>> round(calibrate(0.9, 0.5, 0.0), 3)
    0.75
    """
    clipped = min(max(probability, 1e-9), 1 - 1e-9)
    return 1 / (1 + math.exp(-(slope * math.log(clipped / (1 - clipped)) + offset)))


@dataclass(slots=True)
class Recogniser:
    """A network with its weights and all that was learned with it."""

    settings: dict[str, Any]  # network, calibration (slope and offset of each type), threshold
    arrays: dict[str, npt.NDArray[Any]]  # weights of the network, "transitions", and word vectors if it has any
    network: Network = field(init=False)
    extract_features: FeatureExtractor = field(init=False)

    def __post_init__(self) -> None:
        sizes = NetworkSettings(**self.settings["network"])
        vectors = WordVectors.from_arrays(self.arrays) if sizes.vector_size else None
        self.network = build_network(sizes, vectors)
        self.extract_features = FeatureExtractor(sizes.rows, vectors)
        set_weights(self.network, self.arrays)

    @classmethod
    def load(cls, name: str) -> Recogniser:
        """Return the shipped recogniser of that name.

        Raises
        ------
        InputError
            None goes by it, or its files are damaged.
        """
        valid = sorted(path.parent.name for path in MODELS.glob(f"*/{_FILE}.json"))
        if name not in valid:
            raise InputError(f"no recogniser {name!r} is installed; valid: {', '.join(valid)}")
        arrays, settings = weights.read_weights(MODELS / name, _FILE)
        return cls(settings, arrays)

    def emissions(self, doc: Doc) -> npt.NDArray[np.float64]:
        """Return the scores of tags, shape (n_tokens, n_tags); ``doc`` must not be empty."""
        with one_thread():
            scores = np.asarray(self.network.predict([self.extract_features(doc)])[0], dtype=np.float64)
        blank = [token.i for token in doc if token.is_space]
        scores[blank, 1:] -= 1e3  # no name goes over the end of the title
        return scores

    def score(self, doc: Doc) -> list[ScoredSpan]:
        """Return the spans of tokens that may be mentions, with calibrated probabilities; they may overlap."""
        if not len(doc):
            return []
        spans = span_probabilities(self.emissions(doc), self.arrays["transitions"], floor=_CANDIDATE_FLOOR)
        lines = self.settings["calibration"]
        return [span._replace(probability=calibrate(span.probability, *lines[span.type])) for span in spans]


def find_mentions(doc: Doc, recogniser: Recogniser, *, threshold: float) -> list[Mention]:
    """Return the mentions in ``doc`` of at least that confidence (in [0, 1]), in text order and without overlap."""
    mentions = []
    for span in decode(recogniser.score(doc), threshold=threshold):
        piece = doc[span.start : span.end]
        if not any(character.isalpha() for character in piece.text):
            continue  # a figure is nobody's name
        confidence = round(span.probability, 4)
        mentions.append(Mention(piece.start_char, piece.end_char, piece.text, span.type, confidence))
    return mentions


class EntityRecogniser:
    """The component: writes what :func:`find_mentions` finds."""

    def __init__(self, recogniser: Recogniser, *, threshold: float | None = None) -> None:
        self.recogniser = recogniser
        self.threshold = threshold

    def __call__(self, doc: Doc) -> Doc:
        """Set the mentions of ``doc``, and with them ``doc.ents``."""
        threshold = self.recogniser.settings["threshold"] if self.threshold is None else self.threshold
        set_mentions(doc, find_mentions(doc, self.recogniser, threshold=threshold))
        return doc

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return settings and weights."""
        parts = {
            "settings": lambda: json.dumps(self.recogniser.settings).encode(),
            "weights": lambda: weights.to_bytes(self.recogniser.arrays),
        }
        return util.to_bytes(parts, exclude)

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> EntityRecogniser:
        """Take settings and weights from :meth:`to_bytes`."""
        parts: dict[str, bytes] = {}
        util.from_bytes(data, {name: partial(parts.__setitem__, name) for name in ("settings", "weights")}, exclude)
        self.recogniser = Recogniser(json.loads(parts["settings"]), weights.from_bytes(parts["weights"]))
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write settings and weights into the folder ``path``."""
        weights.write_weights(Path(path), _FILE, self.recogniser.arrays, self.recogniser.settings)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> EntityRecogniser:
        """Take settings and weights from the folder ``path``."""
        arrays, settings = weights.read_weights(Path(path), _FILE)
        self.recogniser = Recogniser(settings, arrays)
        return self


@Language.factory(
    "kg_entities",
    default_config={"model": "en", "threshold": None},
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
)
def create_entities(nlp: Language, name: str, model: str, threshold: float | None) -> EntityRecogniser:
    """Return the component with the shipped recogniser ``model``; ``None`` is its own ``threshold``."""
    return EntityRecogniser(Recogniser.load(model), threshold=threshold)
