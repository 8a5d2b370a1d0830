"""Statements and their parts as plain values: an IRI is a string, a literal a pair, a quad four of them."""

from __future__ import annotations

from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from kg.export.iris import literal_text
from schemas.vocabulary import NAMESPACES

__all__ = ["Literal", "Quad", "Statement", "confidence", "decimal", "integer", "iri", "text", "year"]


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


@lru_cache(maxsize=4096)
def decimal(value: float) -> Literal:
    """Return a finite number as a decimal without exponent, with a digit on either side of the point.

    >>> [decimal(value).value for value in (80, 0.5, 1e-7, -0.0)]
    ['80.0', '0.5', '0.0000001', '0.0']
    """
    digits = f"{Decimal(str(value + 0.0)):f}"  # adding 0.0 makes floats of whole numbers, and 0.0 of -0.0
    return Literal(digits if "." in digits else f"{digits}.0", iri("xsd:decimal"))


def confidence(value: float) -> Literal:
    """Return a confidence as a decimal of four digits at most."""
    return decimal(round(value, 4))
