"""A Zotero library, by its web API, its local API, or a file that it exported.

The query is ``users/1234`` or ``groups/1234`` (the number is on https://www.zotero.org/settings/keys), each also with
``/collections/KEY``; ``local`` for the library of the Zotero that runs on this machine; or a file in any format that
``kg build`` reads: CSL JSON, BibTeX, RIS, CSV. Attachments and notes are left out. ``since`` goes by the day on which
a paper was added to the library. When the library changes meanwhile, it is gone through again, and what is known is
passed over (https://www.zotero.org/support/dev/web_api/v3/basics).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from kg.fetching.client import Answer, Client, Unusable
from kg.fetching.page import Ask, Item, Page, decoded, from_records, is_file
from schemas.errors import InputError
from schemas.records import Paper, Rejection

__all__ = ["read_pages"]

PAGE: Final = 100
FILE_PAGE: Final = 1000
LOCAL: Final = "http://localhost:23119/api"
CLOSED: Final = (
    "Zotero must be running, and open to other programs (Settings, Advanced, Allow other applications on this computer)"
)
NO_PAPERS: Final = ("attachment", "note", "annotation")
_LIBRARY: Final = re.compile(r"(local|(?:local/)?(?:users|groups)/\d+)((?:/collections/[A-Z0-9]{8})?)", re.ASCII)


def read_pages(client: Client, ask: Ask, cursor: Any) -> Iterator[Page]:
    """Yield the pages of a library; ``cursor`` is how many items to pass over, and of which version of the library.

    Raises
    ------
    InputError
        What is given is neither a library nor a file.
    FetchError
        The service cannot be reached or refuses.
    """
    from kg.fetching import SERVICES

    if match := _LIBRARY.fullmatch(ask.query.strip("/")):
        library = match[1]
        if library.startswith("local"):
            library = library.removeprefix("local").strip("/") or "users/0"
            local = LOCAL if client.url == SERVICES["zotero"].url else client.url
            client = client.at(local, hint=CLOSED, hint_unreached=CLOSED)
        return _library(client, f"/{library}{match[2]}/items/top", ask, cursor or [0, None])
    if not is_file(ask.query):
        raise InputError(
            f"zotero: {ask.query[:80]!r} is neither a library nor a file; give users/NUMBER, groups/NUMBER, local, or "
            "a file that Zotero exported"
        )
    if ask.since is not None:
        raise InputError("zotero: an exported file does not say when a paper was added: leave out the date")
    return _file(Path(ask.query))


def _library(client: Client, path: str, ask: Ask, cursor: Any) -> Iterator[Page]:
    start, version = cursor
    while True:
        asked = {"sort": "dateAdded", "direction": "asc", "start": str(start), "limit": str(PAGE)}
        records, total, current = client.get(path, asked, read=partial(_read, start=start), kinds=("json",))
        if start and version != current:  # something was added or removed since: places have moved
            start, version = 0, current
            continue
        wanted = (record for record in records if _is_wanted(record, ask))
        items = from_records(wanted, f"zotero items {start + 1:,}-{start + len(records):,}")
        start, version = start + len(records), current
        is_last = not records or (total is not None and start >= total)
        yield Page(items, None if is_last else [start, version], total)
        if is_last:
            return


def _read(answer: Answer, *, start: int) -> tuple[list[Any], int | None, str | None]:
    """Return the items of an answer, how many there are in all, and of which version of the library they are."""
    records = decoded(answer, list)
    said = answer.headers.get("Total-Results", "")
    total = int(said) if said.isdecimal() else None
    if not records and total is not None and start < total:
        raise Unusable(f"an empty page, where {total - start:,} more items are announced")
    return records, total, answer.headers.get("Last-Modified-Version")


def _is_wanted(record: Any, ask: Ask) -> bool:
    """Whether an item may be a paper, and was added in the time that is asked for."""
    data = record.get("data", record) if isinstance(record, dict) else None
    if not isinstance(data, dict):
        return True  # and is rejected with a reason
    is_since = ask.since is None or str(data.get("dateAdded", ""))[:10] >= ask.since.isoformat()
    return data.get("itemType") not in NO_PAPERS and is_since


def _file(path: Path) -> Iterator[Page]:
    """Read a file; from its beginning always, papers that are known are passed over later."""
    from kg.readers import read

    rejections: list[Item] = []
    papers = read(path, on_reject=rejections.append)
    while page := list[Paper | Rejection](islice(papers, FILE_PAGE)):
        yield Page(page, 0)
    yield Page(rejections, None)
