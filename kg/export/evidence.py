"""What the plain triples rest on: links with their confidences, mentions as Web Annotations, reported results.

A mention is an ``oa:Annotation`` that identifies an entity in a stretch of the paper's text, which is found again by
position and by quotation (Web Annotation Data Model, W3C 2017, sections 3.2.4 and 4.2). A result is an n-ary relation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isfinite

from kg.export.iris import Iris
from kg.export.terms import Parts, Statement, confidence, decimal, integer, iri, text
from schemas.records import Link, Mention, ReportedResult

__all__ = ["link_parts", "mention_parts", "mentions_of", "quotation", "result_parts", "span_parts", "spans_of"]

AROUND = 32  # characters before and after a stretch of text that help to find it again
RESULT_PARTS = ("subject", "metric", "dataset", "task", "baseline")


def link_parts(link: Link, mentions: Iterable[Mention], iris: Iris) -> Parts:
    """Yield a link, with what is said of it."""
    yield iris.link(link.paper_id, link.role, link.entity_id), _link(link, mentions, iris)


def mention_parts(mention: Mention, link: Link, iris: Iris) -> Parts:
    """Yield a mention of a link, with what is said of it."""
    yield iris.mention(link.paper_id, mention.start, mention.end, link.entity_id), _mention(mention, link, iris)


def mentions_of(link: Link) -> list[Mention]:
    """Return the mentions of a link; of several at one place the most confident."""
    by_place: dict[tuple[int, int], Mention] = {}
    for mention in link.mentions:
        place = (mention.start, mention.end)
        if place not in by_place or mention.confidence > by_place[place].confidence:
            by_place[place] = mention
    return list(by_place.values())


def _link(link: Link, mentions: Iterable[Mention], iris: Iris) -> Iterator[Statement]:
    yield iri("rdf:type"), iri("akg:Link")
    yield iri("akg:paper"), iris.paper(link.paper_id)
    yield iri("akg:role"), iri(f"akg:{link.role}")
    yield iri("akg:entity"), iris.entity(link.entity_id)
    yield iri("itsrdf:taConfidence"), confidence(link.confidence)
    yield iri("akg:roleConfidence"), confidence(link.role_confidence)
    if link.evidence is not None:
        yield iri("akg:evidence"), iris.span(link.paper_id, "text", *link.evidence)
    for mention in mentions:
        yield iri("akg:annotation"), iris.mention(link.paper_id, mention.start, mention.end, link.entity_id)


def _mention(mention: Mention, link: Link, iris: Iris) -> Iterator[Statement]:
    yield iri("rdf:type"), iri("oa:Annotation")
    yield iri("oa:motivatedBy"), iri("oa:identifying")
    yield iri("oa:hasBody"), iris.entity(link.entity_id)
    yield iri("oa:hasTarget"), iris.span(link.paper_id, "text", mention.start, mention.end)
    yield iri("itsrdf:taConfidence"), confidence(mention.confidence)


def result_parts(results: Iterable[ReportedResult], iris: Iris, *, with_evidence: bool) -> Parts:
    """Yield each result with what is said of it."""
    for result in results:
        yield iris.result(result.paper_id, result.id), _result(result, iris, with_evidence=with_evidence)


def _result(result: ReportedResult, iris: Iris, *, with_evidence: bool) -> Iterator[Statement]:
    yield iri("rdf:type"), iri("akg:Result")
    yield iri("rdf:type"), iri("mls:ModelEvaluation")
    yield iri("akg:paper"), iris.paper(result.paper_id)
    for part in RESULT_PARTS:
        entity_id: str | None = getattr(result, f"{part}_id")
        name: str | None = getattr(result, part)
        if entity_id is not None:
            yield iri(f"akg:{part}"), iris.entity(entity_id)
        elif name:
            yield iri(f"akg:{part}Name"), text(name)
    yield iri("akg:value"), text(result.value)
    if result.number is not None and isfinite(result.number):  # xsd:decimal has no infinity; akg:value still tells
        yield iri("akg:number"), decimal(result.number)
    if result.unit:
        yield iri("akg:unit"), text(result.unit)
    yield iri("akg:kind"), iri(f"akg:{result.kind}")
    yield iri("itsrdf:taConfidence"), confidence(result.confidence)
    if with_evidence and result.end > result.start:
        yield iri("akg:evidence"), iris.span(result.paper_id, "text", result.start, result.end)


def spans_of(links: Iterable[Link], results: Iterable[ReportedResult], *, with_mentions: bool) -> list[tuple[int, int]]:
    """Return each stretch ``[start, end)`` of a paper's text that something rests on, once, in order."""
    links = list(links)
    spans = {link.evidence for link in links if link.evidence is not None}
    spans |= {(result.start, result.end) for result in results if result.end > result.start}
    if with_mentions:
        spans |= {(mention.start, mention.end) for link in links for mention in link.mentions}
    return sorted(spans)


def quotation(source: str, start: int, end: int) -> tuple[str, str, str]:
    """Return a stretch of a text with what stands before and after it.

    >>> quotation("We use BERT.", 7, 11)
    ('BERT', 'We use ', '.')
    """
    return source[start:end], source[max(0, start - AROUND) : start], source[end : end + AROUND]


def span_parts(paper_id: str, start: int, end: int, quoted: tuple[str, str, str], iris: Iris) -> Parts:
    """Yield a stretch of a paper's text with its two selectors; ``quoted`` is what :func:`quotation` returns."""
    position, quote = (iris.span(paper_id, kind, start, end) for kind in ("position", "quote"))
    yield iris.span(paper_id, "text", start, end), _target(iris.paper(paper_id), position, quote)
    yield position, _position(start, end)
    yield quote, _quote(*quoted)


def _target(source: str, position: str, quote: str) -> Iterator[Statement]:
    yield iri("rdf:type"), iri("oa:SpecificResource")
    yield iri("oa:hasSource"), source
    yield iri("oa:hasSelector"), position
    yield iri("oa:hasSelector"), quote


def _position(start: int, end: int) -> Iterator[Statement]:
    yield iri("rdf:type"), iri("oa:TextPositionSelector")
    yield iri("oa:start"), integer(start)
    yield iri("oa:end"), integer(end)


def _quote(exact: str, before: str, after: str) -> Iterator[Statement]:
    yield iri("rdf:type"), iri("oa:TextQuoteSelector")
    yield iri("oa:exact"), text(exact)
    if before:
        yield iri("oa:prefix"), text(before)
    if after:
        yield iri("oa:suffix"), text(after)
