"""Papers from the services that have them, where there is a network: arXiv, OpenAlex, Semantic Scholar and others.

One table names the services; each has a module with ``read_pages(client, ask, cursor) -> Iterator[Page]``, imported
when needed. Records are read by :mod:`kg.readers`, as those of files are. How a service is asked, and what it is asked
for, is written down in its module.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schemas.errors import InputError
from schemas.records import Paper, Rejection

if TYPE_CHECKING:
    from kg.fetching.page import Page

__all__ = ["LIMIT", "SERVICES", "Fetched", "Service", "fetch", "fetch_file", "service_named"]

LIMIT: Final = 1000  # papers, where nothing else is said: a slip shall not ask for millions
STAGE: Final = "fetch"

Report = Callable[[Rejection], None]
Progress = Callable[[str, int, int], None]
log = logging.getLogger("kg")


class Service(NamedTuple):
    """A row of the table of services."""

    url: str  # KG_<NAME>_URL takes its place
    interval: float  # seconds between two requests: what the service asks for, or less often
    key_header: str = ""  # "Name: form of the value", for KG_<NAME>_KEY
    headers: tuple[tuple[str, str], ...] = ()
    busy: tuple[int, ...] = ()  # status codes, beside the usual ones, that ask to come again later
    hint: str = ""


# The rates are those of the services' own pages: arXiv's terms of use (one request in three seconds), OpenAlex (10 a
# second in its older pages, more today), Semantic Scholar (one a second with a key; without, all share what is left),
# Crossref (lists in the public pool; its answers may ask for less), Zotero ("respect Backoff and Retry-After").
SERVICES: Final[dict[str, Service]] = {
    "arxiv": Service("https://export.arxiv.org/api/query", 3.0),
    "openalex": Service(
        "https://api.openalex.org", 0.1, "Authorization: Bearer {}", busy=(403,),
        hint="a key for KG_OPENALEX_KEY is free at https://openalex.org/settings/api",
    ),
    "semanticscholar": Service(
        "https://api.semanticscholar.org/graph/v1", 1.0, "x-api-key: {}",
        hint="keys for KG_SEMANTICSCHOLAR_KEY are given at https://www.semanticscholar.org/product/api",
    ),
    "acl": Service("https://raw.githubusercontent.com/acl-org/acl-anthology/master/data/xml", 1.0),
    "crossref": Service("https://api.crossref.org", 1.0, "Crossref-Plus-API-Token: Bearer {}"),
    "zotero": Service(
        "https://api.zotero.org", 0.5, "Zotero-API-Key: {}", headers=(("Zotero-API-Version", "3"),),
        hint="a library that is not public needs a key in KG_ZOTERO_KEY",
    ),
}  # fmt: skip
OTHER_NAMES: Final = {"s2": "semanticscholar", "anthology": "acl"}


@dataclass(slots=True)
class Fetched:
    """What a fetch did."""

    papers: int = 0  # in the file, those of an interrupted fetch included
    known: int = 0  # of these, papers that an interrupted fetch had left
    repeated: int = 0  # records of papers that were there already
    total: int | None = None  # what the service has for the query, where it says so
    rejections: list[Rejection] = field(default_factory=list)


def service_named(name: str) -> str:
    """Return the key in :data:`SERVICES` of a service.

    Raises
    ------
    InputError
        There is none; the message lists them.

    Examples
    --------
    >>> service_named("S2")
    'semanticscholar'
    """
    key = OTHER_NAMES.get(name.lower(), name.lower())
    if key not in SERVICES:
        raise InputError(f"no service {name!r}; available: {', '.join(SERVICES)}")
    return key


def fetch(
    service: str,
    query: str | Iterable[str],
    *,
    limit: int = LIMIT,
    since: str | date | None = None,
    on_reject: Report | None = None,
) -> Iterator[Paper]:
    """Return the papers that a service has for a query, as an iterator that asks for more as it is read.

    Nothing is kept: to go on after an interruption, or not to ask twice, use ``kg fetch -o`` or :func:`kg.build` with
    ``"arxiv:…"``.

    Parameters
    ----------
    service
        ``arxiv``, ``openalex``, ``semanticscholar``, ``acl``, ``crossref`` or ``zotero``.
    query
        In the service's own language; for Crossref DOIs, or files with DOIs; for the Anthology collections or volumes
        (``2024.acl``, ``2024.acl-long``, ``P19``) or ``all``; for Zotero ``users/1234`` or ``groups/1234`` (each also
        with ``/collections/KEY``), ``local``, or a file that it exported.
    limit
        Papers, at most.
    since
        A year, month or day (``"2024-03"``): only what was published then or later, as the service dates it; what was
        added to the library, for Zotero.
    on_reject
        Called with each :class:`~schemas.records.Rejection`; else they are logged as warnings.

    Raises
    ------
    InputError
        No such service, or a query that is none; at once.
    FetchError
        The service cannot be reached, refuses, or goes on failing; while the papers are being read.

    Examples
    --------
    >>> import kg
    >>> next(kg.fetch("zotero", str(kg.sample_path()))).year  # a file, which needs no network
    2009
    """
    pages = _pages(service, query, limit, since, None)
    return _papers(pages, limit, on_reject or _warn)


def _warn(rejection: Rejection) -> None:
    log.warning("rejected: %s: %s", rejection.source, rejection.reason)


def _papers(pages: Iterator[Page], limit: int, report: Report) -> Iterator[Paper]:
    seen: set[str] = set()
    for page in pages:
        for item in page.items:
            if isinstance(item, Rejection):
                report(item)
            elif item.id not in seen:
                seen.add(item.id)
                yield item
                if len(seen) == limit:
                    return


def fetch_file(
    service: str,
    query: str | Iterable[str],
    out: Path,
    *,
    limit: int = LIMIT,
    since: str | date | None = None,
    restart: bool = False,
    manifest: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> Fetched:
    """Write what :func:`fetch` finds to a file, a JSON object a line; an interrupted fetch goes on where it was.

    What is under way is ``out`` with ``.part`` at its end, and beside it what is needed to go on; ``out`` itself is
    there when it is whole, and takes the place of a file of that name.

    Parameters
    ----------
    restart
        Forget an unfinished fetch into ``out``.
    manifest
        Leave beside ``out``, as ``out`` with ``.json`` at its end, what was asked and what was rejected.
    progress
        Called with "fetch", the number of papers there, and how many there will be (0: not known).

    Raises
    ------
    InputError
        As :func:`fetch`; ``out`` cannot be written, or an unfinished fetch of another query is there.
    FetchError
        As :func:`fetch`; what has come is kept.
    """
    from kg.fetching.output import Output

    name = service_named(service)
    terms = _terms(query)
    day = _day(since)
    asked = {"service": name, "query": list(terms), "since": day and day.isoformat()}
    with Output(out, asked, restart=restart) as output:
        done = Fetched(known=output.papers)
        pages = _resumed(name, terms, limit, day, output.cursor)
        for page in () if output.is_whole or output.papers >= limit else pages:
            done.repeated += output.add(page, limit)
            progress(STAGE, output.papers, min(page.total or 0, limit))
            if output.papers >= limit:
                break
        done.papers, done.total, done.rejections = output.papers, output.total, output.rejections
        output.finish(manifest=manifest)
    return done


def _resumed(service: str, terms: tuple[str, ...], limit: int, since: date | None, cursor: Any) -> Iterator[Page]:
    """Yield the pages from ``cursor`` on; from the first one, where the service does not know that place any more."""
    from kg.fetching.client import Refused

    pages = _pages(service, terms, limit, since, cursor)
    try:
        first = next(pages, None)
    except Refused:
        if cursor is None:
            raise
        first, pages = None, _pages(service, terms, limit, since, None)
    if first is not None:
        yield first
    yield from pages


def _pages(
    service: str, query: str | Iterable[str], limit: int, since: str | date | None, cursor: Any
) -> Iterator[Page]:
    from kg.fetching.page import Ask

    name = service_named(service)
    if limit < 1:
        raise InputError(f"a limit of {limit} papers: give 1 or more")
    ask = Ask(terms=_terms(query), since=_day(since), limit=limit)
    module = import_module(f"kg.fetching.{name}")
    pages: Iterator[Page] = module.read_pages(_client(name), ask, cursor)
    return pages


def _terms(query: str | Iterable[str]) -> tuple[str, ...]:
    terms = tuple(" ".join(str(term).split()) for term in ([query] if isinstance(query, str) else query))
    if not any(terms):
        raise InputError("nothing is asked for: give a query")
    return tuple(term for term in terms if term)


def _day(since: str | date | None) -> date | None:
    from kg.fetching.page import day

    return day(since) if isinstance(since, str) else since


def _client(name: str) -> Any:
    import kg
    from kg.fetching.client import Client

    row = SERVICES[name]
    contact, key = os.environ.get("KG_CONTACT", "").strip(), os.environ.get(f"KG_{name.upper()}_KEY", "").strip()
    if contact and not re.fullmatch(r"[!-?A-~]+@[!-~]+", contact):
        raise InputError("KG_CONTACT is no e-mail address")
    if not re.fullmatch(r"[!-~]*", key):
        raise InputError(f"KG_{name.upper()}_KEY is no key: it holds more than letters, digits and signs")
    headers = dict(row.headers)
    if key and row.key_header:
        header, _, form = row.key_header.partition(": ")
        headers[header] = form.format(key)
    return Client(
        name,
        os.environ.get(f"KG_{name.upper()}_URL") or row.url,
        agent=f"abstractkg/{kg.__version__}" + (f" (mailto:{contact})" if contact else ""),
        interval=row.interval,
        headers=headers,
        busy=row.busy,
        hint=row.hint,
    )
