"""Abbreviations that a document defines: pairs of a short and a long form, with where they stand.

The candidates are those of Schwartz & Hearst, "A simple algorithm for identifying abbreviation definitions in
biomedical text" (PSB 2003): ``long form (SHORT)`` and ``SHORT (long form)``; added is what abstracts do besides:
``SHORT: A Long Form`` in titles, ``long form, or SHORT``, ``SHORT, short for long form``, plurals, digits (``W2V2``,
``D3``) and a citation in the same brackets. How the letters are read is in :mod:`extractors.alignment`. So ``t-SNE``
finds all of "t-distributed Stochastic Neighbor Embedding", and "(Ours)" finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from extractors.alignment import (
    GENERIC,
    HEADS,
    MINOR,
    NEVER,
    Part,
    align,
    is_short_form,
    limit,
    readings,
    split_parts,
)
from extractors.document import set_abbreviations
from schemas.records import Abbreviation

__all__ = ["AbbreviationFinder", "create_abbreviations", "find_abbreviations"]

_BRACKETS = re.compile(r"[(\[]")
_CLAUSE = re.compile(r"[;:?!()\[\]]|\.(?=\s)")  # what a long form does not reach across
_SHORT = r"[^\W_][\w.+/^@&*'’-]{0,13}[^\W_]\+?"
_OPEN, _SHUT = r"[\"'“‘*_]{0,3}", r"[\"'”’*_]{0,3}"
_FIRST_IN_BRACKETS = re.compile(
    r"\s{0,9}+(?:(?:i\.e\.|or|aka|a\.k\.a\.|abbreviated(?: as| to)?|abbr\.|dubbed|denoted(?: as| by)?|called|termed"
    rf"|named|hereafter|henceforth|short|in short)[:,]?\s++)?{_OPEN}(?P<short>{_SHORT}(?:[ -]{_SHORT})?){_SHUT}\s*+"
    r"(?=$|[;,:(\[])"
)
_LAST_WORD = re.compile(rf"(?<![\w-])(?P<short>{_SHORT}){_SHUT}\s*$")
_TITLE_NAME = re.compile(rf"\A{_OPEN}(?P<short>{_SHORT}){_SHUT}\s*(?::|\s[–—-]|—)\s+")
_AFTER_COMMA = re.compile(
    r"(?:,\s+(?:or|i\.e\.,?|abbreviated(?: as| to)?|called|dubbed|denoted(?: as| by)?)|\babbreviated(?: as| to)?)\s+"
    rf"{_OPEN}(?P<short>{_SHORT}){_SHUT}(?=[\s,.;)]|$)"
)
_STANDS_FOR = re.compile(
    rf"(?<![\w-])(?P<short>{_SHORT}){_SHUT}(?:,?\s+(?:which\s+)?(?:stands|standing|short)\s+for|,\s+an?)\s+(?:an?\s+|the\s+)?"
)
_INTRODUCERS = re.compile(r"\s*(?:(?:i\.e\.|short for|stands for|aka|a\.k\.a\.|an?|the|from)[,:]?\s+)*", re.IGNORECASE)


_COMMA = 0.3  # the cost of a comma inside a long form


class _Long(NamedTuple):
    start: int
    end: int
    cost: float
    excess: float  # of the cost over what is believed; at most 0


def _long_form(parts: list[Part], reach: int, cost: float, most: float) -> _Long:
    """The span over the first ``reach`` parts, to the end of a hyphenated word and of a head noun after it."""
    while reach < len(parts) and parts[reach].joined:
        reach += 1
    left = [part.text.casefold() for part in parts[reach:] if not part.joined]
    if len(left) == 1 and left[0] not in GENERIC | MINOR:
        reach = len(parts)
    if reach == 1 and parts[0].text.islower():
        cost += 0.4  # a single word hardly needs an abbreviation
    return _Long(parts[0].start, parts[reach - 1].end, cost, cost - most)


def _phrase(text: str, parts: list[Part], reach: int) -> list[Part]:
    """The first ``reach`` parts, if a phrase can end there: before a mark, a function word or a generic noun."""
    while reach < len(parts) and parts[reach].joined:
        reach += 1
    if reach < len(parts):
        gap, word = text[parts[reach - 1].end : parts[reach].start], parts[reach].text.casefold()
        if gap.isspace() and word not in MINOR | GENERIC | HEADS:
            return []
    return parts[:reach]


def _long_before(text: str, short: str, end: int) -> _Long | None:
    """The long form that ends at ``end``, before a short form in brackets or after "or"."""
    begin = max(0, end - 200)
    begin = max([begin, *(match.end() for match in _CLAUSE.finditer(text, begin, end))])
    parts = split_parts(text, max(begin, text.rfind("\n", begin, end) + 1), end)
    found: list[_Long] = []
    for letters in readings(short):
        for first in range(len(parts) - 1, max(-1, len(parts) - 2 * len(letters) - 6), -1):
            cost, reach = align(letters, parts[first:], whole=True)
            if cost == NEVER:
                continue
            cost += _COMMA * text.count(",", parts[first].start, end) + 0.2 * parts[first].joined
            found.append(_long_form(parts[first:], reach, cost, limit(letters, short)))
    return min(found, key=lambda long: (round(long.excess, 6), -long.start), default=None)


def _long_after(text: str, short: str, start: int, end: int, *, whole: bool) -> _Long | None:
    """The long form that starts at ``start``, no further than ``end``: after a short form."""
    introduced = _INTRODUCERS.match(text, start, end)
    parts = split_parts(text, introduced.end() if introduced else start, end)
    found: list[_Long] = []
    for letters in readings(short):
        cost, reach = align(letters, parts[: 2 * len(letters) + 5], whole=whole)
        if cost < NEVER and (phrase := parts if whole else _phrase(text, parts, reach)):
            found.append(_long_form(phrase, reach, cost, limit(letters, short)))
    return min(found, key=lambda long: long.excess, default=None)


def _closing(text: str, start: int) -> int:
    """Where the bracket that opens at ``start`` is closed; within the 300 characters after it, else there."""
    depth = 0
    for match in re.compile(r"[()\[\]]").finditer(text, start, start + 300):
        depth += 1 if match[0] in "([" else -1
        if depth == 0:
            return match.start()
    return min(len(text), start + 300)


def _in_brackets(text: str) -> Iterator[tuple[re.Match[str], _Long]]:
    """``long form (SHORT; ...)`` and ``SHORT (long form)``."""
    for bracket in _BRACKETS.finditer(text):
        start, close = bracket.end(), _closing(text, bracket.start())
        match = _FIRST_IN_BRACKETS.match(text, start, close)
        long = _long_before(text, match["short"], bracket.start()) if match else None
        if match and long and long.excess <= 0 and is_short_form(match["short"]):
            yield match, long
            continue
        before = _LAST_WORD.search(text, max(0, bracket.start() - 24), bracket.start())
        if before:
            content = re.compile(r"[;,(\[]|$").search(text, start, close)
            long = _long_after(text, before["short"], start, content.start() if content else close, whole=True)
            long = long or _long_after(text, before["short"], start, close, whole=True)
            if long and long.excess <= 0:
                yield before, long


def _in_words(text: str) -> Iterator[tuple[re.Match[str], _Long]]:
    """``SHORT: A Long Form`` in the title; ``long form, or SHORT``; ``SHORT, short for long form``.

    Without brackets to say where the long form ends, nearly every word of it must give a letter.
    """
    title = text.find("\n") if "\n" in text else len(text)
    found: list[tuple[re.Match[str], _Long | None]] = []
    if match := _TITLE_NAME.match(text[:title]):
        found.append((match, _long_after(text, match["short"], match.end(), title, whole=False)))
    found += [(match, _long_before(text, match["short"], match.start())) for match in _AFTER_COMMA.finditer(text)]
    for match in _STANDS_FOR.finditer(text):
        clause = _CLAUSE.search(text, match.end(), match.end() + 300)
        end = clause.start() if clause else match.end() + 300
        found.append((match, _long_after(text, match["short"], match.end(), end, whole=False)))
    for match, long in found:
        if long and long.cost <= 0.25 and long.excess <= 0:
            yield match, long


def find_abbreviations(text: str) -> list[Abbreviation]:
    """Return the abbreviations that ``text`` defines, in text order, each short form once.

    Offsets are in characters of ``text``; its title, where it has one, ends at the first line feed. The confidence
    falls with the cost of reading the short form off the long one.

    Examples
    --------
    >>> text = "BERT: Bidirectional Encoders\\nWe use t-distributed Stochastic Neighbor Embedding (t-SNE; Li 2008)."
    >>> [(pair.short, pair.long) for pair in find_abbreviations(text)]
    [('t-SNE', 't-distributed Stochastic Neighbor Embedding')]
    >>> [(pair.short, pair.long) for pair in find_abbreviations("LLMs (large language models), or not")]
    [('LLMs', 'large language models')]
    """
    found: dict[str, Abbreviation] = {}
    for match, long in [*_in_brackets(text), *_in_words(text)]:
        short, span = match["short"], (long.start, long.end)
        if is_short_form(short) and len(short) < long.end - long.start and short not in found:
            confidence = round(max(0.5, 0.98 - 0.3 * long.cost), 4)
            found[short] = Abbreviation(short, text[slice(*span)], *match.span("short"), *span, confidence)
    return sorted(found.values(), key=lambda pair: pair.start)


class AbbreviationFinder:
    """The component around :func:`find_abbreviations`."""

    def __call__(self, doc: Doc) -> Doc:
        """Set ``doc._.abbreviations``."""
        set_abbreviations(doc, find_abbreviations(doc.text))
        return doc


@Language.factory("kg_abbreviations", assigns=["doc._.abbreviations"])
def create_abbreviations(nlp: Language, name: str) -> AbbreviationFinder:
    """Return the component ``kg_abbreviations``.

    >>> import spacy
    >>> from extractors.document import get_abbreviations
    >>> nlp = spacy.blank("en")
    >>> _ = nlp.add_pipe("kg_abbreviations")
    >>> get_abbreviations(nlp("A Low-Rank Adaptation (LoRA) of it"))[0].long
    'Low-Rank Adaptation'
    """
    return AbbreviationFinder()
