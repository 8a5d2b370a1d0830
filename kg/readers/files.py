"""Opening inputs: which files a source means, decompression, encoding, lines.

Nothing here knows a format of papers. Compression is told by its first bytes, whatever the name says.
"""

from __future__ import annotations

import io
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from schemas.errors import InputError

__all__ = ["HEAD", "MAX_LINE", "MAX_WHOLE", "Input", "expand", "open_input"]

HEAD: Final = 1 << 16  # bytes that are looked at to tell encoding and format
MAX_LINE: Final = 1 << 24  # characters of one line; a longer one is rejected, whatever it unpacks to
MAX_WHOLE: Final = 1 << 29  # characters of a file that must be read as a whole
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"))
_BOMS_16: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_BINARY: Final = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"\x7fELF", b"SQLite format 3", b"PAR1")


@dataclass(slots=True)
class Input:
    """An opened source: its bytes decompressed, and what its beginning tells."""

    name: str  # for messages: the file's name without its folder, "-" for standard input
    suffix: str  # lower case, that of the compression left out: ".jsonl"
    stream: IO[bytes]
    head: bytes  # its first bytes, still in the stream

    @property
    def encoding(self) -> str:
        """The encoding of the text: that of a byte order mark, else UTF-8, or Windows-1252 where it cannot be UTF-8.

        It cannot be UTF-8 when the head has bytes outside ASCII and not one well-formed UTF-8 sequence among them.
        """
        for mark, name in (*_BOMS, *_BOMS_16):
            if self.head.startswith(mark):
                return name
        text = self.head.decode("utf-8", errors="replace")
        if "\ufffd" in text.rstrip("\ufffd") and not any(c > "\x7f" and c != "\ufffd" for c in text):
            return "cp1252"
        return "utf-8"

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
        text = self.head.decode(self.encoding, errors="replace")
        return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")

    def text(self) -> IO[str]:
        """Return the text, any line ending as a line feed, bytes that do not decode as U+FFFD."""
        return io.TextIOWrapper(self.stream, encoding=self.encoding, errors="replace", newline=None)

    def lines(self) -> Iterator[tuple[int, str | None]]:
        """Yield number (from 1) and text of each line; None for one of more than :data:`MAX_LINE` characters."""
        text = self.text()
        number = 0
        while line := text.readline(MAX_LINE + 1):
            number += 1
            if len(line) <= MAX_LINE:
                yield number, line.rstrip("\n").removeprefix("\ufeff")
                continue
            while line and not line.endswith("\n"):
                line = text.readline(MAX_LINE)
            yield number, None

    def whole(self) -> str:
        """Return the whole text.

        Raises
        ------
        InputError
            It has more than :data:`MAX_WHOLE` characters.
        """
        text = self.text().read(MAX_WHOLE + 1)
        if len(text) > MAX_WHOLE:
            raise InputError(f"more than {MAX_WHOLE:,} characters: split it, or use a format of one record a line")
        return text


def expand(source: str | Path, known: Callable[[Path], bool]) -> Iterator[Path]:
    """Yield the files that ``source`` means: itself, those of a folder that are ``known``, or those of a glob.

    Folders are read through with all that is below, in the order of names; hidden files are left out.

    Raises
    ------
    InputError
        It means none.
    """
    path = Path(source)
    if path.is_file() or path.is_fifo():
        yield path
        return
    if path.is_dir():
        found = [p for p in sorted(path.rglob("*")) if p.is_file() and known(p) and not _hidden(p.relative_to(path))]
        if not found:
            raise InputError(f"{source}: no file of a known format in this folder")
        yield from found
        return
    found = _glob(str(source))
    if not found:
        raise InputError(f"{source}: no such file, folder or match")
    for match in found:
        yield from expand(match, known)


def _glob(pattern: str) -> list[Path]:
    from glob import glob

    return [Path(match) for match in sorted(glob(pattern, recursive=True))]


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def open_input(path: Path | None) -> Input:
    """Open a file, or standard input for None.

    Raises
    ------
    InputError
        It cannot be opened.
    """
    try:
        raw: IO[bytes] = sys.stdin.buffer if path is None else path.open("rb")
        start = raw.read(4)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    stream: io.RawIOBase = _Replay(start, raw)
    names = [] if path is None else [suffix.lower() for suffix in path.suffixes]
    if start.startswith(b"\x1f\x8b"):
        stream = _Inflated(stream, lambda: zlib.decompressobj(wbits=31), chunk=1 << 12)
    elif start == b"\x28\xb5\x2f\xfd":
        import zstandard

        stream = _Inflated(stream, lambda: zstandard.ZstdDecompressor().decompressobj(), chunk=1 << 10)
    if names and names[-1] in (".gz", ".zst"):
        names.pop()
    head, failure = _read_head(stream)
    replay: Any = io.BufferedReader(_Replay(head, stream, failure), buffer_size=HEAD)
    return Input("-" if path is None else path.name, names[-1] if names else "", replay, head)


def _read_head(stream: io.RawIOBase) -> tuple[bytes, Exception | None]:
    """Return the first bytes, and what went wrong while they were read: it is raised once they have been used."""
    head = bytearray()
    try:
        while len(head) < HEAD and (piece := stream.read(HEAD - len(head))):
            head += piece
    except (EOFError, OSError, zlib.error) as error:
        return bytes(head), error
    return bytes(head), None


class _Replay(io.RawIOBase):
    """Bytes that were read already, then the rest of their stream, or the error that ended it."""

    def __init__(self, head: bytes, rest: Any, failure: Exception | None = None) -> None:
        self._head, self._rest, self._failure = memoryview(head), rest, failure

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._head:
            size = min(len(buffer), len(self._head))
            buffer[:size], self._head = self._head[:size], self._head[size:]
            return size
        if self._failure is not None:
            raise self._failure
        piece = self._rest.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if self._rest is not sys.stdin.buffer:
            self._rest.close()
        super().close()


class _Inflated(io.RawIOBase):
    """The decompressed bytes of a stream of one or more members; a little input at a time, against bombs."""

    def __init__(self, source: io.RawIOBase, make: Callable[[], Any], *, chunk: int) -> None:
        self._source, self._make, self._chunk = source, make, chunk
        self._inflater = make()
        self._pending = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._pending:
            data = self._next_input()
            if data is None:
                return 0
            self._pending = memoryview(self._inflate(data))
        size = min(len(buffer), len(self._pending))
        buffer[:size], self._pending = self._pending[:size], self._pending[size:]
        return size

    def _inflate(self, data: bytes) -> bytes:
        try:
            return bytes(self._inflater.decompress(data))
        except Exception as error:  # zlib.error or zstandard.ZstdError, which have no common base
            raise EOFError(f"the compressed data is damaged ({error})") from error

    def _next_input(self) -> bytes | None:
        if self._inflater.eof:  # of a member; another may follow, or zeros as padding
            rest = self._inflater.unused_data.lstrip(b"\0") or (self._source.read(self._chunk) or b"").lstrip(b"\0")
            if not rest:
                return None
            self._inflater = self._make()
            return rest
        data = self._source.read(self._chunk)
        if not data:
            raise EOFError("the compressed data breaks off before its end")
        return data

    def close(self) -> None:
        self._source.close()
        super().close()
