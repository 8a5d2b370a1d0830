"""BibTeX, read by bibtexparser; LaTeX in titles and abstracts stays as it is written, protective braces go."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from kg.readers.files import Input
from kg.readers.record import clean, to_paper
from schemas.errors import RecordError
from schemas.records import Paper, Rejection
from schemas.text import readable

__all__ = ["read_papers"]

_PLAIN_BRACES = re.compile(r"(?<![\\\w}$^_])\{([^{}\\$]*)\}")  # {BERT}, but no argument of a macro


def read_papers(opened: Input) -> Iterator[Paper | Rejection]:
    """Yield the papers of a BibTeX file; an entry that cannot be parsed is rejected, the others are read."""
    from bibtexparser.entrypoint import parse_string

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what it warns of becomes a rejection here
    library = parse_string(opened.whole())
    for block in library.failed_blocks:
        reason = str(getattr(block, "error", "") or type(block).__name__)
        yield Rejection(f"{opened.name}:{(block.start_line or 0) + 1}", f"not a BibTeX entry: {clean(reason)[:200]}")
    for entry in library.entries:
        source = f"{opened.name}:{(entry.start_line or 0) + 1}"
        fields = {field.key.lower(): str(field.value) for field in entry.fields}
        try:
            yield to_paper(_fields(fields), source=source)
        except RecordError as error:
            yield Rejection(source, str(error))


def _fields(entry: dict[str, str]) -> dict[str, object]:
    plain = {name: _unbraced(value) for name, value in entry.items()}
    archive = plain.get("archiveprefix") or plain.get("eprinttype") or "arxiv"
    venue = next((plain[n] for n in ("journal", "journaltitle", "booktitle", "publisher") if plain.get(n)), None)
    return {
        "title": plain.get("title"),
        "abstract": plain.get("abstract"),
        "year": plain.get("year") or plain.get("date"),
        "authors": [readable(name).text for name in re.split(r"\s+and\s+", plain.get("author", "")) if name],
        "venue": None if venue is None else readable(venue).text,
        "url": plain.get("url"),
        "doi": plain.get("doi"),
        "arxiv_id": plain.get("eprint") if archive.lower() == "arxiv" else None,
        "keywords": plain.get("keywords"),
    }


def _unbraced(value: str) -> str:
    """Return ``value`` without the braces that only protect its case.

    >>> _unbraced("{BERT}: Pre-training of {Deep {B}idirectional} models")
    'BERT: Pre-training of Deep Bidirectional models'
    """
    for _ in range(8):  # deeper nesting than this is no protection any more
        unbraced = _PLAIN_BRACES.sub(r"\1", value)
        if unbraced == value:
            break
        value = unbraced
    return value
