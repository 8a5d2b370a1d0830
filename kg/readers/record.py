"""From the fields that a format gives to a :class:`~schemas.records.Paper`: one place that cleans and checks.

An ``id`` that the record gives itself is kept as it is. Else the id is, in this order of preference,
``arxiv:1810.04805`` where the DOI is arXiv's own, ``doi:10.18653/v1/n19-1423``, ``arxiv:1810.04805``, ``acl:N19-1423``,
``openalex:W2963341956``, ``s2:…``, ``pmid:…``; without any of these, ``title:`` and the beginning of the hash of the
normalised title. Only what would break a text is removed from it: control characters and lone surrogates; any run of
white space is one space. Everything else (LaTeX, entities, ligatures) stays: see :mod:`schemas.text`.
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from kg.readers.names import names
from schemas.errors import RecordError
from schemas.records import Paper

__all__ = ["MAX_ABSTRACT", "MAX_TITLE", "clean", "doi_of", "normalised_title", "title_id", "to_paper"]

MAX_ABSTRACT: Final = 1 << 20  # characters; the longest of 126,577 real ones has 12,694
MAX_TITLE: Final = 1 << 14  # characters
# White space among the control characters (tab, line feed, form feed, …) separates words and is left to str.split.
_UNUSABLE: Final = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_DOI: Final = re.compile(r"10\.\d{4,9}/\S+", re.ASCII)
_ARXIV: Final = re.compile(
    r"(?:https?://)?(?:(?:www\.|export\.)?arxiv\.org/(?:abs|pdf)/|arxiv:\s*)?"
    r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?(?:\.pdf)?(?![\w/.])",
    re.ASCII | re.IGNORECASE,
)
_ARXIV_DOI: Final = "10.48550/arxiv."
_ANTHOLOGY: Final = re.compile(
    r"https?://(?:www\.)?acl(?:anthology\.org|web\.org/anthology)/(?:papers/\w/\w+/)?"
    r"([A-Z]\d\d-\d{4}|\d{4}\.[\w-]+\.\d+)(?:\.pdf|/)?$",
    re.ASCII,
)
_YEAR: Final = re.compile(r"(?<!\d)[12]\d{3}(?!\d)", re.ASCII)
_NO_ABSTRACT: Final = ("n/a", "none", "null", "nan", "no abstract", "no abstract available", "[no abstract available]")


def clean(value: object) -> str:
    """Return a text on one line, without what would break it; "" for what is no text.

    A list counts as its parts, one after the other (some services wrap a title into a list).

    >>> clean(" A\\u0000 title\\r\\n of two\\tlines ")
    'A title of two lines'
    """
    if isinstance(value, list | tuple):
        value = " ".join(part for part in value if isinstance(part, str))
    return " ".join(_UNUSABLE.sub("", value).split()) if isinstance(value, str) else ""


def normalised_title(title: str) -> str:
    """Return what two writings of one title share: its letters and digits, case folded; the title if it has none.

    >>> normalised_title("BERT: Pre-training of …") == normalised_title("Bert - pretraining of")
    True
    """
    folded = unicodedata.normalize("NFKC", title).casefold()
    return "".join(character for character in folded if character.isalnum()) or title


def title_id(title: str) -> str:
    """Return the id of a paper of which no more than the title is known.

    >>> title_id("On X")
    'title:92ecb76ae0745188'
    """
    return "title:" + hashlib.sha256(normalised_title(title).encode("utf-8", "replace")).hexdigest()[:16]


def to_paper(fields: Mapping[str, Any], *, source: str) -> Paper:
    """Return the paper of these fields.

    Parameters
    ----------
    fields
        ``title``, and any of ``id, abstract, year, authors, venue, url, doi, arxiv_id, keywords, acl, openalex, s2,
        pmid``, in whatever form sources have them. What is unusable in any but the title is left out.
    source
        Where it was read: ``"papers.jsonl:12"``.

    Raises
    ------
    RecordError
        There is no title, or title or abstract are too long to be one.

    Examples
    --------
    >>> to_paper({"title": "On X", "authors": "B. Bee and C. Cee", "year": "May 2019"}, source="x").authors
    ('B. Bee', 'C. Cee')
    """
    title, abstract = clean(fields.get("title")), clean(fields.get("abstract"))
    if not title:
        found = ", ".join(sorted(clean(str(name)) for name, value in fields.items() if value)) or "none"
        raise RecordError(f"no title: a paper needs one (fields: {found[:200]})")
    for what, text, limit in (("title", title, MAX_TITLE), ("abstract", abstract, MAX_ABSTRACT)):
        if len(text) > limit:
            raise RecordError(f"the {what} has {len(text):,} characters, the limit is {limit:,}: {title[:60]!r}")
    given, url = _given_id(fields.get("id")), clean(fields.get("url"))
    doi = doi_of(fields.get("doi")) or (doi_of(given) if given[:4].lower() == "doi:" else None)
    arxiv_id = _arxiv(fields.get("arxiv_id")) or (_arxiv(given) if given[:6].lower() == "arxiv:" else None)
    arxiv_id = arxiv_id or (_arxiv(url) if "arxiv.org/" in url.lower() else None)
    if doi and doi.startswith(_ARXIV_DOI):
        arxiv_id = arxiv_id or _arxiv(doi.removeprefix(_ARXIV_DOI))
    return Paper(
        id=given or _identifier(fields, doi=doi, arxiv_id=arxiv_id, url=url) or title_id(title),
        title=title,
        abstract="" if abstract.casefold().rstrip(".") in _NO_ABSTRACT else abstract,
        year=_year(fields.get("year")),
        authors=tuple(clean(name) for name in names(fields.get("authors")) if clean(name)),
        venue=clean(fields.get("venue")) or None,
        url=_url(url),
        doi=doi,
        arxiv_id=arxiv_id,
        keywords=_keywords(fields.get("keywords")),
        source=source,
    )


def _given_id(value: object) -> str:
    return clean(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _identifier(fields: Mapping[str, Any], *, doi: str | None, arxiv_id: str | None, url: str) -> str | None:
    anthology = _ANTHOLOGY.match(url)
    known: Iterable[tuple[str, str | None]] = (
        ("doi", None if doi and doi.startswith(_ARXIV_DOI) and arxiv_id else doi),
        ("arxiv", arxiv_id),
        ("acl", clean(fields.get("acl")) or (anthology[1] if anthology else None)),
        *((name, _given_id(fields.get(name))) for name in ("openalex", "s2", "pmid")),
    )
    return next((f"{prefix}:{value}" for prefix, value in known if value), None)


def doi_of(value: object) -> str | None:
    """Return the DOI in a text, bare and in lower case; None if there is none.

    >>> doi_of("https://doi.org/10.18653/V1/N19-1423"), doi_of("page 10")
    ('10.18653/v1/n19-1423', None)
    """
    text = clean(value)
    match = _DOI.search(unquote(text) if "%" in text else text)
    return clean(match[0]).rstrip(".,;").lower() if match else None


def _arxiv(value: object) -> str | None:
    match = _ARXIV.match(clean(value))
    return match[1] if match else None


def _year(value: object) -> int | None:
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, int | float):
        return int(value) if 1000 <= value < 3000 else None
    match = _YEAR.search(clean(value))
    return int(match[0]) if match else None


def _url(text: str) -> str | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc and " " not in text else None


def _keywords(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = re.split(r"[;,]", value)
    if not isinstance(value, list | tuple):
        return ()
    words = (clean(word.get("display_name")) if isinstance(word, Mapping) else clean(word) for word in value)
    return tuple(dict.fromkeys(word for word in words if word))
