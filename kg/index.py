"""The graph of a folder as an Oxigraph store on disk, so that a query needs no loading.

It lies in ``DIR/.sparql/``, in a folder whose name is a digest of the stored graph and of the code that makes RDF of
it: an index that is there is the right one, one of an older build is never found, and goes when the new one stands.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kg.export
from kg.export.rdf import serialise
from kg.streaming import StoredGraph
from schemas import vocabulary

if TYPE_CHECKING:
    from pyoxigraph import Store

__all__ = ["locate_index", "open_index"]

FOLDER = ".sparql"

log = logging.getLogger("kg")


def open_index(folder: Path) -> tuple[Store, str]:
    """Return a store of all statements of the graph in ``folder``, and its base IRI; built if it is not there yet.

    Where the folder cannot be written, the store is in memory.

    Raises
    ------
    StoreError
        No graph is in the folder.

    Examples
    --------
    >>> import kg
    >>> folder = Path(tempfile.mkdtemp())
    >>> built = kg.build([kg.Paper(id="a", title="On BERT")], out=folder)
    >>> store, base = open_index(folder)
    >>> len(store) > 10, [len(path.name) for path in (folder / ".sparql").iterdir()]
    (True, [32])
    """
    from pyoxigraph import Store

    with StoredGraph(folder) as stored:
        base = stored.info.base_iri
        try:
            path = _located(stored, folder / FOLDER)
        except OSError as error:  # a folder of others, a full disk
            log.info("%s cannot be written (%s): the graph is loaded into memory", folder / FOLDER, _why(error))
            store = Store()
            store.bulk_load(io.BufferedReader(_Stream(serialise(stored, "nq"))), format=_n_quads())
            return store, base
    return Store.read_only(str(path)), base


def locate_index(folder: Path, spare: Path) -> tuple[Path, str]:
    """Return where the index of the graph in ``folder`` lies, built if need be, and the graph's base IRI.

    Where the graph's folder cannot be written, the index goes to the folder ``spare``.

    Raises
    ------
    StoreError
        No graph is in the folder.
    """
    with StoredGraph(folder) as stored:
        try:
            path = _located(stored, folder / FOLDER)
        except OSError as error:
            log.info("%s cannot be written (%s): the index goes to %s", folder / FOLDER, _why(error), spare)
            path = _located(stored, spare)
        return path, stored.info.base_iri


def _located(stored: StoredGraph, parent: Path) -> Path:
    path = parent / _name(stored.fingerprint())
    if not path.is_dir():
        _build(stored, path)
    return path


def _why(error: OSError) -> str:
    return error.strerror or str(error)


def _build(stored: StoredGraph, path: Path) -> None:
    """Build the index beside its place, and move it there when it is whole."""
    from pyoxigraph import Store

    path.parent.mkdir(exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=path.parent, prefix="part-"))
    try:
        store = Store(str(scratch / "store"))
        store.bulk_load(io.BufferedReader(_Stream(serialise(stored, "nq"))), format=_n_quads())
        store.flush()
        del store  # closes its files
        try:
            (scratch / "store").rename(path)
        except OSError:  # another process was faster
            if not path.is_dir():
                raise
        for other in path.parent.iterdir():
            if other != path and not _under_way(other):
                shutil.rmtree(other, ignore_errors=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _under_way(path: Path) -> bool:
    """Tell whether another process may still be building there; what a killed one left goes after a day."""
    return path.name.startswith("part-") and time.time() - path.stat().st_mtime < 86_400


def _n_quads() -> Any:
    from pyoxigraph import RdfFormat

    return RdfFormat.N_QUADS


def _name(fingerprint: str) -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return hashlib.sha256(f"{fingerprint} {_code()} {epoch}".encode()).hexdigest()[:32]


@cache
def _code() -> str:
    """Return a digest of the modules that say what is said: a version number could be forgotten."""
    files = sorted(Path(kg.export.__path__[0]).glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in (*files, Path(vocabulary.__file__)))).hexdigest()


class _Stream(io.RawIOBase):
    """Pieces of bytes as a file to read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer`` as far as the next piece goes."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size
