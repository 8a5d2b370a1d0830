"""Ids that last: which cluster of this build an id of an earlier build stands for.

An id is coined once, from the name that its entity then had. An entity that is as it was keeps its id; of one that has
changed, the id goes where that name goes, with whichever cluster has most of the names that it stood for. So new
papers, a better name or a correction leave it as it is, and the same papers give the same ids again. An id
that lost its place to another one (its entity was merged) is kept, with the id to follow instead, and comes back
should the two be separated again. An id is never given to anything else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kg.resolution.forms import Node, Speller
from schemas.records import Alias

__all__ = ["Cluster", "Identity", "Traced", "trace_ids"]


@dataclass(frozen=True, slots=True)
class Identity:
    """An id that was given once, and what it stood for when it was last an entity's."""

    id: str
    kind: str  # of the cluster's root, as in kg.resolution.forms.kind_of
    anchor: str  # key of the cluster's root
    name: str  # the surface form that the id was coined from
    aliases: tuple[Alias, ...]  # the entity's, most used first
    current: str | None  # itself while it is an entity's id, else the id in its place; None where there is none


class Cluster(NamedTuple):
    """A cluster in search of its id."""

    root: Node
    slug: str  # the id that it would be given were it new
    aliases: Mapping[str, int]


class _Claim(NamedTuple):
    """How well an id fits a cluster; the least is the best."""

    changed: bool  # the cluster is not just what the id stood for
    other_kind: bool
    without_name: bool
    overlap: int  # names in common, counted by papers, negative
    other_anchor: bool
    retired: bool
    other_slug: bool
    id: str
    root: Node


class Traced(NamedTuple):
    """Where the ids of earlier builds went."""

    kept: Mapping[Node, Identity]  # each id stands for one cluster at most, and each cluster has one id at most
    went: Mapping[str, Node]  # the cluster that has the name of an id, or most of its names


def trace_ids(known: Iterable[Identity], clusters: Iterable[Cluster], speller: Speller) -> Traced:
    """Find for each id the cluster that it stands for now.

    >>> known = [Identity("imagenet", "Dataset", "imagenet", "ImageNet", (Alias("ImageNet", 3),), "imagenet")]
    >>> root = Node("Dataset", "imagenet1k")
    >>> cluster = Cluster(root, "imagenet-1k", {"ImageNet-1k": 5, "Imagenet": 2})
    >>> trace_ids(known, [cluster], Speller()).kept[root].id
    'imagenet'
    """
    by_id = {identity.id: identity for identity in known}
    kept: dict[Node, Identity] = {}
    went: dict[str, Node] = {}
    given: set[str] = set()
    for claim in sorted(_claims(by_id.values(), clusters, speller)):
        if claim.id not in given and claim.root not in kept:
            kept[claim.root] = by_id[claim.id]
            given.add(claim.id)
        total = sum(alias.papers for alias in by_id[claim.id].aliases)
        if not claim.without_name or -2 * claim.overlap >= total:
            went.setdefault(claim.id, claim.root)
    return Traced(kept, went)


def _claims(known: Iterable[Identity], clusters: Iterable[Cluster], speller: Speller) -> list[_Claim]:
    forms: dict[str, list[tuple[Identity, int]]] = defaultdict(list)  # key -> who stood for it, for how many papers
    for identity in known:
        for form, papers in _counted(((alias.name, alias.papers) for alias in identity.aliases), speller).items():
            forms[form].append((identity, papers))
    claims = []
    for root, slug, aliases in clusters:
        keys = _counted(aliases.items(), speller)
        overlaps: Counter[str] = Counter()
        claimants: dict[str, Identity] = {}
        for form, papers in keys.items():
            for identity, before in forms.get(form, ()):
                claimants[identity.id] = identity
                overlaps[identity.id] += min(papers, before)
        claims += [
            _Claim(
                changed=dict(identity.aliases) != dict(aliases) or (identity.kind, identity.anchor) != tuple(root),
                other_kind=identity.kind != root.kind,
                without_name=speller(identity.name).key not in keys,
                overlap=-overlaps[id_],
                other_anchor=identity.anchor != root.key,
                retired=identity.current != id_,
                other_slug=id_ != slug,
                id=id_,
                root=root,
            )
            for id_, identity in claimants.items()
        ]
    return claims


def _counted(surfaces: Iterable[tuple[str, int]], speller: Speller) -> Counter[str]:
    counts: Counter[str] = Counter()
    for surface, papers in surfaces:
        counts[speller(surface).key] += papers
    return counts
