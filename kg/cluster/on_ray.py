"""The engine of a cluster: Ray Data. One input, then one shard, is one task; what a lost worker had is done again.

``RAY_ADDRESS`` names the cluster, as everywhere in Ray; without it, one is started on this machine and ends with us.
"""

from __future__ import annotations

import json
import logging
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from kg.cluster.shards import Done, Shard
from kg.cluster.storage import Folder, require
from kg.cluster.work import Gather, ReadInput, ShardReader
from schemas.errors import InputError
from schemas.records import Rejection

__all__ = ["cluster", "extract", "partition", "run"]

ROWS = 4096  # of a block
RETRIES = 5  # deaths of workers over one shard, after which it is taken for their cause


@contextmanager
def cluster() -> Iterator[Any]:
    """Connect to the cluster, and leave it at the end; what Ray raises becomes one line."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # sends reports home unless told not to
    os.environ.setdefault("RAY_DATA_DISABLE_PROGRESS_BARS", "1")
    logging.getLogger("ray").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray = require("ray", "--engine ray")
        require("ray.data", "--engine ray")
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        is_ours = not ray.is_initialized()
        try:
            if is_ours:
                ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
            yield ray
        except Exception as error:
            if isinstance(error, ray.exceptions.RayError | ConnectionError | RuntimeError):
                raise InputError(f"the cluster: {_reason(error)}") from error
            raise
        finally:
            if is_ours:
                ray.shutdown()


def partition(sources: Sequence[str], read: ReadInput, gather: Gather) -> Iterator[Done]:
    """Read the inputs side by side, and gather each shard's records by a shuffle."""

    def rows(batch: dict[str, Any]) -> Iterator[dict[str, list[Any]]]:
        for source in batch["source"]:
            block: dict[str, list[Any]] = {"shard": [], "id": [], "line": []}
            for row in read(str(source)):
                for column, value in zip(block.values(), row, strict=True):
                    column.append(value)
                if len(block["id"]) == ROWS:
                    yield block
                    block = {name: [] for name in block}
            if block["id"]:
                yield block

    def written(group: Any) -> dict[str, list[Any]]:
        number = int(group["shard"][0].as_py())
        done = gather(number, zip(group["id"].to_pylist(), group["line"].to_pylist(), strict=True))
        return {"done": [json.dumps(asdict(done))]}

    ray = require("ray.data", "--engine ray")
    inputs = ray.from_items([{"source": source} for source in sources], override_num_blocks=len(sources))
    # More partitions than processors keep them busy to the end; more still only cost (0.25 s each).
    partitions = min(gather.shards + 1, 4 * _processors())
    grouped = inputs.map_batches(rows, batch_size=1).groupby("shard", num_partitions=partitions)
    for row in grouped.map_groups(written, batch_format="pyarrow").iter_rows():
        yield _done(json.loads(row["done"]))


def extract(
    folder: Folder,
    shards: Sequence[Shard],
    *,
    fast: bool,
    pipeline: str,
    jobs: int | None,
    on_paper: Callable[[int], None],
    worker: type[ShardReader] = ShardReader,
) -> Iterator[Done]:
    """Extract shards, one worker a processor (or as many as ``jobs``), each of which loads the pipeline once."""
    if not shards:
        return

    class Reader:
        """The worker, spoken to in plain values."""

        def __init__(self) -> None:
            self.read = worker(folder, fast=fast, pipeline=pipeline)

        def __call__(self, task: dict[str, Any]) -> dict[str, Any]:
            return asdict(self.read(Shard(**task | {"older": tuple(task["older"])})))

    extracted = 0
    for value in run([asdict(shard) for shard in shards], Reader, jobs=jobs):
        done = _done(value)
        extracted += done.extracted
        on_paper(extracted)
        yield done


def run(tasks: Sequence[Any], worker: Callable[[], Callable[[Any], Any]], *, jobs: int | None = None) -> Iterator[Any]:
    """Yield what workers make of tasks, as it is done; tasks and results are values that JSON can hold.

    Parameters
    ----------
    worker
        A class without arguments; each process makes an instance, once, and calls it with one task after the other.
    jobs
        Processes; by default one a processor.
    """

    class Worker:
        def __init__(self) -> None:
            self.work: Callable[[Any], Any] | None = None

        def __call__(self, batch: dict[str, Any]) -> dict[str, list[str]]:
            try:  # of an exception, Ray would hand on what it has printed only
                self.work = self.work or worker()
                results = [json.dumps({"made": self.work(json.loads(str(task)))}) for task in batch["task"]]
            except Exception as error:
                return {"result": [json.dumps({"failed": _said(error)})]}
            return {"result": results}

    ray = require("ray.data", "--engine ray")
    todo = ray.from_items([{"task": json.dumps(task)} for task in tasks], override_num_blocks=len(tasks))
    results = todo.map_batches(
        Worker,
        batch_size=1,
        num_cpus=1,
        compute=ray.ActorPoolStrategy(size=min(jobs or _processors(), len(tasks))),
        max_task_retries=RETRIES,
    )
    for row in results.iter_rows():
        result = json.loads(row["result"])
        if "failed" in result:
            raise InputError(f"the cluster: {result['failed']}")
        yield result["made"]


def _processors() -> int:
    return max(1, int(require("ray", "--engine ray").cluster_resources().get("CPU", 1)))


def _done(value: dict[str, Any]) -> Done:
    return Done(**value | {"rejections": tuple(Rejection(**rejection) for rejection in value["rejections"])})


def _said(error: Exception) -> str:
    said = " ".join(str(error).split())[:300]
    return said if isinstance(error, InputError) else f"{type(error).__name__}: {said}"


def _reason(error: BaseException) -> str:
    """Return what a worker's own error says, else the first line of Ray's, which goes on with a traceback."""
    cause: BaseException | None = error
    while cause is not None:
        inner = getattr(cause, "cause", None) or cause.__cause__
        if isinstance(cause, InputError) and inner is None:
            return str(cause)
        cause = inner
    return f"{type(error).__name__}: {' '.join(str(error).strip().partition(chr(10))[0].split())[:300]}"
