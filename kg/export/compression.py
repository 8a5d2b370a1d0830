"""Compressed files that are the same for the same content: no time, no name, one level."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Protocol

__all__ = ["COMPRESSIONS", "SupportsWrite", "compressed"]


class SupportsWrite(Protocol):
    """What bytes can be written to."""

    def write(self, data: bytes, /) -> Any:
        """Take ``data``."""


COMPRESSIONS = ("gz", "zst")
GZIP_LEVEL = 6
ZSTANDARD_LEVEL = 3


@contextmanager
def compressed(raw: IO[bytes], compression: str) -> Iterator[SupportsWrite]:
    """Yield a stream that compresses into ``raw``; ``compression`` is "gz", "zst" or "" for none.

    >>> import io
    >>> raw = io.BytesIO()
    >>> with compressed(raw, "gz") as file:
    ...     _ = file.write(b"On X")
    >>> gzip.decompress(raw.getvalue())
    b'On X'
    """
    if compression == "gz":
        with gzip.GzipFile(filename="", mode="wb", compresslevel=GZIP_LEVEL, fileobj=raw, mtime=0) as file:
            yield file
    elif compression == "zst":
        import zstandard

        with zstandard.ZstdCompressor(level=ZSTANDARD_LEVEL).stream_writer(raw, closefd=False) as file:
            yield file
    else:
        yield raw
