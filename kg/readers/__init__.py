"""Files of papers in any usual form -> papers, one after the other.

One table names the formats; each has a module with ``read_papers(input) -> Iterator[Paper | Rejection]``, imported when
needed. Packages can add formats through the entry-point group ``abstractkg.readers``: the name is the format's, the
object such a function.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, NamedTuple

from kg.readers.files import Input, expand, open_input
from kg.readers.sniffing import looks_like
from schemas.errors import InputError, UnknownFormat
from schemas.records import Paper, Rejection

__all__ = ["FORMATS", "Format", "read"]

Reader = Callable[[Input], Iterable[Paper | Rejection]]
log = logging.getLogger("kg")


class Format(NamedTuple):
    """A row of the table of formats."""

    suffixes: tuple[str, ...]
    module: str


FORMATS: Final[dict[str, Format]] = {
    "jsonl": Format((".jsonl", ".ndjson", ".json"), "kg.readers.jsonl"),
    "csv": Format((".csv", ".tsv", ".tab"), "kg.readers.tables"),
    "bibtex": Format((".bib", ".bibtex"), "kg.readers.bibtex"),
    "ris": Format((".ris",), "kg.readers.ris"),
    "xml": Format((".xml", ".atom"), "kg.readers.xml"),
    "pages": Format((".txt", ".text"), "kg.readers.pages"),
    "plain": Format((".txt", ".text", ".md"), "kg.readers.plain"),
}


def read(
    *sources: str | Path, format: str | None = None, on_reject: Callable[[Rejection], None] | None = None
) -> Iterator[Paper]:
    """Yield the papers of files, folders, globs and ``-`` (standard input), in that order.

    Formats are told from content and suffix; ``.gz`` and ``.zst`` are unpacked. A record that cannot be read is given
    to ``on_reject`` (or logged as a warning), and the rest goes on. The same paper twice is yielded twice: building
    a graph joins them (:func:`kg.papers.merge_duplicates`).

    Parameters
    ----------
    sources
        Paths as strings or :class:`~pathlib.Path`.
    format
        A name of :data:`FORMATS`, where content and suffix should not decide.

    Raises
    ------
    InputError
        A source is not there; raised when it is reached.
    UnknownFormat
        ``format`` is the name of none; the message lists them.

    Examples
    --------
    >>> import kg
    >>> next(kg.read(kg.sample_path())).year
    2009
    """
    report = on_reject or _warn
    chosen = None if format is None else _reader(format)
    for source in sources:
        paths: Iterable[Path | None] = [None] if str(source) == "-" else expand(source, _is_known)
        for path in paths:
            yield from _read_one(path, chosen, report)


def _warn(rejection: Rejection) -> None:
    log.warning("rejected: %s: %s", rejection.source, rejection.reason)


def _is_known(path: Path) -> bool:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in (".gz", ".zst"):
        suffixes.pop()
    return bool(suffixes) and any(suffixes[-1] in format_.suffixes for format_ in FORMATS.values())


def _read_one(path: Path | None, chosen: Reader | None, report: Callable[[Rejection], None]) -> Iterator[Paper]:
    """Read one file; whatever is wrong with it as a whole becomes one rejection."""
    opened = open_input(path)
    try:
        if problem := _problem(opened):
            report(Rejection(opened.name, problem))
            return
        reader = chosen or _reader(_told(opened))
        found = False
        for item in reader(opened):
            found = True
            if isinstance(item, Rejection):
                report(item)
            else:
                yield item
        if not found:
            report(Rejection(opened.name, "no paper found in this file"))
    except (EOFError, OSError, zlib.error, InputError) as error:
        report(Rejection(opened.name, f"the rest cannot be read: {error}"))
    finally:
        opened.stream.close()


def _problem(opened: Input) -> str | None:
    if not opened.head.strip():
        return "empty file"
    return "a binary file: papers are read from text" if opened.is_binary else None


def _told(opened: Input) -> str:
    """Return the format that content and suffix tell, content first."""
    by_content = looks_like(opened.head_text)
    by_suffix = [name for name, format_ in FORMATS.items() if opened.suffix in format_.suffixes]
    if by_content is not None and (by_content in by_suffix or by_suffix in ([], ["pages", "plain"], ["plain"])):
        return by_content
    if by_suffix:
        return by_suffix[-1]
    raise InputError(f"the format cannot be told: give --format, one of {', '.join(FORMATS)}")


def _reader(name: str) -> Reader:
    plugins = {entry.name: entry for entry in entry_points(group="abstractkg.readers")}
    if name in plugins:
        loaded: Reader = plugins[name].load()
        return loaded
    if name not in FORMATS:
        raise UnknownFormat(f"no reader for {name!r}; available: {', '.join([*FORMATS, *plugins])}")
    function: Reader = import_module(FORMATS[name].module).read_papers
    return function
