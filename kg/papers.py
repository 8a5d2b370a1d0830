"""Records of papers -> papers: the same paper from two sources is one paper.

Two records are one paper when they share an id, a DOI or an arXiv id and do not plainly contradict each other, or when
they share a normalised title and have near-identical abstracts. A record without abstract joins the one paper of its
title that its year and first author fit; where they fit several, it stays apart. The result depends on the records
alone: not on their order, nor on whether some of them had been merged before.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from itertools import combinations
from typing import Any, Final

from kg.readers.record import title_id
from kg.sameness import Record, Sets, contradict, fits, near_identical, pairs
from schemas.records import Duplicate, Paper, Rejection

__all__ = ["merge_duplicates"]

ORDER: Final = ("doi:", "arxiv:", "acl:", "openalex:", "s2:", "pmid:")  # of ids, the most lasting first
MANY: Final = 64  # records of one title without abstract that differ in year or author: too many to be one paper
_TOLD_APART: Final = re.compile(r"(title:[0-9a-f]{16})-[0-9a-f]{8}")  # an id that this module has made


def merge_duplicates(papers: Iterable[Paper]) -> tuple[list[Paper], list[Duplicate], list[Rejection]]:
    """Return the distinct papers by id, the records that repeat one of them, and those whose id is another paper's.

    Of the records of one paper the most complete is kept and filled from the others; its id is the most lasting of
    theirs. Different papers under one hash of their title get the hash of their abstract added to it; a DOI that
    different papers give is that of a volume, and no id for any of them; of different papers under one id of any other
    kind, the first by content keeps it and the others are rejected. Near-linear in the number of records, also where
    thousands of them share a title.

    Examples
    --------
    >>> records = [Paper(id="x", title="On X", abstract="We study X."), Paper(id="arxiv:1", title="ON X", year=2019)]
    >>> papers, duplicates, _ = merge_duplicates(records)
    >>> papers[0].id, papers[0].year, len(duplicates)
    ('arxiv:1', 2019, 1)
    """
    records = [Record(paper) for paper in sorted(papers, key=_content)]
    sets = Sets(len(records))
    _join_by_identifier(records, sets)
    _join_by_title(records, sets)
    groups = [sorted((records[i].paper for i in group), key=_rank) for group in sets.groups()]
    merged: list[Paper] = []
    duplicates: list[Duplicate] = []
    rejections: list[Rejection] = []
    taken: dict[str, Paper] = {}
    for paper_id, group in _with_ids(groups):
        if (other := taken.get(paper_id)) is not None:
            reason = (
                f"id {paper_id!r} is taken by another paper, {other.title[:80]!r} ({other.source}): give it its own"
            )
            rejections += [Rejection(paper.source or paper_id, reason) for paper in group]
            continue
        taken[paper_id] = _filled(group, paper_id)
        merged.append(taken[paper_id])
        duplicates += [Duplicate(p.source or "", p.title, paper_id, _reason(p, group)) for p in group[1:]]
    merged.sort(key=lambda paper: paper.id)
    duplicates.sort(key=lambda duplicate: (duplicate.source, duplicate.title, duplicate.paper_id))
    rejections.sort(key=lambda rejection: (rejection.source, rejection.reason))
    return merged, duplicates, rejections


def _join_by_identifier(records: list[Record], sets: Sets) -> None:
    for name in ("id", "doi", "arxiv_id"):
        sharing: dict[str, list[int]] = defaultdict(list)
        for i, record in enumerate(records):
            value = getattr(record.paper, name)
            if value and not value.startswith("title:"):  # which says no more than the title
                sharing[value].append(i)
        for members in sharing.values():
            for i, j in pairs(members, records):
                if not sets.are_one(i, j) and not contradict(records[i], records[j]):
                    sets.join(i, j)


def _join_by_title(records: list[Record], sets: Sets) -> None:
    titled: dict[str, list[int]] = defaultdict(list)
    for i, record in enumerate(records):
        titled[record.title].append(i)
    for members in titled.values():
        if len(members) == 1:
            continue
        full = [i for i in members if records[i].paper.abstract]
        for i, j in pairs(full, records):
            if not sets.are_one(i, j) and near_identical(records[i], records[j]):
                sets.join(i, j)
        bare = [i for i in members if not records[i].paper.abstract]
        while joins := [(i, j) for i, j in _bare_joins(bare, full, records, sets) if not sets.are_one(i, j)]:
            for i, j in joins:
                sets.join(i, j)


def _bare_joins(bare: list[int], full: list[int], records: list[Record], sets: Sets) -> Iterator[tuple[int, int]]:
    """Yield what joins records without abstract to the one paper of their title that they fit, else to each other."""
    alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for i in bare:
        alike[records[i].paper.year, records[i].paper.authors[:1]].append(i)
    works: dict[int, list[int]] = defaultdict(list)
    for i in full:
        works[sets.find(i)].append(i)
    left: list[int] = []
    for first, *others in alike.values():
        yield from ((first, i) for i in others)
        fitting = [work for work, parts in works.items() if any(fits(records[first], records[i]) for i in parts)]
        if len(fitting) == 1:
            yield first, fitting[0]
        elif not fitting:
            left.append(first)
    if len(left) < MANY and all(fits(records[i], records[j]) for i, j in combinations(left, 2)):
        yield from ((left[0], i) for i in left[1:])


def _with_ids(groups: list[list[Paper]]) -> Iterator[tuple[str, list[Paper]]]:
    """Yield the records of each paper with the id that it is to have, the first by content first."""
    groups = sorted(groups, key=lambda group: _content(group[0]))
    ids = [min({paper.id for paper in group}, key=_lasting) for group in groups]
    volumes = {paper_id for paper_id in _repeated(ids) if paper_id.startswith("doi:")}
    for i, group in enumerate(groups):
        ids[i] = title_id(group[0].title) if ids[i] in volumes else ids[i]
        ids[i] = match[1] if (match := _TOLD_APART.fullmatch(ids[i])) else ids[i]
    shared = {paper_id for paper_id in _repeated(ids) if paper_id.startswith("title:")}
    told = [f"{paper_id}-{_digest(group[0].abstract)}" for paper_id, group in zip(ids, groups, strict=True)]
    unclear = _repeated(told)
    for paper_id, longer, group in zip(ids, told, groups, strict=True):
        if paper_id in shared:
            yield f"{paper_id}-{_digest(repr(_content(group[0])))}" if longer in unclear else longer, group
        else:
            yield paper_id, group


def _repeated(values: Iterable[str]) -> set[str]:
    return {value for value, count in Counter(values).items() if count > 1}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def _lasting(paper_id: str) -> tuple[int, int, str]:
    """Rank an id: that of a registry first, then one that its source has given, then a hash of the title."""
    kinds = (*ORDER, "", "title:")
    kind = next((i for i, prefix in enumerate(kinds) if prefix and paper_id.startswith(prefix)), len(ORDER))
    return kind, len(paper_id) if kind == len(ORDER) + 1 else 0, paper_id


def _content(paper: Paper) -> tuple[Any, ...]:
    """Return what papers are sorted by: every field, the place where it was read and the id last."""
    names = (paper.venue or "", paper.url or "", paper.doi or "", paper.arxiv_id or "", paper.source or "", paper.id)
    return paper.title, paper.abstract, paper.year or 0, paper.authors, paper.keywords, *names


def _rank(paper: Paper) -> tuple[Any, ...]:
    """Return what the records of one paper are sorted by, the most complete first."""
    empty = sum(not getattr(paper, field.name) for field in fields(paper))
    return not paper.abstract, empty, -len(paper.abstract), _content(paper)


def _filled(group: list[Paper], paper_id: str) -> Paper:
    """Return the first record, its empty fields filled from the others in their order."""
    first, *others = group
    values: dict[str, Any] = {}
    for field in fields(first):
        if not getattr(first, field.name):
            value = next((value for other in others if (value := getattr(other, field.name))), None)
            values |= {field.name: value} if value else {}
    return replace(first, **values | {"id": paper_id})


def _reason(paper: Paper, group: list[Paper]) -> str:
    """Return by which field a record was recognised: one that it shares with the record kept, else with any."""
    for others in (group[:1], [other for other in group if other is not paper]):
        for name in ("id", "doi", "arxiv_id"):
            value = getattr(paper, name)
            if value and not value.startswith("title:") and any(getattr(other, name) == value for other in others):
                return name
    return "title"
