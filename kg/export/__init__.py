"""Writing a graph to files: one writer a format, chosen by suffix from one table.

Packages can add writers through the entry-point group ``abstractkg.writers``: the name is the suffix with its dot,
the object a function ``write(graph, path, **options)``.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from schemas.errors import InputError, UnknownFormat

if TYPE_CHECKING:
    from kg.graph import KnowledgeGraph

__all__ = ["WRITERS", "replacing", "write", "write_stream"]

RDF: Final = "kg.export.rdf:write_rdf"
# Suffix -> module and function, imported when used. A path without a suffix is a folder of CSV tables, one that ends
# in a slash a folder that is a page.
FOLDER: Final = "/"
WRITERS: dict[str, str] = {
    ".ttl": RDF,
    ".nt": RDF,
    ".nq": RDF,
    ".trig": RDF,
    ".jsonld": RDF,
    ".rdf": RDF,
    ".graphml": "kg.export.graphml:write_graphml",
    ".gexf": "kg.export.graphml:write_gexf",
    ".html": "kg.export.html:write_html",
    ".jsonl": "kg.export.jsonl:write_jsonl",
    ".jsonl.gz": "kg.export.jsonl:write_jsonl",
    "": "kg.export.tables:write_tables",
    FOLDER: "kg.export.html.folder:write_folder",
}


def write(graph: KnowledgeGraph, path: str | Path, *, format: str | None = None, **options: Any) -> None:
    """Write ``graph`` to ``path`` in the format of its suffix, or of ``format`` (a suffix without its dot, or "csv").

    Raises
    ------
    UnknownFormat
        No writer has that suffix; the message lists those that there are.
    InputError
        The file cannot be written there.
    """
    target = Path(path)
    suffix = _suffix(target) if format is None else f".{format.lower().lstrip('.')}"
    if format in (None, "html") and str(path).endswith(("/", os.sep)):
        suffix = FOLDER
    if suffix in (".csv", ".parquet") and format is not None:
        options["format"], suffix = suffix[1:], ""
    elif target.is_dir() and suffix not in WRITERS:
        suffix = ""
    elif format is not None and WRITERS.get(suffix) == RDF:  # one writer of several formats: told, not by the name
        options["format"] = suffix[1:]
    writer = _writer(suffix, target)
    try:
        writer(graph, target, **options)
    except OSError as error:
        raise InputError(f"{target}: cannot be written: {error.strerror or error}") from error


def _suffix(path: Path) -> str:
    """Return the suffix that tells the format, that of a compression included where a writer has it."""
    double = "".join(path.suffixes[-2:]).lower()
    return double if double in WRITERS else path.suffix.lower()


def write_stream(graph: KnowledgeGraph, stream: IO[bytes], *, format: str | None, **options: Any) -> None:
    """Write ``graph`` to a binary stream in ``format`` (a suffix without its dot)."""
    if format is None:
        raise InputError("standard output has no suffix: give --format, one of " + ", ".join(_single_files()))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"graph.{format.lower().lstrip('.')}"
        if path.suffix not in WRITERS:
            raise UnknownFormat(f"no writer for {format!r}; available: {', '.join(_single_files())}")
        write(graph, path, **options)
        with path.open("rb") as file:
            shutil.copyfileobj(file, stream)


def _single_files() -> list[str]:
    return [suffix[1:] for suffix in WRITERS if suffix.startswith(".")]


def _writer(suffix: str, target: Path) -> Callable[..., None]:
    plugins = {entry.name: entry for entry in entry_points(group="abstractkg.writers")}
    if suffix in plugins:
        loaded: Callable[..., None] = plugins[suffix].load()
        return loaded
    if suffix not in WRITERS:
        known = ", ".join(sorted(name for name in (WRITERS | plugins) if name.startswith(".")))
        raise UnknownFormat(
            f"{target}: no writer for {suffix!r}; available: {known}, a folder for tables, or a folder/ for a page"
        )
    module, _, name = WRITERS[suffix].partition(":")
    function: Callable[..., None] = getattr(import_module(module), name)
    return function


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file beside ``path`` that takes its place when the block ends well, and vanishes when not.

    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "out.txt"
    >>> with replacing(target) as file:
    ...     _ = file.write(b"whole")
    >>> target.read_text()
    'whole'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
