"""Whether two records are of one paper, and which records are worth comparing.

Similarity is the share of characters that two texts have in common, in order (normalised indel distance, 0 to 100),
of their letters and digits in lower case. Measured on 126,577 papers of the ACL Anthology, arXiv and PMLR: the
abstracts of two random papers reach 46 in 99 of 100 cases and never 51 in 100,000, their titles 50 and once 76.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from itertools import combinations
from typing import Final

from kg.readers.record import normalised_title
from schemas.records import Paper
from schemas.text import readable

__all__ = ["Record", "Sets", "contradict", "fits", "near_identical", "pairs"]

# Least similarity of two abstracts under one title. Of 2,593 such pairs all that were read between 70 and 85 are one
# work (a preprint and its publication); between 57 and 69, six are two works, such as the yearly reports of a project.
SIMILAR: Final = 70
# What is less alike in both title and abstract is another paper, whatever identifier it gives: of 12 DOIs that two
# different papers give, the titles reach 47 and the abstracts 47; where they are one paper, the titles reach 80.
UNLIKE: Final = 60
COMPARED: Final = 4000  # characters of an abstract that are compared
ALL_PAIRS: Final = 64  # records of different text, of which every pair is compared; of more, neighbours alone
WINDOW: Final = 4  # neighbours that are compared on either side

_NO_WORD: Final = re.compile(r"[\W_]+")


class Record:
    """A record of a paper, with the forms of its texts that are compared."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.title = normalised_title(readable(paper.title).text)

    @cached_property
    def abstract(self) -> str:
        """Letters and digits of the abstract in lower case, a space between words."""
        folded = unicodedata.normalize("NFKC", self.paper.abstract[: 2 * COMPARED]).casefold()
        return _NO_WORD.sub(" ", folded).strip()[:COMPARED]

    @cached_property
    def first_author(self) -> frozenset[str]:
        """The words in the name of the first author that are no initials."""
        name = unicodedata.normalize("NFKC", "".join(self.paper.authors[:1])).casefold()
        return frozenset(word for word in _NO_WORD.split(name) if len(word) > 1)


def near_identical(one: Record, other: Record) -> bool:
    """Whether two abstracts are versions of one.

    >>> one = Record(Paper(id="a", title="On X", abstract="We study small encoders, and find them to be good."))
    >>> other = Record(Paper(id="b", title="On X", abstract="We study small encoders and find them good"))
    >>> near_identical(one, other)
    True
    """
    return _similarity(one.abstract, other.abstract, SIMILAR) >= SIMILAR


def contradict(one: Record, other: Record) -> bool:
    """Whether two records of one identifier are plainly different papers: neither title nor abstract is alike.

    >>> roads, nets = Paper(id="1", title="Drawing roads"), Paper(id="1", title="Small encoders", abstract="We train.")
    >>> contradict(Record(roads), Record(nets))
    True
    """
    short, long = sorted((one.title, other.title), key=len)
    if (len(short) >= 4 and long.startswith(short)) or _similarity(
        short, long, UNLIKE
    ) >= UNLIKE:  # subtitles come and go
        return False
    has_both = one.paper.abstract and other.paper.abstract
    return not has_both or _similarity(one.abstract, other.abstract, UNLIKE) < UNLIKE


def fits(one: Record, other: Record) -> bool:
    """Whether years and first authors of two records let them be one paper; a preprint appears a year early.

    >>> fits(Record(Paper(id="a", title="X", year=2019)), Record(Paper(id="b", title="X", authors=("A. Bee",))))
    True
    """
    years = one.paper.year, other.paper.year
    if years[0] is not None and years[1] is not None and abs(years[0] - years[1]) > 1:
        return False
    return not one.first_author or not other.first_author or bool(one.first_author & other.first_author)


def _similarity(one: str, other: str, least: float) -> float:
    """Return the similarity of two texts; 0 where it is below ``least``, which is told sooner."""
    from rapidfuzz import fuzz

    return 100.0 if one == other else fuzz.ratio(one, other, score_cutoff=least)


def pairs(members: list[int], records: list[Record]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of ``members`` that are worth comparing.

    Records of equal text are compared with one of them alone. Up to :data:`ALL_PAIRS` texts all pairs are yielded; of
    more, each with its neighbours in alphabetical order, read forwards and backwards: versions of one text begin or end
    alike (the sorted-neighbourhood method; Hernández and Stolfo 1995).
    """
    if len(members) < 2:
        return
    equal: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i in members:
        equal[records[i].title, records[i].abstract].append(i)
    for same in equal.values():
        yield from ((same[0], i) for i in same[1:])
    distinct = [same[0] for same in equal.values()]
    if len(distinct) <= ALL_PAIRS:
        yield from combinations(distinct, 2)
        return
    texts = {i: f"{records[i].title} {records[i].abstract}" for i in distinct}
    for backwards in (False, True):
        order = sorted(distinct, key=lambda i: (texts[i][::-1] if backwards else texts[i], i))
        for step in range(1, WINDOW + 1):
            yield from zip(order, order[step:], strict=False)


class Sets:
    """Disjoint sets of the numbers below ``size``.

    >>> sets = Sets(3)
    >>> sets.join(2, 0)
    >>> sets.groups()
    [[0, 2], [1]]
    """

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def find(self, i: int) -> int:
        """Return the number that stands for the set of ``i``."""
        while self._parent[i] != i:
            self._parent[i] = self._parent[self._parent[i]]
            i = self._parent[i]
        return i

    def are_one(self, i: int, j: int) -> bool:
        """Whether two numbers are in one set."""
        return self.find(i) == self.find(j)

    def join(self, i: int, j: int) -> None:
        """Make one set of those of ``i`` and ``j``."""
        first, second = sorted((self.find(i), self.find(j)))
        self._parent[second] = first

    def groups(self) -> list[list[int]]:
        """Return the sets, each in order."""
        found: dict[int, list[int]] = {}
        for i in range(len(self._parent)):
            found.setdefault(self.find(i), []).append(i)
        return list(found.values())
