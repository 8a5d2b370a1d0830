"""RDF/XML: quads to chunks of text, streaming; the graphs' names are left out, as the format has none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from xml.sax.saxutils import escape, quoteattr

from kg.export.terms import Literal, Quad, iri
from kg.export.turtle import PREFIXES
from schemas.vocabulary import NAMESPACES

__all__ = ["to_rdfxml"]

_NAMESPACES = {"rdf": NAMESPACES["rdf"]} | PREFIXES
_NAMES = {namespace: prefix for prefix, namespace in _NAMESPACES.items()}


def to_rdfxml(quads: Iterable[Quad], base: str) -> Iterator[str]:
    """Yield RDF/XML, an ``rdf:Description`` for each subject; ``base`` is not needed.

    Examples
    --------
    >>> quad = Quad("https://example.org/a", iri("akg:uses"), "https://example.org/b", "https://example.org/g")
    >>> print(list(to_rdfxml([quad], ""))[1], end="")
      <rdf:Description rdf:about="https://example.org/a">
        <akg:uses rdf:resource="https://example.org/b"/>
      </rdf:Description>
    """
    names = "".join(f"\n    xmlns:{prefix}={quoteattr(namespace)}" for prefix, namespace in _NAMESPACES.items())
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{names}>\n'
    for subject, group in groupby(quads, attrgetter("subject")):
        lines = "".join(f"    {_property(quad.predicate, quad.object)}\n" for quad in group)
        yield f"  <rdf:Description rdf:about={quoteattr(subject)}>\n{lines}  </rdf:Description>\n"
    yield "</rdf:RDF>\n"


def _property(predicate: str, value: str | Literal) -> str:
    namespace, local = re.split("(?<=[#/])(?=[^#/]*$)", predicate, maxsplit=1)
    name = f"{_NAMES[namespace]}:{local}"
    if isinstance(value, str):
        return f"<{name} rdf:resource={quoteattr(value)}/>"
    if value.datatype == iri("xsd:string"):
        return f"<{name}>{escape(value.value)}</{name}>"
    return f"<{name} rdf:datatype={quoteattr(value.datatype)}>{escape(value.value)}</{name}>"
