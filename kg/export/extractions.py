"""Extractions as lines of JSON, or as one Parquet table with the same (nested) columns."""

from __future__ import annotations

import gzip
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

from kg.export import replacing
from schemas.errors import InputError
from schemas.lines import dump_line, extraction_to_json
from schemas.records import Extraction, Paper

__all__ = ["parquet_bytes", "write_extractions"]

MENTION = 'STRUCT(start INTEGER, "end" INTEGER, "text" VARCHAR, confidence DOUBLE)'
COLUMNS = {
    "id": "VARCHAR",
    "title": "VARCHAR",
    "abstract": "VARCHAR",
    "year": "INTEGER",
    "authors": "VARCHAR[]",
    "venue": "VARCHAR",
    "url": "VARCHAR",
    "doi": "VARCHAR",
    "arxiv_id": "VARCHAR",
    "keywords": "VARCHAR[]",
    "source": "VARCHAR",
    "entities": (
        'STRUCT(name VARCHAR, "type" VARCHAR, role VARCHAR, confidence DOUBLE, role_confidence DOUBLE, '
        f'mentions {MENTION}[], evidence STRUCT(start INTEGER, "end" INTEGER))[]'
    ),
    "results": (
        'STRUCT(subject VARCHAR, metric VARCHAR, "value" VARCHAR, number DOUBLE, unit VARCHAR, kind VARCHAR, '
        'dataset VARCHAR, task VARCHAR, baseline VARCHAR, start INTEGER, "end" INTEGER, confidence DOUBLE)[]'
    ),
    "abbreviations": (
        'STRUCT(short VARCHAR, "long" VARCHAR, start INTEGER, "end" INTEGER, long_start INTEGER, long_end INTEGER, '
        "confidence DOUBLE)[]"
    ),
    "pipeline": "VARCHAR",
}
MAX_LINE = 1 << 28  # bytes: a text of a million characters with a mention in every word
SUFFIXES = (".jsonl", ".jsonl.gz", ".parquet")


def write_extractions(pairs: Iterable[tuple[Paper, Extraction]], target: str) -> None:
    """Write each paper's extraction as a line (see :mod:`schemas.lines`); ``-`` is standard output.

    Files appear when they are whole.

    Raises
    ------
    InputError
        The suffix is none of ``.jsonl``, ``.jsonl.gz`` and ``.parquet``, or the file cannot be written.
    """
    if target == "-":
        return _write_lines(pairs, sys.stdout.buffer)
    if not target.endswith(SUFFIXES):
        raise InputError(f"{target}: extractions are written as {', '.join(SUFFIXES)}")
    path = Path(target)
    try:
        if target.endswith(".parquet"):
            _write_parquet(pairs, path)
        else:
            with replacing(path) as file:
                if target.endswith(".gz"):
                    with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
                        _write_lines(pairs, packed)
                else:
                    _write_lines(pairs, file)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error


def _write_lines(pairs: Iterable[tuple[Paper, Extraction]], file: IO[bytes] | gzip.GzipFile) -> None:
    for paper, extraction in pairs:
        file.write(dump_line(extraction_to_json(paper, extraction)).encode() + b"\n")


def _write_parquet(pairs: Iterable[tuple[Paper, Extraction]], path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = _table((extraction_to_json(paper, extraction) for paper, extraction in pairs), COLUMNS, Path(folder))
        with table.open("rb") as source, replacing(path) as target:
            shutil.copyfileobj(source, target)


def parquet_bytes(rows: Iterable[Mapping[str, Any]], more: Mapping[str, str]) -> bytes:
    """Return lines of the extraction format as a Parquet table; ``more`` are further columns and their types.

    >>> parquet_bytes([{"id": "a", "title": "On X", "note": "new"}], {"note": "VARCHAR"})[:4]
    b'PAR1'
    """
    with tempfile.TemporaryDirectory() as folder:
        return _table(rows, {**COLUMNS, **more}, Path(folder)).read_bytes()


def _table(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str], folder: Path) -> Path:
    """Write a Parquet table into a folder; one thread, so that the same rows give the same bytes."""
    import duckdb

    lines, table = folder / "lines.jsonl", folder / "table.parquet"
    with lines.open("wb") as file:
        file.writelines(dump_line(row).encode() + b"\n" for row in rows)
    query = f"SELECT * FROM read_json(?, format='newline_delimited', columns=?, maximum_object_size={MAX_LINE})"
    with duckdb.connect(config={"threads": 1}) as connection:
        try:
            connection.sql(query, params=[str(lines), dict(columns)]).write_parquet(str(table), compression="zstd")
        except duckdb.Error as error:  # half of a surrogate pair, which only a program can have put into a paper
            raise InputError(f"cannot be written as Parquet: {' '.join(str(error).split())[:200]}") from error
    return table
