"""Writing fast: blocks that occur a thousand times are written once, as templates, and then filled.

Most of a graph is evidence: links, mentions, stretches of text with their selectors, of a few kinds that differ in ids,
numbers and quotations alone. A sample record with marks in the place of these goes through the same functions and the
same syntax as every other, once a kind; each record then costs one join of strings. Writing all statements one by one
takes five times as long. What is said stays in one place, :mod:`kg.export.quads` and :mod:`kg.export.evidence`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import chain
from operator import itemgetter

from kg.export.evidence import link_parts, mention_parts, mentions_of, quotation, result_parts, span_parts, spans_of
from kg.export.iris import Iris, encode_id, literal_text
from kg.export.quads import description, paper_blocks
from kg.export.terms import Blocks, Parts, Syntax, confidence, join_parts
from schemas.records import Link, Mention, Paper, ReportedResult

__all__ = ["Renderer"]

_CONFIDENCE = 8_765_432_190  # marks: what no vocabulary or base IRI holds
_NUMBER = 87_654_321_000


class Renderer:
    """Writes all that is said of and by papers in one syntax.

    Parameters
    ----------
    syntax
        How the format writes a block.
    iris
        Mints the IRIs.
    evidence
        "none", "links" or "mentions".
    """

    def __init__(self, syntax: Syntax, iris: Iris, evidence: str) -> None:
        self.syntax, self.iris, self.evidence = syntax, iris, evidence
        self._paper, self._entity = self._mark("p"), self._mark("e")
        self._texts = (self._mark("x"), self._mark("b"), self._mark("a"))
        self._link, self._mention, self._span = cache(self._of_link), self._of_mention(), cache(self._of_span)

    def _mark(self, letter: str) -> str:
        """Return letters that stand for a text, and occur in no IRI under the base."""
        mark = f"~{letter}~"
        while mark in self.iris.base:
            mark = f"~{mark}~"
        return mark

    def blocks(self, blocks: Blocks, graph: str) -> tuple[str, int]:
        """Return blocks as text, and the number of their statements."""
        written = [self.syntax.block(subject, block, graph) for subject, block in blocks.items()]
        count = sum(len(objects) for block in blocks.values() for objects in block.values())
        return self.syntax.between.join(written), count

    def paper(self, paper: Paper, links: Sequence[Link], results: Sequence[ReportedResult]) -> tuple[str, int]:
        """Return all that is said of and by a paper as text, and the number of statements."""
        graph = self.iris.paper_graph(paper.id)
        if self.evidence == "none" or not self._plain(links, results):
            return self.blocks(paper_blocks(paper, links, results, self.iris, self.evidence), graph)
        path = self.iris.paper(paper.id)[len(self.iris.base) + len("paper/") :]
        with_mentions = self.evidence == "mentions"
        written, count = self.blocks(join_parts(description(paper, links, self.iris)), graph)
        pieces = [written]
        for link in links:
            mentions = mentions_of(link) if with_mentions else []
            template = self._link(link.role, link.evidence is not None, len(mentions))
            count += template.count + len(mentions) * self._mention.count
            entity = encode_id(link.entity_id)
            places = [(str(mention.start), str(mention.end)) for mention in mentions]
            sure, role_sure = confidence(link.confidence).value, confidence(link.role_confidence).value
            sentence = map(str, link.evidence or (0, 0))
            pieces.append(template.fill(path, entity, sure, role_sure, *sentence, *chain.from_iterable(places)))
            for mention, place in zip(mentions, places, strict=True):
                pieces.append(self._mention.fill(path, entity, confidence(mention.confidence).value, *place))
        if results:
            written, more = self.blocks(join_parts(result_parts(results, self.iris, with_evidence=True)), graph)
            pieces.append(written)
            count += more
        text, escape = literal_text(paper.text), self.syntax.escape
        for start, end in spans_of(links, results, with_mentions=with_mentions):
            exact, before, after = quotation(text, start, end)
            template = self._span(bool(before), bool(after))
            count += template.count
            pieces.append(template.fill(path, str(start), str(end), escape(exact), escape(before), escape(after)))
        return self.syntax.between.join(pieces), count

    def _plain(self, links: Sequence[Link], results: Sequence[ReportedResult]) -> bool:
        """Tell whether no subject comes twice, ids are alike in paths and fragments, and marks are unique."""
        entities = {link.entity_id for link in links}
        return (
            str(_NUMBER)[:8] not in self.iris.base
            and len(entities) == len(links)
            and len({result.id for result in results}) == len(results)
            and not any("/" in entity or entity in ("", ".", "..") for entity in entities)
        )

    # The kinds of blocks

    def _of_link(self, role: str, with_evidence: bool, mentions: int) -> _Template:
        numbers = [_NUMBER + n for n in range(2 + 2 * mentions)]
        places = [Mention(start, end, "", "") for start, end in zip(numbers[2::2], numbers[3::2], strict=True)]
        evidence = (numbers[0], numbers[1]) if with_evidence else None
        link = Link(
            paper_id=self._paper,
            entity_id=self._entity,
            role=role,
            confidence=_CONFIDENCE + 1,
            role_confidence=_CONFIDENCE + 2,
            evidence=evidence,
        )
        slots = [self._entity, f"{_CONFIDENCE + 1}.0", f"{_CONFIDENCE + 2}.0", *map(str, numbers)]
        return self._template(link_parts(link, places, self.iris), slots)

    def _of_mention(self) -> _Template:
        link = Link(paper_id=self._paper, entity_id=self._entity, role="", confidence=0.0)
        mention = Mention(_NUMBER, _NUMBER + 1, "", "", _CONFIDENCE)
        slots = [self._entity, f"{_CONFIDENCE}.0", str(_NUMBER), str(_NUMBER + 1)]
        return self._template(mention_parts(mention, link, self.iris), slots)

    def _of_span(self, before: bool, after: bool) -> _Template:
        exact, prefix, suffix = self._texts
        quoted = (exact, prefix if before else "", suffix if after else "")
        parts = span_parts(self._paper, _NUMBER, _NUMBER + 1, quoted, self.iris)
        return self._template(parts, [str(_NUMBER), str(_NUMBER + 1), *self._texts])

    def _template(self, parts: Parts, slots: Sequence[str]) -> _Template:
        written, count = self.blocks(join_parts(parts), self.iris.paper_graph(self._paper))
        pieces = re.split("|".join(map(re.escape, sorted((self._paper, *slots), reverse=True))), written)
        found = re.findall("|".join(map(re.escape, sorted((self._paper, *slots), reverse=True))), written)
        order = {mark: number for number, mark in enumerate((self._paper, *slots))}
        return _Template(pieces, [order[mark] for mark in found], count)


class _Template:
    """A text with slots: the pieces around them, which value each takes, and the number of statements."""

    def __init__(self, pieces: Sequence[str], slots: Sequence[int], count: int) -> None:
        self.count = count
        self._pieces = [""] * (2 * len(pieces) - 1)
        self._pieces[::2] = pieces
        self._pick = itemgetter(*slots)

    def fill(self, *values: str) -> str:
        """Return the text with ``values`` in its slots; the first is the paper."""
        pieces = self._pieces.copy()
        pieces[1::2] = self._pick(values)
        return "".join(pieces)
