"""Word pieces in windows: nothing is lost, nothing is cut, every word is seen with what stands around it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.pieces import SPECIAL, Pieces, owners

LETTERS = "abcdefgh"
VOCABULARY = [*SPECIAL, *LETTERS, *(f"##{letter}" for letter in LETTERS), "ab", "##cd"]
WORDS = st.lists(st.text(alphabet=LETTERS + "\n ", max_size=6), min_size=1, max_size=60)


def pieces_of(pieces, window, word):
    first, last = window.first[word - window.start], window.last[word - window.start]
    return "".join(pieces.vocabulary[number].removeprefix("##") for number in window.ids[first : last + 1])


@given(st.lists(st.text(alphabet=LETTERS, max_size=3), min_size=1, max_size=60))
def test_windows_overlap_and_cover_every_word(words):
    pieces = Pieces(VOCABULARY, places=12, overlap=4)
    windows = pieces.windows(words)
    assert windows[0].start == 0
    assert windows[-1].end == len(words)
    for window in windows:
        assert len(window.ids) <= 12
        assert [pieces.vocabulary[window.ids[i]] for i in (0, -1)] == ["[CLS]", "[SEP]"]
    for before, after in pairwise(windows):
        assert before.start < after.start <= before.end < after.end


@given(WORDS)
def test_a_word_is_made_of_its_pieces(words):
    pieces = Pieces(VOCABULARY, places=12, overlap=4)
    windows = pieces.windows(words)
    for word, number in enumerate(owners(windows, len(words))):
        window = windows[number]
        assert window.start <= word < window.end
        text = "".join(words[word].split())
        assert pieces_of(pieces, window, word) == (text or "[CLS]")


@given(WORDS)
def test_a_word_is_taken_from_where_most_stands_around_it(words):
    windows = Pieces(VOCABULARY, places=12, overlap=4).windows(words)
    for word, number in enumerate(owners(windows, len(words))):
        room = [
            min(word - w.start if w.start else 99, w.end - 1 - word if w.end < len(words) else 99)
            for w in windows
            if w.start <= word < w.end
        ]
        own = windows[number]
        assert min(word - own.start if own.start else 99, own.end - 1 - word if own.end < len(words) else 99) == max(
            room
        )


def test_a_text_that_fits_has_one_window():
    [window] = Pieces(VOCABULARY).windows(["abcd", "\n", "ABCD", "x"])
    assert [VOCABULARY[number] for number in window.ids] == ["[CLS]", "ab", "##cd", "ab", "##cd", "[UNK]", "[SEP]"]
    assert window.first.tolist() == [1, 0, 3, 5]
    assert window.last.tolist() == [2, 0, 4, 5]


@pytest.mark.parametrize("word", ["a" * 100_000, "a-" * 50_000, "🙂" * 1000, "\x00", ""])
def test_no_word_is_too_strange(word):
    windows = Pieces(VOCABULARY).windows(["ab", word, "cd"])
    assert windows[-1].end == 3
    assert all(len(window.ids) <= 512 for window in windows)


def test_no_words_have_no_windows():
    assert Pieces(VOCABULARY).windows([]) == []
    assert np.array_equal(owners(Pieces(VOCABULARY).windows(["ab"]), 1), [0])
