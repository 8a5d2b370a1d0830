"""The engine of one machine: no cluster, no more than DuckDB and the processes of ``kg extract``."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from kg.cluster.shards import PAPERS, Done, Shard, papers_from_bytes
from kg.cluster.storage import Folder
from kg.cluster.work import Gather, Outcome, ReadInput, Row, known_extractions, write_extracted
from schemas.records import Extraction, Paper, Rejection, text_hash

if TYPE_CHECKING:
    import duckdb

__all__ = ["extract", "partition"]

ROWS = 4096  # put into the table, or taken from it, at a time


def partition(sources: Iterable[str], read: ReadInput, gather: Gather) -> Iterator[Done]:
    """Sort the records of all inputs by shard, on disk where memory does not suffice, and gather each shard."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder, duckdb.connect(str(Path(folder) / "rows.duckdb")) as connection:
        connection.execute("CREATE TABLE rows (shard INTEGER, id VARCHAR, line VARCHAR)")
        stream = chain.from_iterable(read(source) for source in sources)
        while batch := list(islice(stream, ROWS)):
            columns = [list(column) for column in zip(*batch, strict=True)]
            connection.execute(
                "INSERT INTO rows SELECT unnest(?::INTEGER[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[])", columns
            )
        for number, rows in groupby(_sorted_rows(connection), key=itemgetter(0)):
            yield gather(number, ((id_, line) for _, id_, line in rows))


def _sorted_rows(connection: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    cursor = connection.execute("SELECT shard, id, line FROM rows ORDER BY shard")
    while rows := cursor.fetchmany(ROWS):
        yield from rows


def extract(
    folder: Folder, shards: Iterable[Shard], *, fast: bool, pipeline: str, jobs: int, on_paper: Callable[[int], None]
) -> Iterator[Done]:
    """Extract shards one after the other, each with all processes, which stay."""
    from kg.extraction import extract_pairs

    under_way: deque[tuple[Shard, list[Paper], dict[str, Extraction], int]] = deque()

    def new() -> Iterator[Paper]:
        for shard in shards:
            papers = papers_from_bytes(folder.read(f"{PAPERS}/{shard.papers}"))
            known = known_extractions(folder, shard, pipeline)
            missing = [paper for paper in papers if text_hash(paper) not in known]
            under_way.append((shard, papers, known, len(missing)))
            yield from missing

    def finished() -> Iterator[Done]:
        while under_way and len(outcomes) == under_way[0][3]:
            shard, papers, known, _ = under_way.popleft()
            yield write_extracted(folder, shard, papers, known, outcomes)
            outcomes.clear()

    failed: list[Rejection] = []
    outcomes: list[Outcome] = []
    pairs = extract_pairs(new(), jobs=jobs, fast=fast, on_reject=failed.append)
    for number, (paper, extraction) in enumerate(pairs, start=1):
        outcomes.append((paper, extraction, failed.pop() if failed else None))
        on_paper(number)
        yield from finished()
    yield from finished()
