"""Folders on disk or in an object store, by path or by address (``s3://bucket/shards``): fsspec under five verbs."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from schemas.errors import InputError

__all__ = ["Folder", "expand", "open_stream", "require", "state"]


def require(module: str, why: str) -> Any:
    """Return a module of the extra ``[cluster]``.

    Raises
    ------
    InputError
        It is not installed.

    Examples
    --------
    >>> require("json", "to show an example").dumps([])
    '[]'
    """
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        raise InputError(f"{why} needs the extra [cluster]: pip install 'abstractkg[cluster]' ({error})") from error


class Folder:
    """A folder of files, none of which is ever seen half written.

    Raises
    ------
    InputError
        No such kind of storage, or it cannot be reached; from every method.

    Examples
    --------
    >>> import tempfile
    >>> folder = Folder(tempfile.mkdtemp())
    >>> folder.write("shards/1.txt", b"whole")
    >>> folder.names("shards"), folder.read("shards/1.txt"), folder.names("nothing")
    (['1.txt'], b'whole', [])
    """

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/") or "/"
        with _explained(self.address):
            self._fs, root = require("fsspec", f"{address}: a folder of shards").core.url_to_fs(self.address)
        self._root = str(root).rstrip("/")
        self._is_local = "file" in _protocols(self._fs)

    def __reduce__(self) -> tuple[type[Folder], tuple[str]]:
        return Folder, (self.address,)

    def names(self, below: str) -> list[str]:
        """Return the names of the files directly in a subfolder, sorted; none where there is no such folder."""
        with _explained(self.address):
            self._fs.invalidate_cache()
            try:
                found = self._fs.ls(f"{self._root}/{below}", detail=False)
            except FileNotFoundError:
                return []
        return sorted(name for path in found if not (name := str(path).rpartition("/")[2]).endswith(".part"))

    def exists(self, name: str) -> bool:
        """Whether there is a file of that name."""
        with _explained(self.address):
            return bool(self._fs.exists(f"{self._root}/{name}"))

    def read(self, name: str) -> bytes:
        """Return what a file holds."""
        with _explained(f"{self.address}/{name}"):
            return bytes(self._fs.cat_file(f"{self._root}/{name}"))

    def write(self, name: str, data: bytes) -> None:
        """Write a file: on disk under another name first; an object store shows an object when it is whole."""
        path = f"{self._root}/{name}"
        with _explained(path):
            if not self._is_local:
                self._fs.pipe_file(path, data)
                return
            os.makedirs(os.path.dirname(path), exist_ok=True)
            part = f"{path}.{secrets.token_hex(4)}.part"
            try:
                with open(part, "wb") as file:
                    file.write(data)
                os.replace(part, path)
            except BaseException:
                if os.path.exists(part):
                    os.unlink(part)
                raise

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with _explained(f"{self.address}/{name}"):
            try:
                self._fs.rm_file(f"{self._root}/{name}")
            except FileNotFoundError:
                return


def expand(source: str) -> list[str]:
    """Return the addresses of the files that one means: itself, those of a glob, or those below a folder.

    Raises
    ------
    InputError
        It means none, or the storage cannot be reached.
    """
    with _explained(source):
        fs, path = require("fsspec", f"{source}: an address").core.url_to_fs(source)
        fs.invalidate_cache()
        if any(character in path for character in "*?["):
            found = [name for name in fs.glob(path) if fs.isfile(name)]
        else:
            found = [path] if fs.isfile(path) else fs.find(path)
        addresses = sorted(fs.unstrip_protocol(name) for name in found if not name.rpartition("/")[2].startswith("."))
    if not addresses:
        raise InputError(f"{source}: nothing is there: check the address")
    return addresses


def open_stream(address: str) -> IO[bytes]:
    """Open the file at an address for reading.

    Raises
    ------
    InputError
        It cannot be reached.
    """
    with _explained(address):
        stream: IO[bytes] = require("fsspec", f"{address}: an address").open(address, "rb").open()
        return stream


def state(address: str) -> str:
    """Return what changes when a file does, as far as its storage tells: size and time, or a checksum.

    Raises
    ------
    InputError
        It cannot be reached.
    """
    with _explained(address):
        fs, path = require("fsspec", f"{address}: an address").core.url_to_fs(address)
        return str(fs.ukey(path))


def _protocols(fs: Any) -> tuple[str, ...]:
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)


@contextmanager
def _explained(where: str) -> Iterator[None]:
    """Turn whatever a storage raises into one line; their libraries have no error in common."""
    try:
        yield
    except InputError:
        raise
    except ImportError as error:  # "Install s3fs to access S3"
        raise InputError(f"{where}: {error}") from error
    except Exception as error:
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        raise InputError(f"{where}: {' '.join(str(reason).split())[:300]}") from error
