"""CSV and TSV with a header: columns by any of their usual names."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from kg.readers.files import MAX_LINE, Input
from kg.readers.record import to_paper
from schemas.errors import RecordError
from schemas.records import Paper, Rejection

__all__ = ["COLUMNS", "read_papers"]

# Our fields and the names that exports give to their columns, compared as letters and digits in lower case.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "id": ("id", "paperid", "key"),
    "title": ("title", "papertitle", "articletitle", "documenttitle", "name"),
    "abstract": ("abstract", "abstracttext", "summary", "abstractnote", "description"),
    "year": ("year", "publicationyear", "pubyear", "date", "published", "publicationdate"),
    "authors": ("authors", "author", "authorfullnames", "authornames", "creator"),
    "venue": ("venue", "journal", "sourcetitle", "publicationtitle", "booktitle", "conference", "journalbook"),
    "url": ("url", "link", "paperurl", "pdflink"),
    "doi": ("doi",),
    "arxiv_id": ("arxivid", "arxiv", "eprint"),
    "keywords": ("keywords", "authorkeywords", "tags", "manualtags", "indexterms"),
}


def read_papers(opened: Input) -> Iterator[Paper | Rejection]:
    """Yield the papers of a table; the separator (comma, semicolon or tab) is told from the header."""
    csv.field_size_limit(MAX_LINE)
    first = opened.head_text.lstrip().partition("\n")[0]
    separator = max("\t,;", key=lambda character: (first.count(character), character == ","))
    rows = csv.reader(io.TextIOWrapper(opened.stream, opened.encoding, "replace", newline=""), delimiter=separator)
    header = next(rows, [])
    columns = _columns(header)
    if "title" not in columns:
        yield Rejection(f"{opened.name}:1", f"no column named title (columns: {', '.join(header)[:200]})")
        return
    while True:
        line = rows.line_num + 1
        source = f"{opened.name}:{line}"
        try:
            row = next(rows)
            if any(cell.strip() for cell in row):
                yield to_paper({n: row[i] for n, i in columns.items() if i < len(row)}, source=source)
        except StopIteration:
            return
        except (csv.Error, RecordError) as error:
            yield Rejection(source, str(error))


def _columns(header: list[str]) -> dict[str, int]:
    """Return the position of each of our fields; the first name of :data:`COLUMNS` that is there wins."""
    names = ["".join(c for c in name.casefold() if c.isalnum()) for name in header]
    found = ((field, next((names.index(n) for n in known if n in names), None)) for field, known in COLUMNS.items())
    return {field: place for field, place in found if place is not None}
