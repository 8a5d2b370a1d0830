"""Answers that are asked for again: kept as long as the graph is the same, and worked out once for all who wait."""

from __future__ import annotations

import asyncio
import json
import re
from collections import OrderedDict
from typing import Any

from kg.serve.pool import Answer, Pool

__all__ = ["Cache"]

LARGEST = 64_000_000  # bytes of all answers
PER_ANSWER = 500  # bytes that an answer takes beside its body
# Functions whose value is another each time (SPARQL 1.1, sections 17.4.2, 17.4.4 and 17.4.5).
_CHANGING = re.compile(r"\b(NOW|RAND|UUID|STRUUID|BNODE)\s*\(", re.IGNORECASE)


class Cache:
    """Answers of a pool, kept by question: the least recently asked for go first.

    Parameters
    ----------
    pool
        Whom to ask.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._kept: OrderedDict[str, Answer] = OrderedDict()
        self._size = 0
        self._generation = pool.generation
        self._under_way: dict[str, _Shared] = {}

    async def ask(self, question: dict[str, Any]) -> Answer:
        """Return the answer to a question, as :meth:`kg.serve.pool.Pool.ask` does."""
        if _CHANGING.search(question.get("query", "")):
            return await self._pool.ask(question)
        if self._generation != self._pool.generation:
            self._generation, self._size = self._pool.generation, 0
            self._kept.clear()
        key = json.dumps(question, sort_keys=True)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        shared = self._under_way.get(key)
        if shared is None:
            shared = self._under_way[key] = _Shared(asyncio.create_task(self._asked(key, question)))
            shared.task.add_done_callback(lambda task: self._under_way.pop(key, None))
        answer = await shared.wait()
        # What is too long for the memory is a file, which can be read by one alone.
        return answer if answer.data is not None or shared.first(answer) else await self._pool.ask(question)

    async def _asked(self, key: str, question: dict[str, Any]) -> Answer:
        answer = await self._pool.ask(question)
        if answer.data is not None and answer.generation == self._generation:
            self._kept[key] = answer
            self._size += len(key) + len(answer.data) + PER_ANSWER
            while self._size > LARGEST:
                gone, old = self._kept.popitem(last=False)
                self._size -= len(gone) + len(old.data or b"") + PER_ANSWER
        return answer


class _Shared:
    """Work for which several wait; it ends when the last of them goes."""

    def __init__(self, task: asyncio.Task[Answer]) -> None:
        self.task = task
        self._waiting = 0
        self._taken = False

    async def wait(self) -> Answer:
        self._waiting += 1
        try:
            return await asyncio.shield(self.task)
        finally:
            self._waiting -= 1
            if not self._waiting and not self.task.done():
                self.task.cancel()

    def first(self, answer: Answer) -> bool:
        """Return True the first time."""
        first, self._taken = not self._taken, True
        return first
