"""A file of papers that grows page by page, and loses and repeats nothing whenever the process ends.

Beside ``papers.jsonl.part``, to which lines are added, stands ``papers.jsonl.part.json``: how many bytes of the part
hold, and where to go on. It is replaced as a whole after each page, so that what was added and not yet noted is cut off
and asked for again.
"""

from __future__ import annotations

import json
import os
from dataclasses import astuple, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from kg.fetching.page import Page
from schemas.errors import InputError
from schemas.lines import dump_line, paper_to_json
from schemas.records import Rejection

__all__ = ["Output", "manifest_of"]


class Output:
    """A file that is being fetched; use it as a context manager.

    Parameters
    ----------
    path
        The file that will be there in the end.
    asked
        What is asked of whom, in plain JSON: an unfinished fetch goes on only for the same.
    restart
        Forget an unfinished fetch.

    Raises
    ------
    InputError
        It cannot be written, another process is at it, or an unfinished fetch of something else is there.
    """

    def __init__(self, path: Path, asked: dict[str, Any], *, restart: bool = False) -> None:
        self.path, self._asked, self._restart = path, asked, restart
        self.cursor: Any = None  # where to go on
        self.total: int | None = None
        self.is_whole = False  # whether nothing more is to come
        self.rejections: list[Rejection] = []
        self._seen: set[str] = set()
        self._part = path.with_name(path.name + ".part")
        self._state = path.with_name(path.name + ".part.json")
        self._file: IO[bytes] | None = None

    @property
    def papers(self) -> int:
        """How many papers are there."""
        return len(self._seen)

    def __enter__(self) -> Output:
        if self.path.is_dir():
            raise InputError(f"{self.path}: is a folder: give a file")
        try:
            self._file = self._part.open("ab+")
            _lock(self._file, self._part)
            self._resume(self._file)
        except OSError as error:
            self._close()
            raise InputError(f"{self.path}: cannot be written: {error.strerror or error}") from error
        except InputError:
            self._close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        is_empty = self._file is not None and not self._state.exists()
        self._close()
        if is_empty and kind is not None:
            self._part.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _resume(self, file: IO[bytes]) -> None:
        """Take up what an earlier process left, if it is of the same query."""
        state = self._read_state()
        held = state.get("bytes", 0)
        if not held or self._restart or file.seek(0, os.SEEK_END) < held:
            self._state.unlink(missing_ok=True)
            file.truncate(0)
            return
        if state.get("asked") != self._asked:
            other = state.get("asked") or {}
            query = " ".join(other.get("query") or ())[:80]
            raise InputError(
                f"{self._part}: an unfinished fetch of something else is there ({other.get('service')}: {query!r}): "
                "finish it, give another -o, or forget it with --restart"
            )
        file.truncate(held)
        file.seek(0)
        self._seen = {json.loads(line)["id"] for line in file}
        self.cursor, self.total, self.is_whole = state["cursor"], state["total"], state["whole"]
        self.rejections = [Rejection(*row) for row in state["rejections"]]

    def _read_state(self) -> dict[str, Any]:
        try:
            state = json.loads(self._state.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def add(self, page: Page, limit: int) -> int:
        """Write the papers of a page that are new, up to ``limit`` in all; return how many were there already."""
        assert self._file is not None
        repeated, is_cut = 0, False
        try:
            for item in page.items:
                if isinstance(item, Rejection):
                    if item not in self.rejections:
                        self.rejections.append(item)
                elif item.id in self._seen:
                    repeated += 1
                elif self.papers < limit:
                    self._seen.add(item.id)
                    line = dump_line(paper_to_json(replace(item, source=None)))
                    self._file.write(line.encode() + b"\n")
                else:  # the page is asked for again, should more be wanted
                    is_cut = True
            self._file.flush()
            os.fsync(self._file.fileno())
            self.total = page.total
            if not is_cut:
                self.cursor, self.is_whole = page.cursor, page.cursor is None
            self._note(self._state)
        except OSError as error:
            raise InputError(f"{self._part}: cannot be written: {error.strerror or error}") from error
        return repeated

    def _note(self, path: Path) -> None:
        assert self._file is not None
        state = {
            "asked": self._asked,
            "papers": self.papers,
            "total": self.total,
            "bytes": self._file.tell(),
            "cursor": self.cursor,
            "whole": self.is_whole,
            "rejections": [astuple(rejection) for rejection in self.rejections],
        }
        new = path.with_name(path.name + ".new")
        new.write_text(dump_line(state) + "\n", encoding="utf-8")
        new.replace(path)

    def finish(self, *, manifest: bool) -> None:
        """Put the file into its place."""
        try:
            if manifest:
                self._note(manifest_of(self.path))
            if os.name == "nt":  # where an open file cannot be moved; elsewhere it stays locked until it has its name
                self._close()
            self._part.replace(self.path)
            self._state.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(f"{self.path}: cannot be written: {error.strerror or error}") from error


def manifest_of(path: Path) -> Path:
    """Return where it is written what a finished file holds."""
    return path.with_name(path.name + ".json")


def _lock(file: IO[bytes], path: Path) -> None:
    """Keep other processes out, as long as this file is open; where the system has no such locks, nothing is done."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_ours = os.path.samestat(os.fstat(file.fileno()), path.stat())
    except (BlockingIOError, FileNotFoundError):
        is_ours = False
    if not is_ours:
        raise InputError(f"{path}: another process is fetching into it: wait until it has ended")
