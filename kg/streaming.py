"""A graph folder read paper by paper: what writes large graphs need, in memory that does not grow with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

from kg.graph import GraphInfo, KnowledgeGraph
from kg.rows import Row, graph_from_rows, info_from_meta
from kg.store import Store
from schemas.records import Entity, Link, Paper, ReportedResult

__all__ = ["StoredGraph"]

BATCH = 2048  # papers, or entities, that are in memory at once; of 72,000 entities, 512 take twice the time
TABLES_OF_PAPERS = {"papers": "id", "links": "paper_id", "mentions": "paper_id", "results": "paper_id"}


class StoredGraph:
    """The graph of a folder, for reading through once or more; use it as a context manager.

    Parameters
    ----------
    folder
        What ``kg build`` wrote.
    only
        Tells of which ids entities and papers are wanted; by default all.

    Raises
    ------
    StoreError
        No finished graph is there, or it is of another version.

    Examples
    --------
    >>> import kg, tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> built = kg.build([kg.Paper(id="a", title="On BERT")], out=folder)
    >>> with StoredGraph(folder) as stored:
    ...     [paper.title for paper, links, results in stored.paper_records()]
    ['On BERT']
    """

    def __init__(self, folder: Path, *, only: Callable[[str], bool] | None = None) -> None:
        self._only = only
        self._store = Store(folder, read_only=True)
        try:
            self._store.pipeline()  # is there, if a build has been finished
            meta = self._store.meta()
        except BaseException:
            self._store.close()
            raise
        self.info: GraphInfo = info_from_meta(meta)
        self._meta = meta

    def __enter__(self) -> StoredGraph:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._store.close()

    def fingerprint(self) -> str:
        """Return what differs, with all likelihood, for two graphs that differ in anything; the same in any order."""
        return self._store.fingerprint()

    def has_paper(self, paper_id: str) -> bool:
        """Tell whether a paper of that id is there."""
        return next(self._store.rows("SELECT 1 FROM papers WHERE id = ?", [paper_id]), None) is not None

    def paper_ids(self) -> Iterator[str]:
        """Yield the ids of the papers, in their order."""
        yield from (row[0] for row in self._store.rows("SELECT id FROM papers ORDER BY id"))

    @property
    def entities(self) -> Iterator[Entity]:
        """The entities, in the order of their ids."""
        for ids in self._batches("entities"):
            yield from self._graph(ids, {"entities": "id", "aliases": "entity_id"}).entities

    @property
    def replaced(self) -> dict[str, str]:
        """Ids of former entities, in their order -> the ids of what they have become parts of."""
        rows = self._store.rows("SELECT id, current FROM replaced ORDER BY id")
        return {id_: current for id_, current in rows if self._only is None or self._only(id_)}

    def paper_records(self) -> Iterator[tuple[Paper, Sequence[Link], Sequence[ReportedResult]]]:
        """Yield each paper with its links and results, in the order of their ids."""
        for ids in self._batches("papers"):
            graph = self._graph(ids, TABLES_OF_PAPERS)
            links: dict[str, list[Link]] = {}
            results: dict[str, list[ReportedResult]] = {}
            for link in graph.links:
                links.setdefault(link.paper_id, []).append(link)
            for result in graph.results:
                results.setdefault(result.paper_id, []).append(result)
            for paper in graph.papers:
                yield paper, links.get(paper.id, []), results.get(paper.id, [])

    def _batches(self, table: str) -> Iterator[list[str]]:
        ids = [row[0] for row in self._store.rows(f"SELECT id FROM {table} ORDER BY id")]
        if self._only is not None:
            ids = [id_ for id_ in ids if self._only(id_)]
        for start in range(0, len(ids), BATCH):
            yield ids[start : start + BATCH]

    def _graph(self, ids: list[str], keys: dict[str, str]) -> KnowledgeGraph:
        """Return what the tables named in ``keys`` hold of some successive ids."""

        def rows_of(table: str) -> Iterable[Row]:
            if table not in keys:
                return ()
            # The range lets the database skip what lies outside; both sort ids by code point.
            query = f"SELECT * FROM {table} WHERE {keys[table]} BETWEEN ? AND ?"
            if self._only is None:
                return self._store.rows(query, [ids[0], ids[-1]])
            return self._store.rows(f"{query} AND {keys[table]} IN (SELECT unnest(?))", [ids[0], ids[-1], ids])

        return graph_from_rows(self._meta, rows_of)
