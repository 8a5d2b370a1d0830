"""The ACL Anthology, by the files that it is released as (https://aclanthology.org/faq/api/).

The query is a list of collections or volumes (``2024.acl``, ``2024.acl-long``, ``P19``, ``P19-1``), each of which is an
XML file of its repository; or ``all``: one BibTeX file of every paper with its abstract, some 40 MB. ``since`` goes by
the year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from kg.fetching.client import Answer, Client, Unusable
from kg.fetching.page import Ask, Item, Page, read_body
from kg.readers.xml import read_papers
from schemas.errors import FetchError, InputError
from schemas.records import Paper, Rejection

__all__ = ["read_pages"]

RELEASES: Final = "https://aclanthology.org"
MAX_FILE: Final = 1 << 30  # bytes
PAGE: Final = 1000  # papers of the one large file
_VOLUME: Final = re.compile(r"([A-Z]\d\d|\d{4}\.[a-z0-9_]+)(?:-(\w+))?", re.ASCII)


def read_pages(client: Client, ask: Ask, cursor: Any) -> Iterator[Page]:
    """Yield the pages of an answer, a collection each; ``cursor`` is the number of collections to pass over.

    Raises
    ------
    InputError
        A name that no collection can have.
    FetchError
        The files cannot be reached.
    """
    names = ask.query.replace(",", " ").split()
    if [name.lower() for name in names] == ["all"]:
        return _everything(client, ask)
    wrong = [name for name in names if _VOLUME.fullmatch(name) is None]
    if wrong:
        raise InputError(
            f"acl: {' '.join(wrong)[:80]!r} is no collection of the Anthology; give some such as 2024.acl, "
            "2024.acl-long or P19, or all"
        )
    return _collections(client, ask, list(dict.fromkeys(names)), int(cursor or 0))


def _collections(client: Client, ask: Ask, names: Sequence[str], start: int) -> Iterator[Page]:
    for place, name in enumerate(names[start:], start=start + 1):
        match = _VOLUME.fullmatch(name)
        collection = match[1] if match else name
        body = client.get(f"/{collection}.xml", read=_whole, fine=(404,))
        if body is None:
            items: list[Item] = [Rejection(f"acl:{name}", f"the Anthology has no collection {collection!r}")]
        else:
            found = read_body(body, f"{collection}.xml", read_papers)
            items = [item for item in found if _is_wanted(item, name, ask)]
            if not items:
                items = [Rejection(f"acl:{name}", "no paper that is asked for is in it")]
        yield Page(items, place if place < len(names) else None)


def _whole(answer: Answer) -> bytes | None:
    """Return the body of an answer that did not break off; None where there is no such file."""
    if answer.status == 404:
        return None
    if not answer.body.rstrip().endswith((b"</collection>", b"<collection/>")):
        raise Unusable("the answer breaks off, or is no collection of the Anthology")
    return answer.body


def _is_wanted(item: Item, volume: str, ask: Ask) -> bool:
    """Whether a paper is of the volume and the time asked for; what is rejected always is."""
    if isinstance(item, Rejection):
        return True
    anthology_id = (item.url or "").rpartition("/")[2]
    is_in = "-" not in volume or anthology_id.startswith(volume if volume[0].isalpha() else f"{volume}.")
    return is_in and _is_since(item, ask)


def _is_since(paper: Paper, ask: Ask) -> bool:
    return ask.since is None or (paper.year is not None and paper.year >= ask.since.year)


def _everything(client: Client, ask: Ask) -> Iterator[Page]:
    """Read the one large file; it is read from its beginning always, papers that are known are passed over later."""
    from kg.fetching import SERVICES
    from kg.readers.bibliography import read_bibtex
    from kg.readers.files import open_input

    if client.url == SERVICES["acl"].url:
        client = client.at(RELEASES)
    with TemporaryDirectory(prefix="abstractkg-") as folder:
        path = Path(folder) / "anthology+abstracts.bib.gz"
        with path.open("wb+") as file:
            client.get("/anthology+abstracts.bib.gz", read=lambda answer: None, into=file, limit=MAX_FILE)
        opened = open_input(path)
        with opened.stream:
            if not opened.head.strip():
                raise FetchError("acl: the file is empty")
            items = (i for i in read_bibtex(opened) if isinstance(i, Rejection) or _is_since(i, ask))
            try:
                while page := list(islice(items, PAGE)):
                    yield Page(page, 0)
            except (EOFError, OSError) as error:
                raise FetchError(f"acl: the file cannot be read to its end: {error}") from error
        yield Page([], None)
