"""Services as inputs of a build: ``arxiv:cat:cs.CL``, beside files and with them.

What was fetched is kept in the graph folder, so that the next build of the same does not ask again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import time
from collections.abc import Iterator
from pathlib import Path

from kg.fetching import LIMIT, OTHER_NAMES, SERVICES, Progress, Report, fetch, fetch_file, service_named
from kg.fetching.page import is_file
from schemas.errors import InputError
from schemas.records import Paper, Rejection

__all__ = ["FOLDER", "live_query", "read_live"]

log = logging.getLogger("kg")
FOLDER = "fetched"  # in the graph folder


def live_query(source: object) -> tuple[str, str] | None:
    """Return service and query of a source that names one; None for files, also one whose name looks like that.

    >>> live_query("arxiv:cat:cs.CL AND abs:retrieval"), live_query("papers.bib"), live_query("C:/papers.bib")
    (('arxiv', 'cat:cs.CL AND abs:retrieval'), None, None)
    """
    name, colon, query = source.partition(":") if isinstance(source, str) else ("", "", "")
    is_known = name.lower() in SERVICES or name.lower() in OTHER_NAMES
    if not colon or not is_known or not query.strip() or is_file(str(source)):
        return None
    return service_named(name), " ".join(query.split())


def read_live(
    service: str,
    query: str,
    *,
    folder: Path | None,
    limit: int | None = None,
    refetch: bool = False,
    on_reject: Report,
    progress: Progress,
) -> Iterator[Paper]:
    """Yield the papers that a service has for a query: from ``folder`` where they are there, else fetched into it.

    Parameters
    ----------
    folder
        The graph folder; None keeps nothing.
    limit
        Papers, at most.
    refetch
        Fetch also what is there.

    Raises
    ------
    InputError, FetchError
        As :func:`kg.fetch`; what has come is kept, and gone on with next time.
    """
    from kg.fetching.output import manifest_of
    from kg.readers import read

    limit = limit or LIMIT
    if folder is None:
        yield from fetch(service, query, limit=limit, on_reject=on_reject)
        return
    path = folder / FOLDER / _file_name(service, query, limit)
    if refetch or not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{folder}: cannot be a graph folder: {error.strerror or error}") from error
        fetch_file(service, query, path, limit=limit, manifest=True, progress=progress)
    else:
        day = time.strftime("%Y-%m-%d", time.localtime(path.stat().st_mtime))
        log.info("%s:%s: as it was fetched on %s; --refetch asks again", service, query, day)
    try:
        rejections = json.loads(manifest_of(path).read_text(encoding="utf-8"))["rejections"]
    except (OSError, ValueError, KeyError):  # a manifest that somebody removed costs no paper
        rejections = []
    for rejection in rejections:
        on_reject(Rejection(*rejection))
    if path.stat().st_size:  # else the service has none, which is no fault of a file
        yield from read(path, format="jsonl", on_reject=on_reject)


def _file_name(service: str, query: str, limit: int) -> str:
    """Return a name that tells people what is in the file, and is another for each query.

    >>> _file_name("arxiv", "cat:cs.CL AND abs:RAG", 500)
    'arxiv-cat-cs-CL-AND-abs-RAG-500-c513ab8a.jsonl'
    """
    digest = hashlib.sha256(f"{service}\n{query}\n{limit}".encode()).hexdigest()[:8]
    return f"{service}-{re.sub('[^A-Za-z0-9]+', '-', query)[:60].strip('-')}-{limit}-{digest}.jsonl"
