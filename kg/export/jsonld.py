"""JSON-LD 1.1: how it writes a block of statements about one subject, one node a line.

The file brings its context along (``schemas/context.jsonld``), so that reading it asks no network. Graphs' names are
left out, so that every reader finds all statements in the default graph.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import schemas
from kg.export.terms import Block, Literal, iri
from schemas.vocabulary import NAMESPACES

__all__ = ["JsonLd", "context"]


@cache
def context() -> Mapping[str, Any]:
    """Return the terms of ``schemas/context.jsonld``.

    >>> context()["uses"]
    {'@id': 'akg:uses', '@type': '@id'}
    """
    terms: dict[str, Any] = json.loads(Path(schemas.__path__[0], "context.jsonld").read_text(encoding="utf-8"))
    return dict(terms["@context"])


@cache
def _terms() -> Mapping[str, tuple[str, str | None]]:
    """Return the name of each property, and the type that its values have unless they say otherwise."""
    return {
        iri(term["@id"]): (name, iri(term["@type"]) if "xsd:" in term.get("@type", "") else term.get("@type"))
        for name, term in context().items()
        if isinstance(term, dict)
    }


class JsonLd:
    """A node a line.

    >>> JsonLd("").block("https://example.org/a", {iri("akg:paperCount"): {Literal("3", iri("xsd:integer")): None}}, "")
    '{"@id":"https://example.org/a","paperCount":3}'
    """

    braces = False
    between = ",\n"

    def __init__(self, base: str) -> None:
        self.base = base  # not needed: IRIs are written in full

    def head(self) -> str:
        """Return the context."""
        return f'{{"@context":{_dump(context())},"@graph":[\n'

    def open(self, graph: str) -> str:
        """Return nothing."""
        return ""

    def close(self) -> str:
        """Return nothing."""
        return ""

    def block(self, subject: str, block: Block, graph: str) -> str:
        """Return a subject as a node."""
        node: dict[str, Any] = {"@id": subject}
        for predicate, objects in block.items():
            if predicate == iri("rdf:type"):
                name, values = "@type", [_class(str(value)) for value in objects]
            else:
                name, type_ = _terms().get(predicate, (_class(predicate), None))
                values = [_value(value, type_) for value in objects]
            node[name] = values[0] if len(values) == 1 else values
        return _dump(node)

    def escape(self, value: str) -> str:
        """Return a text as it stands between quotes."""
        return _dump(value)[1:-1]

    def tail(self) -> str:
        """Close the graph."""
        return "\n]}\n"


_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@cache
def _class(value: str) -> str:
    for prefix, namespace in NAMESPACES.items():
        if value.startswith(namespace):
            return f"{prefix}:{value[len(namespace) :]}"
    return value


def _value(value: str | Literal, type_: str | None) -> Any:
    if isinstance(value, str):
        return value if type_ == "@id" else {"@id": value}
    if value.datatype == type_:
        return value.value
    if value.datatype == iri("xsd:string"):
        return {"@value": value.value} if type_ else value.value
    if value.datatype == iri("xsd:integer"):
        return int(value.value)
    return {"@value": value.value, "@type": value.datatype}
