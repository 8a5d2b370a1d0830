"""Plain text, one paper a file: the title on the first line, the abstract in the rest; or both behind labels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from kg.readers.files import MAX_LINE, Input
from kg.readers.record import MAX_ABSTRACT
from schemas.records import Paper, Rejection

__all__ = ["read_papers"]

LABELS: Final = {
    "title": "title",
    "abstract": "abstract",
    "author": "authors",
    "authors": "authors",
    "year": "year",
    "date": "year",
    "venue": "venue",
    "journal": "venue",
    "doi": "doi",
    "arxiv": "arxiv_id",
    "url": "url",
    "keywords": "keywords",
}
_LABEL: Final = re.compile(
    rf"\s*+(?:[#*]++\s*+)?({'|'.join(LABELS)})\s*+(?:[*]++\s*+)?:\s*+[*]*+(.*)", re.IGNORECASE | re.DOTALL
)
_HEADING: Final = re.compile(r"\s*+(?:[#*]++\s*+)?abstract\s*+[*]*+(?:[.—–-]|\s*+\Z)", re.IGNORECASE)


def read_papers(opened: Input) -> Iterator[Paper | Rejection]:
    """Yield the one paper of a text file."""
    parts: dict[str, list[str]] = {}
    field, labelled, size, start = "title", False, 0, 1
    for number, line in opened.lines(breaks=True):
        size += MAX_LINE if line is None else len(line)
        if size > 4 * MAX_ABSTRACT or line is None:
            yield opened.reject(1, f"more than {4 * MAX_ABSTRACT:,} characters: one paper a file is expected")
            return
        if not line.strip():
            continue
        if match := _LABEL.match(line) if labelled or not parts else _heading(line):
            labelled = labelled or not parts or match[1].casefold() != "abstract"
            field, line = LABELS[match[1].casefold()], match[2]
        start = start if parts else number
        parts.setdefault(field, []).append(line)
        if not labelled:
            field = "abstract"
    fields: dict[str, object] = {name: " ".join(lines) for name, lines in parts.items()}
    if not labelled:
        fields["title"] = str(fields.get("title", "")).lstrip("# ")
    yield opened.paper(fields, start)


def _heading(line: str) -> re.Match[str] | None:
    """Match "Abstract" as a heading, or as a label before the text, where no other labels are used."""
    match = _LABEL.match(line)
    if match and match[1].casefold() == "abstract":
        return match
    if not _HEADING.match(line):
        return None
    return re.match(r"(?i)\s*(?:[#*]+\s*)?(abstract)\b[\s*.—–-]*(.*)", line, re.DOTALL)
