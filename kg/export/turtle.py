"""N-Triples, N-Quads, Turtle and TriG: how each writes a block of statements about one subject.

Turtle and TriG have prefixes and a base, and one block a subject. rdflib's writers were measured and left: N-Triples,
JSON-LD and RDF/XML differ from one hash seed to the next, and Turtle takes thirty times as long; pyoxigraph's Turtle
gives most IRIs in full or with escapes.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kg.export.terms import Block, Literal, iri
from schemas.vocabulary import NAMESPACES

__all__ = ["PREFIXES", "NQuads", "NTriples", "TriG", "Turtle", "prefixed"]

# Those of the namespaces that occur in every graph; only one with a type of the user's own needs owl and rdfs.
PREFIXES = {name: NAMESPACES[name] for name in sorted(NAMESPACES) if name not in ("owl", "rdf", "rdfs", "sh")}

_RARE = tuple(namespace for name, namespace in NAMESPACES.items() if name not in PREFIXES)

_SPECIAL = re.compile(r'["\\\x00-\x1f\x7f]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LOCAL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
_NUMBER = {iri("xsd:integer"): re.compile(r"-?\d+", re.ASCII), iri("xsd:decimal"): re.compile(r"-?\d+\.\d+", re.ASCII)}
_STRING = iri("xsd:string")


class NTriples:
    """A line a statement.

    >>> print(NTriples("urn:").block("urn:a", {"urn:p": {Literal("x", iri("xsd:string")): None}}, "urn:g"), end="")
    <urn:a> <urn:p> "x" .
    """

    braces = False
    between = ""

    def __init__(self, base: str) -> None:
        self.base = base

    def head(self) -> str:
        """Return nothing."""
        return ""

    tail = close = head

    def open(self, graph: str) -> str:
        """Return nothing."""
        return ""

    def block(self, subject: str, block: Block, graph: str) -> str:
        """Return a line for each statement; the name of the graph is left out."""
        return self._lines(subject, block, " .\n")

    def _lines(self, subject: str, block: Block, end: str) -> str:
        return "".join(
            f"<{subject}> <{predicate}> {self._term(value)}{end}"
            for predicate, objects in block.items()
            for value in objects
        )

    def _term(self, term: str | Literal) -> str:
        if isinstance(term, str):
            return f"<{term}>"
        if term.datatype == _STRING:
            return f'"{self.escape(term.value)}"'
        return f'"{self.escape(term.value)}"^^<{term.datatype}>'

    def escape(self, value: str) -> str:
        """Return a text as it stands between quotes; the same is valid in Turtle."""
        if value.isprintable() and '"' not in value and "\\" not in value:  # most texts, at a quarter of the time
            return value
        return _SPECIAL.sub(_escape, value)


class NQuads(NTriples):
    """A line a statement, which ends with the name of its graph.

    >>> print(NQuads("urn:").block("urn:a", {"urn:p": {"urn:b": None}}, "urn:g"), end="")
    <urn:a> <urn:p> <urn:b> <urn:g> .
    """

    def block(self, subject: str, block: Block, graph: str) -> str:
        """Return a line for each statement."""
        return self._lines(subject, block, f" <{graph}> .\n")


def _escape(match: re.Match[str]) -> str:
    return _SHORT.get(match[0]) or f"\\u{ord(match[0]):04X}"


class Turtle(NTriples):
    """A paragraph a subject; IRIs under ``base`` are written relative to it.

    >>> print(Turtle("https://e.org/").block("https://e.org/a", {iri("akg:uses"): {"https://e.org/b": None}}, ""))
    <a> akg:uses <b> .
    <BLANKLINE>
    """

    between = "\n"
    indent = ""

    def __init__(self, base: str) -> None:
        super().__init__(base)
        # Whether parsers resolve relative IRIs against the base by mere concatenation.
        self._relative = re.fullmatch(r"https?://[^/?#]+/([^?#]*/)?", base) is not None
        self._known = {iri("rdf:type"): "a"}  # what has been written with a prefix, or is never written otherwise

    def head(self) -> str:
        """Return the base and the prefixes."""
        base = f"@base <{self.base}> .\n" if self._relative else ""
        return base + "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items()) + "\n"

    def block(self, subject: str, block: Block, graph: str) -> str:
        """Return the statements, a line a predicate; the name of the graph is left out."""
        shorten, term, lines = self._shorten, self._term, []
        for predicate, objects in block.items():
            if len(objects) == 1:  # as most have
                (value,) = objects
                lines.append(f"{shorten(predicate)} {term(value)}")
            else:
                lines.append(f"{shorten(predicate)} {', '.join(map(term, objects))}")
        return f"{self.indent}{shorten(subject)} " + f" ;\n{self.indent}    ".join(lines) + " .\n"

    def _shorten(self, value: str) -> str:
        """Write an IRI with a prefix or relative to the base where that can be."""
        if (known := self._known.get(value)) is not None:
            return known
        if self._relative and value.startswith(self.base):
            return f"<{value[len(self.base) :]}>"
        short = f"<{value}>" if value.startswith(_RARE) else prefixed(value)
        if not short.startswith("<"):  # the terms of vocabularies, which are few
            self._known[value] = short
        return short

    def _term(self, term: str | Literal) -> str:
        if isinstance(term, str):
            return self._shorten(term)
        value, datatype = term
        if datatype == _STRING:
            return f'"{self.escape(value)}"'
        if datatype in _NUMBER and _NUMBER[datatype].fullmatch(value):
            return value
        return f'"{self.escape(value)}"^^{self._shorten(datatype)}'


class TriG(Turtle):
    """Turtle with each graph in braces."""

    braces = True
    indent = "    "

    def head(self) -> str:
        """Return the base and the prefixes."""
        return super().head().removesuffix("\n")

    def open(self, graph: str) -> str:
        """Return the name of the graph and a brace."""
        return f"\n{self._shorten(graph)} {{\n"

    def close(self) -> str:
        """Return the other brace."""
        return "}\n"


@lru_cache(maxsize=20_000)
def prefixed(value: str) -> str:
    """Return an IRI with one of our prefixes if it can be written so, else in angle brackets.

    >>> prefixed("http://www.w3.org/2004/02/skos/core#prefLabel")
    'skos:prefLabel'
    """
    for prefix, namespace in NAMESPACES.items():
        if value.startswith(namespace) and _LOCAL_NAME.fullmatch(local := value[len(namespace) :]):
            return f"{prefix}:{local}"
    return f"<{value}>"
