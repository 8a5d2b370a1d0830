"""Reading RDF files, ours or others', statement by statement, and handing them on to rdflib."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING

from kg.export.rdf import rdflib_terms
from kg.export.terms import Literal
from kg.readers.compression import decompressed
from schemas.errors import InputError, UnknownFormat

if TYPE_CHECKING:
    import rdflib
    from pyoxigraph import Quad, Triple
    from rdflib.term import Node

__all__ = ["SUFFIXES", "add_to_rdflib", "read_quads"]

SUFFIXES = {
    ".ttl": "TURTLE",
    ".nt": "N_TRIPLES",
    ".nq": "N_QUADS",
    ".trig": "TRIG",
    ".jsonld": "JSON_LD",
    ".rdf": "RDF_XML",
}


def read_quads(path: str | Path) -> Iterator[Quad]:
    """Yield the statements of an RDF file in the format of its suffix, streaming, decompressed where it is
    gzip or Zstandard; nothing is fetched from anywhere.

    Raises
    ------
    UnknownFormat
        The suffix is not one of ``SUFFIXES``.
    InputError
        The file is missing, or is not in its format; the message gives the line.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.nt")
    >>> _ = path.write_text("<urn:a> <urn:b> 'c' .")
    >>> next(read_quads(path))
    Traceback (most recent call last):
    schemas.errors.InputError: ...a.nt: not N-Triples: ... line 1 ...
    """
    from pyoxigraph import RdfFormat, parse

    path = Path(path)
    format_ = getattr(RdfFormat, _format_name(path))
    try:
        with path.open("rb") as raw, decompressed(raw) as file:
            # The base makes relative IRIs readable where a file forgot to say its own.
            yield from parse(BufferedReader(file), format=format_, base_iri=path.absolute().as_uri())
    except EOFError as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    except SyntaxError as error:
        raise InputError(f"{path}: not {format_.name}: {' '.join(str(error.msg).split())}") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error


def _format_name(path: Path) -> str:
    """Return pyoxigraph's name of the format that the suffix tells, that of a compression left aside."""
    suffixes = [suffix for suffix in path.suffixes if suffix.lower() not in (".gz", ".zst")]
    suffix = suffixes[-1].lower() if suffixes else ""
    if suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise UnknownFormat(f"{path}: no RDF format has the suffix {suffix!r}; available: {known}, also as .gz or .zst")
    return SUFFIXES[suffix]


def add_to_rdflib(statements: Iterable[Quad | Triple], graph: rdflib.Graph) -> None:
    """Add what pyoxigraph read to an rdflib graph, without the names of graphs.

    Raises
    ------
    InputError
        A statement is about a statement (RDF 1.2), which rdflib cannot hold.
    """
    import pyoxigraph as ox
    import rdflib

    term = rdflib_terms(graph)

    def convert(value: object) -> Node:
        match value:
            case ox.NamedNode():
                return term(value.value)
            case ox.Literal() if value.language:
                return rdflib.Literal(value.value, lang=value.language)
            case ox.Literal():
                return term(Literal(value.value, value.datatype.value))
            case ox.BlankNode():
                return rdflib.BNode(value.value)
        raise InputError(f"a statement about a statement is more than rdflib can hold: {value}")

    for statement in statements:
        graph.add((convert(statement.subject), convert(statement.predicate), convert(statement.object)))
