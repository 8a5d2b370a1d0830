"""The fields of a paper in the JSON of arXiv's bulk metadata, OpenAlex and Semantic Scholar, under our names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kg.readers.columns import renamed
from schemas.errors import RecordError

__all__ = ["fields_of"]

MAX_WORDS: Final = 1_000_000  # positions of an inverted index; with more it is no abstract


def fields_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a record of any dialect under our names.

    >>> fields_of({"paperId": "x1", "title": "On X", "externalIds": {"ArXiv": "1810.04805"}})["arxiv_id"]
    '1810.04805'
    """
    if "abstract_inverted_index" in record or str(record.get("id")).startswith("https://openalex.org/"):
        return _openalex(record)
    if "externalIds" in record or "externalids" in record or ("paperId" in record and "id" not in record):
        return _semantic_scholar(record)
    if "authors_parsed" in record or ("categories" in record and "update_date" in record):
        return _arxiv(record)
    return renamed(record)


def _arxiv(record: Mapping[str, Any]) -> dict[str, Any]:
    created = _mapping(next(iter(_list(record.get("versions"))), None)).get("created")
    arxiv_id = record.get("id")
    return {
        "title": record.get("title"),
        "abstract": record.get("abstract"),
        "year": created or record.get("update_date"),
        "authors": record.get("authors_parsed") or record.get("authors"),
        "venue": record.get("journal-ref"),
        "url": f"https://arxiv.org/abs/{arxiv_id}" if arxiv_id else None,
        "doi": record.get("doi"),
        "arxiv_id": arxiv_id,
        "keywords": str(record.get("categories") or "").split(),
    }


def _openalex(record: Mapping[str, Any]) -> dict[str, Any]:
    ids = _mapping(record.get("ids"))
    location = _mapping(record.get("primary_location"))
    pages = [str(_mapping(place).get("landing_page_url")) for place in _list(record.get("locations"))]
    return {
        "title": record.get("title") or record.get("display_name"),
        "abstract": record.get("abstract") or _from_index(record.get("abstract_inverted_index")),
        "year": record.get("publication_year"),
        "authors": [_mapping(authorship).get("author") for authorship in _list(record.get("authorships"))],
        "venue": _mapping(location.get("source")).get("display_name"),
        "url": location.get("landing_page_url") or record.get("id"),
        "doi": record.get("doi") or ids.get("doi"),
        "arxiv_id": next((page for page in pages if "arxiv.org/abs/" in page), None),
        "openalex": _last_part(record.get("id") or ids.get("openalex")),
        "pmid": _last_part(ids.get("pmid")),
        "keywords": _list(record.get("keywords")),
    }


def _semantic_scholar(record: Mapping[str, Any]) -> dict[str, Any]:
    ids = {name.casefold(): value for name, value in _mapping(record.get("externalIds")).items()} | {
        name.casefold(): value for name, value in _mapping(record.get("externalids")).items()
    }
    return {
        "title": record.get("title"),
        "abstract": record.get("abstract"),
        "year": record.get("year") or record.get("publicationDate"),
        "authors": record.get("authors"),
        "venue": record.get("venue") or _mapping(record.get("journal")).get("name"),
        "url": record.get("url"),
        "doi": ids.get("doi"),
        "arxiv_id": ids.get("arxiv"),
        "acl": ids.get("acl"),
        "pmid": ids.get("pubmed"),
        "s2": record.get("paperId") or record.get("corpusid") or ids.get("corpusid"),
    }


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _last_part(value: Any) -> str:
    return str(value or "").rstrip("/").rpartition("/")[2]


def _from_index(index: Any) -> str:
    """Return the text of OpenAlex's inverted index: a mapping of each word to its positions."""
    places = [
        (place, word)
        for word, positions in _mapping(index).items()
        for place in _list(positions)
        if isinstance(place, int)
    ]
    if len(places) > MAX_WORDS:
        raise RecordError(f"an inverted index of {len(places):,} positions: the limit is {MAX_WORDS:,}")
    return " ".join(word for _, word in sorted(places))
