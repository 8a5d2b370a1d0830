"""Extractions that were made elsewhere -> a graph folder, the same as if they had been made here."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.cluster.extraction import MANIFEST
from kg.cluster.shards import EXTRACTIONS, check_name, extractions_from_bytes
from kg.cluster.storage import Folder
from kg.readers.compression import decompressed
from schemas.errors import InputError, RecordError
from schemas.lines import extraction_from_json
from schemas.records import Extraction, Paper, Rejection

if TYPE_CHECKING:
    from kg.run import Build

__all__ = ["build_from_extractions", "read_extractions"]

BATCH = 1024  # extractions a transaction


def read_extractions(
    source: str, rejections: list[Rejection] | None = None
) -> Iterator[tuple[Paper, Extraction | None]]:
    """Yield papers with their extractions: of a folder of shards, or of a file that ``kg extract`` wrote.

    Parameters
    ----------
    source
        A path or an address.
    rejections
        Gets what a folder says of records that are no papers.

    Raises
    ------
    InputError
        No extractions are there, the folder is not finished, or a file is damaged.

    Examples
    --------
    >>> import kg, tempfile
    >>> from kg.cluster.extraction import extract_shards
    >>> folder = tempfile.mkdtemp()
    >>> run = extract_shards([kg.sample_path()], folder, shards=2, fast=True)
    >>> sum(1 for paper, extraction in read_extractions(folder))
    48
    """
    if source.endswith((".parquet", ".jsonl", ".jsonl.gz")):
        parent, _, name = source.rpartition("/")
        data = Folder(parent or ".").read(name)
        yield from extractions_from_bytes(data, name) if name.endswith(".parquet") else _from_lines(data, name)
        return
    folder = Folder(source)
    if not folder.exists(MANIFEST):
        hint = f"finish it with `kg extract INPUT... -o {source}/`" if folder.exists("plan.json") else "check the path"
        raise InputError(f"{source}: no finished folder of extractions: {hint}")
    try:
        manifest = json.loads(folder.read(MANIFEST))
        rejected = [Rejection(**rejection) for rejection in manifest["rejections"]]
        names = [check_name(str(name)) for name in manifest["shards"]]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{source}/{MANIFEST} is damaged: extract again") from error
    if rejections is not None:
        rejections += rejected
    for name in names:
        yield from extractions_from_bytes(folder.read(f"{EXTRACTIONS}/{name}"), name)


def _from_lines(data: bytes, name: str) -> Iterator[tuple[Paper, Extraction | None]]:
    try:
        with io.TextIOWrapper(io.BufferedReader(decompressed(io.BytesIO(data))), "utf-8", newline="\n") as lines:
            for line in lines:
                if line.strip():
                    yield extraction_from_json(json.loads(line))
    except (OSError, EOFError, ValueError, RecursionError, RecordError) as error:
        raise InputError(f"{name}: not what `kg extract` writes: {' '.join(str(error).split())[:200]}") from error


def build_from_extractions(
    extracted: Iterable[str], sources: Iterable[str] = (), *, out: str | Path, fast: bool | None = None, **options: Any
) -> Build:
    """Build a graph folder from extractions, and from further ``sources``, as :func:`kg.run.build_folder` does.

    The extractions go into the folder's cache, where the build finds them; a paper that could not be read is tried
    again. Which pipeline it was, ``en`` or ``en-fast``, the extractions tell.

    Raises
    ------
    InputError
        As :func:`read_extractions` does; or other versions than this one have made the extractions.

    Examples
    --------
    >>> import kg, tempfile
    >>> from kg.cluster.extraction import extract_shards
    >>> shards, out = tempfile.mkdtemp(), tempfile.mkdtemp()
    >>> run = extract_shards([kg.sample_path()], shards, shards=2, fast=True)
    >>> build = build_from_extractions([shards], out=out, progress=lambda *_: None)
    >>> build.read, build.extracted
    (48, 0)
    """
    from kg.extraction import pipeline_of
    from kg.run import build_folder
    from kg.store import Store

    versions = {pipeline_of(fast=choice): choice for choice in (False, True)}
    papers: list[Paper] = []
    rejections: list[Rejection] = []
    found: set[bool] = set()

    def pairs() -> Iterator[tuple[Paper, Extraction]]:
        for paper, extraction in (pair for source in extracted for pair in read_extractions(source, rejections)):
            papers.append(paper)
            if extraction is not None:
                found.add(_choice(extraction.pipeline, versions))
                yield paper, extraction

    with Store(Path(out)) as store:
        stream = pairs()
        while batch := list(islice(stream, BATCH)):
            store.put_extractions(batch)
            options["progress"]("read", len(papers), 0)
    if len(found) > 1 or (fast is not None and found - {fast}):
        raise InputError(
            "some of the extractions were made with --fast and some without, or not as asked: use one kind"
        )
    return build_folder(
        [papers, *sources], out=out, fast=next(iter(found), bool(fast)), rejections=rejections, **options
    )


def _choice(pipeline: str, versions: dict[str, bool]) -> bool:
    if pipeline not in versions:
        raise InputError(
            f"extracted by {pipeline}; this installation reads with {' or '.join(versions)}: "
            "install the version that extracted, or extract again"
        )
    return versions[pipeline]
