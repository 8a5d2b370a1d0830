"""Extraction in several processes that hand back plain values; a worker that dies is noticed and its work done again.

Each worker has a pipe of its own to this process, which alone decides who does what. There is no queue between workers
that a dying one could leave locked, and no thread here that an interrupt could strand: a death is the end of its pipe,
and leaving, for whatever reason, kills the workers. They are spawned, never forked: a fork of a process with threads
can hang.
"""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from itertools import islice
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

from schemas.errors import InputError
from schemas.records import Extraction, Paper, Rejection

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["in_processes"]

Batch = list[Paper]
Outcome = list[tuple[Extraction, Rejection | None]]
State = tuple[str, bytes] | str  # configuration and data of a pipeline, or the name of a shipped one

_AHEAD = 2  # parts that a worker has at a time, so that it need not wait for this process
_WINDOW = 2 * _AHEAD  # batches a worker, read and not yet given out: what is done early waits for what is late
_PATIENCE = 10  # deaths of workers, with nothing read between them
_READY = "ready"  # what a worker sends once it has loaded the pipeline


class _Part(NamedTuple):
    """Papers that are handed out together: a batch, or one paper of a batch that workers died over."""

    number: int  # of the batch
    offset: int  # in it
    papers: Batch


def in_processes(
    nlp: Language | None, batches: Iterable[Batch], *, name: str = "en", version: str, n_process: int
) -> Iterator[Outcome]:
    """Yield what is found in each batch, in order, reading only a few batches ahead.

    A batch over which a worker died is read again, and if that happens twice paper by paper; a paper over which two
    more die is set aside: nothing is found in it, and the reason says so.

    Parameters
    ----------
    name, version
        Of the pipeline; the name says what is loaded where there is no ``nlp``.

    Raises
    ------
    InputError
        Worker processes die as they start, or over whatever they read.
    """
    state: State = name if nlp is None else (nlp.config.to_str(), nlp.to_bytes())
    crew = _Crew(state, version, n_process)
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
    """A process, the pipe to it, and the parts that it has, the one that it works on first."""

    def __init__(self, state: State) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, state), daemon=True)
        self.process.start()
        theirs.close()  # now the end of the process is the end of the pipe
        self.parts: deque[_Part] = deque()
        self.is_ready = False


class _Crew:
    """Workers, the parts that wait for them, and what is done, by the number of the batch."""

    def __init__(self, state: State, version: str, n_process: int) -> None:
        self.done: dict[int, Outcome] = {}
        self._state, self._version = state, version
        self._waiting: deque[_Part] = deque()
        self._sizes: dict[int, int] = {}  # of batches under way
        self._found: dict[int, dict[int, Outcome]] = {}  # in their parts
        self._deaths: Counter[tuple[int, int, int]] = Counter()  # over parts
        self._suspects: set[tuple[int, int, int]] = set()  # which workers had when they died: each is read alone
        self._in_vain = self._unborn = 0  # deaths since something was read, and since a worker was ready
        self._workers = [_Worker(state) for _ in range(n_process)]

    def take(self, number: int, batch: Batch) -> None:
        """Take a batch on."""
        self._sizes[number], self._found[number] = len(batch), {}
        self._waiting.append(_Part(number, 0, batch))

    def work(self) -> None:
        """Hand out what waits, then wait until some worker has done something, or died."""
        for worker in sorted(self._workers, key=lambda worker: len(worker.parts)):
            while self._waiting and self._has_room(worker):
                worker.parts.append(self._waiting.popleft())
                try:
                    worker.pipe.send(worker.parts[-1].papers)
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
            if outcome == _READY:
                worker.is_ready, self._unborn = True, 0
            else:
                self._in_vain = 0
                self._finish(worker.parts.popleft(), outcome)

    def _has_room(self, worker: _Worker) -> bool:
        if not worker.is_ready or not worker.parts:
            return worker.is_ready
        alone = {_key(worker.parts[0]), _key(self._waiting[0])} & self._suspects
        return len(worker.parts) < _AHEAD and not alone

    def _finish(self, part: _Part, outcome: Outcome) -> None:
        """Note what was found in a part, and hand over its batch when that is whole."""
        parts = self._found[part.number]
        parts[part.offset] = outcome
        if sum(map(len, parts.values())) == self._sizes[part.number]:
            self.done[part.number] = [pair for offset in sorted(parts) for pair in parts[offset]]
            del self._found[part.number], self._sizes[part.number]

    def _replace(self, dead: _Worker) -> None:
        """Start another worker; what the dead one had waits again, and is done by whoever is first."""
        self._in_vain += dead.is_ready
        self._unborn += not dead.is_ready
        if self._unborn > 1 or self._in_vain > _PATIENCE:
            doing = "start" if self._unborn > 1 else "read, whatever the paper"
            raise InputError(
                f"worker processes die as they {doing} (out of memory?): use fewer processes, and in a script put the "
                'call under if __name__ == "__main__":'
            )
        if dead.parts and dead.is_ready:
            self._suspects.update(map(_key, dead.parts))
            self._deaths[_key(dead.parts[0])] += 1
            if self._deaths[_key(dead.parts[0])] > 1:
                self._take_apart(dead.parts.popleft())
        self._waiting.extendleft(reversed(dead.parts))
        dead.process.join()
        dead.pipe.close()
        self._workers[self._workers.index(dead)] = _Worker(self._state)

    def _take_apart(self, part: _Part) -> None:
        """Let the papers of a part wait one by one, or set the one of a part aside."""
        from extractors.pipeline import unread

        if len(part.papers) == 1:
            reason = "was set aside: worker processes died over it twice (out of memory?); the next run tries it again"
            self._finish(part, [unread(part.papers[0], self._version, reason)])
            return
        singles = [_Part(part.number, part.offset + i, [paper]) for i, paper in enumerate(part.papers)]
        self._suspects.update(map(_key, singles))
        self._waiting.extendleft(reversed(singles))

    def dismiss(self) -> None:
        """End all workers, whatever they do."""
        for worker in self._workers:
            worker.process.kill()
            worker.process.join()
            worker.pipe.close()


def _key(part: _Part) -> tuple[int, int, int]:
    return part.number, part.offset, len(part.papers)


def _serve(pipe: Connection, state: State) -> None:
    """Be a worker: send an outcome for each batch that comes, an error as such, until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends this process
    batches: SimpleQueue[Batch | Exception] = SimpleQueue()
    Thread(target=_receive, args=(pipe, batches), daemon=True).start()
    try:
        nlp = _pipeline(state)
        gc.freeze()  # the pipeline stays, and is not to be searched for garbage again and again
        pipe.send(_READY)
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
