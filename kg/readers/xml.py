"""XML of arXiv's API (Atom), the ACL Anthology and PubMed, told apart by their elements.

Parsed as a stream by defusedxml: entities are not expanded, nothing is fetched, and of the tree only the record that
is being read is ever built. What XML forbids but files contain (control characters, bytes of another encoding) is
repaired before.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any, Final
from xml.etree.ElementTree import ParseError, TreeBuilder

from kg.readers.elements import RECORDS, Context
from kg.readers.files import MAX_RECORD, Input
from schemas.errors import RecordError
from schemas.records import Paper, Rejection

__all__ = ["read_papers"]

CHUNK: Final = 1 << 16  # characters
_DECLARED: Final = re.compile(r"<\?xml\b[^>]*\bencoding\s*=\s*[\"']([\w.:-]+)[\"']")
_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|&#(?:0*(?:[0-8]|1[124-9]|2\\d|3[01])|"
    "x0*(?:[0-8bcef]|1[0-9a-f]|d[89a-f][0-9a-f]{2}|fff[ef]));",
    re.IGNORECASE,
)


def read_papers(opened: Input) -> Iterator[Paper | Rejection]:
    """Yield the papers of an XML file; one that breaks off gives those that came before."""
    from defusedxml.common import DefusedXmlException

    collector = _Collector()
    is_read = False
    try:
        for line, fields in _records(opened, collector):
            is_read = True
            yield opened.paper(fields, line)
    except DefusedXmlException as error:
        reason = f"entities are not allowed in XML, the rest is not read ({type(error).__name__})"
        yield opened.reject(collector.line, reason)
    except ParseError as error:
        yield opened.reject(error.position[0], f"not valid XML, the rest is not read: {error}")
    except RecordError as error:
        yield opened.reject(collector.line, f"{error}; the rest is not read")
    else:
        if not is_read:
            known = "Atom entries of arXiv, papers of the ACL Anthology, articles of PubMed"
            yield opened.reject(1, f"no paper: known are {known}; this is {collector.root!r}")


def _records(opened: Input, collector: _Collector) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line and fields of each record, as soon as it is complete."""
    from defusedxml.ElementTree import DefusedXMLParser

    parser = DefusedXMLParser(target=collector)
    collector.expat = parser.parser
    text = opened.text(encoding=_encoding(opened))
    try:
        while piece := text.read(CHUNK):
            collector.unseen += len(piece)
            if collector.unseen > MAX_RECORD:
                raise RecordError(f"more than {MAX_RECORD:,} characters without an element")
            parser.feed(_CONTROL.sub("", piece))
            yield from collector.taken()
        parser.close()
    finally:
        yield from collector.taken()  # also those that came before an error


def _encoding(opened: Input) -> str | None:
    """Return the encoding that the document declares, None where it is UTF-8, unknown or told by its first bytes."""
    declared = _DECLARED.match(opened.head_text[:1000].lstrip("\ufeff \t\n"))
    if declared is None or opened.encoding != "utf-8":
        return None
    try:
        name = codecs.lookup(declared[1]).name
    except LookupError:
        return None
    return None if name in ("utf-8", "ascii") or name.startswith(("utf-16", "utf-32")) else name


class _Collector:
    """The parser's target: builds the elements that are records, and keeps what is said around them."""

    def __init__(self) -> None:
        self.expat: Any = None
        self.root: str | None = None
        self.unseen = 0  # characters since the parser last reported anything
        self._context = Context()
        self._builder: TreeBuilder | None = None
        self._start = self._depth = self._size = 0
        self._complete: list[tuple[int, dict[str, Any]]] = []

    @property
    def line(self) -> int:
        """Where the parser is."""
        return int(self.expat.CurrentLineNumber)

    def taken(self) -> list[tuple[int, dict[str, Any]]]:
        """Return the complete records, and forget them."""
        complete, self._complete = self._complete, []
        return complete

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.unseen = 0
        name = tag.rpartition("}")[2]  # no two of the formats use one name for different things
        self.root = self.root or name
        if self._builder is None and name in RECORDS:
            self._builder, self._start, self._depth, self._size = TreeBuilder(), self.line, 0, 0
        if self._builder is None:
            self._context.enter(name, attributes)
        else:
            self._builder.start(name, attributes)
            self._depth += 1

    def data(self, text: str) -> None:
        self.unseen = 0
        if self._builder is not None:
            self._size += len(text)
            if self._size > MAX_RECORD:
                raise RecordError(f"a record of more than {MAX_RECORD:,} characters")
            self._builder.data(text)

    def end(self, tag: str) -> None:
        self.unseen = 0
        if self._builder is None:
            return
        self._builder.end(tag.rpartition("}")[2])
        self._depth -= 1
        if self._depth == 0:
            element, self._builder = self._builder.close(), None
            fields = RECORDS[element.tag](element, self._context)
            if fields is not None:
                self._complete.append((self._start, fields))

    def close(self) -> None:
        """Nothing is left to be done."""
