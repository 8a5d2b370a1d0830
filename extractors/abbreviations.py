"""Abbreviations that a document defines: pairs of a short and a long form, with where they stand.

The candidates are those of Schwartz & Hearst, "A simple algorithm for identifying abbreviation definitions in
biomedical text" (PSB 2003): ``long form (SHORT)`` and ``SHORT (long form)``; added is what abstracts do besides:
``SHORT: A Long Form`` in titles, ``long form, or SHORT``, ``SHORT, short for long form``, plurals, digits (``W2V2``,
``D3``) and a citation in the same brackets. Where their algorithm takes the first alignment of letters from the right,
we look for the cheapest one: letters that begin words cost nothing, letters inside words and words left out cost
more. So ``t-SNE`` finds all of "t-distributed Stochastic Neighbor Embedding", and "(Ours)" finds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from extractors.document import set_abbreviations
from schemas.records import Abbreviation

__all__ = ["AbbreviationFinder", "create_abbreviations", "find_abbreviations", "stands_for"]

_PART = re.compile(r"[^\W_]+(?:['’](?!s\b)[^\W_]+)?|[&+]")
_BRACKETS = re.compile(r"[(\[]")
_CLAUSE = re.compile(r"[;:?!()\[\]]|\.(?=\s)")  # what a long form does not reach across
_SHORT = r"[^\W_][\w.+/^@&*'’-]{0,13}[^\W_]\+?"
_OPEN, _SHUT = r"[\"'“‘*_]{0,3}", r"[\"'”’*_]{0,3}"
_FIRST_IN_BRACKETS = re.compile(
    r"\s*(?:(?:i\.e\.|or|aka|a\.k\.a\.|abbreviated(?: as| to)?|abbr\.|dubbed|denoted(?: as| by)?|called|termed|named"
    rf"|hereafter|henceforth|short|in short)[:,]?\s+)?{_OPEN}(?P<short>{_SHORT}(?:[ -]{_SHORT})?){_SHUT}\s*"
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
_MINOR = frozenset(
    {
        *("a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "its", "of", "on", "or", "the", "through"),
        *("to", "under", "using", "via", "with", "&", "+"),
    }
)
# Nouns that follow a long form and often have no letter in the short one; guidelines count only the first as its part.
_HEADS = frozenset({"learning", "model", "models", "network", "networks", "memory", "recognition", "generation"})
_GENERIC = frozenset(
    {
        *("algorithm", "algorithms", "approach", "architecture", "benchmark", "challenge", "component", "corpus"),
        *(
            "dataset",
            "datasets",
            "framework",
            "layer",
            "mechanism",
            "method",
            "methods",
            "metric",
            "module",
            "pipeline",
        ),
        *("problem", "protocol", "scheme", "score", "strategy", "system", "task", "tasks", "technique", "techniques"),
    }
)
_NEVER_FIRST = frozenset({"our", "ours", "their", "these", "this", "we"})
_SPOKEN = {"1": ("one",), "2": ("to", "two", "too"), "3": ("three",), "4": ("for", "four"), "n": ("and",)} | {
    "x": ("cross", "ex", "trans")
}

# Costs and limits were chosen on annotated abstracts, by reading the dearest pairs that they let through.
_SKIPPED_WORD, _INNER, _LOOSE, _COMMA = 1.0, 0.25, 0.8, 0.3
_NEVER = float("inf")


class _Part(NamedTuple):
    """A word, or a part of a hyphenated one, of a possible long form."""

    text: str
    start: int
    end: int
    joined: bool  # by a hyphen or slash to the part before


def _parts(text: str, start: int, end: int) -> list[_Part]:
    return [
        _Part(match[0], match.start(), match.end(), match.start() > start and text[match.start() - 1] in "-‐‑–/")
        for match in _PART.finditer(text, start, end)
    ]


@lru_cache(maxsize=4096)
def _word_cost(word: str, letters: str) -> float:
    """The cost of reading ``letters`` off ``word``; infinite where they are not all in it, in order."""
    lower, first = word.casefold(), letters[0]
    spoken = next((form for form in _SPOKEN.get(first, ()) if lower.startswith(form)), None)
    if spoken and (first != "n" or lower == spoken):
        cost, position = 0.1, len(spoken)
    elif lower.startswith(first):
        cost, position = 0.0, 1
    else:
        position = lower.find(first) + 1
        cost = _NEVER if not position else 0.0 if word[position - 1].isupper() else _LOOSE
    for letter in letters[1:]:
        found = lower.find(letter, position)
        if found < 0:
            return _NEVER
        cost += 0.05 if found == position or word[found : found + 1].isupper() else _INNER
        position = found + 1
    return cost


def _skip_cost(part: _Part, first: _Part) -> float:
    """The cost of a word in the middle of a long form that gives no letter."""
    if part.text.casefold() in _MINOR:
        return 0.0
    if part.joined:
        return 0.1
    return _SKIPPED_WORD / 2 if part.text[0].islower() and first.text[0].isupper() else _SKIPPED_WORD


def _tail_cost(parts: list[_Part]) -> float:
    """The cost of the words after the last letter, as far as the long form could reach."""
    cost = 0.0
    for part in parts:
        word = part.text.casefold()
        cost += 0.1 if part.joined else 0.2 if word in _HEADS | _GENERIC else 0.5 if word not in _MINOR else 0.3
    return cost


def _opens(parts: list[_Part], letter: str) -> bool:
    """Whether a long form whose short form begins with ``letter`` can begin with the first part."""
    part, following = parts[0], parts[1] if len(parts) > 1 else parts[0]
    if part.text.casefold() in _NEVER_FIRST:
        return False
    if part.text.casefold() in _MINOR and not following.joined:
        return part.text[0].isupper() and following.text[0].isupper()
    return part.text.casefold().startswith((letter, *_SPOKEN.get(letter, ())))


def _align(letters: str, parts: list[_Part], *, whole: bool) -> tuple[float, int]:
    """The cheapest way to read ``letters`` off ``parts``: its cost, and how many parts it reaches over.

    The first letter begins the first part; with ``whole`` what is left after the last letter costs too.
    ``best[i]`` is the cost of having read ``i`` letters so far.
    """
    if not parts or not _opens(parts, letters[0]):
        return _NEVER, 0
    best = [0.0] + [_NEVER] * len(letters)
    complete = (_NEVER, 0)
    for p, part in enumerate(parts):
        skip = _skip_cost(part, parts[0]) if p else _NEVER
        following = [cost + skip for cost in best]
        for i in range(len(letters) if p else 1):
            for k in range(1, len(letters) - i + 1):
                cost = best[i] + _word_cost(part.text, letters[i : i + k])
                if cost == _NEVER:
                    break
                following[i + k] = min(following[i + k], cost)
        tail = _tail_cost(parts[p + 1 :]) if whole and following[-1] < _NEVER else 0.0
        complete = min(complete, (following[-1] + tail, p + 1))
        best = following
    return complete


def _readings(short: str) -> list[str]:
    """The letters that a short form may stand for: without a plural s, with digits as they are or as a repetition."""
    plain = short[:-1] if re.search(r"[A-Z0-9]s$", short) else short
    letters = "".join(char for char in plain.casefold() if char.isalnum())
    repeated = re.sub(r"([a-z])\^?([2-5])", lambda match: match[1] * int(match[2]), plain.casefold())
    return list(dict.fromkeys([letters, "".join(char for char in repeated if char.isalnum())]))


def _is_short_form(short: str) -> bool:
    letters = sum(char.isalpha() for char in short)
    return letters > 0 and 2 <= len(short) <= 20 and (any(char.isupper() for char in short) or len(short) <= 8)


def _limit(letters: str, short: str) -> float:
    """The cost up to which a pair is believed: a few letters are soon found by chance."""
    if not any(char.isupper() for char in short):
        return 0.1 if len(letters) < 5 else 0.35
    return {1: 0.0, 2: 0.3, 3: 0.7}.get(len(letters), 1.25)


class _Long(NamedTuple):
    start: int
    end: int
    cost: float
    excess: float  # of the cost over what is believed; at most 0


def _long_form(parts: list[_Part], reach: int, cost: float, limit: float) -> _Long:
    """The span over the first ``reach`` parts, to the end of a hyphenated word and of a head noun after it."""
    while reach < len(parts) and parts[reach].joined:
        reach += 1
    left = [part.text.casefold() for part in parts[reach:] if not part.joined]
    if len(left) == 1 and left[0] not in _GENERIC | _MINOR:
        reach = len(parts)
    if reach == 1 and parts[0].text.islower():
        cost += 0.4  # a single word hardly needs an abbreviation
    return _Long(parts[0].start, parts[reach - 1].end, cost, cost - limit)


def _phrase(text: str, parts: list[_Part], reach: int) -> list[_Part]:
    """The first ``reach`` parts, if a phrase can end there: before a mark, a function word or a generic noun."""
    while reach < len(parts) and parts[reach].joined:
        reach += 1
    if reach < len(parts):
        gap, word = text[parts[reach - 1].end : parts[reach].start], parts[reach].text.casefold()
        if gap.isspace() and word not in _MINOR | _GENERIC | _HEADS:
            return []
    return parts[:reach]


def _long_before(text: str, short: str, end: int) -> _Long | None:
    """The long form that ends at ``end``, before a short form in brackets or after "or"."""
    begin = max(0, end - 200)
    begin = max([begin, *(match.end() for match in _CLAUSE.finditer(text, begin, end))])
    parts = _parts(text, max(begin, text.rfind("\n", begin, end) + 1), end)
    found: list[_Long] = []
    for letters in _readings(short):
        for first in range(len(parts) - 1, max(-1, len(parts) - 2 * len(letters) - 6), -1):
            cost, reach = _align(letters, parts[first:], whole=True)
            if cost == _NEVER:
                continue
            cost += _COMMA * text.count(",", parts[first].start, end) + 0.2 * parts[first].joined
            found.append(_long_form(parts[first:], reach, cost, _limit(letters, short)))
    return min(found, key=lambda long: (round(long.excess, 6), -long.start), default=None)


def _long_after(text: str, short: str, start: int, end: int, *, whole: bool) -> _Long | None:
    """The long form that starts at ``start``, no further than ``end``: after a short form."""
    introduced = _INTRODUCERS.match(text, start, end)
    parts = _parts(text, introduced.end() if introduced else start, end)
    found: list[_Long] = []
    for letters in _readings(short):
        cost, reach = _align(letters, parts[: 2 * len(letters) + 5], whole=whole)
        if cost < _NEVER and (phrase := parts if whole else _phrase(text, parts, reach)):
            found.append(_long_form(phrase, reach, cost, _limit(letters, short)))
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
        if match and long and long.excess <= 0 and _is_short_form(match["short"]):
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
        if _is_short_form(short) and len(short) < long.end - long.start and short not in found:
            confidence = round(max(0.5, 0.98 - 0.3 * long.cost), 4)
            found[short] = Abbreviation(short, text[slice(*span)], *match.span("short"), *span, confidence)
    return sorted(found.values(), key=lambda pair: pair.start)


def stands_for(short: str, long: str) -> bool:
    """Return whether ``short`` reads as an abbreviation of ``long``, without any text that says so.

    >>> stands_for("DPO", "direct preference optimization"), stands_for("DPO", "preference optimization")
    (True, False)
    """
    parts = _parts(long, 0, len(long))
    costs = (_align(letters, parts, whole=True)[0] for letters in _readings(short) if len(letters) > 2)
    return _is_short_form(short) and len(parts) > 1 and any(cost <= 0.1 for cost in costs)


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
