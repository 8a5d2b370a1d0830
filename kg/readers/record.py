"""From the fields that a format gives to a :class:`~schemas.records.Paper`: one place that cleans and checks.

Identifiers are ``doi:10.18653/v1/n19-1423``, ``arxiv:1810.04805``, ``acl:N19-1423``, ``openalex:W2963341956``,
``s2:…``, ``pmid:…``, in this order of preference; an explicit ``id`` is kept as it is; without any, ``title:`` and the
hash of the normalised title. Only what would break a text is removed from it: control characters and lone surrogates;
any run of white space is one space. Everything else (LaTeX, entities, ligatures) stays: see :mod:`schemas.text`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from schemas.errors import RecordError
from schemas.records import Paper

__all__ = ["MAX_ABSTRACT", "clean", "normalised_title", "title_id", "to_paper"]

MAX_ABSTRACT: Final = 2_000_000  # characters; the longest real ones have some 10,000
_UNUSABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_DOI: Final = re.compile(r"10\.\d{4,9}/\S+", re.ASCII)
_ARXIV: Final = re.compile(r"(?:[a-z-]+(?:\.[A-Z]{2})?/\d{7}|\d{4}\.\d{4,5})(?=v\d+\b|\b)", re.ASCII)
_YEAR: Final = re.compile(r"(?<!\d)[12]\d{3}(?!\d)", re.ASCII)
_PREFIXES: Final = ("doi", "arxiv", "acl", "openalex", "s2", "pmid")


def clean(text: object) -> str:
    """Return ``text`` on one line, without what would break it; anything but a string becomes an empty one.

    >>> clean(" A\\u0000 title\\r\\n of two\\tlines ")
    'A title of two lines'
    """
    if not isinstance(text, str):
        return ""
    return " ".join(_UNUSABLE.sub("", text).split())


def normalised_title(title: str) -> str:
    """Return what two writings of one title share: its letters and digits, case folded; the title if it has none.

    >>> normalised_title("BERT: Pre-training of …") == normalised_title("Bert - pretraining of")
    True
    """
    letters = "".join(c for c in unicodedata.normalize("NFKC", title).casefold() if c.isalnum())
    return letters or title


def title_id(title: str) -> str:
    """Return the id of a paper of which only the title is known.

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
        pmid``, in whatever form sources have them.
    source
        Where it was read: ``"papers.jsonl:12"``.

    Raises
    ------
    RecordError
        There is no title, or the abstract is no abstract.

    Examples
    --------
    >>> to_paper({"title": "On X", "authors": "B. Bee and C. Cee", "year": "c. 2019"}, source="x").authors
    ('B. Bee', 'C. Cee')
    """
    title, abstract = clean(fields.get("title")), clean(fields.get("abstract"))
    if not title:
        found = ", ".join(sorted(str(name) for name in fields)) or "none"
        raise RecordError(f"no title: a paper needs one (fields: {found[:200]})")
    if len(abstract) > MAX_ABSTRACT:
        raise RecordError(f"an abstract of {len(abstract):,} characters: the limit is {MAX_ABSTRACT:,}")
    if abstract.casefold() in ("n/a", "none", "null", "no abstract", "no abstract available"):
        abstract = ""
    given = clean(str(fields["id"])) if fields.get("id") is not None else ""
    doi = _doi(fields.get("doi")) or (_doi(given) if given.lower().startswith("doi:") else None)
    arxiv_id = _arxiv(fields.get("arxiv_id")) or (_arxiv(given) if given.lower().startswith("arxiv:") else None)
    arxiv_id = arxiv_id or _arxiv_of_url(fields.get("url")) or _arxiv_of_doi(doi)
    values = {"doi": doi, "arxiv": arxiv_id} | {name: clean(fields.get(name)) for name in _PREFIXES[2:]}
    known = (f"{name}:{value}" for name in _PREFIXES if (value := values[name]))
    return Paper(
        id=given or next(known, "") or title_id(title),
        title=title,
        abstract=abstract,
        year=_year(fields.get("year")),
        authors=_names(fields.get("authors")),
        venue=clean(fields.get("venue")) or None,
        url=_url(fields.get("url")),
        doi=doi,
        arxiv_id=arxiv_id,
        keywords=_keywords(fields.get("keywords")),
        source=source,
    )


def _doi(value: object) -> str | None:
    match = _DOI.search(clean(value))
    return match[0].rstrip(".,;)").lower() if match else None


def _arxiv(value: object) -> str | None:
    text = re.sub(r"^arxiv:", "", clean(value), flags=re.IGNORECASE)
    match = _ARXIV.match(text)
    return match[0] if match else None


def _arxiv_of_url(value: object) -> str | None:
    match = re.search(r"arxiv\.org/(?:abs|pdf)/(\S+)", clean(value), flags=re.IGNORECASE)
    return _arxiv(match[1]) if match else None


def _arxiv_of_doi(doi: str | None) -> str | None:
    return _arxiv(doi.removeprefix("10.48550/arxiv.")) if doi and doi.startswith("10.48550/arxiv.") else None


def _year(value: object) -> int | None:
    match = _YEAR.search(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    return int(match[0]) if match else None


def _url(value: object) -> str | None:
    url = clean(value)
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc and " " not in url else None


def _names(value: object) -> tuple[str, ...]:
    """Names in any of the usual forms: a list of strings, of objects with a name or of name parts, or one string."""
    if isinstance(value, str):
        value = re.split(r"\s+and\s+|\s*;\s*", value) if re.search(r"\sand\s|;", value) else value.split(",")
    if not isinstance(value, list | tuple):
        return ()
    return tuple(name for item in value if (name := _name(item)))


def _name(value: object) -> str:
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("display_name") or value.get("literal") or _joined(value)
    if isinstance(value, list | tuple):  # arXiv's "authors_parsed": family, given, suffix
        family, *given = [clean(part) for part in value]
        return " ".join(part for part in (*given[:1], family, *given[1:2]) if part)
    name = clean(value)
    if name.count(",") == 1:
        family, _, given_name = name.partition(",")
        return clean(f"{given_name} {family}")
    return name


def _joined(value: Mapping[str, Any]) -> str:
    return f"{value.get('given') or value.get('first') or ''} {value.get('family') or value.get('last') or ''}"


def _keywords(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = re.split(r"[;,]", value)
    if not isinstance(value, list | tuple):
        return ()
    words = (clean(word.get("display_name")) if isinstance(word, Mapping) else clean(word) for word in value)
    return tuple(dict.fromkeys(word for word in words if word))
