"""A folder of tables, CSV or Parquet: ``papers``, ``entities``, ``aliases``, ``links``, ``mentions``, ``results``.

The columns are those of the database (:mod:`kg.rows`), which are the fields of the records in :mod:`schemas.records`:

========  ==========================================================================================================
papers    id, title, abstract, year, authors, venue, url, doi, arxiv_id, keywords, source
entities  id, type, name, variant_of (id), same_as (IRIs), papers (count)
aliases   entity_id, name, papers (count)
links     paper_id, entity_id, role, confidence, role_confidence, evidence_start, evidence_end
mentions  paper_id, entity_id, start, end, text, type, confidence
results   subject, metric, value, number, unit, kind, dataset, task, baseline, start, end, confidence, id, paper_id,
          subject_id, metric_id, dataset_id, task_id, baseline_id
========  ==========================================================================================================

Offsets are ``[start, end)`` in characters of title, line feed, abstract: of a mention, of the sentence that a role was
read from (``evidence_…``), of the sentence that states a result. Ids join the tables: ``paper_id`` to ``papers.id``,
every other ``…_id`` to ``entities.id``.

- **CSV** is RFC 4180 in UTF-8 with a header. A list (``authors``, ``keywords``, ``same_as``) is a JSON array. An absent
  value is an empty cell; only an abstract can be present and empty.
- **Parquet** has the types of the database; lists are lists, absent values are null.

Text is written as it is, and comes back equal. A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@``
as a formula, quoted or not, and titles come from strangers: to open the files in one, write them with
``spreadsheet=True``, which puts an apostrophe before such text (columns of numbers stay as they are).

A lone surrogate, which no UTF-8 file can hold, becomes U+FFFD.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, Literal

from kg.database import insert
from kg.export import replacing, write_csv
from kg.frames import whole
from kg.rows import DERIVED_TABLES, columns_of, graph_to_rows
from schemas.errors import UnknownFormat

if TYPE_CHECKING:
    from kg.graph import KnowledgeGraph

__all__ = ["TABLES", "write_parquet", "write_tables"]

TABLES: Final = ("papers", "entities", "aliases", "links", "mentions", "results")
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # the beginnings that OWASP lists


def write_tables(
    graph: KnowledgeGraph, folder: Path, *, format: Literal["csv", "parquet"] = "csv", spreadsheet: bool = False
) -> None:
    """Write ``graph`` into ``folder`` as six tables, each a file; other files there stay.

    Parameters
    ----------
    graph
        What to write.
    folder
        Made where it is not there.
    format
        ``"csv"`` or ``"parquet"``.
    spreadsheet
        Put an apostrophe before text in CSV files that a spreadsheet would take as a formula.

    Raises
    ------
    UnknownFormat
        ``format`` is neither.
    OSError
        A file cannot be written there; one that was there is then untouched.

    Examples
    --------
    >>> import tempfile
    >>> from kg.graph import KnowledgeGraph
    >>> from schemas.records import Entity
    >>> folder = Path(tempfile.mkdtemp())
    >>> entities = [Entity(id="bert", type="Model", name="BERT", papers=2)]
    >>> write_tables(KnowledgeGraph(papers=[], entities=entities, links=[]), folder)
    >>> print((folder / "entities.csv").read_text().strip())
    id,type,name,variant_of,same_as,papers
    bert,Model,BERT,,[],2
    """
    if format not in ("csv", "parquet"):
        raise UnknownFormat(f"tables cannot be written as {format!r}; available: csv, parquet")
    rows = graph_to_rows(graph)
    folder.mkdir(parents=True, exist_ok=True)
    if format == "parquet":
        write_parquet({table: (DERIVED_TABLES[table], rows[table]) for table in TABLES}, folder)
        return
    for table in TABLES:
        cells = ([_cell(value, spreadsheet=spreadsheet) for value in row] for row in rows[table])
        write_csv(folder / f"{table}.csv", list(columns_of(DERIVED_TABLES[table])), cells)


def _cell(value: Any, *, spreadsheet: bool) -> Any:
    if isinstance(value, list):
        value = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, str):
        return value
    text: str = whole(value)
    return f"'{text}" if spreadsheet and text.startswith(FORMULA) else text


def write_parquet(tables: Mapping[str, tuple[str, Iterable[Sequence[Any]]]], folder: Path) -> None:
    """Write each table, given as its columns in SQL and its rows, into ``folder`` as a Parquet file of its name.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_parquet({"aliases": ("name VARCHAR, papers INTEGER", [("BERT", 2)])}, folder)
    >>> [path.name for path in folder.iterdir()]
    ['aliases.parquet']
    """
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    # One thread, so that row groups do not depend on timing. DuckDB writes by path; replacing() puts the file in place.
    with TemporaryDirectory() as scratch, duckdb.connect(config={"threads": 1}) as connection:
        for table, (columns, rows) in tables.items():
            connection.execute(f'CREATE TABLE "{table}" ({columns})')
            insert(connection, table, ([whole(value) for value in row] for row in rows))
            written = Path(scratch, f"{table}.parquet")
            connection.table(f'"{table}"').to_parquet(str(written), compression="zstd")
            with replacing(folder / written.name) as file, written.open("rb") as source:
                shutil.copyfileobj(source, file)
