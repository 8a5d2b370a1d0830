"""What short forms mean: ``CL`` is continual learning in one paper and contrastive learning in the next.

Each paper's own long form decides for that paper. Where a paper gives the short form alone, it counts as the long form
that the other papers agree on, if they do; else it stays an entity of its own: unresolved rather than wrong. The bare
last word of a term (``distillation``) is a short form too, once papers use it beside the whole (``knowledge
distillation``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from kg.names import abbreviates, key
from kg.resolution.aliases import AliasRow
from kg.resolution.clusters import Clusters
from kg.resolution.forms import Corpus, Node, Unit, kind_of
from kg.resolution.matches import Match

__all__ = ["Explanations", "Senses", "choose_senses", "explain_shorts", "explained", "known_shorts"]

DOMINANT: Final = 0.8  # share of the evidence that must agree; 0.7 to 0.8 score the same, 0.9 loses recall
CLEAR_PAPERS: Final = 2  # papers that must agree, unless it is truly an abbreviation of the very type at hand
SURE_PAPERS: Final = 5  # from these on it does not matter how many papers give the short form alone; below, those that
EXPLAINED: Final = 0.05  # explain it must be this share of all: one paper's coinage does not explain hundreds of others
TABLE_PAPERS: Final = 5  # papers that an entry of the alias table is worth

# The short form -> how many units give it which long form, by their type.
Explanations = Mapping[Node, Counter[tuple[str, str]]]


@dataclass(slots=True)
class Senses:
    """The decision for each short form, for the type at hand and for all types together."""

    by_type: dict[tuple[Node, str], Node | None] = field(default_factory=dict)
    overall: dict[Node, Node | None] = field(default_factory=dict)
    evidence: dict[tuple[Node, Node], Match] = field(default_factory=dict)
    expansions: dict[str, str] = field(default_factory=dict)  # normal forms, for short forms inside other names

    def of(self, node: Node, type_: str) -> Node | None:
        """Return what a bare short form stands for, None where that is unclear."""
        if (node, type_) in self.by_type:
            return self.by_type[node, type_]
        return self.overall.get(node)


def explain_shorts(corpus: Corpus) -> Explanations:
    """Count which long forms papers give each short form."""
    found: dict[Node, Counter[tuple[str, str]]] = defaultdict(Counter)
    for unit in corpus.units:
        if len(unit.keys) > 1 and not corpus.is_bare(unit):
            kind = corpus.node(unit).kind
            for form in unit.keys:
                if (long := explained(form, unit, kind, corpus)) is not None:
                    found[Node(kind, form)][unit.type, long] += 1
    return found


def explained(form: str, unit: Unit, kind: str, corpus: Corpus) -> str | None:
    """Return the key of the long form that this unit gives one of its forms, None where it gives none."""
    if form == unit.anchor or corpus.is_version(form, unit.anchor):
        return None
    if form not in unit.shorts:
        return unit.anchor if kind == "Concept" and corpus.is_head(form, unit.anchor) else None
    short = corpus.normals[form]
    full = [corpus.normals[other] for other in unit.keys if other not in unit.shorts]
    longs = [_explained_part(short, long) for long in full if abbreviates(short, long)]
    best = min(longs, key=lambda long: (-corpus.support[key(long)], len(long), long), default=None)
    return key(best) if best is not None and corpus.support[key(best)] else unit.anchor


def _explained_part(short: str, long: str) -> str:
    """Model-free reinforcement learning (RL) explains RL as reinforcement learning."""
    words = long.split()
    if words[0][0] != short[0]:
        for i in range(len(words) - 2, 0, -1):
            if abbreviates(short, " ".join(words[i:])):
                return " ".join(words[i:])
    return long


def known_shorts(corpus: Corpus, table: Iterable[AliasRow]) -> Explanations:
    """Return what the alias table says of the short forms at hand, in the manner of :func:`explain_shorts`."""
    known: dict[Node, Counter[tuple[str, str]]] = defaultdict(Counter)
    for row in table:
        for short in (Node(kind_of(row.type), key(other)) for other in row.others):
            if short in corpus.shorts:
                corpus.normals.setdefault(key(row.name), row.name)
                known[short][row.type, key(row.name)] += TABLE_PAPERS
    return known


def choose_senses(clusters: Clusters, explanations: Explanations, known: Explanations) -> Senses:
    """Decide for each short form what it means where a paper gives it alone.

    Parameters
    ----------
    explanations, known
        What the papers say, and what the alias table does.
    """
    senses = Senses()
    alone = Counter(clusters.corpus.node(unit) for unit in clusters.corpus.units)
    for short in sorted({*explanations, *known}):
        choice = _Choice(short, alone[short], clusters)
        choice.count(explanations.get(short, Counter()), by_papers=True)
        choice.count(known.get(short, Counter()), by_papers=False)
        for type_ in sorted(choice.counts):
            senses.by_type[short, type_] = choice.dominant(type_, senses)
        overall = choice.dominant(None, senses)
        senses.overall[short] = overall
        if overall and choice.is_abbreviation:
            senses.expansions[clusters.corpus.normals[short.key]] = clusters.corpus.normals[overall.key]
    return senses


class _Choice:
    """The long forms of one short form, clustered and counted."""

    def __init__(self, short: Node, alone: int, clusters: Clusters) -> None:
        self.short, self.alone, self.clusters = short, alone, clusters
        self.is_abbreviation = short in clusters.corpus.shorts
        self.counts: dict[str, Counter[Node]] = defaultdict(Counter)  # type -> cluster -> evidence
        self.papers: Counter[Node] = Counter()
        self.names: dict[Node, Node] = {}  # cluster -> its first long form

    def count(self, longs: Mapping[tuple[str, str], int], *, by_papers: bool) -> None:
        for (type_, long), count in sorted(longs.items()):
            root = self.clusters.find(Node(self.short.kind, long))
            self.names.setdefault(root, Node(self.short.kind, long))
            self.counts[type_][root] += count
            self.papers[root] += count if by_papers else 0

    def dominant(self, type_: str | None, senses: Senses) -> Node | None:
        """The long form that most evidence speaks for, if it is enough."""
        counts = self.counts[type_] if type_ else sum(self.counts.values(), Counter[Node]())
        top = min(counts, key=lambda root: (-counts[root], root))
        if self.clusters.are_apart(self.short, top) or not self._is_enough(counts, top, type_):
            return None
        left, right = (self.clusters.corpus.normals[node.key] for node in (self.short, self.names[top]))
        share = counts[top] / counts.total()
        senses.evidence[self.short, self.names[top]] = Match(left, right, "long form", self.papers[top], share)
        return self.names[top]

    def _is_enough(self, counts: Counter[Node], top: Node, type_: str | None) -> bool:
        normals, count = self.clusters.corpus.normals, counts[top]
        spelled_out = type_ is not None and abbreviates(normals[self.short.key], normals[self.names[top].key])
        return (
            count >= DOMINANT * counts.total()
            and (count >= CLEAR_PAPERS or (self.is_abbreviation and spelled_out))
            and (count >= SURE_PAPERS or count >= EXPLAINED * (count + self.alone))
        )
