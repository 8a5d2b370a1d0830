"""Shards of papers and of extractions: which paper goes where, as bytes and back."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kg.export.extractions import parquet_bytes
from schemas.errors import InputError, RecordError
from schemas.lines import extraction_from_json, extraction_to_json, paper_from_json
from schemas.records import Extraction, Paper, Rejection

__all__ = [
    "EXTRACTIONS",
    "PAPERS",
    "Done",
    "Shard",
    "check_name",
    "extractions_from_bytes",
    "extractions_to_bytes",
    "papers_from_bytes",
    "papers_to_bytes",
    "shard_name",
    "target_of",
]

PAPERS, EXTRACTIONS = "papers", "extractions"  # subfolders
_NAME: Final = re.compile(r"\d{5}-[0-9a-f]{12}\.[a-z.]+", re.ASCII)
ROWS: Final = 512  # of a table held at a time


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard to extract: where its papers are, where the extractions go, and those of an earlier state of it."""

    number: int
    papers: str  # file names
    target: str
    older: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a shard."""

    number: int
    name: str  # of the file written
    papers: int
    extracted: int = 0  # in this run; the others were taken from an earlier state of the shard
    rejections: tuple[Rejection, ...] = ()


def shard_name(number: int, content: bytes, suffix: str) -> str:
    """Return the name of a shard's file, which tells its content.

    >>> shard_name(17, b"", ".parquet")
    '00017-e3b0c44298fc.parquet'
    """
    return f"{number:05}-{hashlib.sha256(content).hexdigest()[:12]}{suffix}"


def target_of(papers: str, pipeline: str) -> Shard:
    """Return the shard whose papers are in a file of that name, read by ``pipeline``.

    >>> target_of("00017-e3b0c44298fc.jsonl.zst", "abstractkg-en 1").target
    '00017-b69e68c94725.parquet'
    """
    number, content = int(check_name(papers)[:5]), papers[6:18]
    return Shard(number, papers, shard_name(number, f"{content} {pipeline}".encode(), ".parquet"))


def check_name(name: str) -> str:
    """Return the name of a shard's file, as it is; a folder may come from anywhere, and name other files.

    >>> check_name("../../secrets.parquet")
    Traceback (most recent call last):
    schemas.errors.InputError: ../../secrets.parquet: not the name of a shard; was something put into the folder?
    """
    if _NAME.fullmatch(name) is None:
        raise InputError(f"{name[:80]}: not the name of a shard; was something put into the folder?")
    return name


def papers_to_bytes(lines: Iterable[tuple[str, str]]) -> tuple[bytes, bytes]:
    """Return the content of a shard of papers, and the same compressed; ``lines`` are ids with lines of JSON."""
    import zstandard

    content = "".join(f"{line}\n" for _, line in sorted(lines)).encode()
    return content, zstandard.ZstdCompressor(level=3).compress(content)


def papers_from_bytes(data: bytes) -> list[Paper]:
    """Return the papers of a shard, in its order.

    >>> from schemas.lines import dump_line, paper_to_json
    >>> line = dump_line(paper_to_json(Paper(id="a", title="On X")))
    >>> papers_from_bytes(papers_to_bytes([("a", line)])[1])[0].title
    'On X'
    """
    import zstandard

    try:
        content = zstandard.ZstdDecompressor().decompress(data)
        return [paper_from_json(json.loads(line)) for line in content.decode().split("\n") if line]
    except (zstandard.ZstdError, ValueError, RecordError) as error:
        raise InputError(f"a shard of papers is damaged: {' '.join(str(error).split())[:200]}") from error


def extractions_to_bytes(rows: Iterable[tuple[Paper, Extraction, Rejection | None]]) -> bytes:
    """Return a Parquet table of extractions, the same for the same ones.

    It has the columns of ``kg extract -o FILE.parquet`` and ``rejected``: why a paper could not be read; it has no
    pipeline then, and a build tries again.
    """
    return parquet_bytes((_row(*row) for row in rows), {"rejected": "VARCHAR"})


def _row(paper: Paper, extraction: Extraction, rejection: Rejection | None) -> dict[str, Any]:
    line = extraction_to_json(paper, extraction)
    return line if rejection is None else line | {"pipeline": None, "rejected": rejection.reason}


def extractions_from_bytes(data: bytes, name: str) -> Iterator[tuple[Paper, Extraction | None]]:
    """Yield the papers of a table of extractions, each with its extraction; None where the paper could not be read.

    Raises
    ------
    InputError
        The table is damaged, or is none of extractions.
    """
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shard.parquet"
        path.write_bytes(data)
        try:
            with duckdb.connect() as connection:
                cursor = connection.execute("SELECT * FROM read_parquet(?)", [str(path)])
                names = [column[0] for column in cursor.description or ()]
                while rows := cursor.fetchmany(ROWS):
                    for row in rows:
                        yield _pair({key: value for key, value in zip(names, row, strict=True) if value is not None})
        except (duckdb.Error, RecordError) as error:
            raise InputError(f"{name}: not a table of extractions: {' '.join(str(error).split())[:200]}") from error


def _pair(row: dict[str, Any]) -> tuple[Paper, Extraction | None]:
    paper, extraction = extraction_from_json(row)
    return paper, extraction if "pipeline" in row else None
