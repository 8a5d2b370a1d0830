"""A small transformer, run by ONNX Runtime: scores of tags and of roles for each word, from all that stands around it.

The encoder is MiniLM (Wang et al. 2020) of 23 million parameters in eight bits, trained on annotated abstracts by
:mod:`extractors.training.transformer`. It knows no capitals; so a word comes with the hashed features and the vector
that the convolutional network has of it. One text at a time is fastest on a CPU: texts of different lengths side by
side would have to be filled up, and a batch falls out of the cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import onnxruntime
from spacy.tokens import Doc

from extractors.network import FeatureExtractor
from extractors.pieces import Pieces, Window, owners
from extractors.vectors import WordVectors

__all__ = ["Transformer", "WordScores", "hashed_rows"]

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


class WordScores(NamedTuple):
    """What a transformer says of each word."""

    tags: Floats  # (n_words, n_tags), as :data:`extractors.crf.TAGS`
    roles: Floats  # (n_words, n_roles), as :data:`schemas.vocabulary.ROLES`; of use where the word is in a name


def hashed_rows(ids: npt.NDArray[np.uint64], sizes: npt.NDArray[np.uint64]) -> Ints:
    """Return two rows of each feature's table, shape (n_words, 2 * n_features).

    ``sizes`` are those of the tables. Two words that share one row seldom share both (Svenstrup et al. 2017).

    >>> hashed_rows(np.array([[3 + 5 * 2**32, 1]], dtype=np.uint64), np.array([4, 4], dtype=np.uint64)).tolist()
    [[3, 1, 1, 0]]
    """
    low, high = ids % sizes, (ids >> np.uint64(32)) % sizes
    return np.stack([low, high], axis=-1).reshape(len(ids), -1).astype(np.int64)


class Transformer:
    """A session of ONNX Runtime with what it takes to feed it.

    Parameters
    ----------
    model
        Bytes of an ONNX file, whose inputs are ``ids``, ``first``, ``last``, ``features`` and ``vectors``.
    vocabulary
        Pieces, in the order of their numbers.
    extract_features, vectors
        Of words; the features are hashes, with the place of the word and the row of its vector at the end.
    rows
        Size of each feature's table, that of the place included.
    """

    def __init__(
        self,
        model: bytes,
        vocabulary: list[str],
        extract_features: FeatureExtractor,
        vectors: WordVectors,
        rows: list[int],
    ) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # processes use the cores, not threads
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.pieces = Pieces(vocabulary)
        self._extract_features = extract_features
        self._table = vectors.table()
        self._rows = np.array(rows, dtype=np.uint64)

    def __call__(self, doc: Doc) -> WordScores:
        """Return the scores of the words of ``doc``, which must not be empty."""
        windows = self.pieces.windows([token.text for token in doc])
        parts = [WordScores(*self.session.run(list(WordScores._fields), feed)) for feed in self.feeds(doc, windows)]
        nearest = owners(windows, len(doc))
        kept = [nearest[window.start : window.end] == number for number, window in enumerate(windows)]
        pairs = list(zip(parts, kept, strict=True))
        return WordScores(
            np.concatenate([part.tags[0, own] for part, own in pairs]),
            np.concatenate([part.roles[0, own] for part, own in pairs]),
        )

    def feeds(self, doc: Doc, windows: Sequence[Window]) -> Iterator[dict[str, npt.NDArray[Any]]]:
        """Yield what the session takes in for each of the windows of ``doc``: batches of one."""
        ids = self._extract_features(doc)
        features, vectors = hashed_rows(ids[:, :-1], self._rows), self._table[ids[:, -1]]
        for window in windows:
            words = slice(window.start, window.end)
            yield {
                "ids": window.ids[None],
                "first": window.first[None],
                "last": window.last[None],
                "features": features[None, words],
                "vectors": vectors[None, words],
            }
