"""What a triple store holds of a graph folder: a file beside the graph, a line for each change, one file a store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

from schemas.errors import StoreError

__all__ = ["UNKNOWN", "WITHDRAWN", "Journal"]

UNKNOWN, WITHDRAWN = "?", "withdrawn"  # in the place of a digest


class Journal:
    """The digest of each named graph that a store is known to hold; use it as a context manager.

    A line is written before and after what it tells of, so that it is true whenever a process ends: a graph is
    ``unknown`` while it is under way. A last line that broke off is passed over.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with Journal(folder, "http://localhost/store") as journal:
    ...     journal.note("urn:g", "0f")
    >>> with Journal(folder, "http://localhost/store") as journal:
    ...     journal.digest("urn:g")
    '0f'
    """

    def __init__(self, folder: Path, url: str) -> None:
        self.path = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.jsonl"
        self._url = url
        self._known: dict[str, str] = {}
        self._file: IO[str] | None = None

    def __enter__(self) -> Journal:
        try:
            self.path.parent.mkdir(exist_ok=True)
            self._read()
            self._compact()
            self._file = self.path.open("a", encoding="utf-8")
        except OSError as error:
            raise StoreError(f"{self.path}: cannot be written: {error.strerror or error}") from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _read(self) -> None:
        if not self.path.exists():
            return
        for line in self.path.read_text(encoding="utf-8").splitlines()[1:]:
            try:
                graph, digest = json.loads(line)
            except ValueError:  # it broke off here
                break
            self._set(graph, digest)

    def _set(self, graph: str, digest: str | None) -> None:
        if digest is None:
            self._known.pop(graph, None)
        else:
            self._known[graph] = digest

    def _compact(self) -> None:
        """Write one line a graph, and take the place of the file when it is whole."""
        lines = [json.dumps({"store": self._url}), *(json.dumps(row) for row in self._known.items())]
        part = self.path.with_suffix(".part")
        part.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        part.replace(self.path)

    def __len__(self) -> int:
        return len(self._known)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._known))

    def digest(self, graph: str) -> str | None:
        """Return the digest of what the store holds as ``graph``; None if it holds none of ours."""
        return self._known.get(graph)

    def note(self, graph: str, digest: str | None) -> None:
        """Remember that the store holds ``graph`` with ``digest`` (or ``UNKNOWN``, ``WITHDRAWN``), or None of it."""
        self._set(graph, digest)
        if self._file is not None:
            self._file.write(json.dumps([graph, digest]) + "\n")
            self._file.flush()

    def clear(self) -> None:
        """Forget all but what was withdrawn."""
        for graph in self:
            if self._known[graph] != WITHDRAWN:
                self.note(graph, None)
