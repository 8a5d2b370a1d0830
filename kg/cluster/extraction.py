"""Papers to shards of extractions, on one machine or many; begun again, only what is missing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from kg.cluster import ENGINES
from kg.cluster.shards import EXTRACTIONS, PAPERS, Done, Shard, target_of
from kg.cluster.storage import Folder
from kg.cluster.work import Gather, ReadInput
from kg.extraction import processors
from schemas.errors import InputError
from schemas.records import Rejection

__all__ = ["MANIFEST", "SHARDS", "Run", "extract_shards"]

SHARDS: Final = 64
MOST_SHARDS: Final = 99_999
PLAN, GATHERED, MANIFEST = "plan.json", "papers.json", "manifest.json"

Progress = Callable[[str, int, int], None]  # stage, done, in all


@dataclass(slots=True)
class Run:
    """What :func:`extract_shards` did."""

    papers: int = 0  # records in all shards
    extracted: int = 0  # in this run
    shards: int = 0  # written in this run
    reused: int = 0  # finished before
    rejections: list[Rejection] = field(default_factory=list)


def extract_shards(
    sources: Sequence[str | Path],
    out: str,
    *,
    engine: str = "local",
    shards: int | None = None,
    format: str | None = None,
    jobs: int | None = None,
    fast: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> Run:
    """Extract papers into a folder of shards (see :mod:`kg.cluster`).

    Parameters
    ----------
    sources
        Paths, folders, globs or addresses, as for :func:`kg.read`.
    out
        The folder, a path or an address. One that is there is gone on with: what is finished stays.
    engine
        A name of ``ENGINES``.
    shards
        Into how many, from 1 to 99,999; by default what the folder has, or 64. A few thousand papers in each keep a
        worker busy for minutes, which is what its loss costs.
    format, fast
        See :func:`kg.build`.
    jobs
        Processes, or workers of the cluster; by default one a processor.
    progress
        Is told of stage, papers done, and how many there are.

    Raises
    ------
    InputError
        An input or the folder is unusable, the folder was begun otherwise, or the cluster cannot be reached.

    Examples
    --------
    >>> import kg, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> run = extract_shards([kg.sample_path()], folder, shards=2, fast=True)
    >>> run.papers, run.shards, extract_shards([kg.sample_path()], folder, fast=True).extracted
    (48, 2, 0)
    """
    from kg.extraction import pipeline_of

    if engine not in ENGINES:
        raise InputError(f"no engine {engine!r}; valid: {', '.join(ENGINES)}")
    if shards is not None and not 1 <= shards <= MOST_SHARDS:
        raise InputError(f"{shards} shards: give a number from 1 to {MOST_SHARDS:,}")
    folder, pipeline = Folder(out), pipeline_of(fast=fast)
    number = _begin(folder, shards, pipeline)
    inputs = list(_inputs(sources))
    run = Run()
    with _cluster(engine):
        partition, extract = _engine(engine)
        progress("read", 0, 0)
        gathered = _gather(folder, inputs, partition, ReadInput(number, format), Gather(folder, number), progress)
        run.rejections += gathered.rejections
        todo, finished = _todo(folder, gathered.names, pipeline)
        run.papers, run.reused, run.shards = gathered.papers, len(finished), len(todo)
        options: dict[str, Any] = {"jobs": jobs or processors()} if engine == "local" else {"jobs": jobs}
        total = gathered.papers
        progress("extract", 0, total)
        for done in extract(
            folder, todo, fast=fast, pipeline=pipeline, on_paper=lambda n: progress("extract", n, total), **options
        ):
            run.extracted += done.extracted
            run.rejections += done.rejections
    _finish(folder, gathered, [*finished, *(shard.target for shard in todo)], pipeline)
    return run


@dataclass(frozen=True, slots=True)
class Gathered:
    """The shards of papers."""

    names: tuple[str, ...]
    papers: int
    rejections: tuple[Rejection, ...]


def _begin(folder: Folder, shards: int | None, pipeline: str) -> int:
    """Return the number of shards of a folder; a new one's plan is written, another's is kept to."""
    if not folder.exists(PLAN):
        folder.write(PLAN, json.dumps({"shards": shards or SHARDS, "pipeline": pipeline}).encode())
        return shards or SHARDS
    plan = _json(folder, PLAN)
    number = int(plan["shards"])
    if shards not in (None, number):
        raise InputError(
            f"{folder.address} has {number} shards, not {shards}: leave --shards out, or use another folder"
        )
    if plan["pipeline"] != pipeline:
        raise InputError(f"{folder.address} was begun with {plan['pipeline']}, this is {pipeline}: use another folder")
    return number


def _inputs(sources: Iterable[str | Path]) -> Iterator[str]:
    from kg.readers import is_known
    from kg.readers.sources import expand

    for source in sources:
        for path in expand(source, is_known):
            if path is None:
                raise InputError("-: shards are made of files; write standard input to one")
            yield path if isinstance(path, str) else str(path.resolve())


def _gather(
    folder: Folder,
    inputs: Sequence[str],
    partition: Callable[[Sequence[str], ReadInput, Gather], Iterator[Done]],
    read: ReadInput,
    gather: Gather,
    progress: Progress,
) -> Gathered:
    """Sort the papers of all inputs into shards, unless that has been done for just these inputs and is still there."""
    digest = hashlib.sha256(json.dumps([sorted(_state(path) for path in inputs), read.format]).encode()).hexdigest()
    if folder.exists(GATHERED) and (before := _json(folder, GATHERED))["inputs"] == digest:
        rejections = tuple(Rejection(**rejection) for rejection in before["rejections"])
        if set(before["shards"]) <= set(folder.names(PAPERS)):
            return Gathered(tuple(before["shards"]), before["papers"], rejections)
    names, papers, rejections = [], 0, ()
    for done in partition(inputs, read, gather):
        if done.name:
            names.append(done.name)
            papers += done.papers
            progress("read", papers, 0)
        else:
            rejections = done.rejections
    found = Gathered(tuple(sorted(names)), papers, rejections)
    _write_json(
        folder,
        GATHERED,
        {"inputs": digest, "papers": papers, "shards": found.names, "rejections": [asdict(r) for r in rejections]},
    )
    return found


def _state(path: str) -> tuple[str, str]:
    """Return what changes when an input does: its address with size and time, or whatever its storage has for that."""
    from kg.cluster.storage import state

    return path, state(path)


def _todo(folder: Folder, papers: Iterable[str], pipeline: str) -> tuple[list[Shard], list[str]]:
    """Return the shards that are to be extracted, and the names of those that are finished."""
    there = folder.names(EXTRACTIONS)
    todo, finished = [], []
    for shard in (target_of(name, pipeline) for name in papers):
        if shard.target in there:
            finished.append(shard.target)
        else:
            older = tuple(name for name in there if name.startswith(f"{shard.number:05}-"))
            todo.append(replace(shard, older=older))
    return todo, finished


def _finish(folder: Folder, gathered: Gathered, names: Iterable[str], pipeline: str) -> None:
    """Say that all is whole, then remove what belonged to earlier states."""
    wanted = {EXTRACTIONS: sorted(names), PAPERS: list(gathered.names)}
    _write_json(
        folder,
        MANIFEST,
        {
            "pipeline": pipeline,
            "papers": gathered.papers,
            "shards": wanted[EXTRACTIONS],
            "rejections": [asdict(rejection) for rejection in gathered.rejections],
        },
    )
    for below, keep in wanted.items():
        for name in folder.names(below):
            if name not in keep:
                folder.remove(f"{below}/{name}")


def _json(folder: Folder, name: str) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads(folder.read(name))
    except ValueError as error:
        raise InputError(f"{folder.address}/{name} is damaged: remove it and run again") from error
    return value


def _write_json(folder: Folder, name: str, value: object) -> None:
    folder.write(name, json.dumps(value, indent=1, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


def _cluster(engine: str) -> Any:
    if engine == "local":
        return nullcontext()
    from kg.cluster.on_ray import cluster

    return cluster()


def _engine(engine: str) -> tuple[Any, Any]:
    if engine == "local":
        from kg.cluster import local

        return local.partition, local.extract
    from kg.cluster import on_ray

    return on_ray.partition, on_ray.extract
