"""arXiv, by its API (https://info.arxiv.org/help/api/user-manual.html): Atom, 200 papers a request, newest first.

The query is in arXiv's language (``cat:cs.CL AND abs:retrieval``), or ``id:`` and a list of ids
(``id:1810.04805,1907.11692``). ``since`` goes by the day of submission. The API shows the first 30,000 papers of a
query. It is known to answer with an empty page now and then where there is more; it is asked again then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

from kg.fetching.client import Answer, Client, Unusable
from kg.fetching.page import Ask, Item, Page, read_body
from kg.fetching.words import words_of
from kg.readers.xml import read_papers
from schemas.errors import FetchError, InputError

__all__ = ["read_pages"]

PAGE: Final = 200  # papers a request; the manual allows 2,000 and asks for small ones
FURTHEST: Final = 30_000  # papers of a query
IDS: Final = 100  # in a request
_ID: Final = re.compile(r"(?:arxiv:)?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?", re.IGNORECASE | re.ASCII)
_TOTAL: Final = re.compile(rb"totalResults[^<>]{0,300}>\s*(\d{1,18})\s*<")


def read_pages(client: Client, ask: Ask, cursor: Any) -> Iterator[Page]:
    """Yield the pages of an answer; ``cursor`` is the number of papers to pass over.

    Raises
    ------
    InputError
        Ids that are none.
    FetchError
        The service cannot be reached or refuses.
    """
    if ask.query.lower().startswith("id:"):
        if ask.since is not None:
            raise InputError("arxiv: papers are asked for by id, whenever they were submitted: leave out the date")
        return _by_id(client, _ids(ask.query[3:]), int(cursor or 0))
    return _by_query(client, ask, int(cursor or 0))


def _by_query(client: Client, ask: Ask, start: int) -> Iterator[Page]:
    query, size = ask.query, min(PAGE, ask.limit)
    if ask.since is not None:
        query = f"({query}) AND submittedDate:[{ask.since:%Y%m%d}0000 TO 209912312359]"
    while True:
        parameters = {
            "search_query": query,
            "sortBy": "submittedDate",
            "sortOrder": "descending",
            "start": str(start),
            "max_results": str(size),
        }
        where = f"arxiv papers {start + 1:,}-{start + size:,}"
        items, total = client.get("", parameters, read=partial(_read, where=where, start=start), kinds=("xml",))
        start += len(items)
        is_last = not items or start >= FURTHEST or (total is not None and start >= total)
        yield Page(items, None if is_last else start, total)
        if is_last:
            return


def _by_id(client: Client, ids: Sequence[str], start: int) -> Iterator[Page]:
    for first in range(start, len(ids), IDS):
        parameters = {"id_list": ",".join(ids[first : first + IDS]), "start": "0", "max_results": str(IDS)}
        where = f"arxiv ids {first + 1:,}-{first + IDS:,}"
        items, _ = client.get("", parameters, read=partial(_read, where=where, start=None), kinds=("xml",))
        yield Page(items, first + IDS if first + IDS < len(ids) else None, len(ids))


def _ids(text: str) -> list[str]:
    words = text.replace(",", " ").split()
    matches = [_ID.fullmatch(word) for word in words]
    wrong = [word for word, match in zip(words, matches, strict=True) if match is None]
    if wrong or not words:
        raise InputError(
            f"arxiv: {' '.join(wrong)[:80]!r} is no id of arXiv; give some such as id:1810.04805,cs/0112017"
        )
    return list(dict.fromkeys(match[1] for match in matches if match))


def _read(answer: Answer, *, where: str, start: int | None) -> tuple[list[Item], int | None]:
    """Return the papers of a feed and how many there are in all."""
    body = answer.body.rstrip()
    if b"arxiv.org/api/errors" in body:
        raise FetchError(f"arxiv refuses the query: {words_of(body) or 'it does not say why'}")
    if not body.endswith((b"</feed>", b"<feed/>")):
        raise Unusable("the answer breaks off")
    items = read_body(body, where, read_papers) if b"<entry" in body else []
    found = _TOTAL.search(body)
    total = None if found is None else int(found[1])
    if start is not None and not items and total is not None and start < min(total, FURTHEST):
        raise Unusable(f"an empty page, where {total - start:,} more papers are announced")
    return items, total
