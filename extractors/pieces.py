"""Word pieces of a document in windows: what a transformer reads (Wu et al. 2016; Devlin et al. 2019).

A window holds as many pieces as the transformer has places for. A longer text is read in windows that overlap, cut
between words, and every word is taken from the window in which most stands on both sides of it: nothing is cut off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

__all__ = ["SPECIAL", "Pieces", "Window", "owners"]

Ints = npt.NDArray[np.int64]
SPECIAL: Final = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")  # every vocabulary has these
PLACES: Final = 512  # pieces of a window, the first and the last of which are [CLS] and [SEP]
OVERLAP: Final = 128  # pieces that a window shares with the next, at least
_LONGEST_WORD: Final = 100  # characters of a word that are read
_CACHE_SIZE: Final = 100_000  # words whose pieces are kept


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch ``[start, end)`` of words, their pieces, and of each word the place of its first and last piece.

    A word without pieces, such as a line feed, has the place of ``[CLS]``.
    """

    start: int
    end: int
    ids: Ints  # (n_pieces,)
    first: Ints  # (end - start,)
    last: Ints  # (end - start,)


class Pieces:
    """Cuts words into pieces of a vocabulary, case disregarded.

    Parameters
    ----------
    vocabulary
        Pieces in the order of their numbers; those that go on a word begin with ``##``. Holds :data:`SPECIAL`.

    Examples
    --------
    >>> pieces = Pieces([*SPECIAL, "we", "fine", "##tune"])
    >>> [window] = pieces.windows(["We", "\\n", "finetune"])
    >>> window.ids.tolist(), window.first.tolist(), window.last.tolist()
    ([2, 5, 6, 7, 3], [1, 0, 2], [1, 0, 3])
    """

    def __init__(self, vocabulary: Sequence[str], *, places: int = PLACES, overlap: int = OVERLAP) -> None:
        numbers = {piece: number for number, piece in enumerate(vocabulary)}
        model = WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=_LONGEST_WORD)
        self._tokenizer = Tokenizer(model)
        self._tokenizer.normalizer = BertNormalizer(lowercase=True)
        self._tokenizer.pre_tokenizer = BertPreTokenizer()
        self._known: dict[str, list[int]] = {}
        self.vocabulary = tuple(vocabulary)
        self.pad, _, self._begin, self._end, self.mask = (numbers[piece] for piece in SPECIAL)
        self._room, self._overlap = places - 2, overlap

    def windows(self, words: Sequence[str]) -> list[Window]:
        """Return the windows of a text, one for most; none for no words."""
        known = self._known
        for word in {word for word in words if word not in known}:
            known[word] = self._tokenizer.encode([word[:_LONGEST_WORD]], is_pretokenized=True).ids
        pieces = [known[word] for word in words]
        starts = np.zeros(len(words) + 1, dtype=np.int64)  # the pieces before each word, and all of them
        np.cumsum([len(own) for own in pieces], out=starts[1:])
        ids = np.fromiter(chain.from_iterable(pieces), dtype=np.int64, count=starts[-1])
        if len(known) > _CACHE_SIZE:
            known.clear()
        return [self._window(ids, starts, start, end) for start, end in self._stretches(starts.tolist())]

    def _stretches(self, starts: list[int]) -> Iterator[tuple[int, int]]:
        """First word and end of each window."""
        start, n = 0, len(starts) - 1
        while start < n:
            end = start + 1
            while end < n and starts[end + 1] - starts[start] <= self._room:
                end += 1
            yield start, end
            if end == n:
                return
            following = end
            while following > start + 1 and starts[end] - starts[following] < self._overlap:
                following -= 1
            start = following

    def _window(self, ids: Ints, starts: Ints, start: int, end: int) -> Window:
        first = starts[start:end] - starts[start] + 1
        last = starts[start + 1 : end + 1] - starts[start]
        empty = last < first
        own = ids[starts[start] : starts[end]]
        return Window(
            start, end, np.array([self._begin, *own, self._end]), np.where(empty, 0, first), np.where(empty, 0, last)
        )


def owners(windows: Sequence[Window], n_words: int) -> Ints:
    """Return for each word the number of the window from whose borders it is furthest; of equals the first.

    >>> none = np.zeros(0, dtype=np.int64)
    >>> owners([Window(0, 4, none, none, none), Window(2, 6, none, none, none)], 6).tolist()
    [0, 0, 0, 1, 1, 1]
    """
    words = np.arange(n_words)
    inside = []
    for window in windows:
        left = np.where(window.start == 0, n_words, words - window.start)
        right = np.where(window.end == n_words, n_words, window.end - 1 - words)
        inside.append(np.minimum(left, right))
    nearest: Ints = np.argmax(inside, axis=0)
    return nearest
