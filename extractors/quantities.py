"""Quantities as papers write them: ``76.5%``, ``+2.3 points``, ``2.4x``, ``1.9-3.3x``, ``two orders of magnitude``.

Each pattern is made of steps that never give back what they took (possessive quantifiers), so that reading takes time
in proportion to the text, whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["UNITS", "Quantity", "find_quantities", "parse_quantity"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity and where it stands, ``[start, end)`` in characters."""

    start: int
    end: int
    text: str  # as written
    number: float | None  # of a range the first; None of "several orders of magnitude"
    unit: str | None  # a value of UNITS, "rank", or None where it has none
    last: float | None = None  # of a range the last number


# A unit, and how it is written; a space may also be a hyphen.
_SPELLINGS: Final = {
    "%": "%|percent|per cent",
    "points": "% points|% point|percentage points|percentage point|percent points|absolute percentage points|"
    "absolute points|points|point|pts|pp|p.p.",
    "x": "x|X|×|times|time|fold|folds",
    "orders of magnitude": "orders of magnitude|order of magnitude",
    "ns": "ns",
    "μs": "μs|µs",
    "ms": "ms|milliseconds",
    "s": "s|sec|seconds|second",
    "min": "min|minutes|minute",
    "h": "h|hours|hour",
    "days": "days|day",
    "weeks": "weeks|week",
    "fps": "fps|FPS|frames per second",
    "Hz": "Hz",
    "kHz": "kHz",
    "dB": "dB",
    "KB": "KB",
    "MB": "MB",
    "GB": "GB",
    "TB": "TB",
    "FLOPs": "FLOPs",
    "MFLOPs": "MFLOPs",
    "GFLOPs": "GFLOPs",
    "TFLOPs": "TFLOPs",
    "bpp": "bpp",
    "mm": "mm",
    "cm": "cm",
    "m": "m",
    "km": "km",
    "°": "°|degrees",
    "mW": "mW",
    "W": "W",
}
UNITS: Final[dict[str, str]] = {word: unit for unit, words in _SPELLINGS.items() for word in words.split("|")}
_SCALES: Final = {
    **{"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "G": 1e9, "T": 1e12},
    **{"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12},
}
_COUNTED: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
)
_WORDS: Final[dict[str, float | None]] = {
    **{word: float(number) for number, word in enumerate(_COUNTED.split())},
    **{"a": 1.0, "an": 1.0, "several": None, "twenty": 20.0, "thirty": 30.0, "fifty": 50.0, "hundred": 100.0},
}
_FACTORS: Final = {
    **dict.fromkeys(("half", "halves", "halved", "halving"), 0.5),
    **dict.fromkeys(("twice", "double", "doubles", "doubled", "doubling", "twofold"), 2.0),
    **dict.fromkeys(("thrice", "triple", "triples", "tripled", "tripling", "threefold"), 3.0),
    **{"quadruple": 4.0, "fourfold": 4.0, "fivefold": 5.0, "tenfold": 10.0},
}
_ORDINALS: Final = {"first": 1.0, "second": 2.0, "third": 3.0, "fourth": 4.0, "fifth": 5.0, "sixth": 6.0}


def _alternatives(words: list[str]) -> str:
    """A pattern of ``words``, the longest first; a space in them may be a hyphen."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", "[ -]") for word in ordered)


_END: Final = r"(?![\w^@])"
# At most 20 digits: what is longer is no quantity.
_NUMBER: Final = (
    r"(?:\d{1,3}+(?:,\d{3}){1,5}+(?!\d)(?:\.\d{1,20}+)?+|\d{1,20}+(?:\.\d{1,20}+|\.(?=%))?+|\.\d{1,20}+)(?!\d)"
)
_GLUED: Final = _alternatives([unit for unit in UNITS if len(unit) <= 6 and " " not in unit])
_APART: Final = _alternatives([unit for unit in UNITS if len(unit) > 1 or unit in "%×xX"])
_SUFFIX: Final = re.compile(
    rf"(?:\+(?=[%x -]|\Z))?+(?:(?P<glued>{_GLUED}){_END}|[ -](?P<apart>{_APART}){_END}"
    rf"|[ -]?(?P<scale>{_alternatives(list(_SCALES))}){_END}|\^?(?P<ordinal>st|nd|rd|th){_END})?"
)
# Where a number may begin: not inside a name ("GPT-4") nor a number, but after what is left of LaTeX ("approx13%").
_FREE: Final = r"(?:(?<![\w%)\]}.,@^_/+\-–−])|(?<=approx)|(?<=sim)|(?<=leq)|(?<=geq)|(?<=\d/)|(?<=%/))"
_START: Final = re.compile(rf"{_FREE}(?P<sign>[+\-−–±<>])?+(?P<number>{_NUMBER})")
_DASH: Final = re.compile(rf" ?[-–—−~∼] ?[~∼]?(?P<number>{_NUMBER})")
_TO: Final = re.compile(rf" (?P<word>to|and) (?P<number>{_NUMBER})")
_FRACTION: Final = re.compile(r"(?:/| out of )\d{1,20}+(?!\.?\d)(?![/%])")
_SPELLED: Final = re.compile(
    rf"(?<![\w-])(?P<number>{_alternatives(list(_WORDS))})[ -]"
    r"(?P<unit>times|fold|hours?|minutes?|seconds?|days?|orders? of magnitude|(?:percentage |percent )?points?|percent)"
    r"(?![\w^@])",
    re.IGNORECASE,
)
_FACTOR: Final = re.compile(rf"(?<![\w-])(?:{_alternatives(list(_FACTORS))}){_END}", re.IGNORECASE)
_ORDINAL: Final = _alternatives(list(_ORDINALS))
_RANK: Final = re.compile(
    rf"\b(?:rank|ranks|ranked|ranking|placed|placing) (?P<after>{_ORDINAL}){_END}"
    rf"|(?<![\w-])(?P<before>{_ORDINAL})(?= (?:place|position|rank){_END})",
    re.IGNORECASE,
)
# What each quantity in digits, or in words, has in it: most sentences have none, and this is told ten times as fast.
_DIGIT: Final = re.compile(r"\d")
_HINTS: Final = (  # of which a sentence with a quantity in words has at least one
    *(
        "times",
        "fold",
        "hour",
        "minute",
        "second",
        "day",
        "order",
        "point",
        "percent",
        "half",
        "halv",
        "twice",
        "doubl",
    ),
    *("tripl", "thrice", "quadr", "rank", "plac", "position"),
)
_BEFORE_RANGE: Final = re.compile(r"\b(?:(?:rang|vary|vari)\w* from|between|hovering from) [~∼≈]?\Z")
_ABOUT: Final = "(?:about |around |roughly |approximately )?"
_BEFORE_GAIN: Final = re.compile(rf"\bby (?:up to )?{_ABOUT}[~∼≈]?\Z", re.IGNORECASE)
_BEFORE_CHANGE: Final = re.compile(rf"\bfrom {_ABOUT}[~∼≈]?\Z", re.IGNORECASE)


def _value(written: str, scale: str | None = None) -> float:
    return float(written.replace(",", "")) * _SCALES.get(scale or "", 1.0)


@dataclass(frozen=True, slots=True)
class _Part:
    """A number with its unit, where it ends, and whether it is not the beginning of a name."""

    end: int
    number: float
    unit: str | None
    is_whole: bool


def _is_joined(text: str, end: int) -> bool:
    """Whether what follows makes the number part of a name: ``3D``, ``4-bit``."""
    following = text[end : end + 2]
    return following[:1].isalnum() or following[:1] in ("_", "^", "@") or bool(re.match(r"-[A-Za-z]", following))


def _part(text: str, match: re.Match[str]) -> _Part:
    """The number of ``match``, and the unit after it."""
    after = _SUFFIX.match(text, match.end("number"))
    assert after is not None  # it may be empty
    written = after["glued"] or after["apart"]
    unit = (UNITS.get(written) or UNITS.get(written.replace("-", " "))) if written else None
    unit = "rank" if after["ordinal"] else unit
    return _Part(after.end(), _value(match["number"], after["scale"]), unit, not _is_joined(text, after.end()))


def _is_change(before: str, part: _Part, second: str) -> bool:
    """Whether "A to B" says what was and what is: after "from", downwards, or with a point ("34.7% to 40.3%").

    "By A to B" says how much, whatever the numbers.
    """
    if _BEFORE_GAIN.search(before):
        return False
    return bool(_BEFORE_CHANGE.search(before)) or "." in second or _value(second) < part.number


def _range_end(text: str, start: int, part: _Part) -> _Part | None:
    """The second number of a range whose first is ``part``, None where there is none."""
    match = _DASH.match(text, part.end)
    if match is None:
        match = _TO.match(text, part.end)
        if match is None:
            return None
        before = text[max(0, start - 40) : start]
        if not _BEFORE_RANGE.search(before) and (match["word"] == "and" or _is_change(before, part, match["number"])):
            return None
    last = _part(text, match)
    same = part.unit is None or last.unit is None or part.unit == last.unit
    return last if last.is_whole and same else None


def _numbers(text: str) -> Iterator[Quantity]:
    """Quantities in digits."""
    taken = 0
    if not _DIGIT.search(text):
        return
    for match in _START.finditer(text):
        start = match.start()
        if start < taken:
            continue
        part = _part(text, match)
        if part.unit is None and (fraction := _FRACTION.match(text, part.end)):
            part = _Part(fraction.end(), part.number, None, not _is_joined(text, fraction.end()))
        last = _range_end(text, start, part)
        whole = last or part
        if whole.is_whole:
            taken = whole.end
            number = -part.number if match["sign"] in ("-", "−", "–") else part.number
            unit = whole.unit or part.unit
            yield Quantity(start, whole.end, text[start : whole.end], number, unit, last.number if last else None)


def _words(text: str) -> Iterator[Quantity]:
    """Quantities in words."""
    lower = text.lower()
    if not any(hint in lower for hint in _HINTS):  # several times as fast as an expression
        return
    for match in _SPELLED.finditer(text):
        number, unit = match["number"].lower(), UNITS[match["unit"].lower()]
        if unit == "orders of magnitude" or number not in ("a", "an"):
            yield Quantity(match.start(), match.end(), match[0], _WORDS[number], unit)
    for match in _FACTOR.finditer(text):
        yield Quantity(match.start(), match.end(), match[0], _FACTORS[match[0].lower()], "x")
    for match in _RANK.finditer(text):
        group = "after" if match["after"] else "before"
        yield Quantity(*match.span(group), match[group], _ORDINALS[match[group].lower()], "rank")


def find_quantities(text: str) -> list[Quantity]:
    """Return the quantities in ``text``, in order and without overlap.

    A range is one quantity; "from A to B", which says what was and what is, is two. Numbers inside names ("GPT-4",
    "top-1", "3D") are none.

    Examples
    --------
    >>> [found.text for found in find_quantities("from 57.2% to 65.3%, +2.3 points, 1.9-3.3x faster than GPT-4")]
    ['57.2%', '65.3%', '+2.3 points', '1.9-3.3x']
    """
    found = sorted([*_numbers(text), *_words(text)], key=lambda quantity: (quantity.start, -quantity.end))
    chosen: list[Quantity] = []
    for quantity in found:
        if not chosen or quantity.start >= chosen[-1].end:
            chosen.append(quantity)
    return chosen


def parse_quantity(text: str) -> Quantity | None:
    """Return the quantity that ``text`` is, but for signs of approximation before it; None if it is none.

    Examples
    --------
    >>> quantity = parse_quantity("76.5%")
    >>> quantity.number, quantity.unit
    (76.5, '%')
    >>> parse_quantity("2.4x").unit, parse_quantity("1.9-3.3x").last, parse_quantity("GPT-4")
    ('x', 3.3, None)
    """
    bare = text.strip().lstrip("~≈∼<>≤≥= ")
    found = find_quantities(bare)
    if len(found) != 1 or (found[0].start, found[0].end) != (0, len(bare)):
        return None
    return found[0]
