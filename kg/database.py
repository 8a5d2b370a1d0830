"""The database file below a store: made whole or not at all, opened, and written to; errors in one line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from schemas.errors import StoreError

if TYPE_CHECKING:
    import duckdb

__all__ = ["Transaction", "connect", "insert", "make_database", "make_folder"]

ROWS: Final = 20_000  # in one statement: more would take memory, and no less time


class Transaction:
    """All or nothing: commits when the block ends well, else rolls back; an error of the database is a StoreError."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self.connection = connection
        self.path = path

    def __enter__(self) -> None:
        self.connection.begin()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        import duckdb

        try:
            if kind is None:
                self.connection.commit()
                return
        except duckdb.Error as failure:
            error = failure
        with suppress(duckdb.Error):  # a full disk may have closed the database
            self.connection.rollback()
        if isinstance(error, duckdb.Error):
            message = " ".join(str(error).split())
            raise StoreError(
                f"{self.path}: cannot be written ({message[:200]}): what was committed before is kept; make room and "
                "run the same command again"
            ) from error


def make_folder(folder: Path) -> None:
    """Make a graph folder, if there is none; raises StoreError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be a graph folder: {error.strerror}") from error


def make_database(path: Path) -> None:
    """Make an empty database under another name first: one begun on a full disk, or by a killed build, is none."""
    begun = path.with_name(f".{path.name}.{os.getpid()}")
    begun.unlink(missing_ok=True)
    try:
        connect(begun, read_only=False, named=path).close()
        with suppress(FileExistsError):  # another build was faster
            os.link(begun, path)
    except OSError as error:
        raise StoreError(f"{path}: cannot be made: {error.strerror}") from error
    finally:
        begun.unlink(missing_ok=True)


def connect(path: Path, *, read_only: bool, named: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Open the database at ``path``, called ``named`` in what is said of it; raises StoreError."""
    import duckdb

    named = named or path
    try:
        return duckdb.connect(str(path), read_only=read_only)
    except duckdb.Error as error:
        message = " ".join(str(error).split())
        if "lock" in message.lower():
            raise StoreError(f"{named}: in use by another process: wait until it has ended") from error
        raise StoreError(f"{named}: cannot be opened: {message[:300]}") from error


def insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Sequence[Any]], *, verb: str = "INSERT"
) -> None:
    """Insert many rows in a statement, typed by the table's own columns: row by row takes 0.5 ms a row.

    >>> import duckdb
    >>> connection = duckdb.connect()
    >>> _ = connection.execute("CREATE TABLE names (name VARCHAR, papers INTEGER)")
    >>> insert(connection, "names", iter([("BERT", 2), ("ELMo", 1)]))
    >>> connection.execute("SELECT sum(papers)::INTEGER FROM names").fetchone()
    (3,)
    """
    types = [row[1] for row in connection.execute(f'DESCRIBE "{table}"').fetchall()]
    columns = ", ".join(f"unnest(?::{type_}[])" for type_ in types)
    source = iter(rows)
    while part := list(islice(source, ROWS)):
        values = [list(column) for column in zip(*part, strict=True)]
        connection.execute(f'{verb} INTO "{table}" SELECT {columns}', values)
