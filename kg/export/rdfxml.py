"""RDF/XML: how it writes a block of statements about one subject; the graphs' names are left out, as it has none."""

from __future__ import annotations

import re
from functools import cache
from xml.sax.saxutils import escape, quoteattr

from kg.export.terms import Block, Literal, iri
from kg.export.turtle import PREFIXES
from schemas.vocabulary import NAMESPACES

__all__ = ["RdfXml"]

_NAMESPACES = {"rdf": NAMESPACES["rdf"]} | PREFIXES
_NAMES = {namespace: prefix for prefix, namespace in NAMESPACES.items()}


class RdfXml:
    """An ``rdf:Description`` for each subject.

    >>> print(RdfXml("").block("https://example.org/a", {iri("akg:uses"): {"https://example.org/b": None}}, ""), end="")
      <rdf:Description rdf:about="https://example.org/a">
        <akg:uses rdf:resource="https://example.org/b"/>
      </rdf:Description>
    """

    braces = False
    between = ""

    def __init__(self, base: str) -> None:
        self.base = base  # not needed: IRIs are written in full

    def head(self) -> str:
        """Return the declaration and the root with its namespaces."""
        names = "".join(f"\n    xmlns:{prefix}={quoteattr(namespace)}" for prefix, namespace in _NAMESPACES.items())
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{names}>\n'

    def open(self, graph: str) -> str:
        """Return nothing."""
        return ""

    def close(self) -> str:
        """Return nothing."""
        return ""

    def block(self, subject: str, block: Block, graph: str) -> str:
        """Return the description of a subject."""
        lines = "".join(
            f"    {_property(_name(predicate), value)}\n" for predicate, objects in block.items() for value in objects
        )
        return f"  <rdf:Description rdf:about={quoteattr(subject)}>\n{lines}  </rdf:Description>\n"

    def escape(self, value: str) -> str:
        """Return a text as it stands between two tags."""
        return escape(value)

    def tail(self) -> str:
        """Close the root."""
        return "</rdf:RDF>\n"


@cache
def _name(predicate: str) -> str:
    namespace, local = re.split("(?<=[#/])(?=[^#/]*$)", predicate, maxsplit=1)
    return f"{_NAMES[namespace]}:{local}"


def _property(name: str, value: str | Literal) -> str:
    prefix = name.partition(":")[0]
    opened = name if prefix in _NAMESPACES else f"{name} xmlns:{prefix}={quoteattr(NAMESPACES[prefix])}"
    if isinstance(value, str):
        return f"<{opened} rdf:resource={quoteattr(value)}/>"
    if value.datatype == iri("xsd:string"):
        return f"<{opened}>{escape(value.value)}</{name}>"
    return f"<{opened} rdf:datatype={quoteattr(value.datatype)}>{escape(value.value)}</{name}>"
