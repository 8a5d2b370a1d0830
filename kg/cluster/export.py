"""A graph folder as shards of RDF, each written by a worker: the same files as ``kg export --shards`` writes."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from kg.cluster.storage import Folder
from kg.export.compression import compressed
from kg.export.header import Tally
from kg.export.quads import check_evidence
from kg.export.rdf import FORMATS, format_of, shard_of, shard_paths, write_shard
from kg.streaming import StoredGraph
from schemas.errors import InputError, UnknownFormat

__all__ = ["ShardWriter", "export_shards"]


@dataclass(frozen=True, slots=True)
class ShardWriter:
    """Writes any one shard of a graph.

    Parameters
    ----------
    graph
        The graph folder, on a disk that every worker sees.
    target
        Path or address of the file that is cut into shards: ``s3://bucket/graph.nq.zst``.
    shards, evidence
        As for :func:`kg.export.rdf.write_rdf`.
    """

    graph: str
    target: str
    shards: int
    evidence: str

    def __call__(self, number: int, others: Tally | None = None) -> Tally:
        """Write a shard, from 0, and return its tally; the header's shard comes last, with what ``others`` count."""
        parent, _, name = self.target.rpartition("/")
        shard = shard_paths(Path(name), self.shards)[number].name
        tally, buffer = Tally() if others is None else others, io.BytesIO()
        has_header = number == shard_of("", self.shards)
        with (
            StoredGraph(Path(self.graph), only=lambda id_: shard_of(id_, self.shards) == number) as part,
            compressed(buffer, format_of(name)[1]) as file,
        ):
            write_shard(part, file, name, evidence=self.evidence, tally=tally, has_header=has_header)
        Folder(parent or ".").write(shard, buffer.getvalue())
        return tally


def export_shards(
    folder: Path,
    target: str,
    *,
    shards: int,
    evidence: str = "mentions",
    each: Callable[[ShardWriter, list[int]], list[Tally]] | None = None,
) -> None:
    """Have a cluster write the graph of a folder as shards of RDF.

    The header counts all statements; so its shard is written when the others are.

    Parameters
    ----------
    each
        What has shards written and returns their tallies; by default Ray.

    Raises
    ------
    InputError, StoreError
        No RDF by its suffix, no such number of shards, no graph in the folder, or the cluster cannot be reached.
    """
    if not format_of(target)[0]:
        raise UnknownFormat(f"{target}: a cluster writes RDF: {', '.join(f'.{name}' for name in FORMATS)} (.gz, .zst)")
    if shards < 2:
        raise InputError("one shard is no work for a cluster: give --shards 2 or more, or leave --engine out")
    check_evidence(evidence)
    shard_paths(Path(target), shards)
    with StoredGraph(folder):
        pass  # there is one
    writer = ShardWriter(str(folder.resolve()), target, shards, evidence)
    last = shard_of("", shards)
    tallies = (each or _on_ray)(writer, [number for number in range(shards) if number != last])
    writer(last, reduce(add, tallies, Tally()))


def _on_ray(writer: ShardWriter, numbers: list[int]) -> list[Tally]:
    from kg.cluster.on_ray import cluster, run

    class Write:
        def __call__(self, number: int) -> dict[str, Any]:
            return _plain(writer(number))

    with cluster():
        return [_tally(value) for value in run(numbers, Write)]


def _plain(tally: Tally) -> dict[str, Any]:
    """Return a tally as JSON can hold it; ``asdict`` alone would count the pairs of a Counter.

    >>> tally = Tally(entities=Counter({"Model": 2}), statements=3)
    >>> _tally(_plain(tally)) == tally
    True
    """
    return asdict(tally) | {"entities": dict(tally.entities), "roles": dict(tally.roles)}


def _tally(value: dict[str, Any]) -> Tally:
    return Tally(**value | {"entities": Counter(value["entities"]), "roles": Counter(value["roles"])})
