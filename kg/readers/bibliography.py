"""BibTeX, parsed by bibtexparser, and RIS, parsed by rispy: entry by entry, so that a bad one spoils no other.

LaTeX in titles and abstracts stays as it is written; only braces that protect the case of a word go.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from kg.readers.files import MAX_RECORD, Input
from kg.readers.record import clean
from schemas.records import Paper, Rejection
from schemas.text import readable

__all__ = ["read_bibtex", "read_ris"]

BATCH: Final = 256  # entries that are parsed at once
_ENTRY: Final = re.compile(r"\s*@\s*[A-Za-z]+\s*[{(]")
_STRING: Final = re.compile(r"\s*@\s*string\s*[{(]", re.IGNORECASE)
_NO_PAPER: Final = re.compile(r"\s*@\s*(?:comment|preamble)\s*[{(]", re.IGNORECASE)
_PROTECTED: Final = re.compile(r"(?<![\\\w}$^_])\{([^{}\\$]*)\}")  # {BERT}, but no argument of a macro
_RIS_START: Final = re.compile(r"\ufeff?TY {1,2}-")
_RIS_TAG: Final = re.compile(r"^([A-Z][A-Z0-9]) {1,2}-[ ]?", re.MULTILINE)
_RIS_END: Final = re.compile(r"^ER  -.*$", re.MULTILINE)


def read_bibtex(opened: Input) -> Iterator[Paper | Rejection]:
    """Yield the papers of a BibTeX file, in its order; an entry that cannot be parsed is rejected."""
    strings = ""
    blocks = opened.blocks(_ENTRY.match)
    while batch := list(islice(blocks, BATCH)):
        entries: list[tuple[int, str]] = []
        for line, text in batch:
            if text is None:
                yield opened.reject(line, f"an entry of more than {MAX_RECORD:,} characters")
            elif _STRING.match(text):
                strings = (strings + text + "\n")[-MAX_RECORD:]
            elif _ENTRY.match(text) and not _NO_PAPER.match(text):
                entries.append((line, text))
        yield from _parse_bibtex(opened, strings, entries)


def _parse_bibtex(opened: Input, strings: str, entries: list[tuple[int, str]]) -> Iterator[Paper | Rejection]:
    # Parsed together, since this is faster; one by one only where that finds something wrong.
    library = _parsed(strings + "\n".join(text for _, text in entries))
    if len(library.entries) == len(entries) and not library.failed_blocks:
        for (line, _), parsed in zip(entries, library.entries, strict=True):
            yield opened.paper(_of_bibtex(parsed), line)
        return
    for line, text in entries:
        library = _parsed(strings + text)
        failed: Any = next(iter(library.failed_blocks[-1:]), None)
        entry: Any = next(iter(library.entries), None) or getattr(failed, "ignore_error_block", None)
        if hasattr(entry, "fields"):  # a key or a field that is there twice does no harm
            yield opened.paper(_of_bibtex(entry), line)
        else:
            error = getattr(failed, "error", None)
            yield opened.reject(line, f"not a BibTeX entry: {getattr(error, 'abort_reason', error)}")


def _parsed(text: str) -> Any:
    """Return bibtexparser's library of a text; what it would log becomes a rejection here."""
    from bibtexparser.entrypoint import parse_string

    logger = logging.getLogger("bibtexparser")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        return parse_string(text)
    finally:
        logger.setLevel(level)


def _of_bibtex(entry: Any) -> dict[str, object]:
    values: dict[str, str] = {}
    for field in entry.fields:
        values.setdefault(field.key.lower(), _unprotected(str(field.value)))
    archive = (values.get("archiveprefix") or values.get("eprinttype") or "arxiv").lower()
    venue = next((values[n] for n in ("journal", "journaltitle", "booktitle", "publisher") if values.get(n)), "")
    return {
        "title": values.get("title"),
        "abstract": values.get("abstract"),
        "year": values.get("year") or values.get("date"),
        "authors": [
            readable(name).text for name in re.split(" and ", clean(values.get("author")), flags=re.IGNORECASE)
        ],
        "venue": readable(venue).text,
        "url": values.get("url", "").replace("\\_", "_").replace("\\%", "%"),
        "doi": values.get("doi", "").replace("\\_", "_"),
        "arxiv_id": values.get("eprint") if archive == "arxiv" else None,
        "keywords": values.get("keywords"),
    }


def _unprotected(value: str) -> str:
    """Return ``value`` without the braces that only protect its case.

    >>> _unprotected("{BERT}: Pre-training of {Deep {B}idirectional} models")
    'BERT: Pre-training of Deep Bidirectional models'
    """
    for _ in range(8):  # deeper nesting than this is no protection any more
        unprotected = _PROTECTED.sub(r"\1", value)
        if unprotected == value:
            break
        value = unprotected
    return value


def read_ris(opened: Input) -> Iterator[Paper | Rejection]:
    """Yield the papers of a RIS file; a record that has no beginning or cannot be parsed is rejected."""
    for line, text in opened.blocks(_RIS_START.match):
        if text is None:
            yield opened.reject(line, f"a record of more than {MAX_RECORD:,} characters")
            continue
        # Some programs write one space where the standard has two.
        for piece in _RIS_END.split(_RIS_TAG.sub(r"\1  - ", text.lstrip("\ufeff"))):
            start = line + len(piece) - len(piece.lstrip("\n"))
            line += piece.count("\n")
            if piece.strip():
                yield _of_piece(opened, start, piece.strip())


def _of_piece(opened: Input, line: int, piece: str) -> Paper | Rejection:
    import rispy

    if not piece.startswith("TY  -"):
        return opened.reject(line, "not a RIS record: it does not begin with 'TY  - '")
    try:
        records = rispy.loads(piece + "\nER  - \n", skip_unknown_tags=True)
        return opened.paper(_of_ris(records[0]), line)
    except Exception as error:  # whatever rispy's parsing meets in lines that follow no tag
        return opened.reject(line, f"not a RIS record: {type(error).__name__}: {error}")


def _of_ris(record: Mapping[str, Any]) -> dict[str, Any]:
    def first(*names: str) -> Any:
        return next((record[name] for name in names if record.get(name)), None)

    return {
        "title": first("title", "primary_title", "translated_title", "short_title"),
        "abstract": first("abstract", "notes_abstract"),
        "year": first("year", "publication_year", "date"),
        "authors": first("authors", "first_authors"),
        "venue": first("journal_name", "alternate_title3", "alternate_title2", "secondary_title", "alternate_title1"),
        "url": next(iter(record.get("urls") or ()), None),
        "doi": first("doi"),
        "keywords": first("keywords"),
    }
