"""Statements and their parts as plain values: an IRI is a string, a literal a pair, a quad four of them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple, Protocol

from kg.export.iris import literal_text
from schemas.vocabulary import NAMESPACES

__all__ = [
    "Block",
    "Blocks",
    "Literal",
    "Parts",
    "Quad",
    "Statement",
    "Syntax",
    "confidence",
    "decimal",
    "integer",
    "iri",
    "join_parts",
    "text",
    "year",
]


class Literal(NamedTuple):
    """A literal: its lexical form and the IRI of its datatype."""

    value: str
    datatype: str


class Quad(NamedTuple):
    """A statement and the named graph that it stands in; a plain string is an IRI."""

    subject: str
    predicate: str
    object: str | Literal
    graph: str


Statement = tuple[str, str | Literal]  # predicate and object
Parts = Iterable[tuple[str, Iterable[Statement]]]  # subjects and what is said of them
Block = dict[str, dict[str | Literal, None]]  # all that is said of one subject, by predicate: ordered sets of objects
Blocks = dict[str, Block]  # by subject


class Syntax(Protocol):
    """How a format writes what is said: a head, blocks of one subject each (graph by graph, if it has them), a tail."""

    braces: bool  # blocks stand inside graphs, which are opened and closed
    between: str  # what stands between two blocks

    def head(self) -> str:
        """Return what a document begins with."""

    def open(self, graph: str) -> str:
        """Return what a named graph begins with."""

    def close(self) -> str:
        """Return what a named graph ends with."""

    def block(self, subject: str, block: Block, graph: str) -> str:
        """Return the statements of one subject in one graph."""

    def escape(self, value: str) -> str:
        """Return a text as it stands between the quotes (or tags) of a literal."""

    def tail(self) -> str:
        """Return what a document ends with."""


def join_parts(parts: Parts) -> Blocks:
    """Join what is said of one subject by one predicate, and say nothing twice.

    >>> join_parts([("urn:a", [("urn:p", "urn:x"), ("urn:q", "urn:y")]), ("urn:a", [("urn:p", "urn:x")])])
    {'urn:a': {'urn:p': {'urn:x': None}, 'urn:q': {'urn:y': None}}}
    """
    blocks: Blocks = {}
    for subject, statements in parts:
        block = blocks.setdefault(subject, {})
        for predicate, value in statements:
            block.setdefault(predicate, {})[value] = None
    return blocks


@cache
def iri(name: str) -> str:
    """Return the IRI of a prefixed name.

    >>> iri("skos:prefLabel")
    'http://www.w3.org/2004/02/skos/core#prefLabel'
    """
    prefix, _, local = name.partition(":")
    return NAMESPACES[prefix] + local


def text(value: str) -> Literal:
    """Return a string as a literal that every format can hold; see :func:`kg.export.iris.literal_text`."""
    return Literal(literal_text(value), iri("xsd:string"))


def integer(value: int) -> Literal:
    """Return a whole number as a literal."""
    return Literal(str(value), iri("xsd:integer"))


def year(value: int) -> Literal:
    """Return a year as a literal of four digits or more."""
    return Literal(f"{value:04d}", iri("xsd:gYear"))


@lru_cache(maxsize=1 << 15)
def decimal(value: float) -> Literal:
    """Return a finite number as a decimal without exponent, with a digit on either side of the point.

    >>> [decimal(value).value for value in (80, 0.5, 1e-7, -0.0)]
    ['80.0', '0.5', '0.0000001', '0.0']
    """
    digits = f"{Decimal(str(value + 0.0)):f}"  # adding 0.0 makes floats of whole numbers, and 0.0 of -0.0
    return Literal(digits if "." in digits else f"{digits}.0", iri("xsd:decimal"))


@lru_cache(maxsize=1 << 15)
def confidence(value: float) -> Literal:
    """Return a confidence as a decimal of four digits at most."""
    return decimal(round(value, 4))
