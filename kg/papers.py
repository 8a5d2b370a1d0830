"""Records of papers -> papers: the same paper from two sources is one paper.

Two records are one paper when they share an id, a DOI or an arXiv id, or a normalised title with near-identical
abstracts. The result does not depend on the order of the records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from typing import Any, Final

from kg.readers.record import normalised_title
from schemas.records import Duplicate, Paper, Rejection

__all__ = ["contradict", "merge_duplicates", "same_work"]

# Per cent: least similarity of two abstracts under one title. Of 2,593 pairs of one title among 126,577 papers of the
# ACL Anthology, arXiv and PMLR, all 60 read between 70 and 85 are one work (a preprint and its publication); between 57
# and 69, six are two works, such as the yearly reports of a project.
SIMILAR: Final = 70
RETITLED: Final = 50  # per cent: least similarity of the titles of one paper whose abstract was rewritten, too
COMPARED: Final = 4000  # characters of an abstract that are compared
ORDER: Final = ("doi:", "arxiv:", "acl:", "openalex:", "s2:", "pmid:")  # of ids, the most lasting first


def same_work(one: Paper, other: Paper) -> bool:
    """Whether two papers of the same normalised title are one: near-identical abstracts, or one of them missing.

    Without two abstracts to compare, years more than one apart speak against it (preprints appear a year early).

    >>> same_work(Paper(id="a", title="On X", year=2019), Paper(id="b", title="On X", abstract="We…", year=2020))
    True
    """
    if one.abstract and other.abstract:
        return _similarity(one.abstract, other.abstract) >= SIMILAR
    return one.year is None or other.year is None or abs(one.year - other.year) <= 1


def contradict(one: Paper, other: Paper) -> bool:
    """Whether two records of one identifier are plainly different papers: neither title nor abstract is alike.

    >>> contradict(
    ...     Paper(id="1", title="On X", abstract="Of X."), Paper(id="1", title="Deep nets", abstract="We train.")
    ... )
    True
    """
    titles = [normalised_title(paper.title) for paper in (one, other)]
    if titles[0] == titles[1] or _similarity(*titles) >= RETITLED:
        return False
    return not (one.abstract and other.abstract) or _similarity(one.abstract, other.abstract) < SIMILAR


def _similarity(one: str, other: str) -> float:
    """Per cent of characters that two texts have in common, in order (normalised indel distance)."""
    from rapidfuzz import fuzz

    return 100.0 if one == other else fuzz.ratio(one[:COMPARED].casefold(), other[:COMPARED].casefold())


def merge_duplicates(papers: Iterable[Paper]) -> tuple[list[Paper], list[Duplicate], list[Rejection]]:
    """Return the distinct papers by id, the records that repeat one of them, and those whose id contradicts another.

    Of the records of one paper the most complete is kept and filled from the others; its id is the most lasting of
    theirs. Different papers whose id is made of their common title get the hash of their text added to it; of
    different papers under one given id, the first by content keeps it and the rest are rejected. Near-linear: records
    are compared only with those of the same identifier or title.

    Examples
    --------
    >>> records = [Paper(id="x", title="On X", abstract="We study X."), Paper(id="arxiv:1", title="ON X", year=2019)]
    >>> papers, duplicates, _ = merge_duplicates(records)
    >>> papers[0].id, papers[0].year, len(duplicates)
    ('arxiv:1', 2019, 1)
    """
    records, rejections = _settle_ids(sorted(papers, key=_content))
    groups = _Groups(len(records))
    for name in ("id", "doi", "arxiv_id"):
        first: dict[str, int] = {}
        for i, paper in enumerate(records):
            value = getattr(paper, name)
            if value and not contradict(records[first.setdefault(value, i)], paper):
                groups.join(first[value], i, name)
    works: dict[str, list[int]] = {}  # by title, one record of each different work
    for i, paper in enumerate(records):
        known = works.setdefault(normalised_title(paper.title), [])
        same = next((j for j in known if groups.find(j) == groups.find(i) or same_work(records[j], paper)), None)
        if same is None:
            known.append(i)
        else:
            groups.join(same, i, "title")
    merged: list[Paper] = []
    duplicates: list[Duplicate] = []
    for members in groups.members():
        best = min(members, key=lambda i: (_missing(records[i]), _content(records[i])))
        paper = _filled(records[best], [records[i] for i in members if i != best])
        merged.append(paper)
        for i in members:
            if i != best:
                reason = groups.reasons.get(i) or groups.reasons[best]
                duplicates.append(Duplicate(records[i].source or "", records[i].title, paper.id, reason))
    merged.sort(key=lambda paper: paper.id)
    duplicates.sort(key=lambda duplicate: (duplicate.source, duplicate.title))
    return merged, duplicates, rejections


class _Groups:
    """Disjoint sets of the numbers below ``size``, with the reason why each number joined its set."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))
        self.reasons: dict[int, str] = {}

    def find(self, i: int) -> int:
        while self._parent[i] != i:
            self._parent[i] = self._parent[self._parent[i]]
            i = self._parent[i]
        return i

    def join(self, one: int, other: int, reason: str) -> None:
        first, second = sorted((self.find(one), self.find(other)))
        if first != second:
            self._parent[second] = first
            self.reasons[second] = reason

    def members(self) -> Iterator[list[int]]:
        groups: dict[int, list[int]] = {}
        for i in range(len(self._parent)):
            groups.setdefault(self.find(i), []).append(i)
        yield from groups.values()


def _settle_ids(records: list[Paper]) -> tuple[list[Paper], list[Rejection]]:
    """Give different papers of one title different ids, and reject those that contradict the first of a given id."""
    by_id: dict[str, list[Paper]] = {}
    for paper in records:
        by_id.setdefault(paper.id, []).append(paper)
    settled: list[Paper] = []
    rejections: list[Rejection] = []
    for paper_id, group in by_id.items():
        if paper_id.startswith("title:"):
            settled += _apart(group)
            continue
        for paper in group:
            if contradict(group[0], paper):
                reason = f"id {paper_id!r} is taken by another paper, {group[0].title[:80]!r} ({group[0].source})"
                rejections.append(Rejection(paper.source or paper_id, reason))
            else:
                settled.append(paper)
    return settled, rejections


def _apart(group: list[Paper]) -> Iterator[Paper]:
    """Yield the papers of one id made of a title: under that id if they are one work, else under ids of their own."""
    works: list[list[Paper]] = []
    for paper in group:
        known = next((work for work in works if not contradict(work[0], paper) and same_work(work[0], paper)), None)
        if known is None:
            works.append([paper])
        else:
            known.append(paper)
    for work in works:
        digest = hashlib.sha256(work[0].text.encode("utf-8", "replace")).hexdigest()[:8]
        yield from work if len(works) == 1 else (replace(paper, id=f"{paper.id}-{digest}") for paper in work)


def _content(paper: Paper) -> tuple[str, ...]:
    """Return what papers are sorted by: every field, the place where it was read last."""
    return tuple(repr(getattr(paper, field.name)) for field in fields(paper))


def _missing(paper: Paper) -> tuple[int, int]:
    """Return how much ``paper`` lacks: number of empty fields, then shortness of the abstract."""
    return sum(not getattr(paper, field.name) for field in fields(paper)), -len(paper.abstract)


def _filled(best: Paper, others: list[Paper]) -> Paper:
    """Return ``best`` with its empty fields from the others, the most complete first, and the most lasting id."""
    ids = sorted({paper.id for paper in (best, *others)}, key=_lasting)
    values: dict[str, Any] = {}
    for other in sorted(others, key=lambda paper: (_missing(paper), _content(paper))):
        for field in fields(best):
            value = getattr(other, field.name)
            if value and not getattr(best, field.name):
                values.setdefault(field.name, value)
    return replace(best, **values | {"id": ids[0]})


def _lasting(paper_id: str) -> tuple[int, str]:
    if paper_id.startswith("title:"):
        return len(ORDER) + 1, paper_id
    return next((i for i, prefix in enumerate(ORDER) if paper_id.startswith(prefix)), len(ORDER)), paper_id
