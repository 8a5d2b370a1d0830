"""Processes that answer, so that no question can hold the server: those that exceed a limit are killed and replaced.

pyoxigraph cannot be interrupted, and a thread cannot be ended; a process can. Each has the graph's index open for
reading (:mod:`kg.serve.worker`) and answers one request at a time.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from kg.serve.limits import Limits
from kg.serve.refusal import Refusal
from kg.serve.worker import DATA, HEAD, READY, Options
from schemas.errors import StoreError

__all__ = ["Answer", "Pool"]

IN_MEMORY = 1 << 20  # bytes of an answer; what is longer waits for its client in a temporary file
WATCHED = 2.0  # seconds between two looks at whether the graph was built again
AGAIN = 10.0  # seconds until a start that failed is tried again

log = logging.getLogger("kg")


@dataclass(slots=True)
class Answer:
    """A whole answer."""

    status: int
    type: str
    headers: dict[str, str]
    body: IO[bytes]  # at its beginning
    length: int
    digest: str  # of the body
    generation: str  # of the graph
    data: bytes | None = field(default=None)  # the body, where it is small


class _Worker:
    """A process, spoken to from here."""

    def __init__(self, process: asyncio.subprocess.Process, index: str, base: str) -> None:
        self._process, self.index, self.base = process, index, base

    @classmethod
    async def start(cls, options: Options) -> _Worker:
        """Start a process and wait until it can answer.

        Raises
        ------
        StoreError
            It cannot read the graph.
        """
        path = os.pathsep.join(part for part in sys.path if part)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "kg.serve.worker", options.dump()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": path},
        )
        worker = cls(process, "", "")
        try:
            tag, content = await worker.read()
            ready = json.loads(content)
        except (asyncio.IncompleteReadError, ValueError):
            await worker.kill()
            raise StoreError(f"{options.folder}: the process that reads the graph ended by itself") from None
        except BaseException:
            await worker.kill()
            raise
        assert tag == READY
        if "error" in ready:
            await worker.kill()
            raise StoreError(ready["error"])
        worker.index, worker.base = ready["index"], ready["base"]
        return worker

    async def read(self) -> tuple[bytes, bytes]:
        """Return the next message."""
        assert self._process.stdout is not None
        tag, length = HEAD.unpack(await self._process.stdout.readexactly(HEAD.size))
        return tag, await self._process.stdout.readexactly(length)

    async def ask(self, request: dict[str, Any]) -> Answer:
        """Return the answer to a request."""
        assert self._process.stdin is not None
        content = json.dumps(request).encode()
        self._process.stdin.write(HEAD.pack(b"q", len(content)) + content)
        await self._process.stdin.drain()
        body = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # whoever sends it on closes it
        try:
            return await self._answer(body)
        except BaseException:
            body.close()
            raise

    async def _answer(self, body: IO[bytes]) -> Answer:
        """Return what comes from the process as one answer."""
        digest, length = hashlib.sha256(), 0
        while True:
            tag, content = await self.read()
            if tag != DATA:
                break
            body.write(content)
            digest.update(content)
            length += len(content)
        end = json.loads(content)
        if "gone" in end:
            raise ConnectionError(end["error"])
        if "error" in end:
            raise Refusal(end["status"], end["error"])
        body.seek(0)
        answer = Answer(end["status"], end["type"], end["headers"], body, length, digest.hexdigest()[:32], self.index)
        if length <= IN_MEMORY:
            answer.data = body.read()
            body.close()
        return answer

    async def kill(self) -> int:
        """End the process at once; return what it ended with."""
        with suppress(ProcessLookupError):
            self._process.kill()
        return await self._process.wait()

    async def code(self) -> int | None:
        """Return what the process ended with, None while it runs."""
        with suppress(TimeoutError):
            return await asyncio.wait_for(self._process.wait(), 0.5)
        return None

    async def close(self) -> None:
        """Let the process end, which has nothing to do."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), 1.0)
            return
        await self.kill()


class Pool:
    """The workers of a server; started by :meth:`start`, ended by :meth:`close`.

    Parameters
    ----------
    folder
        A folder that ``kg build`` wrote.
    limits
        What one request may take.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.limits = limits
        self._folder = folder
        self._spare = tempfile.TemporaryDirectory(prefix="kg-serve-", ignore_cleanup_errors=True)
        self._options = Options(str(folder), self._spare.name, "", limits.timeout, limits.memory, limits.longest)
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        # One worker is kept for pages, which are quick, so that slow queries do not close the house.
        self._queries = asyncio.Semaphore(max(1, limits.count() - 1))
        self._waiting = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._seen: tuple[int, ...] = ()
        self.generation = ""  # the index that is served
        self.base = ""  # IRI of the graph

    async def start(self) -> None:
        """Start the workers; the first builds the index if need be.

        Raises
        ------
        StoreError
            The folder holds no graph.
        """
        self._seen = self._signature()
        first = await _Worker.start(self._options)
        self._serve(first)
        self._idle.put_nowait(first)
        for _ in range(self.limits.count() - 1):
            self._spawn(self._replace())
        self._spawn(self._watch())

    async def close(self) -> None:
        """End all workers."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while not self._idle.empty():
            await self._idle.get_nowait().close()
        self._spare.cleanup()

    async def ask(self, request: dict[str, Any]) -> Answer:
        """Return the answer to a request (see :class:`kg.serve.replies.Responder`).

        Raises
        ------
        Refusal
            It cannot be answered; 503 where all workers are busy, 504 where it takes too long.
        """
        if request["do"] == "query":
            async with self._patience():
                await self._queries.acquire()
            try:
                return await self._asked(request)
            finally:
                self._queries.release()
        return await self._asked(request)

    async def _asked(self, request: dict[str, Any]) -> Answer:
        async with self._patience():
            worker = await self._idle.get()
        try:
            async with asyncio.timeout(self.limits.timeout):
                answer = await worker.ask(request)
        except TimeoutError:
            raise self._too_slow(worker) from None
        except (asyncio.IncompleteReadError, ConnectionError):
            code = await worker.code()
            if code == -signal.SIGALRM:
                raise self._too_slow(worker) from None
            self._dismiss(worker)
            if code is None:
                raise Refusal(503, "the graph was just built again: ask again", {"Retry-After": "1"}) from None
            raise Refusal(
                422, f"it takes more than {self.limits.memory / 1e6:,.0f} MB of memory: ask for less"
            ) from None
        except Refusal:
            self._give_back(worker)
            raise
        except BaseException:  # the client has gone
            self._dismiss(worker)
            raise
        self._give_back(worker)
        return answer

    @asynccontextmanager
    async def _patience(self) -> AsyncIterator[None]:
        """Wait for a worker, not too long and not with too many others."""
        busy = Refusal(503, "too many requests at once: ask again in a while", {"Retry-After": "5"})
        if self._waiting >= self.limits.waiting:
            raise busy
        self._waiting += 1
        try:
            async with asyncio.timeout(self.limits.patience):
                yield
        except TimeoutError:
            raise busy from None
        finally:
            self._waiting -= 1

    def _too_slow(self, worker: _Worker) -> Refusal:
        self._dismiss(worker)
        return Refusal(504, f"stopped after {self.limits.timeout:g} s: ask for less, with narrower patterns or LIMIT")

    # Workers come and go

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _serve(self, worker: _Worker) -> int:
        """Serve what this worker reads from now on; return how many others went for it."""
        self.generation, self.base = worker.index, worker.base
        self._options = replace(self._options, index=f"{worker.index}\n{worker.base}")
        former = [self._idle.get_nowait() for _ in range(self._idle.qsize())]
        for other in former:
            self._spawn(other.close())
        return len(former)

    def _give_back(self, worker: _Worker) -> None:
        if worker.index == self.generation:
            self._idle.put_nowait(worker)
        else:
            self._spawn(worker.close())
            self._spawn(self._replace())

    def _dismiss(self, worker: _Worker) -> None:
        self._spawn(_killed(worker))
        self._spawn(self._replace())

    async def _replace(self) -> None:
        while True:
            try:
                worker = await _Worker.start(self._options)
            except (StoreError, OSError) as error:
                log.warning("%s", error)
                await asyncio.sleep(AGAIN)
                continue
            if worker.index != self.generation:
                self._renew(worker, spare=0)
            self._idle.put_nowait(worker)
            return

    async def _watch(self) -> None:
        """See when the graph is built again, and serve it then."""
        while True:
            await asyncio.sleep(WATCHED)
            if (now := self._signature()) == self._seen:
                continue
            await asyncio.sleep(WATCHED)
            if now != self._signature():  # it is still being written
                continue
            try:
                worker = await _Worker.start(replace(self._options, index=""))
            except (StoreError, OSError) as error:
                log.info("the graph as it was is served on: %s", error)
                await asyncio.sleep(AGAIN)
                continue
            self._seen = now
            if worker.index == self.generation:  # what is served says the same
                await worker.close()
            elif self._renew(worker, spare=1):
                self._idle.put_nowait(worker)
            else:  # all others are busy, and are replaced when they are done
                await worker.close()

    def _renew(self, worker: _Worker, *, spare: int) -> int:
        """Serve what this worker reads, which takes the place of ``spare`` others; return how many others went."""
        gone = self._serve(worker)
        log.info("the graph was built again: the new one is served")
        for _ in range(gone - spare):
            self._spawn(self._replace())
        return gone

    def _signature(self) -> tuple[int, ...]:
        try:
            found = (self._folder / "graph.duckdb").stat()
        except OSError:
            return ()
        return found.st_mtime_ns, found.st_size, found.st_ino


async def _killed(worker: _Worker) -> None:
    await worker.kill()
