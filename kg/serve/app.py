"""The web application: which address gets which answer, and what every answer says beside its body.

=========================== ==================================================================================
/                           the graph as a page for browsers, where ``kg build`` wrote one, else the overview
/dataset                    the graph as a whole: counts, pipeline, licence; an overview with the most named
/entity/… /paper/…          things: 303 to a document, by Accept; with a suffix (.html .ttl …) the document
/graph/…                    named graphs
/ontology                   the ontology, which is a document whose terms are fragments of it
/sparql                     the SPARQL 1.1 Protocol, a form for people, the service description
/health /robots.txt         for machines that look after machines
/.well-known/void           where the VoID description is
=========================== ==================================================================================

All of it is found under the path of the base IRI as well (``/abstractkg/id/entity/…``), so that the server can stand
where the IRIs point. Nothing can be changed: other methods are refused.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.serve.cache import Cache
from kg.serve.negotiation import accepts_html
from kg.serve.ontology import ontology_document
from kg.serve.pages import STYLE_HASH
from kg.serve.pool import Answer, Pool
from kg.serve.protocol import METHODS, describe_service, read_query
from kg.serve.refusal import Refusal
from kg.serve.replies import canonical
from schemas.vocabulary import ONTOLOGY_IRI

__all__ = ["make_app"]

PIECE = 1 << 16
_STATIC = "frame-ancestors 'self'; base-uri 'none'; object-src 'none'"  # the rest the page of the graph says itself
_POLICY = f"default-src 'none'; style-src {STYLE_HASH}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_READING = ["GET", "HEAD"]


def make_app(folder: Path, pool: Pool) -> Starlette:
    """Return the application that serves the graph in ``folder`` with the workers of ``pool``, which has started."""
    site = _Site(folder, pool)
    routes: list[BaseRoute] = [
        Route("/", site.home, methods=_READING),
        Route("/sparql", site.sparql, methods=METHODS),
        Route("/ontology", site.ontology, methods=_READING),
        Route(urlsplit(ONTOLOGY_IRI).path, site.ontology, methods=_READING),
        Route("/health", site.health, methods=_READING),
        Route("/robots.txt", site.robots, methods=_READING),
        Route("/.well-known/void", site.void, methods=_READING),
        *(Route(f"/{name}", site.file, methods=_READING) for name in ("graph.html", "graph.ttl")),
        Mount("/page", _Page(directory=folder / "page", html=True, check_dir=False)),
        Route("/{path:path}", site.thing, methods=_READING),
    ]
    expose = ["ETag", "Link", "Location", "Retry-After"]
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(_Headers),
            Middleware(_Under, path=_path_of(pool.base)),
            Middleware(
                CORSMiddleware, allow_origins=["*"], allow_methods=METHODS, allow_headers=["*"], expose_headers=expose
            ),
            Middleware(GZipMiddleware, minimum_size=2000, compresslevel=4),
        ],
        exception_handlers={Refusal: _refused, HTTPException: _failed, Exception: _broken},
    )


class _Site:
    """The answers to requests."""

    def __init__(self, folder: Path, pool: Pool) -> None:
        self._folder, self._pool, self._cache = folder, pool, Cache(pool)
        self._files = StaticFiles(directory=folder)

    async def home(self, request: Request) -> Response:
        """Send the graph as a page, or lead to the overview."""
        if (self._folder / "page" / "index.html").is_file():
            return RedirectResponse(f"{_prefix(request)}page/", 302)
        if (self._folder / "graph.html").is_file():
            return await self._files.get_response("graph.html", request.scope)
        return RedirectResponse(f"{_prefix(request)}dataset", 302)

    async def file(self, request: Request) -> Response:
        """Send a file that stands in the folder for everybody."""
        return await self._files.get_response(request.scope["path"].lstrip("/"), request.scope)

    async def health(self, request: Request) -> Response:
        """Tell that queries are answered."""
        await self._pool.ask({"do": "query", "query": "ASK {}", **_plain()})
        return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})

    async def robots(self, request: Request) -> Response:
        """Ask crawlers to read the pages and leave the endpoint alone."""
        return PlainTextResponse("User-agent: *\nDisallow: /sparql\nCrawl-delay: 1\n")

    async def void(self, request: Request) -> Response:
        """Lead to the description of the graph."""
        return RedirectResponse(f"{_prefix(request)}dataset", 303)

    async def ontology(self, request: Request) -> Response:
        """Send the ontology; what is defined there are fragments, so that it is sent as it is."""
        kind, data = ontology_document(request.headers.get("accept"), request.query_params.get("format"))
        return _conditional(request, Response(data, headers={"Content-Type": kind, "Vary": "Accept"}), data)

    async def sparql(self, request: Request) -> Response:
        """Speak the SPARQL 1.1 Protocol."""
        accept = request.headers.get("accept")
        asked = await read_query(request)
        if asked is None:
            if accepts_html(accept):
                return await self._answered(request, {"do": "form", "prefix": _prefix(request)})
            endpoint = str(request.url.replace(query=None))
            kind, text = describe_service(accept, endpoint, self._pool.base)
            return Response(text, headers={"Content-Type": kind, "Vary": "Accept"})
        return await self._answered(request, asked | {"prefix": _prefix(request)})

    async def thing(self, request: Request) -> Response:
        """Lead to a document about a thing, or send one."""
        raw: bytes = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
        path = canonical(raw.partition(b"?")[0][1:])
        question: dict[str, Any] = {"do": "thing", "path": path, "prefix": _prefix(request)}
        question |= {"accept": request.headers.get("accept"), "form": request.query_params.get("format")}
        return await self._answered(request, question)

    async def _answered(self, request: Request, question: dict[str, Any]) -> Response:
        """Answer a question, unless the client goes away before: then nobody works on it any longer."""
        work = asyncio.ensure_future(self._cache.ask(question))
        gone = asyncio.ensure_future(_gone(request))
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        if work.done():
            return _response(request, work.result())
        work.cancel()
        return Response(status_code=499)  # nobody reads it


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


class _Page(StaticFiles):
    """The folder of a page in parts, which may come later or never."""

    async def check_config(self) -> None:
        """Leave it at that: what is not there is not found."""


class _Under:
    """Takes the path of the graph's base IRI away, and remembers it for links."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app, self._path = app, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path", b"")
        if scope["type"] == "http" and len(self._path) > 1 and raw.startswith(self._path.encode()):
            rest = raw[len(self._path) - 1 :]
            scope = {**scope, "raw_path": rest, "path": unquote(rest.decode("latin-1")), "prefix": self._path}
        await self._app(scope, receive, send)


def _path_of(base: str) -> str:
    """Return the path of an IRI such as https://example.org/id/: /id/."""
    parts = urlsplit(base)
    return parts.path if parts.scheme in ("http", "https") and parts.path.endswith("/") else "/"


def _prefix(request: Request) -> str:
    """Return what stands before our paths in the links of an answer."""
    return str(request.scope.get("prefix", "/"))


def _plain() -> dict[str, Any]:
    return {"accept": None, "form": "json", "default": [], "named": [], "prefix": "/"}


def _response(request: Request, answer: Answer) -> Response:
    headers: dict[str, str] = {"Content-Type": answer.type, **answer.headers}
    if answer.data is None:
        return StreamingResponse(_read(answer), answer.status, {**headers, "Content-Length": str(answer.length)})
    response = Response(answer.data, answer.status, headers)
    return _conditional(request, response, answer.digest) if answer.status == 200 else response


def _read(answer: Answer) -> Iterator[bytes]:
    with answer.body as body:
        while piece := body.read(PIECE):
            yield piece


def _conditional(request: Request, response: Response, digest: str | bytes) -> Response:
    """Give an answer its ETag, and leave its body out where the client has it (RFC 9110, section 13.1.2)."""
    name = digest if isinstance(digest, str) else hashlib.sha256(digest).hexdigest()[:32]
    tag = f'W/"{name}"'  # weak: the same answer may be compressed or not
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "no-cache"  # to be kept, but asked for again
    known = [part.strip() for part in request.headers.get("if-none-match", "").split(",")]
    if request.method in _READING and ("*" in known or tag in known or tag[2:] in known):
        kept = {
            name: value for name, value in response.headers.items() if name in ("etag", "vary", "cache-control", "link")
        }
        return Response(status_code=304, headers=kept)
    return response


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return PlainTextResponse(f"{error.message}\n", error.status, error.headers)


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(f"{error.detail}\n", error.status_code, dict(error.headers or {}))


async def _broken(request: Request, error: Exception) -> Response:
    return PlainTextResponse("something went wrong here; it is written down in the server's log\n", 500)


class _Headers:
    """Gives every answer the headers that keep browsers from reading more into it than it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_more(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = scope["path"] in ("/", "/graph.html") or scope["path"].startswith("/page/")
                kind = next((value for name, value in message["headers"] if name.lower() == b"content-type"), b"")
                headers = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
                if kind.startswith((b"text/html", b"image/svg")):
                    headers.append((b"content-security-policy", (_STATIC if own else _POLICY).encode()))
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        await self._app(scope, receive, send_more)
