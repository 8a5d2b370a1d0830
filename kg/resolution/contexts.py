"""What an ambiguous short form means where a paper gives it alone: what it means in the papers most like this one.

For a short form that papers spell out in several ways, each established way is a sense, and the papers that spell it
out are its examples. A paper that does not is compared with them by the other things that it names: naive Bayes over
these, smoothed by how common each is in all papers. Where that leaves any doubt, the short form stays unresolved.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import exp, log
from typing import Final, NamedTuple

from kg.resolution.clusters import Clusters
from kg.resolution.forms import Node
from kg.resolution.matches import Match
from kg.resolution.senses import explained

__all__ = ["ContextSense", "senses_in_context"]

# Chosen on 32,000 abstracts, with the long forms of 1,377 ambiguous short forms hidden one by one: of the 21 % that
# these leave, 93 % are right (most of the rest are other wordings of the right sense); 0.95 and 1 give 34 % and 88 %.
SURE: Final = 0.99  # posterior probability of the sense
IN_COMMON: Final = 2  # things that the paper and examples of the sense both name
EXAMPLES: Final = 2  # papers that make a sense an established one
SMOOTHING: Final = 20.0  # papers that the prior knowledge of how common a thing is weighs

Things = frozenset[Node]  # clusters that a paper names


class ContextSense(NamedTuple):
    """What one unit's short form means."""

    unit: int  # its place in Corpus.units
    node: Node
    match: Match


def senses_in_context(clusters: Clusters, nodes: Sequence[Node | None]) -> Iterator[ContextSense]:
    """Yield the units whose short form the context explains.

    Parameters
    ----------
    nodes
        For each unit of the corpus the node that it counts for; None where it is a short form of unknown meaning.
    """
    corpus = clusters.corpus
    unresolved = [i for i, node in enumerate(nodes) if node is None]
    examples = _examples(clusters, {corpus.node(corpus.units[i]) for i in unresolved})
    if not examples:
        return
    named: dict[str, list[tuple[int, Node]]] = defaultdict(list)  # paper -> positions and clusters
    for unit, node in zip(corpus.units, nodes, strict=True):
        if node is not None:
            named[unit.paper].append((unit.position, clusters.find(node)))
    common = Counter(thing for things in named.values() for thing in {thing for _, thing in things})
    share = {thing: papers / len(named) for thing, papers in common.items()}
    models: dict[Node, _Senses] = {}
    for i in unresolved:
        unit = corpus.units[i]
        short = corpus.node(unit)
        if short not in examples:
            continue
        if short not in models:
            models[short] = _Senses(examples[short], named, share)
        things = frozenset(thing for position, thing in named[unit.paper] if position != unit.position)
        sense, probability, in_common = models[short].best(things)
        if probability >= SURE and in_common >= IN_COMMON and not clusters.are_apart(short, sense):
            left, right = corpus.normals[short.key], corpus.normals[sense.key]
            yield ContextSense(i, sense, Match(left, right, "context", models[short].papers(sense), probability))


Examples = Mapping[Node, Sequence[tuple[str, int]]]  # long form -> papers and positions of the units that give it


def _examples(clusters: Clusters, shorts: set[Node]) -> dict[Node, Examples]:
    """For each short form with several established senses, the units that spell it out, by the sense's main form."""
    corpus = clusters.corpus
    found: dict[Node, dict[Node, list[tuple[str, int]]]] = defaultdict(lambda: defaultdict(list))
    forms: dict[Node, Counter[Node]] = defaultdict(Counter)  # cluster -> its long forms here
    for unit in corpus.units:
        if len(unit.keys) > 1 and not corpus.is_bare(unit):
            kind = corpus.node(unit).kind
            for form in unit.keys:
                short = Node(kind, form)
                if short in shorts and (long := explained(form, unit, kind, corpus)) is not None:
                    root = clusters.find(Node(kind, long))
                    found[short][root].append((unit.paper, unit.position))
                    forms[root][Node(kind, long)] += 1
    kept: dict[Node, Examples] = {}
    for short, senses in found.items():
        established = {root: units for root, units in senses.items() if len(units) >= EXAMPLES}
        if len(established) > 1:
            kept[short] = {_most_used(forms[root]): units for root, units in sorted(established.items())}
    return kept


def _most_used(forms: Counter[Node]) -> Node:
    return min(forms, key=lambda node: (-forms[node], node))


class _Senses:
    """The senses of one short form, each with what its examples name."""

    def __init__(
        self, examples: Examples, named: Mapping[str, Sequence[tuple[int, Node]]], share: Mapping[Node, float]
    ) -> None:
        self._share = share
        self._papers = {sense: len(units) for sense, units in examples.items()}
        self._counts: dict[Node, Counter[Node]] = {
            sense: Counter(
                thing
                for paper, position in units
                for thing in {thing for other, thing in named[paper] if other != position}
            )
            for sense, units in examples.items()
        }

    def papers(self, sense: Node) -> int:
        return self._papers[sense]

    def best(self, things: Things) -> tuple[Node, float, int]:
        """The likeliest sense beside these things, its probability, and how many of them its examples name."""
        scores = {sense: self._score(sense, things) for sense in self._counts}
        best = min(scores, key=lambda sense: (-scores[sense], sense))
        probability = 1 / sum(exp(score - scores[best]) for score in scores.values())
        return best, probability, sum(thing in self._counts[best] for thing in things)

    def _score(self, sense: Node, things: Things) -> float:
        papers, counts = self._papers[sense], self._counts[sense]
        return log(papers) + sum(
            log((counts[thing] + SMOOTHING * self._share[thing]) / (papers + SMOOTHING) / self._share[thing])
            for thing in sorted(things)  # sums of floats depend on their order
        )
