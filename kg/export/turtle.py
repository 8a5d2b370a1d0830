"""N-Triples, N-Quads, Turtle and TriG: quads to chunks of text, streaming.

Turtle and TriG come one subject a block, with prefixes and a base, in the order of the quads. rdflib's writers were
measured and left: N-Triples, JSON-LD and RDF/XML differ from one hash seed to the next, and Turtle takes ten times as
long; pyoxigraph's Turtle gives most IRIs in full or with escapes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from kg.export.terms import Literal, Quad, iri
from schemas.vocabulary import NAMESPACES

__all__ = ["PREFIXES", "prefixed", "to_nquads", "to_ntriples", "to_trig", "to_turtle"]

# Those of the namespaces that occur in what we write.
PREFIXES = {name: NAMESPACES[name] for name in sorted(NAMESPACES) if name not in ("owl", "rdf", "rdfs", "sh")}

_SPECIAL = re.compile(r'["\\\x00-\x1f\x7f]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LOCAL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
_NUMBER = {iri("xsd:integer"): re.compile(r"-?\d+", re.ASCII), iri("xsd:decimal"): re.compile(r"-?\d+\.\d+", re.ASCII)}

Shorten = Callable[[str], str]


def _quoted(value: str) -> str:
    """Return ``value`` as a string of N-Triples; the same is valid in Turtle."""
    return f'"{_SPECIAL.sub(_escape, value)}"'


def _escape(match: re.Match[str]) -> str:
    return _SHORT.get(match[0]) or f"\\u{ord(match[0]):04X}"


def _term(term: str | Literal) -> str:
    if isinstance(term, str):
        return f"<{term}>"
    if term.datatype == iri("xsd:string"):
        return _quoted(term.value)
    return f"{_quoted(term.value)}^^<{term.datatype}>"


def to_ntriples(quads: Iterable[Quad], base: str) -> Iterator[str]:
    """Yield a line of N-Triples for each quad; ``base`` is not needed."""
    for quad in quads:
        yield f"<{quad.subject}> <{quad.predicate}> {_term(quad.object)} .\n"


def to_nquads(quads: Iterable[Quad], base: str) -> Iterator[str]:
    """Yield a line of N-Quads for each quad; ``base`` is not needed."""
    for quad in quads:
        yield f"<{quad.subject}> <{quad.predicate}> {_term(quad.object)} <{quad.graph}> .\n"


def to_turtle(quads: Iterable[Quad], base: str) -> Iterator[str]:
    """Yield Turtle, subject by subject; IRIs under ``base`` are written relative to it.

    Examples
    --------
    >>> quad = Quad("https://example.org/a", iri("akg:uses"), "https://example.org/b", "https://example.org/g")
    >>> print(list(to_turtle([quad], "https://example.org/"))[-1])
    <BLANKLINE>
    <a> akg:uses <b> .
    <BLANKLINE>
    """
    shorten = _shortener(base)
    yield from _head(base)
    for subject, group in groupby(quads, attrgetter("subject")):
        yield f"\n{_block(subject, group, shorten, indent='')}"


def to_trig(quads: Iterable[Quad], base: str) -> Iterator[str]:
    """Yield TriG, as :func:`to_turtle` does, each graph in braces."""
    shorten = _shortener(base)
    yield from _head(base)
    for name, statements in groupby(quads, attrgetter("graph")):
        yield f"\n{shorten(name)} {{\n"
        for number, (subject, group) in enumerate(groupby(statements, attrgetter("subject"))):
            yield ("\n" if number else "") + _block(subject, group, shorten, indent="    ")
        yield "}\n"


def _relative_to(base: str) -> bool:
    """Tell whether parsers resolve relative IRIs against ``base`` by mere concatenation."""
    return re.fullmatch(r"https?://[^/?#]+/([^?#]*/)?", base) is not None


def _head(base: str) -> Iterator[str]:
    if _relative_to(base):
        yield f"@base <{base}> .\n"
    for prefix, namespace in PREFIXES.items():
        yield f"@prefix {prefix}: <{namespace}> .\n"


def _shortener(base: str) -> Shorten:
    """Return the function that writes an IRI with a prefix or relative to ``base`` where it can."""
    relative = _relative_to(base)
    known: dict[str, str] = {iri("rdf:type"): "a"}

    def shorten(value: str) -> str:
        if relative and value.startswith(base):
            return f"<{value[len(base) :]}>"
        if value not in known:
            if len(known) > 10_000:  # foreign identities; ours are few
                known.clear()
                known[iri("rdf:type")] = "a"
            known[value] = prefixed(value)
        return known[value]

    return shorten


def prefixed(value: str) -> str:
    """Return an IRI with one of our prefixes if it can be written so, else in angle brackets.

    >>> prefixed("http://www.w3.org/2004/02/skos/core#prefLabel")
    'skos:prefLabel'
    """
    for prefix, namespace in NAMESPACES.items():
        if value.startswith(namespace) and _LOCAL_NAME.fullmatch(local := value[len(namespace) :]):
            return f"{prefix}:{local}"
    return f"<{value}>"


def _object(term: str | Literal, shorten: Shorten) -> str:
    if isinstance(term, str):
        return shorten(term)
    if (number := _NUMBER.get(term.datatype)) and number.fullmatch(term.value):
        return term.value
    if term.datatype == iri("xsd:string"):
        return _quoted(term.value)
    return f"{_quoted(term.value)}^^{shorten(term.datatype)}"


def _block(subject: str, quads: Iterable[Quad], shorten: Shorten, *, indent: str) -> str:
    lines = []
    for predicate, group in groupby(quads, attrgetter("predicate")):
        objects = ", ".join(_object(quad.object, shorten) for quad in group)
        lines.append(f"{shorten(predicate)} {objects}")
    return f"{indent}{shorten(subject)} " + f" ;\n{indent}    ".join(lines) + " .\n"
