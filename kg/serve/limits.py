"""What one client may take of a server."""

from __future__ import annotations

from dataclasses import dataclass

from kg.extraction import processors

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a server.

    >>> Limits(workers=3).count()
    3
    """

    workers: int = 0  # answers worked out at once; 0: one a processor, two at least
    timeout: float = 10.0  # seconds for one answer
    patience: float = 5.0  # seconds that a request waits for a worker
    waiting: int = 64  # requests that wait at once
    longest: int = 64_000_000  # bytes of one answer
    memory: int = 2_000_000_000  # bytes of memory for one answer, 0 for no limit

    def count(self) -> int:
        """Return the number of workers."""
        return self.workers or max(2, processors())
