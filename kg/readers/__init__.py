"""Files of papers in any usual form -> papers, one after the other.

One table names the formats; each has a function ``read_papers(input) -> Iterator[Paper | Rejection]`` in a module that
is imported when needed. Packages can add formats through the entry-point group ``abstractkg.readers``: the name is the
format's, and the suffix (without its dot) of the files that are read with it; the object is such a function.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from schemas.errors import InputError, UnknownFormat
from schemas.records import Paper, Rejection

if TYPE_CHECKING:
    from kg.readers.files import Input

__all__ = ["FORMATS", "Format", "is_known", "read", "read_stream"]

Report = Callable[[Rejection], None]
log = logging.getLogger("kg")


class Format(NamedTuple):
    """A row of the table of formats."""

    suffixes: tuple[str, ...]
    reader: str  # "module:function"


# Where several formats share a suffix and the content does not tell, the last one reads.
FORMATS: Final[dict[str, Format]] = {
    "jsonl": Format((".jsonl", ".ndjson", ".json"), "kg.readers.jsonl:read_papers"),
    "csv": Format((".csv", ".tsv", ".tab"), "kg.readers.tables:read_papers"),
    "bibtex": Format((".bib", ".bibtex"), "kg.readers.bibliography:read_bibtex"),
    "ris": Format((".ris",), "kg.readers.bibliography:read_ris"),
    "xml": Format((".xml", ".atom"), "kg.readers.xml:read_papers"),
    "parquet": Format((".parquet",), "kg.readers.parquet:read_papers"),
    "pages": Format((".txt", ".text"), "kg.readers.pages:read_papers"),
    "plain": Format((".txt", ".text"), "kg.readers.plain:read_papers"),
}
# What people also call them.
OTHER_NAMES: Final = {"json": "jsonl", "tsv": "csv", "bib": "bibtex", "txt": "plain", "text": "plain"}


def read(*sources: str | Path, format: str | None = None, on_reject: Report | None = None) -> Iterator[Paper]:
    """Return the papers of files, folders, globs and ``-`` (standard input), in that order, as an iterator.

    Formats are told from content and suffix; ``.gz`` and ``.zst`` are unpacked. A record that cannot be read is given
    to ``on_reject`` (or logged as a warning), and the rest goes on. The same paper twice is yielded twice: building
    a graph joins them (:func:`kg.papers.merge_duplicates`). Files are read as streams: memory does not grow with their
    length.

    Parameters
    ----------
    sources
        Paths as strings or :class:`~pathlib.Path`, or addresses that fsspec knows (``s3://bucket/papers.parquet``).
    format
        A name of :data:`FORMATS`, where content and suffix should not decide.
    on_reject
        Called with each :class:`~schemas.records.Rejection`, while the papers are being read.

    Raises
    ------
    InputError
        A source is not there.
    UnknownFormat
        ``format`` is the name of none; the message lists them.

    Examples
    --------
    >>> import kg
    >>> next(kg.read(kg.sample_path())).year
    2009
    """
    from kg.readers.sources import expand

    plugins = {entry.name: entry for entry in entry_points(group="abstractkg.readers")}
    name = None if format is None else _checked(format, plugins)
    paths = [path for source in sources for path in expand(source, lambda path: is_known(path, plugins))]
    return _read_all(paths, name, plugins, on_reject or _warn)


def _warn(rejection: Rejection) -> None:
    log.warning("rejected: %s: %s", rejection.source, rejection.reason)


def _checked(format: str, plugins: dict[str, EntryPoint]) -> str:
    name = format.lower().lstrip(".")
    name = OTHER_NAMES.get(name, name)
    if name not in FORMATS and name not in plugins:
        raise UnknownFormat(f"no reader for {format!r}; available: {', '.join([*FORMATS, *sorted(plugins)])}")
    return name


def is_known(path: Path, plugins: Iterable[str] = ()) -> bool:
    """Whether the suffix of ``path`` is one of papers; a folder's other files are passed over.

    >>> is_known(Path("papers.jsonl.gz")), is_known(Path("README.md"))
    (True, False)
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in (".gz", ".zst"):
        suffixes.pop()
    known = {suffix for format_ in FORMATS.values() for suffix in format_.suffixes} | {f".{name}" for name in plugins}
    return bool(suffixes) and suffixes[-1] in known


def _read_all(
    paths: Iterable[Path | str | None], name: str | None, plugins: dict[str, EntryPoint], report: Report
) -> Iterator[Paper]:
    for path in paths:
        for item in _read_one(path, name, plugins):
            if isinstance(item, Rejection):
                report(item)
            else:
                yield item


def _read_one(path: Path | str | None, name: str | None, plugins: dict[str, EntryPoint]) -> Iterator[Paper | Rejection]:
    """Read one file; whatever is wrong with it as a whole becomes one rejection, what was read before stays."""
    from kg.readers.files import open_address, open_input

    source = "-" if path is None else str(path).rpartition("/")[2] if isinstance(path, str) else path.name
    try:
        opened = open_address(path) if isinstance(path, str) else open_input(path)
    except InputError as error:
        yield Rejection(source, str(error))
        return
    except OSError as error:
        yield Rejection(source, f"cannot be opened: {error.strerror or error}")
        return
    yield from _read_opened(opened, source, name, plugins)


def read_stream(stream: IO[bytes], source: str, *, format: str | None = None) -> Iterator[Paper | Rejection]:
    """Yield the papers of an open file and what it holds beside; ``source`` is its name, whose suffix may tell.

    >>> import io
    >>> [item.title for item in read_stream(io.BytesIO(b'{"title": "On X"}'), "papers.jsonl")]
    ['On X']
    """
    from kg.readers.files import open_stream

    plugins = {entry.name: entry for entry in entry_points(group="abstractkg.readers")}
    name = None if format is None else _checked(format, plugins)
    return _read_opened(open_stream(stream, source), source, name, plugins)


def _read_opened(
    opened: Input, source: str, name: str | None, plugins: dict[str, EntryPoint]
) -> Iterator[Paper | Rejection]:
    try:
        with opened.stream:
            is_read = False
            for item in _reader(opened, name, plugins)(opened):
                is_read = True
                yield item
            if not is_read:
                yield Rejection(source, "no paper found in this file: is it of another format? Try --format")
    except InputError as error:
        yield Rejection(source, str(error))
    except (EOFError, OSError) as error:
        yield Rejection(source, f"the rest cannot be read: {error}")


def _reader(
    opened: Input, name: str | None, plugins: dict[str, EntryPoint]
) -> Callable[[Input], Iterable[Paper | Rejection]]:
    if not opened.head.strip():
        opened.stream.read(1)  # raises what kept its beginning from being read, if anything did
        raise InputError("an empty file")
    if name is None and opened.suffix[1:] in plugins:
        name = opened.suffix[1:]
    if name in plugins:
        loaded: Callable[[Input], Iterable[Paper | Rejection]] = plugins[name].load()
        return loaded
    if opened.head.startswith(b"PAR1"):
        name = "parquet"
    elif opened.is_binary:
        raise InputError("a binary file: papers are read from text")
    module, _, function = FORMATS[name or _told(opened)].reader.partition(":")
    reader: Callable[[Input], Iterable[Paper | Rejection]] = getattr(import_module(module), function)
    return reader


def _told(opened: Input) -> str:
    """Return the format that content and suffix tell.

    Content alone decides where the suffix says little, and where it contradicts a suffix beyond doubt.
    """
    from kg.readers.sniffing import looks_like, looks_like_prose

    by_content = looks_like(opened.head_text)
    by_suffix = [name for name, format_ in FORMATS.items() if opened.suffix in format_.suffixes]
    says_little = by_suffix in ([], ["pages", "plain"])
    if by_content is not None and (by_content in by_suffix or says_little or by_content in ("jsonl", "xml")):
        return by_content
    if by_suffix:
        return by_suffix[-1]
    if looks_like_prose(opened.head_text):
        return "plain"
    raise InputError(f"the format cannot be told from content or suffix: give --format, one of {', '.join(FORMATS)}")
