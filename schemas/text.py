"""Readable text: LaTeX, HTML and typesetting debris become what a reader would see, and offsets lead both ways.

A paper's text is kept as it was stored. Recognisers and views work on its readable form; :class:`Readable` maps a span
of that back to the stored characters. The rules never eat text: what is not surely markup stays as it is.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from schemas.inflection import singular
from schemas.scan import SUSPICIOUS, Scan

__all__ = ["Readable", "fold", "readable"]

_OPENING_MARKUP: Final = re.compile(r"(?:\\[A-Za-z]+\*?)?\{(?:\\[A-Za-z]+\s*)?\Z")


@dataclass(frozen=True, slots=True)
class Readable:
    """A readable text and its way back to the source that it was read from.

    Examples
    --------
    >>> result = readable(r"\\textbf{BERT}-base gains 2\\%")
    >>> result.text
    'BERT-base gains 2%'
    >>> start, end = result.to_source(0, 4)
    >>> result.source[start:end]
    'BERT'
    >>> result.from_source(start, end)
    (0, 4)
    """

    text: str
    source: str
    starts: tuple[int, ...] | None = field(default=None, repr=False)  # of each character of text; None: same text
    ends: tuple[int, ...] | None = field(default=None, repr=False)

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """Return the smallest span of the source that covers ``[start, end)`` of the text.

        A formula or group that opens inside it is closed and the other way round, where only markup stands between:
        ``F1`` of ``F$_1$`` leads to all of that, ``BERT-base`` of ``\\textbf{BERT}-base`` too.
        """
        start, end = _clamp(start, end, len(self.text))
        if self.starts is None or self.ends is None:
            return start, end
        if start == end:
            position = self.starts[start] if start < len(self.starts) else len(self.source)
            return position, position
        return self._balanced(start, end)

    def _balanced(self, start: int, end: int) -> tuple[int, int]:
        starts, ends = self.starts or (), self.ends or ()
        first, last = starts[start], ends[end - 1]
        floor = max(ends[start - 1], 0) if start else 0
        ceiling = starts[end] if end < len(starts) else len(self.source)
        opened, closed = _unbalanced(self.source[first:last])
        if opened and "}" in (gap := self.source[last:ceiling]):
            last += min(gap.rfind("}") + 1, opened)
        if closed and (markup := _OPENING_MARKUP.search(self.source[floor:first])):
            first = floor + markup.start()
        if self.source[first:last].count("$") % 2:
            if self.source[last:ceiling].startswith("$"):
                last += 1
            elif self.source[floor:first].endswith("$"):
                first -= 1
        return first, max(first, last)

    def from_source(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the text that shows ``[start, end)`` of the source; empty where nothing of it is shown."""
        start, end = _clamp(start, end, len(self.source))
        if self.starts is None or self.ends is None:
            return start, end
        first = bisect_right(self.ends, start)
        return first, max(first, bisect_left(self.starts, end))


def _clamp(start: int, end: int, length: int) -> tuple[int, int]:
    start = min(max(start, 0), length)
    return start, min(max(start, end), length)


def _unbalanced(text: str) -> tuple[int, int]:
    """How many braces are opened and not closed, and closed and not opened."""
    opened = closed = 0
    for match in re.finditer(r"\\[{}]|[{}]", text):
        if match[0] == "{":
            opened += 1
        elif match[0] == "}" and opened:
            opened -= 1
        elif match[0] == "}":
            closed += 1
    return opened, closed


def readable(text: str) -> Readable:
    """Return ``text`` as a reader would see it, with the way back to every character.

    LaTeX (formatting commands, accents, escapes, formulas), HTML character references and inline tags, ligatures, soft
    hyphens, zero-width and unusual spaces are resolved; citations and footnotes go. Braces and dollars that do not
    pair, and commands that a paper defines for itself, stay. The first line feed, which ends the title, stays one.
    Half of a surrogate pair, which no text has and spaCy does not take, becomes U+FFFD.
    Never raises; linear in the length of the text.

    Examples
    --------
    >>> readable(r"na\\"{\\i}ve $F_1$ of 93\\%, $10^{-3}$ and \\emph{$\\alpha$}").text
    'naïve F1 of 93%, 10^-3 and α'
    >>> readable("R&amp;D for $5 million").text
    'R&D for $5 million'
    """
    whole = _HALVES.sub("\ufffd", text)
    if not SUSPICIOUS.search(whole):
        return Readable(whole, text)
    scan = Scan(whole)
    border = text.find("\n") + 1
    scan.read(0, border)
    scan.read(border, len(text))
    return Readable("".join(scan.chars), text, tuple(scan.starts), tuple(scan.ends))


_HALVES: Final = re.compile("[\ud800-\udfff]")
_SEPARATORS: Final = re.compile(r"[\s_‐‑‒–−-]+")
_LETTER_DIGIT: Final = re.compile(r"(?<=[^\W\d_]) (?=\d)|(?<=\d) (?=[^\W\d_])")


@lru_cache(maxsize=1 << 16)
def fold(surface: str) -> str:
    """Return the key under which the spellings of one name in a document fall together: case, hyphens, plural.

    Examples
    --------
    >>> fold("Large Language Models") == fold("large-language model")
    True
    >>> [fold(name) for name in ("LLMs", "GANs", "CIFAR-10", "loss", "bias", "analysis", "GLUE", "SGD")]
    ['llm', 'gan', 'cifar10', 'loss', 'bias', 'analysis', 'glue', 'sgd']
    >>> fold("LLaMA-2 7B") == fold("LLaMA2-7B")
    True
    """
    plain = _SEPARATORS.sub(" ", unicodedata.normalize("NFKC", surface)).strip()
    *head, last = plain.split(" ")
    words = [*(word.casefold() for word in head), singular(last).casefold()]
    return _LETTER_DIGIT.sub("", " ".join(words))
