"""Extraction in several processes that hand back plain values; a worker that dies is noticed and its work done again.

Each worker has a pipe of its own to this process, which alone decides who does what. There is no queue between workers
that a dying one could leave locked, and no thread here that an interrupt could strand: a death is the end of its pipe,
and leaving, for whatever reason, kills the workers. They are spawned, never forked: a fork of a process with threads
can hang.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from itertools import islice
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from schemas.errors import InputError
from schemas.records import Extraction, Paper, Rejection

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["in_processes"]

Batch = list[Paper]
Outcome = list[tuple[Extraction, Rejection | None]]
State = tuple[str, bytes] | str  # configuration and data of a pipeline, or the name of a shipped one

_AHEAD = 2  # batches that a worker has at a time, so that it need not wait for this process
_WINDOW = 2 * _AHEAD  # batches a worker, read and not yet given out: what is done early waits for what is late


def in_processes(
    nlp: Language | None, batches: Iterable[Batch], *, name: str = "en", n_process: int
) -> Iterator[Outcome]:
    """Yield what is found in each batch, in order, reading only a few batches ahead.

    Raises
    ------
    InputError
        Two worker processes died over the same batch.
    """
    state: State = name if nlp is None else (nlp.config.to_str(), nlp.to_bytes())
    crew = _Crew(state, n_process)
    source, under_way, n_given = enumerate(batches), 0, 0
    try:
        while True:
            for number, batch in islice(source, _WINDOW * n_process - under_way):
                crew.take(number, batch)
                under_way += 1
            if not under_way:
                return
            while n_given not in crew.done:
                crew.work()
            yield crew.done.pop(n_given)
            n_given, under_way = n_given + 1, under_way - 1
    finally:
        crew.dismiss()


class _Worker:
    """A process, the pipe to it, and the batches that it has, the one that it works on first."""

    def __init__(self, state: State) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, state), daemon=True)
        self.process.start()
        theirs.close()  # now the end of the process is the end of the pipe
        self.batches: deque[tuple[int, Batch]] = deque()


class _Crew:
    """Workers, the batches that wait for them, and what is done, by the number of the batch."""

    def __init__(self, state: State, n_process: int) -> None:
        self.done: dict[int, Outcome] = {}
        self._state = state
        self._waiting: deque[tuple[int, Batch]] = deque()
        self._deaths: Counter[int] = Counter()
        self._workers = [_Worker(state) for _ in range(n_process)]

    def take(self, number: int, batch: Batch) -> None:
        """Take a batch on."""
        self._waiting.append((number, batch))

    def work(self) -> None:
        """Hand out what waits, then wait until some worker has done something, or died."""
        for worker in sorted(self._workers, key=lambda worker: len(worker.batches)):
            while self._waiting and len(worker.batches) < _AHEAD:
                worker.batches.append(self._waiting.popleft())
                try:
                    worker.pipe.send(worker.batches[-1][1])
                except OSError:
                    break  # what it has is dealt with when its pipe ends, below
        ready = wait([worker.pipe for worker in self._workers])
        for worker in [worker for worker in self._workers if worker.pipe in ready]:
            try:
                outcome = worker.pipe.recv()
            except (EOFError, OSError):
                self._replace(worker)
                continue
            if isinstance(outcome, Exception):
                raise outcome
            self.done[worker.batches.popleft()[0]] = outcome

    def _replace(self, dead: _Worker) -> None:
        """Start another worker; what the dead one had waits again, and is done by whoever is first."""
        if dead.batches:
            number, batch = dead.batches[0]
            self._deaths[number] += 1
            if self._deaths[number] > 1:
                raise InputError(
                    f"worker processes died twice while papers {batch[0].id!r} to {batch[-1].id!r} were read (out of "
                    'memory?): use fewer processes, and in a script put the call under if __name__ == "__main__":'
                )
        self._waiting.extendleft(reversed(dead.batches))
        dead.process.join()
        dead.pipe.close()
        self._workers[self._workers.index(dead)] = _Worker(self._state)

    def dismiss(self) -> None:
        """End all workers, whatever they do."""
        for worker in self._workers:
            worker.process.kill()
            worker.process.join()
            worker.pipe.close()


def _serve(pipe: Connection, state: State) -> None:
    """Be a worker: send an outcome for each batch that comes, an error as such, until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends this process
    batches: SimpleQueue[Batch | Exception] = SimpleQueue()
    Thread(target=_receive, args=(pipe, batches), daemon=True).start()
    try:
        nlp = _pipeline(state)
        while not isinstance(batch := batches.get(), Exception):
            pipe.send(_read(nlp, batch))
        if not isinstance(batch, EOFError):
            pipe.send(batch)
    except OSError:
        pass  # the parent is gone, and nobody wants the outcome
    except Exception as error:
        pipe.send(error)


def _receive(pipe: Connection, batches: SimpleQueue[Batch | Exception]) -> None:
    """Take what comes at once: were both sides to write and neither to read, they would wait for ever."""
    while True:
        try:
            batches.put(pipe.recv())
        except Exception as error:  # the end of the pipe, or something that cannot be unpickled
            batches.put(error)
            return


def _pipeline(state: State) -> Language:
    from extractors.pipeline import load, register

    if isinstance(state, str):
        return load(state)
    register()
    from spacy.util import load_model_from_config
    from thinc.api import Config

    config, data = state
    return load_model_from_config(Config().from_str(config)).from_bytes(data)


def _read(nlp: Language, batch: Batch) -> Outcome:
    from extractors.pipeline import read_batch

    return read_batch(nlp, batch)
