"""Forms in disjoint sets, each set one entity, with the papers behind it and the decisions that made it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from kg.resolution.forms import Corpus, Node, Unit
from kg.resolution.matches import Match
from schemas.vocabulary import ENTITY_TYPES

__all__ = ["Candidate", "Clusters"]

Candidate = tuple[Node, Node, Match]

# Share of the smaller set's papers that may name both as two things before they stay two. On annotated papers every
# value up to 0.5 does the same; a recogniser, unlike an annotator, often leaves two names of one thing apart.
SIDE_BY_SIDE: Final = 0.5
SEEN_APART: Final = 2  # papers that must do so; one alone may be a slip of the recogniser


@dataclass(slots=True)
class Clusters:
    """Disjoint sets of nodes (union by number of papers), from which any two can be kept apart."""

    corpus: Corpus
    without: Collection[str] = ()  # rules that are not followed
    matches: list[tuple[Node, Match]] = field(default_factory=list)  # one node of the set, and why it grew
    refused: list[tuple[Node, Node, Match]] = field(default_factory=list)  # what the papers speak against
    _parent: dict[Node, Node] = field(default_factory=dict)
    _papers: dict[Node, set[str]] = field(default_factory=dict)  # of a set, under its root
    _types: dict[Node, dict[str, float]] = field(default_factory=dict)  # summed confidence, under the root
    _apart: dict[Node, set[Node]] = field(default_factory=lambda: defaultdict(set))  # roots

    def __contains__(self, node: Node) -> bool:
        return node in self._parent

    def nodes(self) -> list[Node]:
        """Return all nodes, sorted."""
        return sorted(self._parent)

    def touch(self, node: Node) -> Node:
        """Return the root of ``node``, which begins as a set of its own."""
        if node not in self._parent:
            self._parent[node] = node
            self._papers[node], self._types[node] = set(), {}
        return self.find(node)

    def add(self, node: Node, unit: Unit) -> None:
        """Count one unit as an occurrence of ``node``."""
        root = self.touch(node)
        self._papers[root].add(unit.paper)
        self._types[root][unit.type] = self._types[root].get(unit.type, 0.0) + unit.confidence

    def find(self, node: Node) -> Node:
        """Return the node that stands for the set of ``node``, itself where it is unknown."""
        path = []
        while (parent := self._parent.get(node, node)) != node:
            path.append(node)
            node = parent
        for passed in path:
            self._parent[passed] = node
        return node

    def type_of(self, node: Node) -> str:
        """Return the type for which the papers of the set give most confidence in sum."""
        sums = self._types[self.find(node)]
        return min((type_ for type_ in ENTITY_TYPES if type_ in sums), key=lambda type_: -sums[type_], default="")

    def size(self, node: Node) -> int:
        """Return the number of papers of the set of ``node``."""
        return len(self._papers[self.find(node)])

    def keep_apart(self, one: Node, other: Node) -> None:
        """Let the sets of two nodes never become one."""
        roots = self.touch(one), self.touch(other)
        self._apart[roots[0]].add(roots[1])
        self._apart[roots[1]].add(roots[0])

    def are_apart(self, one: Node, other: Node) -> bool:
        """Tell whether :meth:`keep_apart` forbids the sets of two nodes to become one."""
        return self.find(other) in self._apart.get(self.find(one), ())

    def side_by_side(self, one: Node, other: Node) -> float:
        """Return the share of the smaller set's papers that name both as two things, in [0, 1]; 0 for one paper."""
        fewer, more = sorted((self._papers[self.find(node)] for node in (one, other)), key=len)
        both = len(fewer & more)
        return both / len(fewer) if both >= SEEN_APART else 0.0

    def note(self, node: Node, match: Match) -> None:
        """Record a decision that was made elsewhere about the set of ``node``."""
        self.matches.append((node, match))

    def apply(self, candidates: Iterable[Candidate], *, force: bool = False) -> None:
        """Join all candidates that nothing speaks against, the best supported first; ``force`` as in :meth:`join`."""
        ordered = sorted(candidates, key=lambda item: (-item[2].papers, -item[2].score, item[0], item[1]))
        for one, other, match in ordered:
            self.join(one, other, match, force=force)

    def join(self, one: Node, other: Node, match: Match, *, force: bool = False) -> bool:
        """Make one set of two unless something speaks against it; return whether they are one now.

        ``force`` overrides the papers, not :meth:`keep_apart`.
        """
        into, gone = sorted((self.touch(one), self.touch(other)), key=lambda root: (-len(self._papers[root]), root))
        if into == gone:
            return True
        if match.rule in self.without:
            return False
        if self.are_apart(into, gone):
            return False
        if not force and self.side_by_side(into, gone) > SIDE_BY_SIDE:
            self.refused.append((one, other, match))
            return False
        self._parent[gone] = into
        self._papers[into] |= self._papers.pop(gone)
        sums = Counter(self._types[into])
        sums.update(self._types.pop(gone))
        self._types[into] = dict(sums)
        for foe in self._apart.pop(gone, set()):
            self._apart[foe] = (self._apart[foe] - {gone}) | {into}
            self._apart[into].add(foe)
        self.note(one, match)
        return True
