"""Extraction in several processes that hand back plain values; a worker that dies is noticed and its work done again.

Processes are spawned, never forked: a fork of a process with threads can hang, and so does a queue between processes
when one of them is killed. Here a death breaks the pool at once; all batches under way are then done again in a new
pool, and a batch that is there at a second death in a row ends the run with an error that says so.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from schemas.errors import InputError
from schemas.records import Extraction, Paper, Rejection

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["in_processes"]

Batch = list[Paper]
Outcome = list[tuple[Extraction, Rejection | None]]
Serialised = tuple[str, bytes] | None  # configuration and state of a pipeline; None is the shipped one

_BATCHES_AHEAD = 2  # a process: enough that none waits, few enough that memory stays flat
_state: Serialised = None  # of a worker


def in_processes(nlp: Language | None, batches: Iterable[Batch], *, n_process: int) -> Iterator[Outcome]:
    """Yield what is found in each batch, in order, reading only a few batches ahead.

    Raises
    ------
    InputError
        A worker process died twice in a row over the same batch.
    """
    state: Serialised = None if nlp is None else (nlp.config.to_str(), nlp.to_bytes())
    source, deaths = iter(batches), 0
    waiting, futures = deque[Batch](), deque[Future[Outcome]]()  # the n-th future is of the n-th batch
    pool = _start(state, n_process)
    try:
        while True:
            waiting.extend(islice(source, _BATCHES_AHEAD * n_process - len(waiting)))
            if not waiting:
                return
            try:
                while len(futures) < len(waiting):
                    futures.append(pool.submit(_work, waiting[len(futures)]))
                outcome = futures[0].result()
            except BrokenProcessPool as error:
                deaths += 1
                if deaths > 1:
                    raise InputError(_death(waiting[0])) from error
                futures.clear()
                pool.shutdown(wait=False, cancel_futures=True)
                pool = _start(state, n_process)
                continue
            deaths = 0
            waiting.popleft()
            futures.popleft()
            yield outcome
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _start(state: Serialised, n_process: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(n_process, mp_context=context, initializer=_remember, initargs=(state,))


def _death(batch: Batch) -> str:
    return (
        f"a worker process died twice while papers {batch[0].id!r} to {batch[-1].id!r} were read (killed, or out of "
        'memory?): use fewer processes, and in a script put the call under if __name__ == "__main__":'
    )


def _remember(state: Serialised) -> None:
    """Keep what this worker's pipeline is made from; it is made later, so that an error in that is told as such."""
    global _state
    _state = state


@cache
def _pipeline() -> Language:
    """The pipeline of this worker."""
    from extractors.pipeline import load

    nlp = load()  # registers the factories, also for a pipeline that was changed
    if _state is None:
        return nlp
    from spacy.util import load_model_from_config
    from thinc.api import Config

    config, data = _state
    return load_model_from_config(Config().from_str(config)).from_bytes(data)


def _work(batch: Batch) -> Outcome:
    from extractors.pipeline import read_batch

    return read_batch(_pipeline(), batch)
