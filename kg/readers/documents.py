"""A JSON document as a stream: the records of its list, one after the other, without holding the whole.

A document is a list of records, an object that holds such a list (as answers of web services do), one record, or
several of these after one another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any, Final

from kg.readers.files import MAX_RECORD

__all__ = ["LISTS", "BrokenDocument", "records"]

LISTS: Final = ("results", "data", "papers", "items", "works", "records")  # under which objects hold their records
CHUNK: Final = 1 << 16  # characters
TAIL: Final = 16  # characters: an error this close to the end of what was read may only mean that more is to come
_IN_NUMBERS: Final = tuple("0123456789.eE+-")
_DECODER: Final = json.JSONDecoder(strict=False)  # control characters in strings are cleaned later


class BrokenDocument(ValueError):
    """What follows in a document is no JSON; ``line`` says from where on."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def records(stream: IO[str]) -> Iterator[tuple[int, Any]]:
    """Yield line and value of each record of a document.

    Raises
    ------
    BrokenDocument
        What follows is no JSON.

    Examples
    --------
    >>> import io
    >>> list(records(io.StringIO('{"meta": {"count": 2}, "results": [\\n{"title": "On X"},\\n{"title": "On Y"}]}')))
    [(2, {'title': 'On X'}), (3, {'title': 'On Y'})]
    """
    cursor = _Cursor(stream)
    while character := cursor.peek():
        if character == "[":
            yield from _elements(cursor)
        elif character == "{":
            yield from _object(cursor)
        else:
            yield cursor.line, cursor.value()


def _elements(cursor: _Cursor) -> Iterator[tuple[int, Any]]:
    cursor.take()
    while (character := cursor.peek()) != "]":
        if character == ",":
            cursor.take()
        elif not character:
            raise cursor.error("the list breaks off")
        else:
            yield cursor.line, cursor.value()
    cursor.take()


def _object(cursor: _Cursor) -> Iterator[tuple[int, Any]]:
    """Yield the records that an object holds in a list, or the object, where it is a record itself."""
    line, fields, held = cursor.line, dict[str, Any](), False
    cursor.take()
    while (character := cursor.peek()) != "}":
        if character == ",":
            cursor.take()
            continue
        if character != '"':
            raise cursor.error("a name in double quotes is expected" if character else "the object breaks off")
        name = cursor.value()
        if cursor.peek() != ":":
            raise cursor.error("a colon is expected")
        cursor.take()
        if cursor.peek() == "[" and name in LISTS and "title" not in fields:
            held = True
            yield from _elements(cursor)
        else:
            fields[name] = cursor.value()
    cursor.take()
    if not held:
        yield line, fields


class _Cursor:
    """A place in a stream of characters, with as much text after it as was needed so far."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream, self._text, self._at, self._ended = stream, "", 0, False
        self._line, self._counted = 1, 0  # the line at `_counted`

    @property
    def line(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def error(self, what: str) -> BrokenDocument:
        return BrokenDocument(f"not valid JSON: {what}", self.line)

    def peek(self) -> str:
        """Return the next character that is no white space, "" at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n\ufeff\x1e":
                self._at += 1
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def take(self) -> None:
        self._at += 1

    def value(self) -> Any:
        """Return the value that stands here, and go on after it."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                may_go_on = error.msg.startswith("Unterminated") or error.pos >= len(self._text) - TAIL
                if not may_go_on or not self._more():
                    raise self.error(error.msg) from error
                continue
            except (ValueError, RecursionError) as error:  # a number of too many digits, too many brackets
                raise self.error(str(error)) from error
            # A number may go on in what is not read yet; where nothing follows, the end may be one of the stream.
            may_go_on = isinstance(value, int | float) and self._text[end : end + 1] in _IN_NUMBERS
            if not (may_go_on or end == len(self._text)) or not self._more():
                self._at = end
                return value

    def _more(self) -> bool:
        """Read on, as much again as is held already; False at the end."""
        if self._ended:
            return False
        line, rest = self.line, self._text[self._at :]
        if len(rest) > MAX_RECORD:
            raise self.error(f"a record of more than {MAX_RECORD:,} characters")
        piece = self._stream.read(max(CHUNK, len(rest)))
        self._text, self._at, self._counted, self._line = rest + piece, 0, 0, line
        self._ended = not piece
        return bool(piece)
