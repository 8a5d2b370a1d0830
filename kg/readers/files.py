"""Opening inputs: decompression, encoding, lines. Nothing here knows a format of papers.

Compression is told by the first bytes, whatever the name says. Text is UTF-8, or what a byte order mark says. A byte
that is no UTF-8 is taken for Windows-1252, as old exports write it, while nothing around it (the first 64 KiB, the
piece being decoded) is well-formed UTF-8 beyond ASCII; in a text that is otherwise UTF-8 it is damage, and becomes
U+FFFD. Memory stays flat: nothing here holds more than one line of at most 16 MiB, whatever a file unpacks to.
"""

from __future__ import annotations

import codecs
import io
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Final

from kg.readers.compression import decompressed
from kg.readers.record import to_paper
from schemas.errors import RecordError
from schemas.records import Paper, Rejection

__all__ = ["BREAKS", "HEAD", "MAX_LINE", "MAX_RECORD", "Input", "open_address", "open_input", "open_stream"]

HEAD: Final = 1 << 16  # bytes that are looked at to tell encoding and format
MAX_LINE: Final = 1 << 24  # characters of one line; a longer one is rejected, whatever it unpacks to
MAX_RECORD: Final = 1 << 24  # characters of a record of several lines
_MARKS: Final = (  # those of UTF-32 first: that of UTF-16 begins one of them
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY: Final = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"\x7fELF", b"SQLite format 3", b"PAR1")
_WELL_FORMED: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
BREAKS: Final = re.compile("[\x0b\x0c\x85\u2028\u2029]")  # end a line of prose, beside line feed and carriage return


@dataclass(slots=True)
class Input:
    """An opened source: its bytes decompressed, and what its beginning tells."""

    name: str  # for messages: the file's name without its folder, "-" for standard input
    suffix: str  # lower case, that of the compression left out: ".jsonl"
    stream: IO[bytes]
    head: bytes  # its first bytes, still in the stream

    @property
    def encoding(self) -> str:
        """The encoding by name: that of a byte order mark, else UTF-8."""
        return next((name for mark, name in _MARKS if self.head.startswith(mark)), "utf-8")

    @property
    def errors(self) -> str:
        """What becomes of bytes that do not decode: the name of an error handler of :mod:`codecs`."""
        return "replace" if self.encoding != "utf-8" or _has_utf_8(self.head) else "abstractkg.windows-1252"

    @property
    def is_binary(self) -> bool:
        """Whether this is no text at all: a known binary format, or full of control characters."""
        if self.encoding.startswith(("utf-16", "utf-32")):
            return False
        controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in self.head)
        return self.head.startswith(_BINARY) or controls > max(8, len(self.head) // 20)

    @property
    def head_text(self) -> str:
        """The first characters, with line feeds only."""
        text = self.head.decode(self.encoding, self.errors)
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def text(self, *, encoding: str | None = None, newline: str | None = None) -> IO[str]:
        """Return the text as a stream; ``newline`` as for :func:`open`."""
        errors = self.errors if encoding is None else "replace"
        return io.TextIOWrapper(self.stream, encoding or self.encoding, errors, newline)

    def lines(self, *, breaks: bool = False) -> Iterator[tuple[int, str | None]]:
        """Yield number (from 1) and text of each line; None for one of more than :data:`MAX_LINE` characters.

        With ``breaks`` the separators that only some programs write end a line, too: U+2028, NEL, form feed.
        """
        text = self.text()
        number = 0
        while line := text.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                while line and not line.endswith("\n"):
                    line = text.readline(MAX_LINE)
                yield number, None
            elif breaks and BREAKS.search(line):
                parts = BREAKS.split(line.rstrip("\n"))
                yield from enumerate(parts, start=number)
                number += len(parts) - 1
            else:
                yield number, line.rstrip("\n")

    def blocks(self, is_first: Callable[[str], object]) -> Iterator[tuple[int, str | None]]:
        """Yield number of the first line and text of each run of lines that begins with one that ``is_first``.

        What stands before the first of these is a block of its own; None stands for one of more than
        :data:`MAX_RECORD` characters.
        """
        start, size, lines = 1, 0, list[str]()
        for number, line in self.lines():
            if line is not None and size and is_first(line):
                yield start, "\n".join(lines) if size <= MAX_RECORD else None
                start, size, lines = number, 0, []
            size += MAX_RECORD + 1 if line is None else len(line) + 1
            if line is not None and size <= MAX_RECORD:
                lines.append(line)
            else:
                lines.clear()
        if size:
            yield start, "\n".join(lines) if size <= MAX_RECORD else None

    def at(self, line: int) -> str:
        """Return what :attr:`Paper.source` says of a record that starts at ``line``."""
        return f"{self.name}:{line}"

    def reject(self, line: int, reason: str) -> Rejection:
        """Return the rejection of the record at ``line``."""
        return Rejection(self.at(line), " ".join(reason.split())[:500])

    def paper(self, fields: Mapping[str, Any], line: int) -> Paper | Rejection:
        """Return the paper of some fields (see :func:`kg.readers.record.to_paper`), or why there is none."""
        try:
            return to_paper(fields, source=self.at(line))
        except RecordError as error:
            return self.reject(line, str(error))


def open_input(path: Path | None) -> Input:
    """Open a file, or standard input for None.

    Raises
    ------
    OSError
        It cannot be opened.

    Examples
    --------
    >>> import kg
    >>> opened = open_input(kg.sample_path())
    >>> opened.suffix, opened.encoding, next(opened.lines())[0]
    ('.jsonl', 'utf-8', 1)
    """
    if path is None:
        return open_stream(sys.stdin.buffer, "-", keep_open=True)
    return open_stream(path.open("rb"), path.name)


def open_address(address: str) -> Input:
    """Open a file in an object store or the like; see :func:`kg.cluster.storage.open_stream`, and what it raises."""
    from kg.cluster import storage

    return open_stream(storage.open_stream(address), address.rpartition("/")[2])


def open_stream(raw: IO[bytes], name: str, *, keep_open: bool = False) -> Input:
    """Return the input that ``raw`` is, of a file of that name."""
    names = [suffix.lower() for suffix in Path(name).suffixes]
    stream = decompressed(raw)
    if names and names[-1] in (".gz", ".zst"):
        names.pop()
    head, failure = _read_head(stream)
    replay: Any = io.BufferedReader(_Replay(head, stream, failure, keep_open=keep_open), buffer_size=HEAD)
    return Input(name, names[-1] if names else "", replay, head)


def _read_head(stream: io.RawIOBase) -> tuple[bytes, EOFError | OSError | None]:
    """Return the first bytes, and what went wrong while they were read: it is raised once they have been used."""
    head = bytearray()
    try:
        while len(head) < HEAD and (piece := stream.read(HEAD - len(head))):
            head += piece
    except (EOFError, OSError) as error:
        return bytes(head), error
    return bytes(head), None


class _Replay(io.RawIOBase):
    """Bytes that were read already, then the rest of their stream, or the error that ended it."""

    def __init__(self, head: bytes, rest: io.RawIOBase, failure: EOFError | OSError | None, *, keep_open: bool) -> None:
        self._head, self._rest, self._failure, self._keep_open = memoryview(head), rest, failure, keep_open

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._head:
            size = min(len(buffer), len(self._head))
            buffer[:size], self._head = self._head[:size], self._head[size:]
            return size
        if self._failure is not None:
            raise self._failure
        piece = self._rest.read(len(buffer)) or b""
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self._keep_open and not self.closed:
            self._rest.close()
        super().close()


@lru_cache(maxsize=2)  # asked for every bad byte of one piece
def _has_utf_8(piece: bytes) -> bool:
    return _WELL_FORMED.search(piece) is not None


def _windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Decode what is no UTF-8 as Windows-1252, unless the piece that is being decoded has UTF-8 beyond ASCII."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if _has_utf_8(error.object):
        return "\ufffd", error.end
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("abstractkg.windows-1252", _windows_1252)
