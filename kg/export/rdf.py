"""The graph as an RDF dataset or file. :mod:`kg.export.quads` decides what is said, the syntaxes beside it how.

======== =============== ==========================================================
suffix   format          named graphs
======== =============== ==========================================================
.ttl     Turtle          no: all statements together
.nt      N-Triples       no
.jsonld  JSON-LD         no; the context is in the file
.rdf     RDF/XML         no
.trig    TriG            the entities, one for each paper, and the header
.nq      N-Quads         the same
======== =============== ==========================================================

All are UTF-8, byte-identical for identical graphs, and hold the same statements; a second suffix ``.gz`` or ``.zst``
compresses them. Cut into shards, each file is a document of its own: a paper or an entity stays in the shard that its
id gives it, and the header stands in the first.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from contextlib import ExitStack
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from kg.export import replacing
from kg.export.compression import COMPRESSIONS, SupportsWrite, compressed
from kg.export.header import Tally, header_parts
from kg.export.iris import Iris
from kg.export.quads import Source, check_evidence, entity_blocks, former_blocks, quads, records_of
from kg.export.templates import Renderer
from kg.export.terms import Literal, Syntax, iri, join_parts
from kg.graph import KnowledgeGraph
from schemas.errors import InputError, UnknownFormat
from schemas.vocabulary import NAMESPACES

if TYPE_CHECKING:
    import rdflib
    from rdflib.term import Identifier

__all__ = [
    "FORMATS",
    "format_of",
    "quads",
    "rdflib_terms",
    "serialise",
    "shard_of",
    "shard_paths",
    "syntax_of",
    "to_rdf",
    "units",
    "write_rdf",
    "write_shard",
]

FORMATS = {
    "ttl": "kg.export.turtle:Turtle",
    "nt": "kg.export.turtle:NTriples",
    "nq": "kg.export.turtle:NQuads",
    "trig": "kg.export.turtle:TriG",
    "jsonld": "kg.export.jsonld:JsonLd",
    "rdf": "kg.export.rdfxml:RdfXml",
}
CHUNK = 1 << 16  # characters written at a time
MOST_SHARDS = 512  # files open at once


def serialise(graph: KnowledgeGraph | Source, format: str, *, evidence: str = "mentions") -> Iterator[bytes]:
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
    syntax = syntax_of(format, graph.info.base_iri)
    check_evidence(evidence)
    return _chunks(graph, syntax, evidence)


def _chunks(graph: KnowledgeGraph | Source, syntax: Syntax, evidence: str) -> Iterator[bytes]:
    document = _Document(syntax)
    for _, name, text in units(graph, syntax, evidence):
        if chunk := document.add(name, text):
            yield chunk
    yield document.end()


def units(
    graph: KnowledgeGraph | Source,
    syntax: Syntax,
    evidence: str,
    *,
    tally: Tally | None = None,
    without: Container[str] = (),
) -> Iterator[tuple[str, str, str]]:
    """Yield what is said, unit by unit: an id, the name of the graph that it stands in, and the text.

    The units are the entities, the papers, and last the header, whose id is empty; ``tally`` is what the header is to
    count beside them, and in the end holds all. Papers whose graphs are in ``without`` are left out and not counted.
    """
    iris, tally = Iris(graph.info.base_iri), Tally() if tally is None else tally
    renderer = Renderer(syntax, iris, evidence)
    for entity in graph.entities:
        tally.add_entity(entity)
        text, count = renderer.blocks(entity_blocks(entity, iris), iris.entity_graph)
        tally.statements += count
        yield entity.id, iris.entity_graph, text
    for former, current in graph.replaced.items():
        text, count = renderer.blocks(former_blocks(former, current, iris), iris.entity_graph)
        tally.statements += count
        yield former, iris.entity_graph, text
    for paper, links, results in records_of(graph):
        name = iris.paper_graph(paper.id)
        if name in without:
            continue
        tally.add_paper(links, results)
        text, count = renderer.paper(paper, links, results)
        tally.statements += count
        yield paper.id, name, text
    text, _ = renderer.blocks(join_parts(header_parts(graph.info, tally, iris)), iris.header_graph)
    yield "", iris.header_graph, text


class _Document:
    """A document under way: takes units, gives bytes from time to time."""

    def __init__(self, syntax: Syntax) -> None:
        self._syntax = syntax
        self._held = [syntax.head()]
        self._size = 0
        self._graph: str | None = None
        self._between = ""  # before the next unit

    def add(self, graph: str, text: str) -> bytes:
        """Add a unit; return what is to be written now, if anything."""
        if self._syntax.braces and graph != self._graph:
            self._held.append((self._syntax.close() if self._graph else "") + self._syntax.open(graph))
            self._between = ""
        self._graph = graph
        self._held += [self._between, text]
        self._between = self._syntax.between
        self._size += len(text)
        return self._flush() if self._size >= CHUNK else b""

    def end(self) -> bytes:
        """Return the rest."""
        self._held.append((self._syntax.close() if self._graph else "") + self._syntax.tail())
        return self._flush()

    def _flush(self) -> bytes:
        chunk = "".join(self._held).encode()
        self._held.clear()
        self._size = 0
        return chunk


def syntax_of(format: str, base: str) -> Syntax:
    """Return the syntax of a format, a key of ``FORMATS``, for a graph whose IRIs begin with ``base``.

    Raises
    ------
    UnknownFormat
        It is no such key.

    Examples
    --------
    >>> type(syntax_of("nt", "https://example.org/")).__name__
    'NTriples'
    """
    if format not in FORMATS:
        raise UnknownFormat(f"no RDF format {format!r}; available: {', '.join(FORMATS)}")
    module, _, name = FORMATS[format].partition(":")
    make: Callable[[str], Syntax] = getattr(import_module(module), name)
    return make(base)


def format_of(name: str) -> tuple[str, str]:
    """Return format and compression of a file name; either is "" where the name does not tell it.

    >>> format_of("graph.nq.zst"), format_of("graph.TTL"), format_of("graph.v2")
    (('nq', 'zst'), ('ttl', ''), ('', ''))
    """
    stem, _, last = name.lower().rpartition(".")
    compression = last if last in COMPRESSIONS else ""
    format_ = stem.rpartition(".")[2] if compression else last
    return (format_ if format_ in FORMATS else "", compression)


def write_rdf(
    graph: KnowledgeGraph | Source,
    path: str | Path,
    *,
    evidence: str = "mentions",
    format: str | None = None,
    shards: int = 1,
) -> None:
    """Write the graph in the RDF format of the suffix of ``path``, or in ``format``; a file appears when it is whole.

    Parameters
    ----------
    graph, path
        What to write, and where.
    evidence
        "none", "links" or "mentions".
    format
        A key of ``FORMATS``, with ``.gz`` or ``.zst`` for a compressed file: "nq", "nq.zst".
    shards
        In how many files, from 1 to 512; with more than one each has its number in its name (:func:`shard_paths`).

    Raises
    ------
    UnknownFormat, InputError
        As :func:`serialise` does; a number of shards that cannot be.
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
    kind, compression = format_of(f"x.{format.lower()}" if format else path.name)
    syntax = syntax_of(kind or format or path.suffix[1:].lower(), graph.info.base_iri)
    check_evidence(evidence)
    with ExitStack() as stack:
        files: list[SupportsWrite] = [
            stack.enter_context(compressed(stack.enter_context(replacing(shard)), compression))
            for shard in shard_paths(path, shards)
        ]
        documents = [_Document(syntax) for _ in files]
        for key, name, text in units(graph, syntax, evidence):
            number = shard_of(key, len(files))
            files[number].write(documents[number].add(name, text))
        for file, document in zip(files, documents, strict=True):
            file.write(document.end())


def write_shard(
    part: Source, file: SupportsWrite, name: str, *, evidence: str = "mentions", tally: Tally, has_header: bool
) -> None:
    """Write one shard of those of :func:`write_rdf`, whose entities and papers ``part`` has, and no others.

    The shard with the header, which is that of the empty id, comes last: ``tally`` must hold what the others count.
    """
    syntax = syntax_of(format_of(name)[0], part.info.base_iri)
    document = _Document(syntax)
    for key, graph, text in units(part, syntax, evidence, tally=tally):
        if key or has_header:
            file.write(document.add(graph, text))
    file.write(document.end())


def shard_of(key: str, shards: int) -> int:
    """Return in which shard, from 0, an id is; that of the header is empty.

    >>> shard_of("", 8), shard_of("arxiv:1810.04805", 8)
    (0, 4)
    """
    return crc32(key.encode("utf-8", "surrogatepass")) % shards


def shard_paths(path: Path, shards: int) -> list[Path]:
    """Return the files into which a graph is cut.

    >>> [shard.name for shard in shard_paths(Path("graph.nq.gz"), 2)]
    ['graph-1-of-2.nq.gz', 'graph-2-of-2.nq.gz']
    """
    if not 1 <= shards <= MOST_SHARDS:
        raise InputError(f"{shards} shards: give a number from 1 to {MOST_SHARDS}")
    if shards == 1:
        return [path]
    suffix = "".join(path.suffixes[-2:] if format_of(path.name)[1] else path.suffixes[-1:])
    stem, width = path.name.removesuffix(suffix), len(str(shards))
    return [path.with_name(f"{stem}-{n:0{width}}-of-{shards}{suffix}") for n in range(1, shards + 1)]


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
