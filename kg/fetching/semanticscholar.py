"""Semantic Scholar, by the bulk search of its API (https://api.semanticscholar.org/api-docs/graph): 1,000 at once.

The query is in its language: words are all required, ``|`` is or, ``-`` not, ``"…"`` a phrase, ``*`` any ending. The
newest papers come first.
``since`` goes by the day of publication, or the year where only that is known. Without a key (KG_SEMANTICSCHOLAR_KEY)
all the world shares one rate, and is often told to wait. Some publishers allow no abstracts here: such papers come with
their title alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from kg.fetching.client import Answer, Client, Unusable
from kg.fetching.page import Ask, Page, decoded, from_records, listed

__all__ = ["read_pages"]

FIELDS: Final = "paperId,externalIds,title,abstract,year,publicationDate,authors,venue,journal,url"


def read_pages(client: Client, ask: Ask, cursor: Any) -> Iterator[Page]:
    """Yield the pages of an answer; ``cursor`` is how many records came before, and the service's own token.

    Raises
    ------
    FetchError
        The service cannot be reached or refuses.
    """
    parameters = {"query": ask.query, "fields": FIELDS, "sort": "publicationDate:desc"}  # else by paperId: at random
    if ask.since is not None:
        parameters["publicationDateOrYear"] = f"{ask.since.isoformat()}:"
    return _pages(client, parameters, cursor or [0, ""])


def _pages(client: Client, parameters: dict[str, str], cursor: Any) -> Iterator[Page]:
    done, token = cursor
    while True:
        asked = parameters | ({"token": str(token)} if token else {})
        records, following, total = client.get("/paper/search/bulk", asked, read=_read, kinds=("json",))
        items = from_records(records, f"semanticscholar papers from {done + 1:,}")
        done += len(records)
        is_last = not following or following == token
        token = following
        yield Page(items, None if is_last else [done, token], total)
        if is_last:
            return


def _read(answer: Answer) -> tuple[list[Any], str | None, int | None]:
    value = decoded(answer, dict)
    records, token, total = listed(value, "data"), value.get("token"), value.get("total")
    if not records and token:
        raise Unusable("an empty page, where more papers are announced")
    return records, token if isinstance(token, str) else None, total if isinstance(total, int) else None
