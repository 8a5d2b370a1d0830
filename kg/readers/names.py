"""The names of authors, in the forms in which sources write them, as "Given Family"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

__all__ = ["names"]

_AND: Final = re.compile(" and | ?& ?", re.IGNORECASE)
_INITIALS: Final = re.compile(r"\s*(?:[^\W\d_a-z]\.?[ -]?){1,4}\s*\Z")
_OTHERS: Final = re.compile(r"\s*(?:others|et\.? al\.?)\s*\Z", re.IGNORECASE)


def names(value: object) -> Iterator[str]:
    """Yield the names in one string, or in a list of strings, of objects with a name or its parts, or of part lists.

    >>> list(names("Doe, Jane and Roe, R.")), list(names("Jane Doe, Richard Roe")), list(names("Doe J., Roe R."))
    (['Jane Doe', 'R. Roe'], ['Jane Doe', 'Richard Roe'], ['Doe J.', 'Roe R.'])
    >>> list(names([{"given": "Jane", "family": "Doe"}, ["Roe", "Richard", "Jr."], "Poe, Edgar"]))
    ['Jane Doe', 'Richard Roe Jr.', 'Edgar Poe']
    """
    parts = _split(" ".join(value.split())) if isinstance(value, str) else value
    if isinstance(parts, list | tuple):
        for part in parts:
            name = _name(part).strip()
            if name and not _OTHERS.match(name):
                yield name


def _split(text: str) -> list[str]:
    """Split a list of names that is written as one string: at semicolons, at "and", else at commas."""
    if ";" in text:
        return text.split(";")
    parts = _AND.split(text)
    if "," not in parts[-1] and len(parts) > 1:  # A, B and C
        return [name for part in parts for name in part.split(",")]
    return parts if len(parts) > 1 else _at_commas(text)


def _at_commas(text: str) -> list[str]:
    """Split "Jane Doe, R. Roe" and "Doe, J., Roe, R.", but not "Doe, Jane"."""
    parts = [part for part in text.split(",") if part.strip()]
    if len(parts) % 2 == 0 and all(_INITIALS.match(part) for part in parts[1::2]):
        return [", ".join(pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
    is_one = len(parts) == 2 and any(len(part.split()) == 1 for part in parts)
    return [text] if is_one else parts


def _name(value: object) -> str:
    if isinstance(value, Mapping):
        value = _of_object(value)
    if isinstance(value, list | tuple):  # arXiv's "authors_parsed": family, given, suffix
        family, given, suffix = ([part for part in value if isinstance(part, str)] + ["", "", ""])[:3]
        return " ".join(part for part in (given, family, suffix) if part)
    return _in_order(value) if isinstance(value, str) else ""


def _of_object(value: Mapping[str, object]) -> object:
    """Return the name that an object gives as a whole, or its parts."""
    whole = next((value[key] for key in ("name", "display_name", "literal", "author") if value.get(key)), None)
    if isinstance(whole, Mapping):
        return whole.get("display_name") or whole.get("name")
    if whole:
        return whole
    family = value.get("family") or value.get("last") or value.get("lastName")
    return [family or "", value.get("given") or value.get("first") or value.get("firstName") or ""]


def _in_order(name: str) -> str:
    """Turn "Family, Given" and "Family, Jr., Given" round."""
    parts = [part.strip() for part in name.split(",")]
    if len(parts) == 2:
        return f"{parts[1]} {parts[0]}"
    return f"{parts[2]} {parts[0]} {parts[1]}" if len(parts) == 3 else name
