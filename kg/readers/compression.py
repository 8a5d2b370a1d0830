"""Decompression of gzip and Zstandard, told by their first bytes; against bombs, a little input at a time, and a limit.

A few kilobytes can be made to unpack to a terabyte of well-formed records. What unpacks to more than :data:`FREE` bytes
must not be more than :data:`MOST` times what it was packed in; abstracts as lines of JSON are packed 3 to 10 times.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import IO, Any, Final

__all__ = ["FREE", "MOST", "decompressed"]

FREE: Final = 1 << 28  # bytes
MOST: Final = 200  # times


def decompressed(raw: IO[bytes]) -> io.RawIOBase:
    """Return the bytes of ``raw``, decompressed where they are gzip or Zstandard (one member or more).

    Reading raises EOFError where the compressed data is damaged, breaks off or is a bomb; what came before has been
    read then.

    >>> import gzip
    >>> decompressed(io.BytesIO(gzip.compress(b"On X"))).read(4)
    b'On X'
    """
    start = raw.read(4)
    joined = _Joined(start, raw)
    if start.startswith(b"\x1f\x8b"):
        return _Inflated(joined, lambda: zlib.decompressobj(wbits=31), chunk=1 << 12)  # 4 MiB at most
    if start == b"\x28\xb5\x2f\xfd":
        import zstandard

        return _Inflated(joined, lambda: zstandard.ZstdDecompressor().decompressobj(), chunk=1 << 10)  # 32 MiB at most
    return joined


class _Joined(io.RawIOBase):
    """Bytes that were read already, then the rest of their stream."""

    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        self._start, self._rest = start, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._start[: len(buffer)] or self._rest.read(len(buffer)) or b""
        self._start = self._start[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._rest.close()
        super().close()


class _Inflated(io.RawIOBase):
    """The decompressed bytes of a stream of one or more members."""

    def __init__(self, source: io.RawIOBase, make: Callable[[], Any], *, chunk: int) -> None:
        self._source, self._make, self._chunk = source, make, chunk
        self._inflater = make()
        self._pending = memoryview(b"")
        self._n_in = self._n_out = 0  # bytes so far

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
            unpacked = bytes(self._inflater.decompress(data))
        except Exception as error:  # zlib.error or zstandard.ZstdError, which have no common base
            raise EOFError(f"the compressed data is damaged ({error})") from error
        self._n_in += len(data)
        self._n_out += len(unpacked)
        if self._n_out > max(FREE, MOST * self._n_in):
            raise EOFError(f"it unpacks to more than {MOST} times its size, as bombs do: unpack it, if you trust it")
        return unpacked

    def _next_input(self) -> bytes | None:
        if self._inflater.eof:  # of a member; another may follow, or zeros as padding
            rest = self._inflater.unused_data.lstrip(b"\0")
            while not rest:
                piece = self._source.read(self._chunk)
                if not piece:
                    return None
                rest = piece.lstrip(b"\0")
            self._inflater = self._make()
            return bytes(rest)
        data = self._source.read(self._chunk)
        if not data:
            raise EOFError("the compressed data breaks off before its end")
        return data

    def close(self) -> None:
        self._source.close()
        super().close()
