"""A graph folder on the web, read-only: pages and linked data about its things, and a SPARQL 1.1 endpoint.

:func:`serve` listens, and starts the processes that answer (:mod:`kg.serve.pool`); the event loop only passes on, so
that it stays quick under any question. Starlette and uvicorn speak HTTP; they are an extra (``abstractkg[serve]``).
"""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.errors import InputError

if TYPE_CHECKING:
    from kg.serve.limits import Limits

__all__ = ["serve"]

CONNECTIONS = 512  # at once; more are told to come back
ALIVE = 30  # seconds that an idle connection is kept


def serve(
    folder: str | Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    limits: Limits | None = None,
    started: Callable[[str, Any], None] = lambda address, server: None,
) -> None:
    """Serve a graph folder until the process is told to stop (SIGINT, SIGTERM); what is under way then is finished.

    Parameters
    ----------
    folder
        What ``kg build`` wrote. When it is built again, the new graph is served.
    host, port
        Where to listen; 0 for any free port.
    limits
        What a request may take (:class:`kg.serve.limits.Limits`).
    started
        Called with the server's address and the uvicorn server, when it begins to answer.

    Raises
    ------
    InputError
        The packages of ``abstractkg[serve]`` are missing, or nobody can listen there.
    StoreError
        The folder holds no graph.
    """
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise InputError(f"kg serve needs {error.name}: pip install 'abstractkg[serve]'") from None
    from kg.serve.limits import Limits
    from kg.streaming import StoredGraph

    StoredGraph(Path(folder)).__exit__(None, None, None)  # before anything is started: is there a graph?
    with _listening(host, port) as listener, _quiet_signals():
        asyncio.run(_serve(Path(folder), listener, limits or Limits(), started))


async def _serve(folder: Path, listener: socket.socket, limits: Limits, started: Callable[[str, Any], None]) -> None:
    import uvicorn

    from kg.serve.app import make_app
    from kg.serve.pool import Pool

    pool = Pool(folder, limits)
    try:
        await pool.start()
        config = uvicorn.Config(
            make_app(folder, pool),
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            limit_concurrency=CONNECTIONS,
            timeout_keep_alive=ALIVE,
            timeout_graceful_shutdown=int(limits.timeout + limits.patience) + 1,
        )
        server = uvicorn.Server(config)
        host, port = listener.getsockname()[:2]
        started(f"http://{f'[{host}]' if ':' in host else host}:{port}/", server)
        await server.serve(sockets=[listener])
    finally:
        await pool.close()


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, OverflowError) as error:
        raise InputError(f"{host}:{port} is no address to listen at: {error}") from None
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(128)
        except OSError as error:
            raise InputError(f"cannot listen at {host}:{port}: {error.strerror}; choose another --port") from None
        yield listener


@contextmanager
def _quiet_signals() -> Iterator[None]:
    """A stop that was asked for is no error: uvicorn raises the signal again when it has stopped."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
