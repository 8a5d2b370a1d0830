"""The page as a folder: a small ``index.html``, and the data in parts that it loads when they are needed.

::

    page/index.html                     the page, some 0.6 MB for any graph
    page/data-3f0c8a1b92de/graph.js     names, titles and links: read when the page opens
    page/data-3f0c8a1b92de/texts-0.js   abstracts and sentences of 200 papers: read when one of them is opened

The parts are scripts, since a page from disk can load nothing else; so the folder opens from disk as well as from a
server. It is worth it where one file grows too large to hand around: 64,000 papers make one file of 110 MB, of which
a reader of the folder loads a fifth.

The name of the data's folder is a digest of what is in it, and ``index.html`` is replaced last. So a page never meets
the data of another one: neither while it is written, nor in the cache of a browser.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kg.export import replacing
from kg.export.html import MAX_NODES
from kg.export.html.page import build_index, build_parts
from kg.export.tables import TABLES
from schemas.errors import InputError

if TYPE_CHECKING:
    from kg.graph import KnowledgeGraph

__all__ = ["write_folder"]

DATA = re.compile(r"data-[0-9a-f]{12}")


def write_folder(graph: KnowledgeGraph, folder: Path, *, title: str | None = None, max_nodes: int = MAX_NODES) -> None:
    """Write the page into ``folder``, which is made where it lacks; parts of an earlier page there are removed.

    Raises
    ------
    InputError
        ``max_nodes`` is below 1, or the folder holds exported tables.
    OSError
        A file cannot be written.

    Examples
    --------
    >>> from kg.graph import KnowledgeGraph
    >>> folder = Path(tempfile.mkdtemp()) / "page"
    >>> write_folder(KnowledgeGraph(papers=[], entities=[], links=[]), folder)
    >>> [re.sub("-.*", "-…", path.name) for path in sorted(folder.iterdir())]
    ['data-…', 'index.html']
    """
    if max_nodes < 1:
        raise InputError(f"max_nodes is {max_nodes}; it must be at least 1")
    _refuse_tables(folder)
    folder.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=folder, prefix=".data-", suffix=".part"))
    try:
        digest = hashlib.sha256()
        for name, content in build_parts(graph, title=title, max_nodes=max_nodes):
            encoded = content.encode()
            digest.update(encoded)
            (part / name).write_bytes(encoded)
        data = folder / f"data-{digest.hexdigest()[:12]}"
        shutil.rmtree(data, ignore_errors=True)
        part.chmod(folder.stat().st_mode & 0o777)
        os.replace(part, data)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    with replacing(folder / "index.html") as file:
        file.write(build_index(graph, title=title, parts=data.name).encode())
    for path in folder.iterdir():
        if DATA.fullmatch(path.name) and path != data:
            shutil.rmtree(path, ignore_errors=True)


def _refuse_tables(folder: Path) -> None:
    """A shell that completes ``tables`` to ``tables/`` must not mix a page into exported tables."""
    names = [f"{table}.{suffix}" for table in TABLES for suffix in ("csv", "parquet")]
    tables = [name for name in names if (folder / name).exists()]
    if tables and not (folder / "index.html").exists():
        raise InputError(
            f"{folder}/ holds {tables[0]}: to write tables again, leave out the slash at the end; for a page (that is "
            "what the slash means) name another folder"
        )
