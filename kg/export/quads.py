"""The graph as RDF: the one place that says which statements are made.

Every writer, the rdflib dataset, the shapes and the queries stand on it. Statements of one subject and one predicate
follow each other, types and labels first; subjects follow each other by named graph: the entities with the ids that
have become parts of them, each paper with all that is said of and by it, and last the header, which counts them. There
are no blank nodes, and nothing is said twice.

Three levels of evidence: with "none" papers, entities, results and the plain triples ``paper akg:uses entity``; with
"links" also a node for each of these with its confidences, and the sentences that roles and results were read from;
with "mentions" also a Web Annotation for each mention. Offsets count characters (code points) of ``dcterms:title``,
a line feed, ``dcterms:abstract``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from operator import attrgetter
from typing import Protocol

from kg.export.evidence import link_parts, mention_parts, mentions_of, quotation, result_parts, span_parts, spans_of
from kg.export.header import Tally, header_parts
from kg.export.iris import Iris, absolute_iri, arxiv_iri, doi_iri, web_iri
from kg.export.terms import Blocks, Parts, Quad, Statement, integer, iri, join_parts, text, year
from kg.graph import GraphInfo, KnowledgeGraph
from schemas.errors import InputError
from schemas.records import Entity, Link, Paper, ReportedResult
from schemas.text import readable
from schemas.vocabulary import ENTITY_TYPES, ROLES

__all__ = [
    "EVIDENCE",
    "Source",
    "check_evidence",
    "description",
    "entity_blocks",
    "former_blocks",
    "paper_blocks",
    "quads",
    "records_of",
]

EVIDENCE = ("none", "links", "mentions")

PaperRecords = tuple[Paper, Sequence[Link], Sequence[ReportedResult]]


class Source(Protocol):
    """Where papers and entities come from one by one: a graph in memory, or :class:`kg.streaming.StoredGraph`."""

    @property
    def info(self) -> GraphInfo:
        """What is said of the graph as a whole."""

    @property
    def entities(self) -> Iterable[Entity]:
        """The entities, in the order of their ids."""

    @property
    def replaced(self) -> Mapping[str, str]:
        """Ids of former entities, in their order -> the ids of what they have become parts of."""

    def paper_records(self) -> Iterator[PaperRecords]:
        """Yield each paper with its links and results, in the order of their ids."""


def quads(graph: KnowledgeGraph | Source, *, evidence: str = "mentions") -> Iterator[Quad]:
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
    check_evidence(evidence)
    iris, tally = Iris(graph.info.base_iri), Tally()
    for entity in graph.entities:
        tally.add_entity(entity)
        yield from _flat(entity_blocks(entity, iris), iris.entity_graph, tally)
    for former, current in graph.replaced.items():
        yield from _flat(former_blocks(former, current, iris), iris.entity_graph, tally)
    for paper, links, results in records_of(graph):
        tally.add_paper(links, results)
        yield from _flat(paper_blocks(paper, links, results, iris, evidence), iris.paper_graph(paper.id), tally)
    yield from _flat(join_parts(header_parts(graph.info, tally, iris)), iris.header_graph, tally)


def check_evidence(evidence: str) -> None:
    """Refuse what is no level of evidence."""
    if evidence not in EVIDENCE:
        raise InputError(f"unknown level of evidence {evidence!r}; valid: {', '.join(EVIDENCE)}")


def _flat(blocks: Blocks, name: str, tally: Tally) -> Iterator[Quad]:
    for subject, block in blocks.items():
        for predicate, objects in block.items():
            tally.statements += len(objects)
            for value in objects:
                yield Quad(subject, predicate, value, name)


def records_of(source: KnowledgeGraph | Source) -> Iterator[PaperRecords]:
    """Yield each paper of ``source`` with its links and results.

    Raises
    ------
    InputError
        A link or result is of a paper that is not there, and would be lost in silence.
    """
    if not isinstance(source, KnowledgeGraph):
        yield from source.paper_records()
        return
    for paper_id in {record.paper_id for records in (source.links, source.results) for record in records}:
        source.paper(paper_id)
    links = {key: list(group) for key, group in groupby(source.links, attrgetter("paper_id"))}
    results = {key: list(group) for key, group in groupby(source.results, attrgetter("paper_id"))}
    for paper in source.papers:
        yield paper, links.get(paper.id, []), results.get(paper.id, [])


def entity_blocks(entity: Entity, iris: Iris) -> Blocks:
    """Return what is said of an entity."""
    return join_parts([(iris.entity(entity.id), _entity(entity, iris))])


def former_blocks(former: str, current: str, iris: Iris) -> Blocks:
    """Return what is said of an id that has become part of an entity."""
    replaced = [(iri("rdf:type"), iri("akg:FormerEntity")), (iri("dcterms:isReplacedBy"), iris.entity(current))]
    return join_parts([(iris.entity(former), replaced)])


def paper_blocks(
    paper: Paper, links: Sequence[Link], results: Sequence[ReportedResult], iris: Iris, evidence: str
) -> Blocks:
    """Return all that is said of and by a paper."""
    parts = [description(paper, links, iris)]
    with_evidence, with_mentions = evidence != "none", evidence == "mentions"
    for link in links if with_evidence else ():
        mentions = mentions_of(link) if with_mentions else []
        parts.append(link_parts(link, mentions, iris))
        parts += [mention_parts(mention, link, iris) for mention in mentions]
    parts.append(result_parts(results, iris, with_evidence=with_evidence))
    for start, end in spans_of(links, results, with_mentions=with_mentions) if with_evidence else ():
        parts.append(span_parts(paper.id, start, end, quotation(paper.text, start, end), iris))
    return join_parts(chain.from_iterable(parts))


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


def description(paper: Paper, links: Sequence[Link], iris: Iris) -> Parts:
    """Yield a paper and its authors, with what is said of them."""
    yield iris.paper(paper.id), _paper(paper, links, iris)
    for number, author in enumerate(paper.authors, start=1):
        yield iris.author(paper.id, number), _author(author, number)


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
