"""JSON, one record a line or one document: our own lines, arXiv's bulk metadata, OpenAlex, Semantic Scholar.

The dialect is told of each record by the fields that only it has; OpenAlex and Semantic Scholar answers come as a
list under ``results`` or ``data``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from kg.readers.files import MAX_LINE, Input
from kg.readers.record import to_paper
from schemas.errors import RecordError
from schemas.records import Paper, Rejection

__all__ = ["fields_of", "read_papers"]

LISTS: Final = ("results", "data", "papers", "items", "works")  # under which documents hold their records
MAX_WORDS: Final = 1_000_000  # positions of an inverted index; beyond, it is no abstract


def read_papers(opened: Input) -> Iterator[Paper | Rejection]:
    """Yield the papers of a JSON document or of lines of JSON."""
    if _is_document(opened):
        yield from _read_document(opened)
        return
    for number, line in opened.lines():
        source = f"{opened.name}:{number}"
        if line is None:
            yield Rejection(source, f"a line of more than {MAX_LINE:,} characters")
        elif line.strip():
            yield from _read_record(line, source)


def _is_document(opened: Input) -> bool:
    """Whether this is one document: a list, an object over several lines, or one that holds a list of records."""
    start = opened.head_text.lstrip()
    first, newline, _ = start.partition("\n")
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        return start.startswith("[") or (bool(newline) and first.strip() in ("{", "[")) or _opens_list(first)
    return isinstance(value, list) or (isinstance(value, Mapping) and _records(value) is not None)


def _opens_list(first: str) -> bool:
    """Whether an object that is cut off in its first line begins with metadata and a list of records."""
    return any(f'"{name}"' in first[:2000] for name in LISTS) and '"title"' not in first[:200]


def _read_document(opened: Input) -> Iterator[Paper | Rejection]:
    try:
        value = json.loads(opened.whole())
    except (ValueError, RecursionError) as error:
        yield Rejection(opened.name, f"not valid JSON: {_short(error)}")
        return
    records = value if isinstance(value, list) else _records(value)
    for number, record in enumerate([value] if records is None else records, start=1):
        yield from _to_item(record, f"{opened.name}#{number}")


def _records(value: Any) -> list[Any] | None:
    if isinstance(value, Mapping) and "title" not in value:
        return next((value[name] for name in LISTS if isinstance(value.get(name), list)), None)
    return None


def _read_record(line: str, source: str) -> Iterator[Paper | Rejection]:
    try:
        value = json.loads(line.strip().removesuffix(","))
    except (ValueError, RecursionError) as error:
        yield Rejection(source, f"not valid JSON: {_short(error)}")
        return
    yield from _to_item(value, source)


def _short(error: Exception) -> str:
    return str(error)[:200]


def _to_item(value: Any, source: str) -> Iterator[Paper | Rejection]:
    if not isinstance(value, Mapping):
        yield Rejection(source, f"a JSON object is expected, not {type(value).__name__}")
        return
    try:
        yield to_paper(fields_of(value), source=source)
    except RecordError as error:
        yield Rejection(source, str(error))


def fields_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a record of any dialect under our names.

    >>> fields_of({"paperId": "x1", "title": "On X", "externalIds": {"ArXiv": "1810.04805"}})["arxiv_id"]
    '1810.04805'
    """
    if "abstract_inverted_index" in record or str(record.get("id")).startswith("https://openalex.org/"):
        return _openalex(record)
    if "paperId" in record or "corpusid" in record or "externalIds" in record:
        return _semantic_scholar(record)
    if "authors_parsed" in record or ("categories" in record and "update_date" in record):
        return _arxiv(record)
    return dict(record)


def _arxiv(record: Mapping[str, Any]) -> dict[str, Any]:
    first = next((_mapping(version).get("created") for version in _list(record.get("versions"))), None)
    return {
        "title": record.get("title"),
        "abstract": record.get("abstract"),
        "year": first or record.get("update_date"),
        "authors": record.get("authors_parsed") or record.get("authors"),
        "venue": record.get("journal-ref"),
        "url": f"https://arxiv.org/abs/{record.get('id')}",
        "doi": record.get("doi"),
        "arxiv_id": record.get("id"),
        "keywords": str(record.get("categories") or "").split(),
    }


def _openalex(record: Mapping[str, Any]) -> dict[str, Any]:
    ids = _mapping(record.get("ids"))
    location = _mapping(record.get("primary_location"))
    return {
        "title": record.get("title") or record.get("display_name"),
        "abstract": record.get("abstract") or _from_index(record.get("abstract_inverted_index")),
        "year": record.get("publication_year"),
        "authors": [_mapping(_mapping(a).get("author")).get("display_name") for a in _list(record.get("authorships"))],
        "venue": _mapping(location.get("source")).get("display_name"),
        "url": location.get("landing_page_url") or record.get("id"),
        "doi": record.get("doi") or ids.get("doi"),
        "openalex": str(record.get("id") or ids.get("openalex") or "").rpartition("/")[2],
        "pmid": str(ids.get("pmid") or "").rpartition("/")[2],
        "keywords": record.get("keywords"),
    }


def _semantic_scholar(record: Mapping[str, Any]) -> dict[str, Any]:
    ids = _mapping(record.get("externalIds") or record.get("externalids"))
    return {
        "title": record.get("title"),
        "abstract": record.get("abstract"),
        "year": record.get("year"),
        "authors": record.get("authors"),
        "venue": record.get("venue") or _mapping(record.get("journal")).get("name"),
        "url": record.get("url"),
        "doi": ids.get("DOI"),
        "arxiv_id": ids.get("ArXiv"),
        "acl": ids.get("ACL"),
        "pmid": str(ids.get("PubMed") or ""),
        "s2": str(record.get("paperId") or record.get("corpusid") or ""),
        "keywords": [_mapping(f).get("category") or f for f in _list(record.get("s2FieldsOfStudy"))],
    }


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _from_index(index: Any) -> str:
    """Return the text of OpenAlex's inverted index: a mapping of each word to its positions."""
    places = [
        (place, word)
        for word, positions in _mapping(index).items()
        if isinstance(positions, list)
        for place in positions
        if isinstance(place, int)
    ]
    if len(places) > MAX_WORDS:
        raise RecordError(f"an inverted index of {len(places):,} positions: the limit is {MAX_WORDS:,}")
    return " ".join(word for _, word in sorted(places))
