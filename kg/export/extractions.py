"""Extractions as lines of JSON, or as one Parquet table with the same (nested) columns."""

from __future__ import annotations

import gzip
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from kg.export import replacing
from schemas.errors import InputError
from schemas.lines import dump_line, extraction_to_json
from schemas.records import Extraction, Paper

__all__ = ["write_extractions"]

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
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "lines.jsonl"
        with lines.open("wb") as file:
            _write_lines(pairs, file)
        query = "SELECT * FROM read_json(?, format='newline_delimited', columns=?)"
        table = Path(folder) / "table.parquet"
        with duckdb.connect() as connection:
            connection.sql(query, params=[str(lines), COLUMNS]).write_parquet(str(table))
        with table.open("rb") as source, replacing(path) as target:
            shutil.copyfileobj(source, target)
