"""Measures that no entity names, as the sentence words them: "40% fewer **parameters**", "**sample efficiency** by 3x".

A phrase is the end of a run of words between function words, verbs, figures and marks. Which phrase a figure measures,
if any, is told by the same classifier that tells which entity it measures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from extractors.layout import Item
from extractors.lexicon import canonical_name

__all__ = ["Phrase", "find_phrases"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LONGEST: Final = 4  # words of a phrase
# Words that no measure begins with or goes over: what joins, what says how much, and what is done.
_BORDERS: Final = _words(
    """
    a about above achieve achieved achieves achieving across additional additionally after against all almost also
    although among an and any approximately are around as at attain attained attaining attains be been before being
    below best better between boost boosted boosting boosts both bring bringing brings but by can compared
    consistently could cut cuts cutting decrease decreased decreases decreasing deliver delivering delivers
    demonstrate demonstrates despite does down drop dropped dropping drops due during e.g. each either enhance
    enhanced enhances enhancing evaluate even every exceed exceeding exceeds fewer for from further furthermore gain
    gained gaining gains get gets getting give gives giving greater had has have having here higher how however i.e.
    if improve improved improvement improvements improves improving in including increase increased increases
    increasing into is it its just larger lead leading leads least less lower lowering lowers maintain maintaining
    maintains may mere merely might more moreover most much must namely nearly no not obtain obtained obtaining
    obtains of off offer offering offers on one only or other our out outperform outperformed outperforming
    outperforms over per preserve preserves preserving produce produces producing provide provides providing raise
    raises raising reach reached reaches reaching reduce reduced reduces reducing reduction reductions report
    reports require requires requiring respective respectively result resulting results retain retaining retains
    roughly same save saves saving several should show showing shows significant significantly since so some
    substantial substantially such surpass surpassed surpasses surpassing than that the their them then there these
    they this those through thus to two under up upon use used uses using utilizing versus very via vs vs. was we
    were what when where whereas which while who whose will with within without worse would yet yield yielded
    yielding yields
    """
)
_WORD: Final = re.compile(r"[^\W\d_][\w'’@/+.-]*\Z")
MEASURE: Final = "<Metric>"
_EMPTY: Final = frozenset({"score", "scores", "rate", "rates", "value", "values", "metric", "metrics"})
_SPEEDUP: Final = re.compile(r"\bspeed-?ups?\Z")
_OF: Final = frozenset({"number", "amount", "rate", "percentage", "likelihood"})  # empty without what follows "of"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Items ``[first, last]`` of a sentence."""

    text: str  # as it stands, in lower case unless it has capitals inside
    first: int
    last: int
    run: int  # words of the run that it ends
    lost: str = ""  # the word of a mention that it leaves out next to it

    @property
    def is_known(self) -> bool:
        """Whether the lexicon knows it as a measure."""
        return canonical_name(self.text, "Metric") is not None


def _is_word(item: Item) -> bool:
    return item.entity < 0 and item.text not in _BORDERS and _WORD.match(item.text) is not None


def _runs(items: Sequence[Item]) -> Iterator[tuple[int, int]]:
    """The maximal runs ``[first, end)`` of words and mentions."""
    first = -1
    for j, item in enumerate(items):
        inside = item.entity >= 0 or _is_word(item)
        if inside and first < 0:
            first = j
        elif not inside and first >= 0:
            yield first, j
            first = -1
    if first >= 0:
        yield first, len(items)


def find_phrases(items: Sequence[Item], text: str) -> list[Phrase]:
    """Return the phrases of a sentence, in text order, the longest of those with one end first.

    Parameters
    ----------
    items
        Of the sentence.
    text
        Of the document, in which their offsets are.

    Examples
    --------
    >>> from extractors.layout import Item
    >>> text = "It improves sample efficiency by 3x"
    >>> words = [Item(m[0].lower(), m.start(), m.end()) for m in re.finditer(r"\\w+", text)]
    >>> [phrase.text for phrase in find_phrases(words, text)]
    ['sample efficiency', 'efficiency']
    """
    runs = list(_runs(items))
    found = []
    for first, end in runs:
        last = end - 1
        while last >= first and items[last].entity >= 0 and items[last].text != MEASURE:
            last -= 1  # a mention at the end is a candidate by itself
        alone = last >= first and items[last].entity >= 0
        for begin in range(max(first, last + 1 - LONGEST), last + 1 - alone):
            found.append(_phrase(items, text, begin, last, run=last + 1 - first))
        for j in range(first, end):
            if items[j].text == MEASURE:
                found += _parts(text[items[j].start : items[j].end], j)
    for (first, end), (begin, after) in pairwise(runs):
        between = [item.text for item in items[end:begin]]
        if items[end - 1].text in _OF and between in (["of"], ["of", "the"]) and after - begin < LONGEST:
            found.append(_phrase(items, text, end - 1, after - 1, run=end - first))
    return found


def _parts(surface: str, j: int) -> Iterator[Phrase]:
    """What a mention of a measure says without its first words, or without a last one that says nothing."""
    words = surface.split()
    if len(words) > 1 and words[-1].lower() in _EMPTY:
        yield Phrase(" ".join(words[:-1]), j, j, 1, f"{words[-1].lower()} after")
    for n in range(1, len(words)):
        yield Phrase(" ".join(words[n:]), j, j, 1, f"{words[n - 1].lower()} before")


def _phrase(items: Sequence[Item], text: str, first: int, last: int, *, run: int) -> Phrase:
    surface = text[items[first].start : items[last].end]
    plain = surface[0].lower() + surface[1:] if surface[1:] == surface[1:].lower() else surface
    return Phrase(_SPEEDUP.sub("speedup", plain), first, last, run)
