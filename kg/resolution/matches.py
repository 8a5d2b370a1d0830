"""Why two forms are one entity, or might be: the record of a decision, to be read, reviewed and undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["RULES", "Match"]

RULES: Final[dict[str, str]] = {
    "same paper": "a paper uses both as names of one thing",
    "long form": "nearly all papers that spell the short form out, or use both, mean this",
    "context": "in the papers that name most of the same things, it means this",
    "shared short form": "one abbreviation stands for both, and they are nearly the same words",
    "word forms": "the same words in other formations",
    "word order": "the same words in another order",
    "head": "the one only adds what kind of thing it is",
    "alias table": "known aliases of the field",
    "authority": "an authority has that name",
    "curation": "the user says so",
}


@dataclass(frozen=True, slots=True)
class Match:
    """One decision that two forms name the same entity, and the evidence for it; or a proposal that awaits one.

    Forms that differ in case, hyphens, plural and the like alone need no decision: they have the same key.
    """

    left: str  # normal form
    right: str  # normal form
    rule: str  # a key of RULES
    papers: int = 0  # that the evidence rests on
    score: float = 1.0  # share of the evidence that speaks for it, in [0, 1]
    entity: str = ""  # id of the entity that both are names of; of that of ``left`` where there are two
    other: str = ""  # only where nothing was decided: id of the entity of ``right``, or an IRI

    def __str__(self) -> str:
        share = f", {self.score:.0%} of the evidence" if self.score < 1 else ""
        papers = f" ({self.papers:,} paper{'' if self.papers == 1 else 's'}{share})" if self.papers else ""
        return f"{self.left} = {self.right}: {RULES[self.rule]}{papers}"
