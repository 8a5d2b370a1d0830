"""What the server answers, worked out in a process of its own: queries, things, documents about them, pages.

Things and documents follow "Cool URIs for the Semantic Web" (W3C 2008): a paper or an entity is no document, so that
its IRI leads by 303 (See Other) to one about it, in the form that the client likes best. That has the IRI and a suffix
(``…/entity/bert.ttl``); where a thing of that name exists, a parameter (``…/entity/bert?format=ttl``). Named graphs
are documents and are sent as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote, unquote_to_bytes

from kg.query import check_query, explain, names_its_graphs, prefixes_of
from kg.serve.documents import Reader, describe, write
from kg.serve.negotiation import DOCUMENTS, GRAPHS, TABLES, choose
from kg.serve.pages import ROWS, Pages
from kg.serve.refusal import Refusal
from schemas.errors import InputError

if TYPE_CHECKING:
    from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples, Store

__all__ = ["Reply", "Responder", "canonical"]

UTF8 = "; charset=utf-8"
_RESULTS = {"json": "JSON", "xml": "XML", "csv": "CSV", "tsv": "TSV"}
_TRIPLES = {"ttl": "TURTLE", "nt": "N_TRIPLES", "jsonld": "JSON_LD", "rdf": "RDF_XML"}
_STEP = re.compile(rb"=|=\.\.?")  # steps that parsers would resolve away are marked so


@dataclass(slots=True)
class Reply:
    """How an answer begins; its body has been written."""

    type: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Responder:
    """Answers requests from a store.

    Parameters
    ----------
    store
        All statements of a graph.
    base
        The graph's base IRI.
    """

    def __init__(self, store: Store, base: str) -> None:
        self.store, self.reader = store, Reader(store, base)
        self.prefixes = prefixes_of(base)
        self._operations: Mapping[str, Callable[..., Reply]] = {
            "query": self._query,
            "form": self._form,
            "thing": self._thing,
        }

    def respond(self, request: dict[str, Any], body: IO[bytes]) -> Reply:
        """Write the answer to a request into ``body``, and return how it begins.

        Parameters
        ----------
        request
            ``do``: "query", "form" or "thing", and what that takes; see the methods.
        body
            A file to write to.

        Raises
        ------
        Refusal
            What the client is told instead.
        """
        rest = {name: value for name, value in request.items() if name != "do"}
        return self._operations[request["do"]](body, **rest)

    # Queries

    def _query(
        self,
        body: IO[bytes],
        *,
        query: str,
        accept: str | None,
        form: str | None,
        default: list[str],
        named: list[str],
        prefix: str,
    ) -> Reply:
        """Answer a query in the form asked for, over the graphs asked for."""
        pages = Pages(self.reader, prefix)
        browser = form == "html" or (
            form is None and choose(accept, {**TABLES, **GRAPHS, "html": ("text/html",)}) == "html"
        )
        try:
            found = self._found(query, default, named)
            if browser:
                return _page(body, self._answer_page(pages, query, found))
            return _serialise(body, found, accept, form, self.prefixes)
        except Refusal as refusal:
            if browser:
                return _page(body, pages.form(query, error=refusal.message), status=refusal.status)
            raise

    def _found(self, query: str, default: list[str], named: list[str]) -> QueryBoolean | QuerySolutions | QueryTriples:
        from pyoxigraph import NamedNode

        try:
            check_query(query)
        except InputError as error:
            raise Refusal(403, str(error)) from error
        try:
            # What the protocol names takes the place of what the query names (SPARQL 1.1 Protocol, section 2.1.4).
            graphs: dict[str, Any] = (
                {"default_graph": [*map(NamedNode, default)], "named_graphs": [*map(NamedNode, named)]}
                if default or named
                else {"use_default_graph_as_union": not names_its_graphs(query)}
            )
        except ValueError as error:
            raise Refusal(400, f"the name of a graph is no IRI: {error}") from error
        try:
            return self.store.query(query, prefixes=self.prefixes, **graphs)
        except SyntaxError as error:
            raise Refusal(400, f"SPARQL: {explain(str(error), self.prefixes)}") from error

    def _answer_page(self, pages: Pages, query: str, found: QueryBoolean | QuerySolutions | QueryTriples) -> str:
        from pyoxigraph import QueryBoolean, QuerySolutions, RdfFormat

        if isinstance(found, QueryBoolean):
            return pages.form(query, truth=bool(found))
        if isinstance(found, QuerySolutions):
            columns = [variable.value for variable in found.variables]
            rows = [tuple(row) for row in islice(found, ROWS + 1)]
            return pages.table(query, columns, rows[:ROWS], more=len(rows) > ROWS)
        from pyoxigraph import serialize

        shown = serialize(islice(found, ROWS), format=RdfFormat.TURTLE, prefixes=self.prefixes) or b""
        return pages.form(query, text=shown.decode())

    def _form(self, body: IO[bytes], *, prefix: str) -> Reply:
        """Answer with the form for queries."""
        example = (
            "SELECT ?name ?papers {\n  ?entity a akg:Dataset ; skos:prefLabel ?name ; akg:paperCount ?papers .\n"
            "} ORDER BY DESC(?papers) LIMIT 20"
        )
        return _page(body, Pages(self.reader, prefix).form(example))

    # Things and documents about them

    def _thing(self, body: IO[bytes], *, path: str, accept: str | None, form: str | None, prefix: str) -> Reply:
        """Answer with where a thing is described, or with a document; ``path`` is what follows the base IRI."""
        base, pages = self.reader.iris.base, Pages(self.reader, prefix)
        if form is not None and form not in DOCUMENTS:
            raise Refusal(400, f"no form {form!r}; available: {', '.join(DOCUMENTS)}")
        if path.startswith("graph/"):
            return self._graph(body, path, accept, form)
        if self._exists(path):
            if form:
                return self._document(body, pages, path, form)
            liked = _liked(accept, DOCUMENTS)
            suffixed = f"{path}.{liked}"
            where = f"{path}?format={liked}" if self._exists(suffixed) else suffixed
            return Reply("text/plain" + UTF8, 303, {"Location": prefix + where, "Vary": "Accept"})
        stem, _, suffix = path.rpartition(".")
        if suffix in DOCUMENTS and self._exists(stem):
            return self._document(body, pages, stem, suffix)
        if choose(accept, {**GRAPHS, "html": ("text/html",)}) == "html":
            return _page(body, pages.missing(f"Nothing is said of {base}{path}"), status=404)
        raise Refusal(404, f"nothing is said of {base}{path}")

    def _exists(self, path: str) -> bool:
        things = path == "dataset" or path.startswith(("entity/", "paper/"))
        return things and self.reader.exists(self.reader.iris.base + path)

    def _document(self, body: IO[bytes], pages: Pages, path: str, form: str) -> Reply:
        iris, thing = self.reader.iris, self.reader.iris.base + path
        links = [f'<{thing}>; rel="describes"']
        links += [
            f'<{pages.prefix}{path}.{name}>; rel="alternate"; type="{types[0]}"'
            for name, types in DOCUMENTS.items()
            if name != form
        ]
        headers = {"Link": ", ".join(links)}
        if form == "html":
            if thing == iris.dataset:
                return _page(body, pages.dataset(), headers=headers)
            make = pages.entity if path.startswith("entity/") else pages.paper
            return _page(body, make(thing), headers=headers)
        return _pieces(body, write(describe(self.reader, thing), form, iris.base), form, headers)

    def _graph(self, body: IO[bytes], path: str, accept: str | None, form: str | None) -> Reply:
        """Send a named graph, as the store has it."""
        from pyoxigraph import NamedNode, RdfFormat, serialize

        stem, _, suffix = path.rpartition(".")
        if suffix in GRAPHS and not self.reader.has_graph(self.reader.iris.base + path):
            path, form = stem, suffix
        name = self.reader.iris.base + path
        if not self.reader.has_graph(name):
            raise Refusal(404, f"no graph {name}")
        form = _liked(accept, GRAPHS) if form is None or form not in GRAPHS else form
        quads = self.store.quads_for_pattern(None, None, None, NamedNode(name))
        kind = getattr(RdfFormat, _TRIPLES[form])
        serialize((quad.triple for quad in quads), body, format=kind, prefixes=self.prefixes)
        return Reply(_content_type(GRAPHS, form), headers={"Vary": "Accept"})


def canonical(raw_path: bytes) -> str:
    """Return a path as :class:`kg.export.iris.Iris` writes it, however a client has encoded it.

    >>> canonical(b"entity/c++"), canonical(b"paper/doi%3A10.1/%C3%A9"), canonical(b"paper/=..")
    ('entity/c%2B%2B', 'paper/doi:10.1/%C3%A9', 'paper/=..')
    """
    steps = raw_path.split(b"/")
    return "/".join(
        step.decode() if _STEP.fullmatch(step) else quote(unquote_to_bytes(step), safe=":") for step in steps
    )


def _serialise(
    body: IO[bytes],
    found: QueryBoolean | QuerySolutions | QueryTriples,
    accept: str | None,
    form: str | None,
    prefixes: dict[str, str],
) -> Reply:
    """Write an answer to a query; errors that appear only now are the client's as well."""
    from pyoxigraph import QueryResultsFormat, QueryTriples, RdfFormat, serialize

    offers = GRAPHS if isinstance(found, QueryTriples) else TABLES
    if form is not None and form not in offers:
        raise Refusal(406, f"no {form!r} of such an answer; available: {', '.join(offers)}")
    name = form or _liked(accept, offers)
    if isinstance(found, QueryTriples) and name == "ttl":
        serialize(found, body, format=RdfFormat.TURTLE, prefixes=prefixes)
    elif isinstance(found, QueryTriples):
        found.serialize(body, getattr(RdfFormat, _TRIPLES[name]))
    else:
        found.serialize(body, getattr(QueryResultsFormat, _RESULTS[name]))
    return Reply(_content_type(offers, name), headers={"Vary": "Accept"})


def _liked(accept: str | None, offers: Mapping[str, Any]) -> str:
    if (form := choose(accept, offers)) is None:
        available = ", ".join(types[0] for types in offers.values())
        raise Refusal(406, f"none of the forms in Accept; available: {available}", {"Vary": "Accept"})
    return form


def _content_type(offers: Mapping[str, Any], form: str) -> str:
    kind = str(offers[form][0])
    return kind + UTF8 if kind.startswith("text/") else kind


def _page(body: IO[bytes], text: str, *, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    body.write(text.encode("utf-8", "replace"))
    return Reply("text/html" + UTF8, status, {"Vary": "Accept"} | (headers or {}))


def _pieces(body: IO[bytes], pieces: Iterable[bytes], form: str, headers: dict[str, str]) -> Reply:
    for piece in pieces:
        body.write(piece)
    return Reply(_content_type(GRAPHS, form), headers={"Vary": "Accept"} | headers)
