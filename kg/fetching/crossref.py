"""Crossref, by its API (https://api.crossref.org): JSON, the works of a list of DOIs, 40 a request.

The query is DOIs, or files in each line of which one stands. Crossref knows the DOIs that publishers register with it;
those of arXiv (``10.48550/…``) are DataCite's. With an address in KG_CONTACT requests go to the "polite" pool. Many
publishers give no abstracts here: such papers come with their title alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from kg.fetching.client import Answer, Client, Unusable
from kg.fetching.page import Ask, Item, Page, decoded, from_records, is_file, listed
from kg.readers.record import doi_of
from schemas.errors import InputError
from schemas.records import Rejection

__all__ = ["read_pages"]

BATCH: Final = 40  # DOIs a request, so that its address stays short of what servers take
FIELDS: Final = "DOI,title,abstract,author,issued,published,container-title,URL"


def read_pages(client: Client, ask: Ask, cursor: Any) -> Iterator[Page]:
    """Yield the pages of an answer; ``cursor`` is how many DOIs to pass over, and which list they are of.

    Raises
    ------
    InputError
        What is given is neither a DOI nor a file with one.
    FetchError
        The service cannot be reached or refuses.
    """
    if ask.since is not None:
        raise InputError("crossref: papers are asked for by DOI, whenever they were published: leave out the date")
    dois, rejections = _dois(ask.terms)
    digest = hashlib.sha256("\n".join(dois).encode()).hexdigest()[:16]
    start = cursor[0] if cursor and cursor[1] == digest else 0
    return _pages(client, dois, digest, start, rejections)


def _dois(terms: Sequence[str]) -> tuple[list[str], list[Item]]:
    dois: dict[str, None] = {}
    rejections: list[Item] = []
    for term in terms:
        if is_file(term):
            path = Path(term)
            for number, line in enumerate(path.read_text(encoding="utf-8-sig", errors="replace").splitlines(), start=1):
                if doi := doi_of(line):
                    dois[doi.rstrip("}\"'")] = None
                elif line.strip() and not line.lstrip().startswith("#"):
                    rejections.append(Rejection(f"{path.name}:{number}", "no DOI in this line"))
            continue
        for word in term.split():
            if (doi := doi_of(word)) is None:
                raise InputError(f"crossref: {word[:80]!r} is neither a DOI nor a file with DOIs")
            dois[doi] = None
    if not dois:
        raise InputError(f"crossref: no DOI in {' '.join(terms)[:80]!r}")
    return list(dois), rejections


def _pages(client: Client, dois: Sequence[str], digest: str, start: int, items: list[Item]) -> Iterator[Page]:
    while start < len(dois):
        fine: tuple[int, ...]
        batch = _batch(dois[start : start + BATCH])
        if len(batch) == 1:  # a list would be split at a comma within the DOI
            path, parameters, fine = f"/works/{quote(batch[0], safe='')}", {}, (404,)
        else:
            named = ",".join(f"doi:{doi}" for doi in batch)
            path, parameters, fine = "/works", {"filter": named, "rows": str(len(batch)), "select": FIELDS}, ()
        records = client.get(path, parameters, read=_read, kinds=("json",), fine=fine)
        found = {str(record.get("DOI")).lower(): record for record in records if isinstance(record, dict)}
        for doi in batch:
            items += from_records([found[doi]], f"crossref:{doi}") if doi in found else [_missing(doi)]
        start += len(batch)
        yield Page(items, [start, digest] if start < len(dois) else None, len(dois))
        items = []


def _batch(dois: Sequence[str]) -> Sequence[str]:
    """Return the first DOIs that can be asked for together."""
    alone = next((place for place, doi in enumerate(dois) if "," in doi), len(dois))
    return dois[: alone or 1]


def _missing(doi: str) -> Rejection:
    what = f"; it is one of arXiv's: kg fetch arxiv id:{doi[15:]}" if doi.startswith("10.48550/arxiv.") else ""
    return Rejection(f"crossref:{doi}", f"not registered with Crossref{what}")


def _read(answer: Answer) -> list[Any]:
    if answer.status == 404:
        return []
    message = decoded(answer, dict).get("message")
    if not isinstance(message, dict):
        raise Unusable("the answer has no 'message': the service may have changed its format")
    return [message] if "DOI" in message else listed(message, "items")
