"""The graph as an RDF dataset or file. What is said is decided in :mod:`kg.export.quads`, how in the writers beside it.

======== =============== ==========================================================
suffix   format          named graphs
======== =============== ==========================================================
.ttl     Turtle          no: all statements together
.nt      N-Triples       no
.jsonld  JSON-LD         no; the context is in the file
.rdf     RDF/XML         no
.trig    TriG            the header, the entities, and one for each paper
.nq      N-Quads         the same
======== =============== ==========================================================

All are UTF-8, byte-identical for identical graphs, and hold the same statements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from kg.export import replacing
from kg.export.iris import check_base
from kg.export.quads import quads
from kg.export.terms import Literal, Quad, iri
from kg.graph import KnowledgeGraph
from schemas.errors import UnknownFormat
from schemas.vocabulary import NAMESPACES

if TYPE_CHECKING:
    import rdflib
    from rdflib.term import Identifier

__all__ = ["FORMATS", "quads", "rdflib_terms", "serialise", "to_rdf", "write_rdf"]

FORMATS = {
    "ttl": "kg.export.turtle:to_turtle",
    "nt": "kg.export.turtle:to_ntriples",
    "nq": "kg.export.turtle:to_nquads",
    "trig": "kg.export.turtle:to_trig",
    "jsonld": "kg.export.jsonld:to_jsonld",
    "rdf": "kg.export.rdfxml:to_rdfxml",
}
CHUNK = 1 << 16  # characters written at a time


def serialise(graph: KnowledgeGraph, format: str, *, evidence: str = "mentions") -> Iterator[bytes]:
    """Yield the graph in an RDF format, in UTF-8, piece by piece: memory does not grow with its size.

    Parameters
    ----------
    graph
        What to write.
    format
        A key of ``FORMATS``.
    evidence
        How much evidence stands beside the plain triples: "none", "links" or "mentions".

    Raises
    ------
    UnknownFormat
        No such format; the message names those that there are.
    InputError
        As :func:`kg.export.quads.quads` does.

    Examples
    --------
    >>> graph = KnowledgeGraph(papers=(), entities=(), links=())
    >>> next(serialise(graph, "nt")).splitlines()[0][:41]
    b'<https://w3id.org/abstractkg/id/dataset> '
    """
    if format not in FORMATS:
        raise UnknownFormat(f"no RDF format {format!r}; available: {', '.join(FORMATS)}")
    module, _, name = FORMATS[format].partition(":")
    writer: Callable[[Iterable[Quad], str], Iterator[str]] = getattr(import_module(module), name)
    statements = quads(graph, evidence=evidence)
    return _chunks(writer(statements, check_base(graph.info.base_iri)))


def _chunks(pieces: Iterable[str]) -> Iterator[bytes]:
    held: list[str] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield "".join(held).encode()
            held.clear()
            size = 0
    yield "".join(held).encode()


def write_rdf(
    graph: KnowledgeGraph, path: str | Path, *, evidence: str = "mentions", format: str | None = None
) -> None:
    """Write the graph in the RDF format of the suffix of ``path``, or in ``format``; the file appears when it is whole.

    Raises
    ------
    UnknownFormat, InputError
        As :func:`serialise` does.
    OSError
        The file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "graph.ttl")
    >>> write_rdf(KnowledgeGraph(papers=(), entities=(), links=()), path)
    >>> path.read_text().splitlines()[0]
    '@base <https://w3id.org/abstractkg/id/> .'
    """
    path = Path(path)
    pieces = serialise(graph, format or path.suffix[1:].lower(), evidence=evidence)
    with replacing(path) as file:
        for piece in pieces:
            file.write(piece)


def to_rdf(graph: KnowledgeGraph, *, evidence: str = "mentions") -> rdflib.Dataset:
    """Return the graph as an rdflib dataset of named graphs; its default graph is their union.

    Examples
    --------
    >>> dataset = to_rdf(KnowledgeGraph(papers=(), entities=(), links=()))
    >>> sorted(str(graph.identifier) for graph in dataset.graphs() if len(graph))
    ['https://w3id.org/abstractkg/id/graph/header']
    """
    from rdflib import Dataset, Graph

    dataset = Dataset(default_union=True)
    term = rdflib_terms(dataset)
    graphs: dict[str, Graph] = {}
    for quad in quads(graph, evidence=evidence):
        if quad.graph not in graphs:
            graphs[quad.graph] = dataset.graph(quad.graph)
        graphs[quad.graph].add((term(quad.subject), term(quad.predicate), term(quad.object)))
    return dataset


def rdflib_terms(target: rdflib.Graph) -> Callable[[str | Literal], Identifier]:
    """Bind our prefixes in ``target``, and return the function that makes rdflib's terms of ours.

    >>> import rdflib
    >>> rdflib_terms(rdflib.Graph())(Literal("3", iri("xsd:integer"))).value
    3
    """
    from rdflib import Literal as RdflibLiteral
    from rdflib import URIRef

    for prefix, namespace in NAMESPACES.items():
        target.bind(prefix, namespace, override=True, replace=True)

    @lru_cache(maxsize=100_000)
    def node(value: str) -> URIRef:
        return URIRef(value)

    def term(value: str | Literal) -> Identifier:
        if isinstance(value, str):
            return node(value)
        return RdflibLiteral(
            value.value, datatype=None if value.datatype == iri("xsd:string") else node(value.datatype)
        )

    return term
