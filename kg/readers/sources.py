"""Which files a source means: a path, a folder, a glob, or standard input."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from glob import glob
from pathlib import Path

from schemas.errors import InputError

__all__ = ["expand", "is_address"]


def is_address(source: str) -> bool:
    """Whether this is the address of something elsewhere, rather than a path.

    >>> is_address("s3://bucket/papers.jsonl"), is_address("papers.jsonl")
    (True, False)
    """
    return "://" in source


def expand(source: str | Path, known: Callable[[Path], bool]) -> Iterator[Path | str | None]:
    """Yield the files that ``source`` means: itself, those of a folder that are ``known``, or those of a glob.

    Folders are read through with all that is below, in the order of names; hidden files are left out. ``-`` is
    standard input, given as None; what lies elsewhere (``s3://``) is given by its address, as a string.

    Raises
    ------
    InputError
        It means none.

    Examples
    --------
    >>> list(expand("-", lambda path: True))
    [None]
    """
    path = Path(source)
    if str(source) == "-":
        yield None
    elif isinstance(source, str) and is_address(source):
        from kg.cluster.storage import expand as expand_address

        addresses = expand_address(source)
        if len(addresses) > 1 and not (addresses := [found for found in addresses if known(Path(found))]):
            raise InputError(f"{source}: no file of a known format there: name the files, and give --format")
        yield from addresses
    elif path.is_dir():
        yield from _inside(path, known, f"{source}: no file of a known format in this folder")
    elif path.exists():
        yield path
    else:
        matches = [Path(match) for match in sorted(glob(str(source), recursive=True))]
        files = [match for match in matches if match.is_file()]
        for folder in matches:
            if folder.is_dir() and "**" not in str(source):  # which has listed the files below by itself
                files += [file for file in _walk(folder) if known(file)]
        if not files:
            raise InputError(f"{source}: no such file or folder, and no file matches it: check the path")
        yield from sorted(set(files))


def _inside(folder: Path, known: Callable[[Path], bool], otherwise: str) -> Iterator[Path]:
    files = [file for file in _walk(folder) if known(file)]
    if not files:
        raise InputError(f"{otherwise}: name the files, and their format with --format")
    yield from files


def _walk(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not any(part[0] == "." for part in path.relative_to(folder).parts))
