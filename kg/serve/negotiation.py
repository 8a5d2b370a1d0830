"""Which form of an answer a client gets: media types, and the header Accept (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

__all__ = ["DOCUMENTS", "GRAPHS", "TABLES", "accepts_html", "choose"]

Offers = Mapping[str, Sequence[str]]  # name of a form -> its media types; the first is the one that it is sent as

GRAPHS: Offers = {
    "ttl": ("text/turtle", "application/x-turtle"),
    "nt": ("application/n-triples", "text/plain"),
    "jsonld": ("application/ld+json", "application/json"),
    "rdf": ("application/rdf+xml", "application/xml", "text/xml"),
}
TABLES: Offers = {
    "json": ("application/sparql-results+json", "application/json"),
    "xml": ("application/sparql-results+xml", "application/xml", "text/xml"),
    "csv": ("text/csv",),
    "tsv": ("text/tab-separated-values",),
}
DOCUMENTS: Offers = {**GRAPHS, "html": ("text/html", "application/xhtml+xml")}

_RANGE = re.compile(r"\s*([\w!#$&^.+*-]+)/([\w!#$&^.+*-]+)\s*((?:;[^,]*)?)", re.ASCII)
_QUALITY = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)", re.IGNORECASE)


def choose(accept: str | None, offers: Offers) -> str | None:
    """Return the name of the form that a client likes best, None if it takes none of them.

    Of forms that it likes alike, the first offer is taken; without a header, the first of all.

    Parameters
    ----------
    accept
        The header, None where there is none.
    offers
        Forms and their media types.

    Examples
    --------
    >>> choose("text/html;q=0.5, application/ld+json", DOCUMENTS), choose("*/*", DOCUMENTS)
    ('jsonld', 'ttl')
    >>> choose("image/png, text/*;q=0", DOCUMENTS) is None
    True
    """
    if accept is None or not accept.strip():
        return next(iter(offers))
    ranges = [_range(match) for match in map(_RANGE.match, accept.split(",")) if match]
    liked = {name: max(_quality(type_, ranges) for type_ in types) for name, types in offers.items()}
    best = max(liked, key=lambda name: liked[name])  # the first of those that are alike
    return best if liked[best] > 0 else None


def accepts_html(accept: str | None) -> bool:
    """Tell whether a browser asks: a client that names HTML.

    >>> accepts_html("text/html,*/*;q=0.8"), accepts_html("*/*")
    (True, False)
    """
    return accept is not None and "text/html" in accept.lower() and choose(accept, DOCUMENTS) == "html"


def _range(match: re.Match[str]) -> tuple[str, str, float]:
    quality = _QUALITY.search(match[3])
    return match[1].lower(), match[2].lower(), min(1.0, float(quality[1])) if quality else 1.0


def _quality(media_type: str, ranges: Sequence[tuple[str, str, float]]) -> float:
    """Return the quality that the most specific of the ranges gives to a type."""
    main, _, sub = media_type.partition("/")
    fitting = [
        ((of != "*") + (what != "*"), quality)
        for of, what, quality in ranges
        if of in (main, "*") and what in (sub, "*")
    ]
    return max(fitting, default=(0, 0.0))[1]
