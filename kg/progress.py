"""Progress on a terminal as one line with rate and time left; elsewhere a plain line for each stage."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TextIO, TypeVar

__all__ = ["ProgressLine"]

Item = TypeVar("Item")
INTERVAL = 0.2  # seconds between two drawings


class ProgressLine:
    """Call it with stage, number done and number in all (0 where unknown); use it as a context manager.

    >>> import io
    >>> stream = io.StringIO()
    >>> with ProgressLine(stream=stream) as progress:
    ...     progress("extract", 0, 2)
    ...     progress("extract", 2, 2)
    >>> stream.getvalue()
    'extract: 2\\n'
    """

    def __init__(self, *, quiet: bool = False, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.quiet = quiet
        self.terminal = self.stream.isatty()
        self.stage = ""
        self.started = self.drawn = time.monotonic()
        self.done = self.total = 0

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end_stage()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Note that ``done`` of ``total`` are done in ``stage``."""
        if stage != self.stage:
            self._end_stage()
            self.stage, self.started = stage, time.monotonic()
        self.done, self.total = done, total
        if self.terminal and not self.quiet and time.monotonic() - self.drawn > INTERVAL:
            self.drawn = time.monotonic()
            self.stream.write(f"\r\x1b[K{self._text()}")
            self.stream.flush()

    def count(self, stage: str, items: Iterable[Item]) -> Iterator[Item]:
        """Yield ``items``, noting each."""
        for number, item in enumerate(items, start=1):
            self(stage, number, 0)
            yield item

    def _text(self) -> str:
        seconds = time.monotonic() - self.started
        text = f"{self.stage}: {self.done:,}"
        if self.total:
            text += f" of {self.total:,}"
        if self.done and seconds > 1:
            rate = self.done / seconds
            text += f", {rate:,.0f} a second"
            if self.total > self.done:
                text += f", {(self.total - self.done) / rate:,.0f} s left"
        return text

    def _end_stage(self) -> None:
        if self.stage and not self.quiet:
            if self.terminal:
                self.stream.write("\r\x1b[K")
            elif self.done:
                self.stream.write(f"{self.stage}: {self.done:,}\n")
            self.stream.flush()
        self.stage, self.done, self.total = "", 0, 0
