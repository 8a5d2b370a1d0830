"""JSON-LD 1.1: quads to chunks of text, streaming, one node a line.

The file brings its context along (``schemas/context.jsonld``), so that reading it asks no network. Graphs' names are
left out, so that every reader finds all statements in the default graph.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import schemas
from kg.export.terms import Literal, Quad, iri
from schemas.vocabulary import NAMESPACES

__all__ = ["context", "to_jsonld"]


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


def to_jsonld(quads: Iterable[Quad], base: str) -> Iterator[str]:
    """Yield JSON-LD; ``base`` is not needed.

    Examples
    --------
    >>> quad = Quad("https://example.org/a", iri("akg:paperCount"), Literal("3", iri("xsd:integer")), "")
    >>> list(to_jsonld([quad], ""))[1]
    '\\n{"@id":"https://example.org/a","paperCount":3}'
    """
    yield f'{{"@context":{_dump(context())},"@graph":['
    comma = ""
    for subject, group in groupby(quads, attrgetter("subject")):
        yield f"{comma}\n{_dump({'@id': subject} | _properties(group))}"
        comma = ","
    yield "\n]}\n"


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _properties(quads: Iterable[Quad]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for predicate, group in groupby(quads, attrgetter("predicate")):
        values = [quad.object for quad in group]
        if predicate == iri("rdf:type"):
            name, compact = "@type", [_class(str(value)) for value in values]
        else:
            name, type_ = _terms()[predicate]
            compact = [_value(value, type_) for value in values]
        properties[name] = compact[0] if len(compact) == 1 else compact
    return properties


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
