"""Opening what a build wrote."""

from __future__ import annotations

from pathlib import Path

from kg.graph import KnowledgeGraph
from kg.store import Store

__all__ = ["open"]


def open(folder: str | Path) -> KnowledgeGraph:
    """Return the graph that ``kg build -o folder`` or ``kg.build(..., out=folder)`` wrote.

    Raises
    ------
    StoreError
        No finished graph is there, or it is of another version.

    Examples
    --------
    >>> import kg, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> built = kg.build([kg.Paper(id="a", title="On BERT")], out=folder)
    >>> kg.open(folder).papers == built.papers
    True
    """
    with Store(Path(folder), read_only=True) as store:
        return store.graph()
