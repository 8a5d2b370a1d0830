"""The rules by which forms become one entity. Each proposes matches with their evidence; ``clusters`` disposes.

Chains are what breaks such clusterings (``BERT`` ← ``BERT-base`` ← ``RoBERTa-base``). They are kept out in three ways:
short forms never join two long forms, because each paper's short form counts as that paper's long form
(``senses``); versions, sizes and editions must be equal; and what most papers name side by side as two things
stays two.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Final

from rapidfuzz import fuzz

from kg.names import WORD, key, loose_key, model_form, signature, without_head
from kg.resolution.aliases import AliasRow
from kg.resolution.clusters import Candidate, Clusters
from kg.resolution.forms import Node, kind_of
from kg.resolution.inflection import words
from kg.resolution.matches import Match
from kg.resolution.senses import Explanations, Senses

__all__ = ["added_heads", "known_aliases", "shared_shorts", "word_forms", "word_orders"]

SIMILAR: Final = 80.0  # rapidfuzz ratio, in percent, of two long forms of one abbreviation
SAME_WORDS: Final = 65.0  # the same of their words pair by pair: knowledge transfer is not knowledge tracing,
SAME_START: Final = 3  # which must also begin with the same letters: entity recognition is not entity resolution
RARE_SHARE: Final = 0.2  # of the papers of a method, up to which its name with "model" behind it means the method
COMPARED: Final = 20  # long forms of one abbreviation that are compared with each other, the best supported
DIRECTED: Final = words("2 as by for from in into of on over post pre to translation via with without")  # order matters


def known_aliases(clusters: Clusters, table: Iterable[AliasRow]) -> Iterator[Candidate]:
    """Propose the names that the alias table knows; its short forms are left to :mod:`kg.resolution.senses`."""
    for row in table:
        name = Node(kind_of(row.type), key(row.name))
        clusters.corpus.normals.setdefault(name.key, row.name)
        for other in row.others:
            node = Node(name.kind, key(other))
            if node in clusters and node not in clusters.corpus.shorts:
                yield name, node, Match(other, row.name, "alias table")


def word_forms(clusters: Clusters, expansions: Mapping[str, str]) -> Iterator[Candidate]:
    """Propose names of one type that are the same words in other formations, short forms among them spelled out."""
    groups: dict[tuple[str, ...], list[Node]] = defaultdict(list)
    for node in clusters.nodes():
        if type_ := clusters.type_of(node):
            normal = clusters.corpus.normals[node.key]
            loose = loose_key(model_form(normal) if type_ == "Model" else normal, expand=expansions)
            groups[node.kind, type_, loose].append(node)
    yield from _each_with_the_largest(clusters, groups.values(), "word forms")


def word_orders(clusters: Clusters, expansions: Mapping[str, str]) -> Iterator[Candidate]:
    """Propose terms of one type that are the same words in another order, where no word gives the order a meaning."""
    groups: dict[tuple[str, ...], list[Node]] = defaultdict(list)
    for node in clusters.nodes():
        normal, type_ = clusters.corpus.normals[node.key], clusters.type_of(node)
        parts = normal.split()
        if type_ in ("Method", "Task") and len(parts) > 1 and not DIRECTED & set(parts) and all(map(WORD.match, parts)):
            groups[node.kind, type_, loose_key(normal, expand=expansions, ordered=False)].append(node)
    yield from _each_with_the_largest(clusters, groups.values(), "word order")


def _each_with_the_largest(clusters: Clusters, groups: Iterable[list[Node]], rule: str) -> Iterator[Candidate]:
    normals = clusters.corpus.normals
    for group in groups:
        largest = min(group, key=lambda node: (-clusters.size(node), node))
        for node in group:
            if node != largest:
                yield node, largest, Match(normals[node.key], normals[largest.key], rule, clusters.size(node))


def shared_shorts(clusters: Clusters, explanations: Explanations) -> Iterator[Candidate]:
    """Propose long forms of one abbreviation that are nearly the same words, of one type and version."""
    for short, longs in sorted(explanations.items()):
        if short not in clusters.corpus.shorts:
            continue
        counts: Counter[str] = Counter()
        for (_, long), count in longs.items():
            counts[long] += count
        best = sorted(counts, key=lambda long: (-counts[long], long))[:COMPARED]
        nodes = [node for long in best if (node := Node(short.kind, long)) in clusters]
        for one, other in combinations(nodes, 2):
            left, right = (clusters.corpus.normals[node.key] for node in (other, one))
            score = fuzz.ratio(left, right)
            if score >= SIMILAR and _same_words(left, right) and clusters.type_of(one) == clusters.type_of(other):
                yield other, one, Match(left, right, "shared short form", counts[other.key], score / 100)


def _same_words(one: str, other: str) -> bool:
    pairs = zip(one.split(), other.split(), strict=False)
    return (
        one.count(" ") == other.count(" ")
        and signature(one) == signature(other)
        and all(a[:SAME_START] == b[:SAME_START] and fuzz.ratio(a, b) >= SAME_WORDS for a, b in pairs)
    )


def added_heads(clusters: Clusters, senses: Senses) -> Iterator[Candidate]:
    """Propose ``X model`` for ``X`` where both are models, ``X benchmark`` where both are data sets, and so on."""
    for node in clusters.nodes():
        normal, type_ = clusters.corpus.normals[node.key], clusters.type_of(node)
        rest = without_head(normal, type_) if type_ else None
        if rest is None:
            continue
        name = Node(node.kind, key(rest))
        target = name if name in clusters else senses.of(name, type_)
        if target is not None and target in clusters and _is_of_type(target, node, clusters):
            yield node, target, Match(normal, rest, "head", clusters.size(node))


def _is_of_type(target: Node, node: Node, clusters: Clusters) -> bool:
    """Whether two forms are of one type; a mixture-of-experts model, rarely said, is what most call a method."""
    types = {clusters.type_of(target), clusters.type_of(node)}
    return len(types) == 1 or (
        types == {"Method", "Model"} and clusters.size(node) <= RARE_SHARE * clusters.size(target)
    )
