"""Parquet: a table of papers, with columns by any of their usual names, or of JSON records one a row."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from kg.readers.files import Input
from kg.readers.services import fields_of
from schemas.errors import InputError, RecordError
from schemas.records import Paper, Rejection

__all__ = ["read_papers"]

ROWS: Final = 512  # held at a time


def read_papers(opened: Input) -> Iterator[Paper | Rejection]:
    """Yield the papers of a Parquet file; the number of a row, from 1, stands where other formats give the line.

    Raises
    ------
    InputError
        The file is damaged, or no Parquet.
    """
    import duckdb

    with tempfile.TemporaryDirectory() as folder:  # its index is at its end, and the input may be a stream
        path = Path(folder) / "papers.parquet"
        with path.open("wb") as file:
            shutil.copyfileobj(opened.stream, file)
        try:
            with duckdb.connect() as connection:
                cursor = connection.execute("SELECT * FROM read_parquet(?)", [str(path)])
                names = [column[0] for column in cursor.description or ()]
                batches = iter(lambda: cursor.fetchmany(ROWS), [])
                for number, row in enumerate(chain.from_iterable(batches), start=1):
                    try:
                        yield opened.paper(fields_of(dict(zip(names, row, strict=True))), number)
                    except RecordError as error:
                        yield opened.reject(number, str(error))
        except duckdb.Error as error:
            raise InputError(f"a damaged Parquet file: {' '.join(str(error).split())[:200]}") from error
