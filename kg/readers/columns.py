"""The names that exports and services give to the fields of a paper, and ours for them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

__all__ = ["COLUMNS", "field_of", "renamed"]

# Our fields: names compared as letters and digits in lower case, the first one that holds something wins.
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "id": ("id", "paperid"),
    "title": ("title", "papertitle", "articletitle", "documenttitle"),
    "abstract": ("abstract", "abstracttext", "abstractnote", "summary"),
    "year": ("year", "publicationyear", "pubyear", "date", "published", "publicationdate"),
    "authors": ("authors", "author", "authorfullnames", "authornames"),
    "venue": ("venue", "journal", "sourcetitle", "publicationtitle", "journalbook", "booktitle", "conference"),
    "url": ("url", "link", "paperurl", "pdflink"),
    "doi": ("doi",),
    "arxiv_id": ("arxivid", "arxiv", "eprint"),
    "keywords": ("keywords", "authorkeywords", "keyword", "tags", "manualtags", "indexterms"),
    "acl": ("aclid", "anthologyid"),
    "openalex": ("openalexid",),
    "s2": ("semanticscholarid", "s2id", "corpusid"),
    "pmid": ("pmid", "pubmedid"),
}
_PLACES: Final = {name: (field, rank) for field, names in COLUMNS.items() for rank, name in enumerate(names)}


@lru_cache(maxsize=4096)
def field_of(name: str) -> tuple[str, int] | None:
    """Return which of our fields goes by a name, and the rank of that name among those of the field.

    >>> field_of("Publication Year"), field_of("Cited by")
    (('year', 1), None)
    """
    return _PLACES.get("".join(character for character in name.casefold() if character.isalnum()))


def renamed(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of ``record`` that are ours, under our names.

    >>> renamed({"Article Title": "On X", "DOI": "", "Pages": "1-9"})
    {'title': 'On X'}
    """
    found: dict[str, tuple[int, Any]] = {}
    for name, value in record.items():
        if value is None or value == "" or value == []:
            continue
        if place := field_of(name):
            field, rank = place
            if field not in found or rank < found[field][0]:
                found[field] = rank, value
    return {field: value for field, (_, value) in found.items()}
