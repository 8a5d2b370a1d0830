"""OpenAlex, by its API (https://developers.openalex.org): JSON, 100 works a request, gone through by cursor.

The query is words to search for (``dense retrieval``; most relevant first), or a filter in OpenAlex's language
(``title_and_abstract.search:retrieval,publication_year:2023``). ``since`` goes by the day of publication. Without a key
(KG_OPENALEX_KEY; they are free) a few requests a day are allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from kg.fetching.client import Answer, Client, Unusable
from kg.fetching.page import Ask, Page, decoded, from_records, listed

__all__ = ["read_pages"]

PAGE: Final = 100
FIELDS: Final = (  # those that the reader of OpenAlex's JSON reads
    "id,ids,doi,title,display_name,publication_year,abstract_inverted_index,authorships,primary_location,locations,keywords"
)
_FILTER: Final = re.compile(r"[a-z][a-z_.]*:[^\s,][^,]*(?:,[a-z][a-z_.]*:[^\s,][^,]*)*", re.ASCII)


def read_pages(client: Client, ask: Ask, cursor: Any) -> Iterator[Page]:
    """Yield the pages of an answer; ``cursor`` is how many records came before, and OpenAlex's own cursor.

    Raises
    ------
    FetchError
        The service cannot be reached or refuses.
    """
    size = min(PAGE, ask.limit)
    parameters = {"per_page": str(size), "select": FIELDS}
    since = [] if ask.since is None else [f"from_publication_date:{ask.since.isoformat()}"]
    if _FILTER.fullmatch(ask.query):
        parameters["filter"] = ",".join([ask.query, *since])
    else:
        parameters |= {"search": ask.query} | ({"filter": since[0]} if since else {})
    return _pages(client, parameters, size, cursor or [0, "*"])


def _pages(client: Client, parameters: dict[str, str], size: int, cursor: Any) -> Iterator[Page]:
    done, place = cursor
    while True:
        asked = parameters | {"cursor": str(place)}
        records, place, total = client.get("/works", asked, read=partial(_read, done=done, size=size), kinds=("json",))
        items = from_records(records, f"openalex works {done + 1:,}-{done + size:,}")
        done += len(records)
        is_end = len(records) < size and total is not None and done >= total  # each request costs the user something
        is_last = is_end or not records or not place or place == asked["cursor"]
        yield Page(items, None if is_last else [done, place], total)
        if is_last:
            return


def _read(answer: Answer, *, done: int, size: int) -> tuple[list[Any], str | None, int | None]:
    value = decoded(answer, dict)
    records, meta = listed(value, "results"), value.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    total, place = meta.get("count"), meta.get("next_cursor")
    total = total if isinstance(total, int) else None
    if not records and total is not None and total - done >= size:  # counts are not exact to the last record
        raise Unusable(f"an empty page, where {total - done:,} more works are announced")
    return records, place if isinstance(place, str) else None, total
