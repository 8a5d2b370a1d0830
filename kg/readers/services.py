"""The fields of a paper in the JSON of arXiv's bulk metadata, OpenAlex, Semantic Scholar, Crossref and Zotero."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any, Final

from kg.readers.columns import renamed
from schemas.errors import RecordError

__all__ = ["fields_of"]

MAX_WORDS: Final = 1_000_000  # positions of an inverted index; with more it is no abstract
_JATS: Final = re.compile(r"</?(?:jats|mml):\w|</p>")
_HEADING: Final = re.compile(
    r"(?:(?<!\s)\s++)?<(?:jats:)?title>((?:[^<]|<(?!(?:jats:)?title>|/(?:jats:)?title>))*+)</(?:jats:)?title>"
)
_BREAK: Final = re.compile(r"</(?:jats:)?(?:p|sec|list-item|title)>|<(?:jats:)?br\s*/>")
_ARXIV: Final = re.compile(r"\barxiv:\s*([\w.-]+(?:/\d{7})?)", re.IGNORECASE)


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
    if "itemType" in record or "itemType" in _mapping(record.get("data")):
        return _zotero(_mapping(record.get("data")) or record)
    if "container-title" in record or isinstance(record.get("issued"), Mapping):
        return _csl(record)
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


def _csl(record: Mapping[str, Any]) -> dict[str, Any]:
    """CSL JSON, which reference managers export, and Crossref's form of it."""
    dates = [_mapping(record.get(name)).get("date-parts") for name in ("issued", "published", "created")]
    parts: list[Any] = next(
        (part for date in dates for part in _list(date)[:1] if _list(part)[:1] not in ([], [None])), []
    )
    issued = _mapping(record.get("issued"))
    venue, doi = record.get("container-title"), record.get("DOI")
    return {
        "title": record.get("title"),
        "abstract": _without_jats(record.get("abstract")),
        "year": str(parts[0]) if parts else issued.get("raw") or issued.get("literal"),
        "authors": record.get("author"),
        "venue": venue[0] if isinstance(venue, list) and venue else venue,
        "url": record.get("URL"),
        "doi": doi,
        "keywords": record.get("keyword"),
    }


def _zotero(record: Mapping[str, Any]) -> dict[str, Any]:
    """An item of a Zotero library, as its API and its JSON exports give it."""
    if record.get("itemType") in ("attachment", "note", "annotation"):
        raise RecordError(f"a Zotero {record['itemType']} is no paper")
    creators = [creator for creator in _list(record.get("creators")) if isinstance(creator, Mapping)]
    authors = [creator for creator in creators if creator.get("creatorType") == "author"]
    extra = str(record.get("extra") or "")
    archived = _ARXIV.search(f"{record.get('archiveID') or ''}\n{extra}")
    doi = record.get("DOI") or next((line for line in extra.splitlines() if line.lower().startswith("doi:")), None)
    venues = ("publicationTitle", "proceedingsTitle", "bookTitle", "conferenceName", "repository", "publisher")
    return {
        "title": record.get("title"),
        "abstract": record.get("abstractNote"),
        "year": record.get("date"),
        "authors": authors or creators,
        "venue": next((record[name] for name in venues if record.get(name)), None),
        "url": record.get("url"),
        "doi": doi,
        "arxiv_id": archived[1] if archived else None,
        "keywords": [_mapping(tag).get("tag") for tag in _list(record.get("tags"))],
    }


def _without_jats(text: Any) -> Any:
    """Return an abstract without the tags of JATS, in which publishers send theirs to Crossref.

    >>> _without_jats(
    ...     "<jats:title>Abstract</jats:title><jats:p>In 10<jats:sup>3</jats:sup> runs,\\n p &lt; 1.</jats:p>"
    ... )
    'In 10^3 runs, p < 1.'
    >>> _without_jats("<jats:sec><jats:title>Aims</jats:title><jats:p>We aim.</jats:p></jats:sec>")
    'Aims: We aim.'
    """
    if not isinstance(text, str) or not _JATS.search(text):
        return text
    text = _HEADING.sub(lambda match: _heading(match[1].strip()), text)
    text = re.sub(r"<(?:jats:)?sup>", "^", _BREAK.sub(" ", text))
    return " ".join(html.unescape(re.sub(r"</?[a-z][^<>]*>", "", text)).split())


def _heading(title: str) -> str:
    return "" if title.lower() in ("abstract", "summary", "") else f"{title.rstrip(':')}: "


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
