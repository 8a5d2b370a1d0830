"""Versions, sizes and editions, and the families that they are variants of.

``GPT-3.5-turbo`` is a variant of ``GPT-3.5``, which is one of ``GPT``: what stands behind a name and says which one of
its kind is meant is taken off from the right, piece by piece, and a family is what then names another entity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kg.names import GLUED_REST, LEADING_SIZE, normal_form, plain, signature
from kg.resolution.inflection import words

__all__ = ["Variant", "families_of", "is_within", "parse_variant"]

SIZE: Final = re.compile(r"^\d+(?:\.\d+)?[bkmt]$", re.IGNORECASE)
NUMBER: Final = re.compile(r"^[vV]?\d+(?:\.\d+)*$")
SIZE_WORDS: Final = words("tiny mini nano small medium base large huge giant xs s m b l h g xl xxl")
EDITIONS: Final = words(
    "alpha beta cased chat distilled dev flash full instruct it lite mini plus preview pro public test turbo ultra "
    "uncased v"
)
# A name with a number glued on: Llama2, YOLOv5, GPT4o, ImageNet1k. One letter is not enough: T5, C4, F1 are names.
GLUED: Final = re.compile(r"^([^\W\d_][\w-]*?[^\W\d_]{2})([vV]?\d+(?:\.\d+)*[a-zA-Z]?)$")
NUMBER_LETTER: Final = re.compile(r"^(\d+(?:\.\d+)*)([a-zA-Z])$")  # GPT-4V
PIECE: Final = re.compile(r"[^\s_/()@-]+")
LARGE_NUMBER: Final = 10  # from which a whole number is a size (ResNet-50, CIFAR-100), below a version (GPT-4)


@dataclass(frozen=True, slots=True)
class Variant:
    """A name taken apart; what it does not have is empty."""

    family: str
    version: str = ""
    size: str = ""
    edition: str = ""


def _split(name: str) -> tuple[str, list[str]]:
    """The name without its markers, and the markers from left to right."""
    text = LEADING_SIZE.sub(r"\2 \1", GLUED_REST.sub("", plain(name))).strip("() ")
    pieces = [(match.start(), match[0]) for match in PIECE.finditer(text)]
    markers: list[str] = []
    while len(pieces) > 1 and _is_marker(pieces[-1][1]):
        start, piece = pieces.pop()
        markers = [*_parts(piece), *markers]
        text = text[:start].rstrip(" _-/(@")
    if pieces and (glued := GLUED.match(pieces[-1][1])):
        markers = [*_parts(glued[2]), *markers]
        text = text[: len(text) - len(glued[2])]
    return text, markers


def _parts(marker: str) -> list[str]:
    """4V is version 4, edition V; 1k is a size."""
    match = NUMBER_LETTER.match(marker)
    return [match[1], match[2]] if match and not SIZE.match(marker) else [marker]


def _is_marker(piece: str) -> bool:
    return (
        bool(SIZE.match(piece) or NUMBER.match(piece) or NUMBER_LETTER.match(piece))
        or piece.casefold() in SIZE_WORDS | EDITIONS
    )


def parse_variant(name: str) -> Variant:
    """Take a name apart into family, version, size and edition.

    >>> parse_variant("LLaMA-2 7B")
    Variant(family='LLaMA', version='2', size='7B', edition='')
    >>> parse_variant("GPT-3.5-turbo")
    Variant(family='GPT', version='3.5', size='', edition='turbo')
    """
    family, markers = _split(name)
    parts: dict[str, list[str]] = {"version": [], "size": [], "edition": []}
    for marker in markers:
        parts[_part(marker)].append(marker)
    return Variant(family, *("-".join(parts[name]) for name in ("version", "size", "edition")))


def _part(marker: str) -> str:
    if NUMBER.match(marker):
        return "size" if marker.isdigit() and int(marker) >= LARGE_NUMBER else "version"
    return "size" if SIZE.match(marker) or marker.casefold() in SIZE_WORDS else "edition"


def families_of(name: str) -> Iterator[str]:
    """Yield the names of the families of ``name``, the nearest first.

    >>> list(families_of("Llama-3.1-8B-Instruct")), list(families_of("ViT-B/16")), list(families_of("C4"))
    (['Llama 3.1 8B', 'Llama 3.1', 'Llama'], ['ViT B', 'ViT'], [])
    """
    family, markers = _split(name)
    for kept in range(len(markers) - 1, -1, -1):
        yield " ".join([family, *markers[:kept]])


def is_within(family: str, name: str) -> bool:
    """Tell whether a family's label claims no version or size that the name does not have.

    >>> is_within("GPT-3.5", "GPT-3.5-turbo"), is_within("SemEval 2024", "SemEval 2014")
    (True, False)
    """
    return set(signature(normal_form(family))) <= set(signature(normal_form(name)))
