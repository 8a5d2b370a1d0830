"""The graph in memory: papers, entities, links and results, with the questions that users ask of it.

A :class:`KnowledgeGraph` only holds records and answers from them; building it is :mod:`kg.resolve`, keeping it is
:mod:`kg.store`, writing it is :mod:`kg.export`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar, overload

from schemas.records import Entity, Link, Paper, ReportedResult
from schemas.vocabulary import BASE_IRI

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["GraphInfo", "KnowledgeGraph", "Records"]

Record = TypeVar("Record")


class Records(Sequence[Record], Generic[Record]):
    """An immutable sequence of records that can become a table.

    >>> Records([Paper(id="a", title="On X")])[0].title
    'On X'
    """

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = tuple(records)

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records)

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | Sequence[Record]:
        return self._records[index]

    def __repr__(self) -> str:
        return f"<{len(self)} records>"

    def to_pandas(self) -> pd.DataFrame:
        """Return a pandas table, one row a record, one column a field.

        Raises
        ------
        ImportError
            pandas is not installed (``pip install abstractkg[pandas]``).
        """
        import pandas as pd

        return pd.DataFrame([asdict(record) for record in self])  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True)
class GraphInfo:
    """What is said of a graph as a whole."""

    pipeline: str = ""  # name and version of what read the papers
    base_iri: str = BASE_IRI  # under which papers and entities get their IRIs
    title: str = "A graph of papers and what they share"
    counts: dict[str, int] = field(default_factory=dict)


class KnowledgeGraph:
    """Papers, the entities that they share, and what links them.

    Parameters
    ----------
    papers, entities, links, results
        Records that refer to each other by id; kept in the order of their ids.
    info
        What is said of the graph as a whole.
    """

    def __init__(
        self,
        *,
        papers: Iterable[Paper],
        entities: Iterable[Entity],
        links: Iterable[Link],
        results: Iterable[ReportedResult] = (),
        info: GraphInfo | None = None,
    ) -> None:
        self.papers = Records(sorted(papers, key=lambda paper: paper.id))
        self.entities = Records(sorted(entities, key=lambda entity: entity.id))
        self.links = Records(sorted(links, key=lambda link: (link.paper_id, link.entity_id)))
        self.results = Records(results)
        self.info = info or GraphInfo()

    def __repr__(self) -> str:
        return (
            f"<KnowledgeGraph: {len(self.papers)} papers, {len(self.entities)} entities, "
            f"{len(self.links)} links, {len(self.results)} results>"
        )
