"""Word vectors in eight bits: what unlabelled abstracts say of a word that the annotated ones may not hold.

Words are kept as hashes of their text, so that a table is numbers alone. How vectors are learned is in
:mod:`extractors.training.cooccurrence`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.strings import get_string_id

__all__ = ["WordVectors", "last_part"]

Floats = npt.NDArray[np.float32]
_JOINTS = re.compile(r"[-‐‑/]")


def last_part(word: str) -> str:
    """Return the last part of a compound.

    >>> last_part("vision-language"), last_part("ViT-B/16"), last_part("pre-"), last_part("BERT")
    ('language', '16', 'pre-', 'BERT')
    """
    return _JOINTS.split(word)[-1] or word


def _forms(word: str) -> Iterator[str]:
    """The word, and what may stand for it: without capitals, the last part of a compound."""
    last = last_part(word)
    yield from (word, word.lower(), last, last.lower())


class WordVectors:
    """Vectors of unit length, of words and whatever may stand for them.

    Parameters
    ----------
    words
        Distinct words, or their hashes.
    codes : array of int8, shape (n_words, size)
        Each row a vector but for its length.

    Examples
    --------
    >>> vectors = WordVectors.of(["translation"], np.array([[0.5, -0.5]]))
    >>> [vectors.row(word) for word in ("translation", "back-Translation", "metric")]
    [1, 1, 0]
    >>> vectors.table().shape
    (2, 2)
    """

    def __init__(self, words: Sequence[str] | npt.NDArray[np.uint64], codes: npt.NDArray[np.int8]) -> None:
        self.keys = np.array(
            [word if isinstance(word, np.uint64) else get_string_id(word) for word in words], np.uint64
        )
        self.codes = codes
        self._rows = {key: row for row, key in enumerate(self.keys.tolist(), start=1)}
        self._table: Floats | None = None

    @classmethod
    def of(cls, words: Sequence[str], vectors: npt.NDArray[np.floating[Any]]) -> WordVectors:
        """Return ``vectors``, shape (n_words, size), in eight bits a number."""
        scaled = vectors / np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-9)
        return cls(words, np.rint(scaled * 127).astype(np.int8))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> WordVectors:
        """Return the vectors that :meth:`to_arrays` gave."""
        return cls(arrays["vector_keys"], arrays["vector_codes"])

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the arrays to keep."""
        return {"vector_keys": self.keys, "vector_codes": self.codes}

    def row(self, word: str) -> int:
        """Return the row of ``word`` in :meth:`table`, 0 if nothing stands for it."""
        return next((row for form in _forms(word) if (row := self._rows.get(get_string_id(form)))), 0)

    def table(self) -> Floats:
        """Return the vectors, of unit length, shape (1 + n_words, size); row 0 is zero."""
        if self._table is None:  # once: both models of a recogniser look words up in it
            wide = self.codes.astype(np.float32)
            wide /= np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-9)
            self._table = np.vstack([np.zeros((1, wide.shape[1]), np.float32), wide])
        return self._table
