"""The graph as RDF: the one place that says which statements are made.

Every writer, the rdflib dataset, the shapes and the queries stand on :func:`quads`. Statements of one subject and one
predicate follow each other, types and labels first; subjects follow each other by named graph: the header, the
entities with the ids that have become parts of them, then each paper with all that is said of and by it. There are no
blank nodes, and nothing is said twice.

Three levels of evidence: with "none" papers, entities, results and the plain triples ``paper akg:uses entity``; with
"links" also a node for each of these with its confidences, and the sentences that roles and results were read from;
with "mentions" also a Web Annotation for each mention. Offsets count characters (code points) of ``dcterms:title``,
a line feed, ``dcterms:abstract``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from kg.export.evidence import evidence_parts, result_parts, span_parts
from kg.export.header import header_parts
from kg.export.iris import Iris, absolute_iri, arxiv_iri, doi_iri, web_iri
from kg.export.terms import Literal, Quad, Statement, integer, iri, text, year
from kg.graph import KnowledgeGraph
from schemas.errors import InputError
from schemas.records import Entity, Link, Paper, ReportedResult
from schemas.text import readable
from schemas.vocabulary import ENTITY_TYPES, ROLES

__all__ = ["EVIDENCE", "quads"]

EVIDENCE = ("none", "links", "mentions")

Record = TypeVar("Record", Link, ReportedResult)
Parts = Iterator[tuple[str, Iterable[Statement]]]  # subjects and what is said of them
Blocks = dict[str, dict[str, dict[str | Literal, None]]]  # the same by subject and predicate: ordered sets of objects


def quads(graph: KnowledgeGraph, *, evidence: str = "mentions") -> Iterator[Quad]:
    """Yield the statements of ``graph``, the same for the same graph, in the same order.

    Parameters
    ----------
    graph
        Its links and results must be of papers that it holds.
    evidence
        How much evidence stands beside the plain triples: "none", "links" or "mentions".

    Raises
    ------
    InputError
        Unknown ``evidence``, an unusable base IRI or ``SOURCE_DATE_EPOCH``, a link or result of an unknown paper.

    Examples
    --------
    >>> graph = KnowledgeGraph(
    ...     papers=[Paper(id="a", title="On X")],
    ...     entities=[Entity(id="bert", type="Model", name="BERT", papers=1)],
    ...     links=[Link(paper_id="a", entity_id="bert", role="uses", confidence=0.9)],
    ... )
    >>> [quad.object for quad in quads(graph) if quad.predicate == iri("akg:uses")]
    ['https://w3id.org/abstractkg/id/entity/bert']
    """
    if evidence not in EVIDENCE:
        raise InputError(f"unknown level of evidence {evidence!r}; valid: {', '.join(EVIDENCE)}")
    iris = Iris(graph.info.base_iri)
    # The header stands first and gives the number of statements, so they are made twice: cheaper than keeping them.
    content = (blocks for _, blocks in _content(graph, iris, evidence))
    size = sum(len(objects) for blocks in content for block in blocks.values() for objects in block.values())
    yield from _flat(iris.header_graph, _joined(header_parts(graph, iris, size)))
    for name, blocks in _content(graph, iris, evidence):
        yield from _flat(name, blocks)


def _flat(name: str, blocks: Blocks) -> Iterator[Quad]:
    for subject, block in blocks.items():
        for predicate, objects in block.items():
            for value in objects:
                yield Quad(subject, predicate, value, name)


def _joined(parts: Parts) -> Blocks:
    """Join what is said of one subject by one predicate, and say nothing twice."""
    blocks: Blocks = {}
    for subject, statements in parts:
        block = blocks.setdefault(subject, {})
        for predicate, value in statements:
            block.setdefault(predicate, {})[value] = None
    return blocks


def _content(graph: KnowledgeGraph, iris: Iris, evidence: str) -> Iterator[tuple[str, Blocks]]:
    """Yield the entities one by one, then the papers one by one, each with the name of its graph."""
    for entity in graph.entities:
        yield iris.entity_graph, _joined(iter([(iris.entity(entity.id), _entity(entity, iris))]))
    for id_, current in graph.replaced.items():
        replaced = [(iri("rdf:type"), iri("akg:FormerEntity")), (iri("dcterms:isReplacedBy"), iris.entity(current))]
        yield iris.entity_graph, _joined(iter([(iris.entity(id_), replaced)]))
    links, results = _by_paper(graph, graph.links), _by_paper(graph, graph.results)
    for paper in graph.papers:
        parts = _paper_parts(paper, links.get(paper.id, ()), results.get(paper.id, ()), iris, evidence)
        yield iris.paper_graph(paper.id), _joined(parts)


def _by_paper(graph: KnowledgeGraph, records: Iterable[Record]) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record.paper_id, []).append(record)
    for paper_id in groups:
        graph.paper(paper_id)  # a paper that is not there would take its links with it in silence
    return groups


def _reference(name: str, value: str, target: str | None) -> Statement:
    """Return the reference to ``target``; a value of which no IRI can be made is kept as an identifier."""
    return (iri(name), target) if target else (iri("schema:identifier"), text(value))


def _entity(entity: Entity, iris: Iris) -> Iterator[Statement]:
    row = ENTITY_TYPES[entity.type]
    for class_ in (row.iri, *row.also):
        yield iri("rdf:type"), class_
    yield iri("skos:prefLabel"), text(entity.name)
    for alias in entity.aliases:
        if alias.name != entity.name:
            yield iri("skos:altLabel"), text(alias.name)
    yield iri("akg:paperCount"), integer(entity.papers)
    if entity.variant_of is not None:
        yield iri("akg:variantOf"), iris.entity(entity.variant_of)
    for same in entity.same_as:
        yield _reference("skos:exactMatch", same, absolute_iri(same))


def _paper_parts(
    paper: Paper, links: Sequence[Link], results: Sequence[ReportedResult], iris: Iris, evidence: str
) -> Parts:
    yield iris.paper(paper.id), _paper(paper, links, iris)
    for number, author in enumerate(paper.authors, start=1):
        yield iris.author(paper.id, number), _author(author, number)
    with_evidence = evidence != "none"
    if with_evidence:
        yield from evidence_parts(links, iris, with_mentions=evidence == "mentions")
    yield from result_parts(results, iris, with_evidence=with_evidence)
    if with_evidence:
        yield from span_parts(paper, links, results, iris, with_mentions=evidence == "mentions")


def _paper(paper: Paper, links: Sequence[Link], iris: Iris) -> Iterator[Statement]:
    for class_ in ("akg:Paper", "schema:ScholarlyArticle", "fabio:ResearchPaper"):
        yield iri("rdf:type"), iri(class_)
    yield iri("schema:name"), text(readable(paper.title).text)
    yield iri("dcterms:title"), text(paper.title)
    if paper.abstract:
        yield iri("dcterms:abstract"), text(paper.abstract)
    for number in range(1, len(paper.authors) + 1):
        yield iri("schema:author"), iris.author(paper.id, number)
    if paper.year is not None:
        yield iri("dcterms:issued"), year(paper.year)
    if paper.venue:
        yield iri("akg:venue"), text(paper.venue)
    for keyword in paper.keywords:
        yield iri("schema:keywords"), text(keyword)
    yield from _identifiers(paper)
    for role in ROLES:
        for link in links:
            if link.role == role:
                yield iri(f"akg:{role}"), iris.entity(link.entity_id)


def _identifiers(paper: Paper) -> Iterator[Statement]:
    yield iri("dcterms:identifier"), text(paper.id)
    if paper.doi:
        yield iri("schema:identifier"), text(f"doi:{paper.doi}")
        if address := doi_iri(paper.doi):
            yield iri("schema:sameAs"), address
    if paper.arxiv_id:
        yield iri("schema:identifier"), text(f"arXiv:{paper.arxiv_id}")
        if address := arxiv_iri(paper.arxiv_id):
            yield iri("schema:sameAs"), address
    if paper.url:
        yield _reference("schema:url", paper.url, web_iri(paper.url))


def _author(name: str, number: int) -> Iterator[Statement]:
    """Say who one author is; a node for each paper, as one name on two papers may well be two people."""
    yield iri("rdf:type"), iri("schema:Person")
    yield iri("schema:name"), text(name)
    yield iri("schema:position"), integer(number)
