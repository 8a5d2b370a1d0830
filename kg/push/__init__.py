"""Uploading a graph folder to a triple store, named graph by named graph, and only what changed.

The SPARQL 1.1 Graph Store HTTP Protocol (W3C 2013) replaces a graph by PUT and removes one by DELETE; both may be
repeated. What a store holds of ours is kept beside the graph, written as each request succeeds
(:mod:`kg.push.journal`), so that a push that broke goes on where it was. Before anything changes the header goes; then
come entities, papers, what is gone, and last the header: a store that has a header has all that it speaks of, and
nothing of another build.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

from kg.export.iris import Iris
from kg.export.quads import check_evidence
from kg.export.rdf import units
from kg.export.turtle import NTriples
from kg.push.journal import UNKNOWN, WITHDRAWN, Journal
from kg.push.protocol import GraphStore
from kg.streaming import StoredGraph
from schemas.errors import InputError

__all__ = ["Pushed", "push", "restore", "withdraw"]

FOLDER = "push"  # in the graph folder
BATCH = 8 << 20  # bytes of N-Quads in one request
IN_MEMORY = 16 << 20  # bytes of a graph; what is larger goes through a temporary file

log = logging.getLogger("kg")

Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Pushed:
    """What a push did."""

    sent: int = 0  # named graphs
    unchanged: int = 0
    deleted: int = 0
    withdrawn: int = 0  # graphs of papers that were withdrawn and stay out


def push(
    folder: Path,
    url: str,
    *,
    evidence: str = "mentions",
    bulk: bool = False,
    dry_run: bool = False,
    store: GraphStore | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Pushed:
    """Make a triple store hold the graph of ``folder``: send what it lacks, replace what changed, delete what is gone.

    Parameters
    ----------
    folder
        What ``kg build`` wrote; what was sent is remembered in its subfolder ``push``.
    url
        Where the store speaks the Graph Store Protocol: ``http://localhost:7878/store`` (Oxigraph), ``…/ds/data``
        (Fuseki), ``…/sparql-graph-crud-auth`` (Virtuoso), ``…/rdf-graphs/service`` (GraphDB).
    evidence
        "none", "links" or "mentions".
    bulk
        Send graphs that the store never had together, as N-Quads by POST to ``url`` itself. Faster; the protocol does
        not know it, but Oxigraph and Fuseki do.
    dry_run
        Only say what would be done.
    store
        How to reach ``url``; by default with what the environment says (:mod:`kg.push.protocol`).
    progress
        Called with "push", the number of graphs seen, 0.

    Raises
    ------
    InputError, StoreError
        The address or the folder is unusable.
    PushError
        The store cannot be reached or refuses; what was sent until then is remembered.
    """
    check_evidence(evidence)
    store = store or GraphStore(url)
    with StoredGraph(folder) as stored, Journal(folder / FOLDER, store.url) as journal:
        iris = Iris(stored.info.base_iri)
        empty = _reconcile(store, journal, iris)
        upload = _Upload(store, journal, iris.header_graph, together=bulk and empty, dry_run=dry_run)
        withdrawn = {name for name in journal if journal.digest(name) == WITHDRAWN}
        parts = groupby(units(stored, NTriples(iris.base), evidence, without=withdrawn), key=itemgetter(1))
        seen = set()
        for number, (name, group) in enumerate(parts, start=1):
            if name == iris.header_graph:
                upload.end_of_content()
                upload.delete(name for name in journal if name not in seen and name != iris.header_graph)
            with SpooledTemporaryFile(max_size=IN_MEMORY) as content:
                digest = hashlib.sha256()
                for _, _, text in group:
                    data = text.encode()
                    digest.update(data)
                    content.write(data)
                upload.add(name, digest.hexdigest(), content)
            seen.add(name)
            progress("push", number, 0)
        upload.done.withdrawn = sum(name in withdrawn for name in map(iris.paper_graph, stored.paper_ids()))
    return upload.done


def _reconcile(store: GraphStore, journal: Journal, iris: Iris) -> bool:
    """Compare what the journal says with the store; return whether the store can be filled without replacing.

    The header is last to come and first to go, the graph of the entities is first to come: one of the two is there
    whenever something of ours is.
    """
    whole = store.has(iris.header_graph)
    some = whole or store.has(iris.entity_graph)
    known = {iris.header_graph: whole, iris.entity_graph: some}
    if any(journal.digest(name) not in (None, UNKNOWN) and not there for name, there in known.items()):
        journal.clear()  # the store was emptied
    elif some and not any(journal.digest(name) != WITHDRAWN for name in journal):
        log.warning(
            "%s holds a graph of ours, but what was sent there is not remembered in %s: all is sent again; "
            "papers that are no longer built may stay there, unless you empty the store first",
            store.url,
            journal.path,
        )
        return False
    return not whole


class _Upload:
    """A push under way: graphs go in, requests go out, and the journal says what the store holds."""

    def __init__(self, store: GraphStore, journal: Journal, header: str, *, together: bool, dry_run: bool) -> None:
        self.done = Pushed()
        self._store, self._journal, self._header = store, journal, header
        self._together, self._dry_run = together, dry_run
        self._waiting: list[tuple[str, str]] = []  # names and digests of what is in the batch
        self._batch = bytearray()

    def add(self, name: str, digest: str, content: IO[bytes]) -> None:
        """Send a graph, at once or with others, unless the store has it already."""
        known = self._journal.digest(name)
        if known == digest:
            self.done.unchanged += 1
        else:
            self.done.sent += 1
            if not self._dry_run:
                self._before(name)
                self._send(name, digest, content, together=self._together and known is None)

    def _before(self, name: str) -> None:
        """Remove the header before anything else changes: it would speak of what is no longer there."""
        if name != self._header and self._journal.digest(self._header) is not None:
            self._store.delete(self._header)
            self._journal.note(self._header, None)

    def _send(self, name: str, digest: str, content: IO[bytes], *, together: bool) -> None:
        content.seek(0)
        if not together:
            self._journal.note(name, UNKNOWN)
            self._store.put(name, content)
            self._journal.note(name, digest)
            return
        for line in content:  # a line of N-Triples ends where it ends: line feeds in literals are escaped
            self._batch += line.removesuffix(b" .\n") + f" <{name}> .\n".encode()
            if len(self._batch) >= BATCH:
                self._journal.note(name, UNKNOWN)
                self._post()
        self._waiting.append((name, digest))
        if len(self._batch) >= BATCH:
            self._send_waiting()

    def end_of_content(self) -> None:
        """Send what waits to be sent with others; the header, which comes last, goes alone."""
        self._send_waiting()
        self._together = False

    def _send_waiting(self) -> None:
        self._post()
        for name, digest in self._waiting:
            self._journal.note(name, digest)
        self._waiting.clear()

    def _post(self) -> None:
        if self._batch:
            for name, _ in self._waiting:  # until the answer is there, nobody knows what the store holds of them
                self._journal.note(name, UNKNOWN)
            self._store.post_quads(bytes(self._batch))
            self._batch.clear()

    def delete(self, names: Iterable[str]) -> None:
        """Remove graphs of papers that are no longer there."""
        for name in names:
            if self._journal.digest(name) == WITHDRAWN:
                continue
            self.done.deleted += 1
            if not self._dry_run:
                self._before(name)
                self._store.delete(name)
                self._journal.note(name, None)


def withdraw(folder: Path, url: str, paper_id: str, *, store: GraphStore | None = None) -> str:
    """Remove all that is said of and by a paper from a triple store, and keep it out of later pushes.

    The entities that it names stay, as other papers may name them; a build without the paper settles their counts. The
    header goes, as it counts the paper; the next push sends one that does not.

    Returns
    -------
    str
        The name of the graph that was removed.

    Raises
    ------
    InputError, StoreError, PushError
        As :func:`push` does; no paper of that id is in the folder or was ever sent.
    """
    store = store or GraphStore(url)
    with StoredGraph(folder) as stored, Journal(folder / FOLDER, store.url) as journal:
        name = Iris(stored.info.base_iri).paper_graph(paper_id)
        if journal.digest(name) is None and not stored.has_paper(paper_id):
            raise InputError(f"no paper {paper_id!r} in {folder}, and none was sent to {url}")
        header = Iris(stored.info.base_iri).header_graph
        store.delete(header)
        journal.note(header, None)
        store.delete(name)
        journal.note(name, WITHDRAWN)
    return name


def restore(folder: Path, url: str, paper_id: str) -> None:
    """Let later pushes send a paper again that was withdrawn.

    Raises
    ------
    InputError
        It was not withdrawn from that store.
    """
    with StoredGraph(folder) as stored, Journal(folder / FOLDER, GraphStore(url).url) as journal:
        name = Iris(stored.info.base_iri).paper_graph(paper_id)
        if journal.digest(name) != WITHDRAWN:
            raise InputError(f"paper {paper_id!r} was not withdrawn from {url}")
        journal.note(name, None)
