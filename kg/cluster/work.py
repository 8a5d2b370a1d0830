"""What is done with one input or one shard, wherever it is done: read, gather, extract."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace

from kg.cluster.shards import (
    EXTRACTIONS,
    PAPERS,
    Done,
    Shard,
    extractions_from_bytes,
    extractions_to_bytes,
    papers_from_bytes,
    papers_to_bytes,
    shard_name,
)
from kg.cluster.storage import Folder
from kg.export.rdf import shard_of
from schemas.errors import InputError
from schemas.lines import dump_line, paper_to_json
from schemas.records import Extraction, Paper, Rejection, text_hash

__all__ = ["REJECTED", "Gather", "Outcome", "ReadInput", "Row", "ShardReader", "known_extractions", "write_extracted"]

Row = tuple[int, str, str]  # shard, paper id, the paper as a line of JSON
Outcome = tuple[Paper, Extraction, Rejection | None]
REJECTED = -1  # the shard of what is no paper: source and reason as a line of JSON


@dataclass(frozen=True, slots=True)
class ReadInput:
    """Reads one input, a path or an address, into rows."""

    shards: int
    format: str | None

    def __call__(self, source: str) -> Iterator[Row]:
        """Yield a row for each record."""
        from kg.readers import read

        rejections: list[Rejection] = []
        for paper in read(source, format=self.format, on_reject=rejections.append):
            yield shard_of(paper.id, self.shards), paper.id, dump_line(paper_to_json(paper))
        for rejection in rejections:
            yield REJECTED, rejection.source, dump_line(asdict(rejection))


@dataclass(frozen=True, slots=True)
class Gather:
    """Writes the papers of a shard."""

    folder: Folder
    shards: int

    def __call__(self, number: int, rows: Iterable[tuple[str, str]]) -> Done:
        """Write id and line of every record of a shard; what is there already is left."""
        rows = list(rows)
        if number == REJECTED:
            found = sorted((Rejection(**json.loads(line)) for _, line in rows), key=lambda r: (r.source, r.reason))
            return Done(number, "", 0, rejections=tuple(found))
        content, packed = papers_to_bytes(rows)
        name = shard_name(number, content, ".jsonl.zst")
        if not self.folder.exists(f"{PAPERS}/{name}"):
            self.folder.write(f"{PAPERS}/{name}", packed)
        return Done(number, name, len(rows))


class ShardReader:
    """A worker: loads the pipeline once, and extracts shards.

    Parameters
    ----------
    folder
        Where the shards are.
    fast
        See :func:`kg.build`.
    pipeline
        The version that is wanted.

    Raises
    ------
    InputError
        Another version of abstractkg is installed where the worker runs.
    """

    def __init__(self, folder: Folder, *, fast: bool, pipeline: str) -> None:
        from kg.extraction import load_reader, pipeline_of

        if (found := pipeline_of(fast=fast)) != pipeline:
            raise InputError(f"a worker has {found}, this process {pipeline}: install one version everywhere")
        self.folder, self.pipeline = folder, pipeline
        self._read = load_reader(fast=fast)

    def __call__(self, shard: Shard) -> Done:
        """Extract a shard, and write it when it is whole."""
        papers = papers_from_bytes(self.folder.read(f"{PAPERS}/{shard.papers}"))
        known = known_extractions(self.folder, shard, self.pipeline)
        new = [paper for paper in papers if text_hash(paper) not in known]
        outcomes = zip(new, self._read(new), strict=True)
        return write_extracted(self.folder, shard, papers, known, ((paper, *found) for paper, found in outcomes))


def known_extractions(folder: Folder, shard: Shard, pipeline: str) -> dict[str, Extraction]:
    """Return what earlier states of a shard hold of ``pipeline``, by the hash of the text."""
    found: dict[str, Extraction] = {}
    for name in shard.older:
        for _, extraction in extractions_from_bytes(folder.read(f"{EXTRACTIONS}/{name}"), name):
            if extraction is not None and extraction.pipeline == pipeline:
                found[extraction.text_hash] = extraction
    return found


def write_extracted(
    folder: Folder, shard: Shard, papers: list[Paper], known: dict[str, Extraction], outcomes: Iterable[Outcome]
) -> Done:
    """Write a shard: ``outcomes`` are those of the papers whose extraction is not ``known``, in the order of papers."""
    new = iter(outcomes)
    rows: list[Outcome] = []
    for paper in papers:
        if (extraction := known.get(text_hash(paper))) is not None:
            rows.append((paper, replace(extraction, paper_id=paper.id), None))
        else:
            rows.append(next(new))
    folder.write(f"{EXTRACTIONS}/{shard.target}", extractions_to_bytes(rows))
    rejections = tuple(rejection for *_, rejection in rows if rejection is not None)
    extracted = sum(text_hash(paper) not in known for paper in papers)
    return Done(shard.number, shard.target, len(papers), extracted, rejections)
