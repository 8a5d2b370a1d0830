"""The embedded database of a graph folder: one DuckDB file.

Two kinds of table, with two lives:

- what was expensive or came from outside: ``sources`` (the papers as read), ``extractions`` (the cache, by text and
  pipeline version), ``concepts`` (of authorities). Written in small transactions, so that a killed build loses at most
  one batch;
- what follows from it: ``papers``, ``entities``, ``aliases``, ``links``, ``mentions``, ``results``, ``matches``,
  ``identities``, ``replaced``, ``duplicates``, ``rejections``, ``meta``. Replaced as a whole in one transaction, so
  that a reader sees one build or the next.

The second kind is what ``kg query --sql`` asks; its columns are the fields of the records.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any

from kg.database import Transaction, connect, insert, make_database, make_folder
from kg.graph import KnowledgeGraph
from kg.resolution.authority import Concept
from kg.resolution.identity import Identity
from kg.rows import DERIVED_TABLES, graph_from_rows, graph_to_rows, identity_from_row, identity_to_row, record_to_row
from schemas.errors import InputError, StoreError
from schemas.lines import dump_line, extraction_from_json, extraction_to_json, paper_from_json, paper_to_json
from schemas.records import Duplicate, Extraction, Paper, Rejection
from schemas.records import text_hash as hash_of

__all__ = ["FILE_NAME", "Store"]

FILE_NAME = "graph.duckdb"
SCHEMA_VERSION = "2"  # raised when a table changes; a file of another version is refused, not touched
MEMORY = Path(":memory:")

KEPT_TABLES = {
    "sources": "id VARCHAR PRIMARY KEY, line VARCHAR NOT NULL",
    "concepts": "source VARCHAR, iri VARCHAR, types VARCHAR[], labels VARCHAR[]",
    "extractions": (
        "text_hash VARCHAR, pipeline VARCHAR, line VARCHAR NOT NULL, PRIMARY KEY (text_hash, pipeline)"  # line: JSON
    ),
}


class Store:
    """A graph folder's database, open for reading or writing; use it as a context manager.

    Parameters
    ----------
    folder
        The graph folder; None for a database in memory, gone when closed.
    read_only
        Refuse to write and let other readers in.
    existing
        Refuse to begin a new graph.

    Raises
    ------
    StoreError
        No graph there, in use by another process, damaged, or written by another version.
    """

    def __init__(self, folder: Path | None, *, read_only: bool = False, existing: bool = False) -> None:
        self.path = MEMORY if folder is None else folder / FILE_NAME
        if (read_only or existing) and not self.path.is_file():
            raise StoreError(f"no graph in {folder}: build one with `kg build INPUT... -o {folder}`")
        if folder is not None and not read_only:
            make_folder(folder)
            if not self.path.exists():
                make_database(self.path)
        self._connection = connect(self.path, read_only=read_only)
        try:
            self._check_version(empty_is_fine=not read_only)
            if not read_only:
                self._create_tables()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the database file."""
        self._connection.close()

    def _check_version(self, *, empty_is_fine: bool) -> None:
        tables = {row[0] for row in self.rows("SHOW TABLES")}
        if not tables and empty_is_fine:
            return
        row = None
        if "meta" in tables:
            row = self._connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
        if row is None or row[0] != SCHEMA_VERSION:
            found = "no abstractkg graph" if row is None else f"a graph of schema {row[0]}"
            raise StoreError(f"{self.path}: holds {found}, this version reads schema {SCHEMA_VERSION}: build it anew")

    def _create_tables(self) -> None:
        with self._transaction():
            for name, columns in (KEPT_TABLES | DERIVED_TABLES).items():
                self._connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
            if self._connection.execute("SELECT 1 FROM meta WHERE name = 'schema'").fetchone() is None:
                self._connection.execute("INSERT INTO meta VALUES ('schema', ?)", [SCHEMA_VERSION])

    def _transaction(self) -> Transaction:
        return Transaction(self._connection, self.path)

    # The papers as read

    def put_sources(self, papers: Iterable[Paper]) -> None:
        """Replace the papers by ``papers``; only what differs is written."""
        lines = {paper.id: dump_line(paper_to_json(paper)) for paper in papers}
        stored: dict[str, str] = dict(self.rows("SELECT id, line FROM sources"))
        gone = sorted(stored.keys() - lines.keys())
        with self._transaction():
            self._connection.execute("DELETE FROM sources WHERE id IN (SELECT unnest(?::VARCHAR[]))", [gone])
            changed = [row for row in lines.items() if stored.get(row[0]) != row[1]]
            insert(self._connection, "sources", changed, verb="INSERT OR REPLACE")

    def sources(self) -> Iterator[Paper]:
        """Yield the papers as read, in the order of their ids."""
        for (line,) in self.rows("SELECT line FROM sources ORDER BY id"):
            yield paper_from_json(json.loads(line))

    # What authorities know

    def put_concepts(self, concepts: Iterable[Concept]) -> None:
        """Replace what authorities know."""
        with self._transaction():
            self._connection.execute("DELETE FROM concepts")
            insert(self._connection, "concepts", [(c.source, c.iri, list(c.types), list(c.labels)) for c in concepts])

    def concepts(self) -> list[Concept]:
        """Return what authorities know, in a fixed order."""
        return [
            Concept(iri, tuple(types), tuple(labels), source)
            for source, iri, types, labels in self.rows("SELECT * FROM concepts ORDER BY ALL")
        ]

    # The cache of extractions

    def extracted(self, pipeline: str) -> set[str]:
        """Return the text hashes that ``pipeline`` has already read."""
        rows = self.rows("SELECT text_hash FROM extractions WHERE pipeline = ?", [pipeline])
        return {row[0] for row in rows}

    def count_extractions(self) -> int:
        """Return how many extractions are cached, of all versions of the pipeline."""
        return int(next(self.rows("SELECT count(*) FROM extractions"))[0])

    def put_extractions(self, batch: Iterable[tuple[Paper, Extraction]]) -> None:
        """Add extractions to the cache, in one transaction."""
        rows = []
        for paper, extraction in batch:
            line = extraction_to_json(Paper(id="", title=""), extraction)  # the text itself is in sources
            for entity in line["entities"]:
                for mention in entity["mentions"]:
                    del mention["text"]
            rows.append((extraction.text_hash, extraction.pipeline, dump_line(line)))
            assert extraction.text_hash == hash_of(paper)
        with self._transaction():
            insert(self._connection, "extractions", rows, verb="INSERT OR REPLACE")

    def extractions(self, papers: Iterable[Paper], pipeline: str) -> Iterator[Extraction]:
        """Yield the cached extraction of each of ``papers`` that has one, in their order."""
        query = "SELECT text_hash, line FROM extractions WHERE pipeline = ?"
        lines: dict[str, str] = dict(self.rows(query, [pipeline]))
        for paper in papers:
            if line := lines.get(hash_of(paper)):
                yield extraction_from_json(json.loads(line) | paper_to_json(paper))[1]

    def drop_extractions(self, *, except_pipeline: str) -> None:
        """Remove what other versions of the pipeline have read."""
        with self._transaction():
            self._connection.execute("DELETE FROM extractions WHERE pipeline <> ?", [except_pipeline])

    # The graph that follows

    def put_graph(
        self,
        graph: KnowledgeGraph,
        *,
        identities: Iterable[Identity] = (),
        duplicates: Iterable[Duplicate] = (),
        rejections: Iterable[Rejection] = (),
    ) -> None:
        """Replace the stored graph by ``graph``, in one transaction."""
        rows = graph_to_rows(graph)
        rows["meta"] = chain(rows["meta"], [("schema", SCHEMA_VERSION)])
        rows["identities"] = map(identity_to_row, identities)
        rows["duplicates"] = map(record_to_row, duplicates)
        rows["rejections"] = map(record_to_row, rejections)
        with self._transaction():
            for table in DERIVED_TABLES:
                self._connection.execute(f"DELETE FROM {table}")
                insert(self._connection, table, rows[table])

    def graph(self) -> KnowledgeGraph:
        """Return the stored graph.

        Raises
        ------
        StoreError
            No build has been finished in this folder.
        """
        self.pipeline()
        meta = self.meta()
        return graph_from_rows(meta, lambda table: self.rows(f"SELECT * FROM {table}"))

    def pipeline(self) -> str:
        """Return name and version of what read the papers of the stored graph.

        Raises
        ------
        StoreError
            No build has been finished in this folder.
        """
        pipeline = self.meta().get("pipeline")
        if pipeline is None:
            raise StoreError(f"{self.path}: the build was not finished: run `kg build` again")
        return pipeline

    def identities(self) -> list[Identity]:
        """Return every id that the builds in this folder have given, in their order."""
        current = dict(self.rows("SELECT id, id FROM entities UNION ALL SELECT id, current FROM replaced"))
        rows = self.rows("SELECT * FROM identities ORDER BY id")
        return [identity_from_row(row, current.get(row[0])) for row in rows]

    def meta(self) -> dict[str, str]:
        """Return what is said of the graph as a whole: schema, and once built pipeline, base_iri, title."""
        return dict(self.rows("SELECT name, value FROM meta"))

    def fingerprint(self) -> str:
        """Return what differs, in all likelihood, between two stored graphs that differ in anything; 64 bits a table.

        The order of rows is left aside, and so is what no RDF holds: duplicates and rejections.
        """
        tables = [table for table in DERIVED_TABLES if table not in ("duplicates", "rejections")]
        sums = (f"SELECT '{table}', count(*), sum(hash({table}))::VARCHAR FROM {table}" for table in tables)
        rows = sorted(self.rows(" UNION ALL ".join(sums)))
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    def duplicates(self) -> list[Duplicate]:
        """Return the records that were recognised as papers already present."""
        return [Duplicate(*row) for row in self.rows("SELECT * FROM duplicates ORDER BY ALL")]

    def rejections(self) -> list[Rejection]:
        """Return the records that the last build could not use."""
        return [Rejection(*row) for row in self.rows("SELECT * FROM rejections ORDER BY ALL")]

    def sql(self, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Answer one SQL query over the tables; return column names and rows.

        Raises
        ------
        InputError
            The query is wrong, or would reach outside the database.
        """
        import duckdb

        try:
            self._connection.execute("SET enable_external_access = false")
            cursor = self._connection.execute(query)
            columns = [column[0] for column in cursor.description or ()]
            return columns, cursor.fetchall()
        except duckdb.Error as error:
            raise InputError(f"SQL: {' '.join(str(error).split())}") from error

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of an SQL query of our own; raises StoreError, for example where memory is short."""
        import duckdb

        try:
            cursor = self._connection.cursor().execute(query, list(parameters))
            while rows := cursor.fetchmany(2048):
                yield from rows
        except duckdb.Error as error:
            raise StoreError(f"{self.path}: cannot be read: {' '.join(str(error).split())[:200]}") from error
