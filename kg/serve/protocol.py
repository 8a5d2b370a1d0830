"""The SPARQL 1.1 Protocol (W3C 2013): how a query arrives, and the description of the service (W3C 2013)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from kg.serve.negotiation import GRAPHS, TABLES, choose
from kg.serve.refusal import Refusal

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["LONGEST_QUERY", "METHODS", "describe_service", "read_query"]

METHODS = ["GET", "HEAD", "POST", "OPTIONS"]
LONGEST_QUERY = 100_000  # bytes
_FORMS = {"html", *TABLES, *GRAPHS}
_PARAMETERS = {
    "query",
    "default-graph-uri",
    "named-graph-uri",
    "format",
    "update",
    "using-graph-uri",
    "using-named-graph-uri",
}


async def read_query(request: Request) -> dict[str, Any] | None:
    """Return what a request asks of :class:`kg.serve.replies.Responder`, None if it asks nothing.

    Raises
    ------
    Refusal
        It is no request of the protocol, or would change something.
    """
    pairs = _pairs(request.url.query)
    if request.method == "POST":
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        body = _text(await _body(request), "the body")
        if kind == "application/x-www-form-urlencoded":
            pairs += _pairs(body)
        elif kind == "application/sparql-query":
            pairs.append(("query", body))
        elif kind == "application/sparql-update":
            raise Refusal(403, "updates are refused: this endpoint is for reading")
        else:
            raise Refusal(
                415, f"{kind or 'no Content-Type'}: send application/sparql-query or application/x-www-form-urlencoded"
            )
    return _question(pairs, request)


def _question(pairs: list[tuple[str, str]], request: Request) -> dict[str, Any] | None:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    if "update" in values:
        raise Refusal(403, "updates are refused: this endpoint is for reading")
    queries = values.get("query", [])
    if not queries:
        if values.keys() & _PARAMETERS or request.method == "POST":
            raise Refusal(400, "the parameter 'query' is missing")
        return None
    if len(queries) > 1:
        raise Refusal(400, "more than one query")
    forms = values.get("format", [])
    if forms and forms[-1] not in _FORMS:
        raise Refusal(400, f"no format {forms[-1]!r}; available: {', '.join(sorted(_FORMS))}")
    return {
        "do": "query",
        "query": queries[0],
        "accept": request.headers.get("accept"),
        "form": forms[-1] if forms else None,
        "default": values.get("default-graph-uri", []),
        "named": values.get("named-graph-uri", []),
    }


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST_QUERY:
            raise Refusal(413, f"the query is longer than {LONGEST_QUERY:,} bytes", {"Connection": "close"})
    return bytes(body)


def _text(data: bytes, what: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Refusal(400, f"{what} is not in UTF-8") from None


def _pairs(encoded: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(encoded, keep_blank_values=True, errors="strict", max_num_fields=100)
    except UnicodeDecodeError:
        raise Refusal(400, "a parameter is not in UTF-8") from None
    except ValueError:
        raise Refusal(400, "too many parameters") from None


def describe_service(accept: str | None, endpoint: str, base: str) -> tuple[str, bytes]:
    """Return media type and text of the description of the service, in the form that the client likes.

    >>> describe_service(None, "http://localhost/sparql", "https://example.org/id/")[0]
    'text/turtle'
    """
    from pyoxigraph import RdfFormat, parse, serialize

    form = choose(accept, GRAPHS)
    if form is None:
        raise Refusal(406, f"available: {', '.join(types[0] for types in GRAPHS.values())}")
    results = ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV")
    formats = (*results, "Turtle", "N-Triples", "RDF_XML", "JSON-LD")
    prefixes = {"sd": "http://www.w3.org/ns/sparql-service-description#", "void": "http://rdfs.org/ns/void#"}
    text = (
        "".join(f"PREFIX {name}: <{space}>\n" for name, space in prefixes.items())
        + f"<{endpoint}> a sd:Service ; sd:endpoint <{endpoint}> ; sd:supportedLanguage sd:SPARQL11Query ;\n"
        "  sd:feature sd:UnionDefaultGraph ;\n"
        + "".join(f"  sd:resultFormat <http://www.w3.org/ns/formats/{name}> ;\n" for name in formats)
        + f"  sd:availableGraphs <{endpoint}#graphs> ; sd:defaultDataset <{endpoint}#dataset> .\n"
        f"<{endpoint}#graphs> a sd:GraphCollection .\n"
        f"<{endpoint}#dataset> a sd:Dataset ; sd:defaultGraph <{endpoint}#union> .\n"
        f"<{endpoint}#union> a sd:Graph .\n<{base}dataset> void:sparqlEndpoint <{endpoint}> .\n"
    )
    kinds = {"ttl": "TURTLE", "nt": "N_TRIPLES", "jsonld": "JSON_LD", "rdf": "RDF_XML"}
    triples = (quad.triple for quad in parse(text, format=RdfFormat.TURTLE))
    return GRAPHS[form][0], serialize(triples, format=getattr(RdfFormat, kinds[form]), prefixes=prefixes) or b""
