"""RIS, as reference managers export it, read by rispy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kg.readers.files import Input
from kg.readers.record import to_paper
from schemas.errors import RecordError
from schemas.records import Paper, Rejection

__all__ = ["read_papers"]

_END = re.compile(r"^ER {1,2}-.*$", re.MULTILINE)


def read_papers(opened: Input) -> Iterator[Paper | Rejection]:
    """Yield the papers of a RIS file, record by record, so that a bad one spoils no other."""
    import rispy

    line = 1
    for piece in _END.split(opened.whole()):
        start = line + len(piece) - len(piece.lstrip("\n"))
        line += piece.count("\n")
        if not piece.strip():
            continue
        source = f"{opened.name}:{start}"
        try:
            records = rispy.loads(piece.strip() + "\nER  - \n", skip_unknown_tags=True)
            for record in records:
                yield to_paper(_fields(record), source=source)
            if not records:
                yield Rejection(source, "not a RIS record: it begins with 'TY  - '")
        except RecordError as error:
            yield Rejection(source, str(error))
        except Exception as error:  # rispy raises whatever its parsing meets
            yield Rejection(source, f"not a RIS record: {type(error).__name__}: {str(error)[:200]}")


def _fields(record: Mapping[str, Any]) -> dict[str, Any]:
    urls = record.get("urls") or [record.get("url")]
    return {
        "title": record.get("title") or record.get("primary_title"),
        "abstract": record.get("abstract") or record.get("notes_abstract"),
        "year": record.get("year") or record.get("publication_year") or record.get("date"),
        "authors": record.get("authors") or record.get("first_authors"),
        "venue": record.get("journal_name") or record.get("secondary_title") or record.get("alternate_title3"),
        "url": urls[0] if isinstance(urls, list) else urls,
        "doi": record.get("doi"),
        "keywords": record.get("keywords"),
    }
