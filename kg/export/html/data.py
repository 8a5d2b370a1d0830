"""The data of the page as compact JSON: columns and whole numbers instead of records and ids.

Two kinds of block. ``graph`` holds what search, filters, lists and the drawing need and is read at once; ``texts``
hold abstracts with the places of mentions, :data:`TEXTS_EACH` papers a block, and are read when one of their papers
is opened. Entities and papers are numbered by their order in the graph; texts are in readable form, and offsets in
them count UTF-16 code units, as JavaScript does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any

from kg.graph import KnowledgeGraph
from schemas.records import Link, Paper, ReportedResult
from schemas.text import readable
from schemas.vocabulary import ENTITY_TYPES, PAPER_COLOURS, ROLES

__all__ = ["TEXTS_EACH", "graph_block", "text_blocks", "to_json"]

TEXTS_EACH = 200
SLOTS = ("subject", "metric", "dataset", "task", "baseline")
UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")  # could end the script element, or are no UTF-8


def to_json(value: object) -> str:
    r"""Return ``value`` as JSON that can stand in an HTML script element and be written as UTF-8.

    >>> print(to_json({"title": "</script><!-- & 北"}))
    {"title":"\u003c/script\u003e\u003c!-- \u0026 北"}
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return UNSAFE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def graph_block(graph: KnowledgeGraph, **more: object) -> dict[str, Any]:
    """Return the block that the page reads at once, with ``more`` at its top level.

    Examples
    --------
    >>> block = graph_block(KnowledgeGraph(papers=[Paper(id="a", title="On X", year=2020)], entities=[], links=[]))
    >>> block["papers"]["title"], block["papers"]["year"], block["links"]["papers"]
    (['On X'], [2020], [0])
    """
    place = {entity.id: index for index, entity in enumerate(graph.entities)}
    return {
        "pipeline": graph.info.pipeline,
        "types": [
            [row.name, row.label, row.plural, row.definition, row.colour, row.colour_dark]
            for row in ENTITY_TYPES.values()
        ],
        "paperColours": PAPER_COLOURS,
        "textsEach": TEXTS_EACH,
        "roles": [[row.name, row.label, row.definition] for row in ROLES.values()],
        "entities": _entity_columns(graph, place),
        "papers": _paper_columns(graph),
        "links": _link_columns(graph, place),
        "results": _result_columns(graph, place),
        **more,
    }


def _entity_columns(graph: KnowledgeGraph, place: dict[str, int]) -> dict[str, Any]:
    """Columns, and what few entities have by their places; ``former`` are ids that other entities took over."""
    types = list(ENTITY_TYPES)
    columns: dict[str, Any] = {
        "id": [entity.id for entity in graph.entities],
        "name": [entity.name for entity in graph.entities],
        "type": [types.index(entity.type) for entity in graph.entities],
        "aliases": {},
        "family": {},
        "same": {},
        "former": {id_: place[current] for id_, current in graph.replaced.items() if current in place},
    }
    for index, entity in enumerate(graph.entities):
        if any(alias.name != entity.name for alias in entity.aliases):
            columns["aliases"][index] = [part for alias in entity.aliases for part in (alias.name, alias.papers)]
        if entity.variant_of in place:
            columns["family"][index] = place[entity.variant_of]
        if entity.same_as:
            columns["same"][index] = list(entity.same_as)
    return columns


def _paper_columns(graph: KnowledgeGraph) -> dict[str, Any]:
    venues = sorted({paper.venue for paper in graph.papers if paper.venue})
    number = {venue: index for index, venue in enumerate(venues)}
    return {
        "id": [paper.id for paper in graph.papers],
        "title": [readable(paper.title).text for paper in graph.papers],
        "year": [paper.year or 0 for paper in graph.papers],
        "venue": [number[paper.venue] if paper.venue else -1 for paper in graph.papers],
        "venues": venues,
    }


def _link_columns(graph: KnowledgeGraph, place: dict[str, int]) -> dict[str, Any]:
    """Links in the order of their papers; ``papers`` holds how many each paper has, ``confidence`` is in percent."""
    count = {paper.id: 0 for paper in graph.papers}
    for link in graph.links:
        count[link.paper_id] += 1
    roles = list(ROLES)
    return {
        "papers": list(count.values()),
        "entity": [place[link.entity_id] for link in graph.links],
        "role": [roles.index(link.role) for link in graph.links],
        "confidence": [round(100 * link.confidence) for link in graph.links],
    }


def _result_columns(graph: KnowledgeGraph, place: dict[str, int]) -> dict[str, Any]:
    """Results in the order of the graph; a slot is the number of an entity, a name that stands for none, or null."""
    paper_place = {paper.id: index for index, paper in enumerate(graph.papers)}
    columns: dict[str, Any] = {
        "paper": [paper_place[result.paper_id] for result in graph.results],
        "value": [readable(result.value).text for result in graph.results],
        "number": [result.number for result in graph.results],
        "gain": [int(result.kind == "gain") for result in graph.results],
        "confidence": [round(100 * result.confidence) for result in graph.results],
    }
    for slot in SLOTS:
        columns[slot] = [_slot(result, slot, place) for result in graph.results]
    return columns


def _slot(result: ReportedResult, slot: str, place: dict[str, int]) -> int | str | None:
    entity = getattr(result, f"{slot}_id")
    name: str | None = getattr(result, slot)
    return place.get(entity, name)


def text_blocks(graph: KnowledgeGraph) -> Iterator[list[list[Any]]]:
    """Yield blocks of texts, one row a paper, in the order of the papers.

    A row is ``[abstract, authors, keywords, links out, mentions, evidence, sentences]``: links out as
    ``[label, address, …]``; mentions as ``[number of the link in the paper, start, end, …]``; evidence as
    ``[start, end, …]`` of each link, 0 and 0 where there is none; sentences as ``[start, end, …]`` of each result.
    Offsets are ``[start, end)`` in title, line feed, abstract.
    """
    links: dict[str, list[Link]] = {paper.id: [] for paper in graph.papers}
    for link in graph.links:
        links[link.paper_id].append(link)
    results: dict[str, list[ReportedResult]] = {paper.id: [] for paper in graph.papers}
    for result in graph.results:
        results[result.paper_id].append(result)
    papers = list(graph.papers)
    for first in range(0, len(papers), TEXTS_EACH):
        block = papers[first : first + TEXTS_EACH]
        yield [_text_row(paper, links[paper.id], results[paper.id]) for paper in block]


def _text_row(paper: Paper, links: list[Link], results: list[ReportedResult]) -> list[Any]:
    text, span = _shown(paper)
    mentions = sorted(
        (*span(mention.start, mention.end), number) for number, link in enumerate(links) for mention in link.mentions
    )
    evidence = [offset for link in links for offset in (span(*link.evidence) if link.evidence else (0, 0))]
    return [
        text.partition("\n")[2],
        list(paper.authors),
        list(paper.keywords),
        _addresses(paper),
        [part for start, end, number in mentions for part in (number, start, end)],
        evidence if any(evidence) else [],
        [offset for result in results for offset in span(result.start, result.end)],
    ]


def _addresses(paper: Paper) -> list[str]:
    """Label and address of the places where the paper can be read; the page links http and https only."""
    found = {}
    if paper.doi:
        found[f"doi:{paper.doi}"] = f"https://doi.org/{paper.doi}"
    if paper.arxiv_id:
        found[f"arXiv:{paper.arxiv_id}"] = f"https://arxiv.org/abs/{paper.arxiv_id}"
    if paper.url and paper.url not in found.values():
        found[paper.url] = paper.url
    return [part for pair in found.items() for part in pair]


def _shown(paper: Paper) -> tuple[str, Callable[[int, int], tuple[int, int]]]:
    """The readable text of ``paper``, and what turns a span of ``paper.text`` into one of it in UTF-16 code units."""
    shown = readable(paper.text)
    if shown.text.isascii():
        return shown.text, shown.from_source
    units = [0, *accumulate(1 + (character > "\uffff") for character in shown.text)]

    def span(start: int, end: int) -> tuple[int, int]:
        start, end = shown.from_source(start, end)
        return units[start], units[end]

    return shown.text, span
