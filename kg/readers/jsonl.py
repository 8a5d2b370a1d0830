"""JSON, one record a line or in one document: our own lines, arXiv's bulk metadata, OpenAlex, Semantic Scholar.

The dialect is told of each record by the fields that only it has; answers of web services hold their records in a list
under ``results`` or ``data``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from kg.readers.documents import LISTS, BrokenDocument, records
from kg.readers.files import HEAD, MAX_LINE, Input
from kg.readers.services import fields_of
from schemas.errors import RecordError
from schemas.records import Paper, Rejection

__all__ = ["read_papers"]

_DECODER: Final = json.JSONDecoder(strict=False)  # control characters in strings are cleaned later


def read_papers(opened: Input) -> Iterator[Paper | Rejection]:
    """Yield the papers of lines of JSON, or of a JSON document."""
    if _is_document(opened):
        yield from _read_document(opened)
        return
    for number, line in opened.lines():
        if line is None:
            yield opened.reject(number, f"a line of more than {MAX_LINE:,} characters")
        elif line.strip():
            yield from _read_line(opened, number, line)


def _is_document(opened: Input) -> bool:
    """Whether this is one document: a list, an object over several lines, or one that holds a list of records."""
    start = opened.head_text.lstrip("\ufeff \t\n")
    first, newline, rest = start.partition("\n")
    if start.startswith("["):
        return True
    try:
        return _held(_DECODER.decode(first)) is not None
    except (ValueError, RecursionError):
        if not newline:  # a broken line, or one that goes on beyond the head
            return len(opened.head) == HEAD and _opens_list(first)
    end = first.rstrip()[-1:]
    return end in ("{", "[", ":") or (end == "," and not rest.lstrip().startswith("{"))


def _opens_list(first: str) -> bool:
    """Whether an object that is cut off in its first line begins with metadata and a list of records."""
    places = [place for name in LISTS if (place := first.find(f'"{name}"')) >= 0]
    title = first.find('"title"')
    return bool(places) and (title < 0 or min(places) < title)


def _read_document(opened: Input) -> Iterator[Paper | Rejection]:
    try:
        for line, record in records(opened.text()):
            yield _to_item(opened, line, record)
    except BrokenDocument as error:
        yield opened.reject(error.line, f"{error}; the rest is not read")


def _read_line(opened: Input, number: int, line: str) -> Iterator[Paper | Rejection]:
    try:
        value = _DECODER.decode(line.strip("\ufeff\x1e \t").removesuffix(","))
    except (ValueError, RecursionError) as error:
        yield opened.reject(number, f"not valid JSON: {error}")
        return
    held = _held(value)
    for record in [value] if held is None else held:
        yield _to_item(opened, number, record)


def _held(value: Any) -> list[Any] | None:
    """Return the list of records that an object holds, None where it is a record itself."""
    if isinstance(value, Mapping) and "title" not in value:
        return next((value[name] for name in LISTS if isinstance(value.get(name), list)), None)
    return None


def _to_item(opened: Input, line: int, value: Any) -> Paper | Rejection:
    if not isinstance(value, Mapping):
        return opened.reject(line, f"a JSON object is expected, not {type(value).__name__}")
    try:
        return opened.paper(fields_of(value), line)
    except RecordError as error:
        return opened.reject(line, str(error))
