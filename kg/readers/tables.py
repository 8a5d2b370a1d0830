"""CSV and TSV with a header: columns by any of their usual names.

A row is read on its own terms. One with too many cells, or with a quotation mark that is never closed, is rejected, and
reading goes on at the next line that has as many cells as the header: a stray quotation mark costs one row, not the
rest of the file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Final

from kg.readers.columns import COLUMNS, renamed
from kg.readers.files import MAX_RECORD, Input
from schemas.records import Paper, Rejection

__all__ = ["read_papers"]

SEPARATORS: Final = ",\t;|"


def read_papers(opened: Input) -> Iterator[Paper | Rejection]:
    """Yield the papers of a table; the separator (comma, tab, semicolon or bar) is told from the header."""
    csv.field_size_limit(2 * MAX_RECORD)  # rows are limited here
    lines = _Lines(opened)
    header: list[str] = []
    for number, row in _rows(lines):
        if not header:
            header = [cell.strip() for cell in row] if isinstance(row, list) else []
            if "title" not in renamed(dict.fromkeys(header, " ")):
                known = ", ".join(COLUMNS["title"][1:])
                found = ", ".join(header)[:200]
                yield opened.reject(number, f"no column named title (columns: {found}; also known: {known})")
                return
        elif isinstance(row, str):
            yield opened.reject(number, row)
        elif len(row) > len(header) and any(cell.strip() for cell in row[len(header) :]):
            yield opened.reject(number, f"{len(row)} cells, the header has {len(header)}: is a text not quoted?")
            lines.resume(len(header))
        else:
            yield opened.paper(renamed(dict(zip(header, row, strict=False))), number)


def _rows(lines: _Lines) -> Iterator[tuple[int, list[str] | str]]:
    """Yield the line number and the cells of each row that holds something, or what is wrong with it."""
    while True:
        lines.start_row()
        try:
            row = next(csv.reader(lines, delimiter=lines.separator), None)
            problem = lines.problem()
        except csv.Error as error:
            row, problem = [], f"not a row of a table: {error}"
        if row is None:
            return
        if problem:
            yield lines.number, problem
            lines.resume(lines.width)
        elif any(cell.strip() for cell in row):
            lines.width = lines.width or len(row)
            yield lines.number, row


class _Lines:
    """The lines of a table, of which those of the current row can be read once more."""

    def __init__(self, opened: Input) -> None:
        first = opened.head_text.lstrip().partition("\n")[0]
        self.separator = max(SEPARATORS, key=lambda character: (first.count(character), -SEPARATORS.find(character)))
        self.width = 0  # cells of the header
        self.number = 0  # of the first line of the row
        self.is_unclosed = False  # whether the row asked for lines beyond the last one
        self._lines = opened.lines()
        self._row: list[tuple[int, str]] = []
        self._again: list[tuple[int, str]] = []  # to be read once more, the next one last
        self._size = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        number, line = self._again.pop() if self._again else next(self._lines, (0, ""))
        if not number:
            self.is_unclosed = bool(self._row)
            raise StopIteration
        self.number = self.number or number
        if line is not None:
            self._row.append((number, line))
            self._size += len(line)
        if line is None or self._size > MAX_RECORD:
            raise csv.Error(f"more than {MAX_RECORD:,} characters")
        return line + "\n"

    def start_row(self) -> None:
        self.number, self.is_unclosed, self._size = 0, False, 0
        self._row.clear()

    def problem(self) -> str:
        """Return what is wrong with the row that was read, "" if nothing.

        Over several lines a quotation mark must end a cell; else it may be that of the next cell, and the one that
        would have closed this cell was forgotten. Within one line that does no harm.
        """
        try:
            if not self.is_unclosed:
                if len(self._row) > 1:
                    list(csv.reader([line + "\n" for _, line in self._row], delimiter=self.separator, strict=True))
                return ""
        except csv.Error:
            pass
        return "a quotation mark is not closed"

    def resume(self, width: int) -> None:
        """Go on at the first line after that of the last row that makes a row of ``width`` cells by itself."""
        for place, (_, line) in enumerate(self._row[1:], start=1):
            cells = next(csv.reader([line], delimiter=self.separator, strict=False), [])
            if len(cells) == width and line.count('"') % 2 == 0:
                self._again += reversed(self._row[place:])
                return
