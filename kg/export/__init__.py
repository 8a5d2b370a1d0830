"""Writing a graph to files: one writer a format, chosen by suffix from one table.

Packages can add writers through the entry-point group ``abstractkg.writers``: the name is the suffix with its dot,
the object a function ``write(graph, path, **options)``.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from schemas.errors import InputError, UnknownFormat

if TYPE_CHECKING:
    from kg.graph import KnowledgeGraph

__all__ = ["WRITERS", "replacing", "write", "write_csv", "write_folder", "write_stream"]

RDF: Final = "kg.export.rdf:write_rdf"
# Suffix -> module and function, imported when used. A path without a suffix is a folder of CSV tables, one that ends
# in a slash a folder of the kind that its name says, else one that is a page.
FOLDER: Final = "/"
WRITERS: dict[str, str] = {
    **{
        f".{name}{packed}": RDF
        for packed in ("", ".gz", ".zst")
        for name in ("ttl", "nt", "nq", "trig", "jsonld", "rdf")
    },
    ".graphml": "kg.export.graphml:write_graphml",
    ".gexf": "kg.export.graphml:write_gexf",
    ".html": "kg.export.html:write_html",
    ".jsonl": "kg.export.jsonl:write_jsonl",
    ".jsonl.gz": "kg.export.jsonl:write_jsonl",
    "": "kg.export.tables:write_tables",
    FOLDER: "kg.export.html.folder:write_folder",
    # By the name of the folder (neo4j/), or by --format with any name.
    "neo4j/": "kg.export.property_graph:write_neo4j",
    "kuzu/": "kg.export.property_graph:write_kuzu",
    "vault/": "kg.export.vault:write_vault",
    ".bib": "kg.export.bibtex:write_bibtex",
    ".orkg.csv": "kg.export.orkg:write_orkg",
    ".schema.jsonld": "kg.export.schema_org:write_schema_org",
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
    suffix = _wanted(str(path), format)
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


def write_folder(
    folder: Path,
    names: Iterable[str],
    stream: IO[bytes],
    *,
    format: str | None = None,
    families: bool = False,
    papers: Sequence[str] = (),
    **options: Any,
) -> None:
    """Write the graph of a folder to files, ``-`` to ``stream``; RDF without taking all of it into memory.

    With ``families``, versions and sizes count as their families; ``papers`` are the ids of those that alone are
    written, with what they name. Both take the graph into memory.

    Raises
    ------
    UnknownFormat, InputError, StoreError
        As :func:`write` does; options that a format does not have; no graph in the folder.
    """
    from kg.opening import open as open_folder
    from kg.streaming import StoredGraph

    graph = open_folder(folder) if families or papers else None
    if graph is not None:
        graph = graph.subgraph(papers) if papers else graph
        graph = graph.roll_up() if families else graph
    with StoredGraph(folder) as stored:
        for name in names:
            suffix = _wanted(name, format)
            source: Any = graph if families or papers else stored
            if WRITERS.get(suffix) != RDF:
                if options:
                    raise InputError(
                        f"{name}: only RDF has {' and '.join(options)}; RDF is written as {_rdf_suffixes()}"
                    )
                source = graph = graph or open_folder(folder)
            if name == "-":
                write_stream(source, stream, format=format, **options)
            else:
                write(source, name, format=format, **options)


def _rdf_suffixes() -> str:
    return ", ".join(suffix for suffix, writer in WRITERS.items() if writer == RDF and suffix.count(".") == 1)


def _wanted(name: str, format: str | None) -> str:
    """Return the key of ``WRITERS`` that a name, or a format where one is given, asks for."""
    wanted = None if format is None else format.lower().lstrip(".")
    if wanted in (None, "html") and name.endswith(("/", os.sep)):
        kind = f"{Path(name).name.lower()}/"
        return kind if wanted is None and kind in WRITERS else FOLDER
    if wanted is None:
        return _suffix(Path(name))
    return f"{wanted}/" if f"{wanted}/" in WRITERS else f".{wanted}"


def _suffix(path: Path) -> str:
    """Return the suffix that tells the format, of two parts where a writer has it (``.ttl.gz``, ``orkg.csv``)."""
    double = "".join(Path(f"x.{path.name}").suffixes[-2:]).lower()
    return double if double in WRITERS else path.suffix.lower()


def write_stream(graph: KnowledgeGraph, stream: IO[bytes], *, format: str | None, **options: Any) -> None:
    """Write ``graph`` to a binary stream in ``format`` (a suffix without its dot)."""
    if format is None:
        raise InputError("standard output has no suffix: give --format, one of " + ", ".join(_single_files()))
    if options.get("shards", 1) > 1:
        raise InputError("standard output is one file: give a file's name for --shards")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"graph.{format.lower().lstrip('.')}"
        if _suffix(path) not in WRITERS:
            raise UnknownFormat(f"no writer for {format!r}; available: {', '.join(_single_files())}")
        write(graph, path, **options)
        with path.open("rb") as file:
            shutil.copyfileobj(file, stream)


def _single_files() -> list[str]:
    return [suffix[1:] for suffix in WRITERS if suffix.startswith(".") and not suffix.endswith((".gz", ".zst"))]


def _writer(suffix: str, target: Path) -> Callable[..., None]:
    plugins = {entry.name: entry for entry in entry_points(group="abstractkg.writers")}
    if suffix in plugins:
        loaded: Callable[..., None] = plugins[suffix].load()
        return loaded
    if suffix not in WRITERS:
        known = ", ".join(sorted(name for name in (WRITERS | plugins) if name.startswith(".")))
        kinds = sorted(name for name in WRITERS if name.endswith("/") and name != FOLDER)
        raise UnknownFormat(
            f"{target}: no writer for {suffix!r}; available: {known}, a folder for tables, {', '.join(kinds)}, or any "
            "other folder/ for a page"
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


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write cells, which are text or numbers, as CSV: RFC 4180, UTF-8, the file in place only when it is whole.

    >>> path = Path(tempfile.mkdtemp(), "aliases.csv")
    >>> write_csv(path, ["name", "papers"], [("BERT, base", 2), (None, 1)])
    >>> path.read_text().splitlines()
    ['name,papers', '"BERT, base",2', ',1']
    """
    with replacing(path) as raw, io.TextIOWrapper(raw, encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
