"""Reading a short form off a long one: which letters of the words an abbreviation is made of, and how surely.

Schwartz & Hearst ("A simple algorithm for identifying abbreviation definitions in biomedical text", PSB 2003) take the
first alignment of letters from the right. Here it is the cheapest one: letters that begin words cost nothing, letters
inside words and words left out cost more.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

__all__ = [
    "GENERIC",
    "HEADS",
    "MINOR",
    "NEVER",
    "Part",
    "align",
    "is_short_form",
    "limit",
    "readings",
    "split_parts",
    "stands_for",
]

_PART = re.compile(r"[^\W_]+(?:['’](?!s\b)[^\W_]+)?|[&+]")
MINOR = frozenset(
    {
        *("a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "its", "of", "on", "or", "the", "through"),
        *("to", "under", "using", "via", "with", "&", "+"),
    }
)
# Nouns that follow a long form and often have no letter in the short one; the first belong to it, the second do not.
HEADS = frozenset({"learning", "model", "models", "network", "networks", "memory", "recognition", "generation"})
GENERIC = frozenset(
    {
        *("algorithm", "algorithms", "approach", "architecture", "benchmark", "challenge", "component", "corpus"),
        *("dataset", "datasets", "framework", "layer", "mechanism", "method", "methods", "metric", "module"),
        *("pipeline", "problem", "protocol", "scheme", "score", "strategy", "system", "task", "tasks", "technique"),
        *("techniques",),
    }
)
_NEVER_FIRST = frozenset({"our", "ours", "their", "these", "this", "we"})
_SPOKEN = {"1": ("one",), "2": ("to", "two", "too"), "3": ("three",), "4": ("for", "four"), "n": ("and",)} | {
    "x": ("cross", "ex", "trans")
}

# Costs and limits were chosen on annotated abstracts, by reading the dearest pairs that they let through.
_SKIPPED_WORD, _INNER, _LOOSE = 1.0, 0.25, 0.8
NEVER = float("inf")


class Part(NamedTuple):
    """A word, or a part of a hyphenated one, of a possible long form."""

    text: str
    start: int
    end: int
    joined: bool  # by a hyphen or slash to the part before


def split_parts(text: str, start: int, end: int) -> list[Part]:
    """Return the words of ``text[start:end]``, hyphenated ones in parts; offsets are those of ``text``.

    >>> [part.text for part in split_parts("low-rank adaptation", 0, 19)]
    ['low', 'rank', 'adaptation']
    """
    return [
        Part(match[0], match.start(), match.end(), match.start() > start and text[match.start() - 1] in "-‐‑–/")
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
        cost = NEVER if not position else 0.0 if word[position - 1].isupper() else _LOOSE
    for letter in letters[1:]:
        found = lower.find(letter, position)
        if found < 0:
            return NEVER
        cost += 0.05 if found == position or word[found : found + 1].isupper() else _INNER
        position = found + 1
    return cost


def _skip_cost(part: Part, first: Part) -> float:
    """The cost of a word in the middle of a long form that gives no letter."""
    if part.text.casefold() in MINOR:
        return 0.0
    if part.joined:
        return 0.1
    return _SKIPPED_WORD / 2 if part.text[0].islower() and first.text[0].isupper() else _SKIPPED_WORD


def _tail_cost(parts: list[Part]) -> float:
    """The cost of the words after the last letter, as far as the long form could reach."""
    cost = 0.0
    for part in parts:
        word = part.text.casefold()
        cost += 0.1 if part.joined else 0.2 if word in HEADS | GENERIC else 0.5 if word not in MINOR else 0.3
    return cost


def _opens(parts: list[Part], letter: str) -> bool:
    """Whether a long form whose short form begins with ``letter`` can begin with the first part."""
    part, following = parts[0], parts[1] if len(parts) > 1 else parts[0]
    if part.text.casefold() in _NEVER_FIRST:
        return False
    if part.text.casefold() in MINOR and not following.joined:
        return part.text[0].isupper() and following.text[0].isupper()
    return part.text.casefold().startswith((letter, *_SPOKEN.get(letter, ())))


def align(letters: str, parts: list[Part], *, whole: bool) -> tuple[float, int]:
    """The cheapest way to read ``letters`` off ``parts``: its cost, and how many parts it reaches over.

    The first letter begins the first part; with ``whole`` what is left after the last letter costs too.
    ``best[i]`` is the cost of having read ``i`` letters so far.
    """
    if not parts or not _opens(parts, letters[0]):
        return NEVER, 0
    best = [0.0] + [NEVER] * len(letters)
    complete = (NEVER, 0)
    for p, part in enumerate(parts):
        skip = _skip_cost(part, parts[0]) if p else NEVER
        following = [cost + skip for cost in best]
        for i in range(len(letters) if p else 1):
            for k in range(1, len(letters) - i + 1):
                cost = best[i] + _word_cost(part.text, letters[i : i + k])
                if cost == NEVER:
                    break
                following[i + k] = min(following[i + k], cost)
        tail = _tail_cost(parts[p + 1 :]) if whole and following[-1] < NEVER else 0.0
        complete = min(complete, (following[-1] + tail, p + 1))
        best = following
    return complete


def readings(short: str) -> list[str]:
    """The letters that a short form may stand for: without a plural s, with digits as they are or as a repetition."""
    plain = short[:-1] if re.search(r"[A-Z0-9]s$", short) else short
    letters = "".join(char for char in plain.casefold() if char.isalnum())
    repeated = re.sub(r"([a-z])\^?([2-5])", lambda match: match[1] * int(match[2]), plain.casefold())
    return list(dict.fromkeys([letters, "".join(char for char in repeated if char.isalnum())]))


def is_short_form(short: str) -> bool:
    """Return whether ``short`` has the form of an abbreviation: 2 to 20 characters, a letter, capitals or brevity.

    >>> [is_short_form(text) for text in ("LoRA", "nlp", "2010", "adaptations")]
    [True, True, False, False]
    """
    letters = sum(char.isalpha() for char in short)
    return letters > 0 and 2 <= len(short) <= 20 and (any(char.isupper() for char in short) or len(short) <= 8)


def limit(letters: str, short: str) -> float:
    """The cost up to which a pair is believed: a few letters are soon found by chance."""
    if not any(char.isupper() for char in short):
        return 0.1 if len(letters) < 5 else 0.35
    return {1: 0.0, 2: 0.3, 3: 0.7}.get(len(letters), 1.25)


def stands_for(short: str, long: str) -> bool:
    """Return whether ``short`` reads as an abbreviation of ``long``, without any text that says so.

    >>> stands_for("DPO", "direct preference optimization"), stands_for("DPO", "preference optimization")
    (True, False)
    """
    parts = split_parts(long, 0, len(long))
    costs = (align(letters, parts, whole=True)[0] for letters in readings(short) if len(letters) > 2)
    return is_short_form(short) and len(parts) > 1 and any(cost <= 0.1 for cost in costs)
