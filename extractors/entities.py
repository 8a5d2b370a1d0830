"""The recogniser as a spaCy component: ``kg_entities`` finds the mentions of the five entity types."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from spacy import util
from spacy.language import Language
from spacy.tokens import Doc

from extractors import weights
from extractors.crf import ScoredSpan
from extractors.document import get_mentions, set_mentions, set_possible, set_role_scores
from extractors.recogniser import Reading, Recogniser, find_mentions
from schemas.records import Mention

__all__ = ["EntityRecogniser", "create_entities", "possible_measures"]

BATCH: Final = 16  # documents
_POSSIBLE: Final = 0.25  # least probability of a measure that is kept for the reader of results


class EntityRecogniser:
    """The component around :class:`extractors.recogniser.Recogniser`."""

    def __init__(self, recogniser: Recogniser, *, threshold: float | None = None) -> None:
        self.recogniser = recogniser
        self.threshold = threshold

    def __call__(self, doc: Doc) -> Doc:
        """Set the mentions of ``doc``, and with them ``doc.ents``; what a component before has set stays."""
        return self._note(doc, self.recogniser.read(doc))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = BATCH) -> Iterator[Doc]:
        """Yield what a call makes of each document; the model reads several of them one right after the other.

        So what it needs stays in the processor's cache for a while, and then what the other components need.
        """
        source = iter(stream)
        while docs := list(islice(source, min(batch_size, BATCH))):
            readings = [self.recogniser.read(doc) for doc in docs]
            yield from map(self._note, docs, readings)

    def _note(self, doc: Doc, reading: Reading) -> Doc:
        threshold = self.recogniser.deciding["threshold"] if self.threshold is None else self.threshold
        earlier = get_mentions(doc)
        found = find_mentions(doc, reading.spans, threshold=threshold)
        free = (m for m in found if not any(m.start < other.end and other.start < m.end for other in earlier))
        set_mentions(doc, [*earlier, *free])
        set_possible(doc, possible_measures(doc, reading.spans, below=threshold))
        if reading.roles is not None:
            set_role_scores(doc, reading.roles.tolist())
        return doc

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return settings and weights."""
        model, own = self.recogniser.beside or (b"", {})
        parts = {
            "settings": lambda: json.dumps(self.recogniser.settings).encode(),
            "weights": lambda: weights.to_bytes(self.recogniser.arrays),
            "transformer": lambda: model,
            "transformer_settings": lambda: json.dumps(own).encode(),
        }
        return util.to_bytes(parts, exclude)

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> EntityRecogniser:
        """Take settings and weights from :meth:`to_bytes`."""
        parts: dict[str, bytes] = {}
        names = ("settings", "weights", "transformer", "transformer_settings")
        util.from_bytes(data, {name: partial(parts.__setitem__, name) for name in names}, exclude)
        model = parts["transformer"]
        self.recogniser = Recogniser(
            json.loads(parts["settings"]),
            weights.from_bytes(parts["weights"]),
            (model, json.loads(parts["transformer_settings"])) if model else None,
        )
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write settings and weights into the folder ``path``."""
        self.recogniser.to_disk(Path(path))

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> EntityRecogniser:
        """Take settings and weights from the folder ``path``."""
        self.recogniser = Recogniser.from_disk(Path(path))
        return self


def possible_measures(doc: Doc, spans: Sequence[ScoredSpan], *, below: float) -> list[Mention]:
    """Return the metrics among ``spans`` that are too improbable for a mention, but not absurd beside a figure."""
    unsure = [s for s in spans if s.type == "Metric" and _POSSIBLE <= s.probability < below]
    return find_mentions(doc, unsure, threshold=_POSSIBLE)


@Language.factory(
    "kg_entities",
    default_config={"model": "en", "fast": False, "threshold": None},
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
)
def create_entities(nlp: Language, name: str, model: str, fast: bool, threshold: float | None) -> EntityRecogniser:
    """Return the component with the shipped recogniser ``model``; ``None`` is its own ``threshold``.

    ``fast`` leaves the transformer out.
    """
    return EntityRecogniser(Recogniser.load(model, fast=fast), threshold=threshold)
