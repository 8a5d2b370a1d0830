"""A process that answers for the server, so that a question that takes too long or too much can be ended with it.

It is started as ``python -m kg.serve.worker OPTIONS``, reads requests from its standard input and writes answers to its
standard output, each as a tag of one letter, a length of four bytes and a content:

====== =====================================================================================
READY  once, at first: the index that it reads and the base IRI, in JSON; or an error
DATA   a piece of the body of an answer
END    the end of an answer, in JSON: ``status``, ``type``, ``headers``, or ``status``, ``error``
====== =====================================================================================
"""

from __future__ import annotations

import json
import logging
import os
import signal
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from kg.serve.refusal import Refusal
from schemas.errors import AbstractKGError

if TYPE_CHECKING:
    from kg.serve.replies import Reply

__all__ = ["DATA", "END", "HEAD", "READY", "Options", "main"]

READY, DATA, END = b"r", b"d", b"e"
HEAD = struct.Struct(">cI")
PIECE = 1 << 16  # bytes of a body that are sent together
log = logging.getLogger("kg")
GRACE = 5.0  # seconds after which a worker ends itself that nobody ended


@dataclass(frozen=True, slots=True)
class Options:
    """What a worker is told at its start."""

    folder: str  # of the graph
    spare: str  # a folder for the index, where the graph's own cannot be written
    index: str  # the index to read; "" to find it
    timeout: float  # seconds for one answer
    memory: int  # bytes of memory at most, 0 for no limit
    longest: int  # bytes of one answer at most

    def dump(self) -> str:
        """Return the options as an argument of the command."""
        return json.dumps(asdict(self))


class _TooLong(Exception):
    """The body has grown beyond the limit."""


class _Body:
    """A file that sends what is written to it."""

    def __init__(self, out: IO[bytes], longest: int) -> None:
        self._out, self._left = out, longest
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        """Take a part of the body."""
        self._left -= len(data)
        if self._left < 0:
            raise _TooLong
        self._held += data
        if len(self._held) >= PIECE:
            self.flush_all()
        return len(data)

    def flush(self) -> None:
        """Do nothing: small pieces are sent together."""

    def flush_all(self) -> None:
        """Send what is held."""
        if self._held:
            _send(self._out, DATA, bytes(self._held))
            self._held.clear()


def main(arguments: list[str] | None = None) -> None:
    """Answer until the standard input ends."""
    options = Options(**json.loads((sys.argv[1:] if arguments is None else arguments)[0]))
    logging.basicConfig(format="kg: %(message)s", level=logging.INFO)
    # Those who stop the server stop it for all processes of the terminal; it ends us when what is under way is done.
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb", 0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing else may get among the answers
    try:
        respond, ready = _open(options)
    except AbstractKGError as error:
        _send(answers, READY, json.dumps({"error": str(error)}).encode())
        return
    if options.memory:
        _limit_memory(options.memory)
    _send(answers, READY, json.dumps(ready).encode())
    with suppress(BrokenPipeError):  # the server has ended
        while request := _read(requests):
            _alarm(options.timeout + GRACE)
            _answer(json.loads(request), respond, answers, options)
            _alarm(0)


def _open(options: Options) -> tuple[Callable[[dict[str, Any], IO[bytes]], Reply], dict[str, str]]:
    """Return the function that answers, and what to say of the index."""
    from pyoxigraph import Store

    from kg.index import locate_index
    from kg.serve.replies import Responder

    def find() -> tuple[str, str]:
        path, base = locate_index(Path(options.folder), Path(options.spare))
        return str(path), base

    index, base = (options.index.split("\n") if options.index else find())[:2]
    try:
        store = Store.read_only(index)
    except OSError:  # removed meanwhile, by a newer build
        index, base = find()
        store = Store.read_only(index)
    return Responder(store, base).respond, {"index": index, "base": base}


def _limit_memory(limit: int) -> None:
    """Set a limit beyond what is in use now; whoever hits it ends (Linux alone counts what is mapped so)."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_DATA, (limit, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def _alarm(seconds: float) -> None:
    """End this process after some seconds, wherever it is, even if nobody is there any more to end it."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _answer(
    request: dict[str, Any],
    respond: Callable[[dict[str, Any], IO[bytes]], Reply],
    answers: IO[bytes],
    options: Options,
) -> None:
    body = _Body(answers, options.longest)
    try:
        reply = respond(request, body)  # type: ignore[arg-type]  # it is a file as far as it is used
        body.flush_all()
        end = asdict(reply)
    except _TooLong:
        end = {
            "status": 422,
            "error": f"the answer is longer than {options.longest / 1e6:g} MB: ask for less, with LIMIT",
        }
    except MemoryError:
        end = {"status": 422, "error": "the answer takes too much memory: ask for less"}
    except Refusal as refusal:
        end = {"status": refusal.status, "error": refusal.message}
    except BrokenPipeError:
        raise
    except OSError as error:  # a newer build has removed the index
        log.info("the index cannot be read any more (%s): it is opened anew", error)
        end = {"status": 503, "error": "the graph was just built again: ask again", "gone": True}
    _send(answers, END, json.dumps(end).encode())


def _send(out: IO[bytes], tag: bytes, content: bytes) -> None:
    data = memoryview(HEAD.pack(tag, len(content)) + content)
    while data:
        data = data[out.write(data) :]


def _read(file: IO[bytes]) -> bytes:
    """Return the next request, nothing when there will be no more."""
    head = file.read(HEAD.size)
    if len(head) < HEAD.size:
        return b""
    return file.read(HEAD.unpack(head)[1])


if __name__ == "__main__":
    main()
