"""Asking a graph or an RDF file questions in SPARQL 1.1.

pyoxigraph answers: of a folder from an index on disk (:mod:`kg.index`), of a graph or a file from memory. The default
graph is the union of all named graphs, our prefixes need no declaration, and two more lead to entities and papers by
id: ``entity:imagenet``, ``paper:arxiv:1810.04805`` (a slash takes a backslash: ``paper:doi:10.18653\\/v1\\/n19-1423``).
Nothing is changed or fetched: updates and SERVICE are refused. ``kg/cookbook.md`` has queries to begin with.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from kg.answers import Answer, Table, render, table_from_bindings
from kg.export.iris import Iris
from kg.export.rdf import serialise
from kg.export.terms import iri
from kg.graph import KnowledgeGraph
from kg.rdf_files import add_to_rdflib, read_quads
from schemas.errors import InputError
from schemas.vocabulary import BASE_IRI, NAMESPACES

if TYPE_CHECKING:
    from pyoxigraph import Store

__all__ = ["Answer", "Table", "check_query", "explain", "names_its_graphs", "prefixes_of", "render", "sparql"]

_UPDATES = {"ADD", "CLEAR", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOAD", "MOVE", "WITH"}

# Escapes, IRIs, strings and comments (SPARQL 1.1, section 19.8): where a word is no keyword.
_NO_CODE = re.compile(
    r"\\[\s\S]"
    r"|<[^<>\"{}|^`\x00-\x20]*>"
    r"|'''(?:[^\\]|\\[\s\S])*?'''"
    r'|"""(?:[^\\]|\\[\s\S])*?"""'
    r"|'(?:[^'\\\r\n]|\\.)*'"
    r'|"(?:[^"\\\r\n]|\\.)*"'
    r"|#[^\r\n]*"
)
_FIRST_WORD = re.compile(r"(?:\s*(?:PREFIX\s+[^\s:]*:|BASE\b))*\s*(\w+)", re.IGNORECASE)
_FROM = re.compile(r"(?<![\w?$:-])FROM(?![\w:])", re.IGNORECASE)
# What every SERVICE clause holds, wherever it stands: the word, and the address of the service; or a comment before it,
# or a longer word than one wants to read to its end, again and again.
_SERVICE = re.compile(  # a name may end in the word; a number, "true" and "false" may come before it without a space
    r"(?:(?<![^\W\d])|(?<=true)|(?<=false))(?<![:?$-])SERVICE\s*+(?:SILENT\s*+)?(?:[<?$#]|[^\s{}:]{0,99}+[^\s{}])",
    re.IGNORECASE,
)

# A graph is loaded when it is first asked, and forgotten with it.
_loaded: WeakKeyDictionary[KnowledgeGraph, Store] = WeakKeyDictionary()


def sparql(source: KnowledgeGraph | str | Path, query: str) -> Answer:
    """Answer a SPARQL query.

    Parameters
    ----------
    source
        A graph, an RDF file, or a folder that ``kg build`` wrote.
    query
        SELECT, ASK, CONSTRUCT or DESCRIBE.

    Returns
    -------
    Table, bool or rdflib.Graph
        The answer to SELECT, to ASK, to CONSTRUCT and DESCRIBE.

    Raises
    ------
    InputError
        The query is wrong (the message gives line and column), is an update or would reach out to a service.
    StoreError
        The folder holds no graph.

    Examples
    --------
    >>> from schemas.records import Entity
    >>> graph = KnowledgeGraph(
    ...     papers=[], entities=[Entity(id="imagenet", type="Dataset", name="ImageNet", papers=3)], links=[]
    ... )
    >>> sparql(graph, "SELECT ?name ?n { entity:imagenet skos:prefLabel ?name ; akg:paperCount ?n }").rows
    (('ImageNet', 3),)
    """
    from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions

    check_query(query)
    store, prefixes = _open(source)
    try:
        found = store.query(query, prefixes=prefixes, use_default_graph_as_union=not names_its_graphs(query))
        if isinstance(found, QueryBoolean):
            return bool(found)
        if isinstance(found, QuerySolutions):
            columns = [variable.value for variable in found.variables]
            answer = json.loads(found.serialize(format=QueryResultsFormat.JSON) or b"")
            return table_from_bindings(columns, answer["results"]["bindings"])
        import rdflib

        graph = rdflib.Graph()
        add_to_rdflib(found, graph)
    except SyntaxError as error:
        raise InputError(f"SPARQL: {explain(str(error), prefixes)}") from error
    except OSError as error:
        raise InputError(f"SPARQL: {' '.join(str(error).split())}") from error
    return graph


def check_query(query: str) -> None:
    """Refuse what would change something or reach out.

    pyoxigraph answers no update here, but would call a SERVICE, and this check is all that stands between. So it looks
    at the text as it stands: what is a string or a comment is left to the parser, as a text that both read differently
    would be a way out. It rather refuses too much (a comment about a "service: ...").

    >>> check_query("ASK { SERVICE <http://localhost/> { ?s ?p ?o } }")
    Traceback (most recent call last):
    schemas.errors.InputError: SPARQL: SERVICE is refused: queries are answered from the graph alone
    """
    if _SERVICE.search(query):
        raise InputError("SPARQL: SERVICE is refused: queries are answered from the graph alone")
    word = _FIRST_WORD.match(_NO_CODE.sub(" ", query))
    if word and word[1].upper() in _UPDATES:
        what = word[1].upper()
        raise InputError(f"SPARQL: {what} is refused: queries change nothing; change papers or curation.yaml and build")


def names_its_graphs(query: str) -> bool:
    """Tell whether a query says by FROM what its default graph is; else it is the union of all named graphs.

    >>> names_its_graphs("ASK FROM <urn:g> {}"), names_its_graphs("SELECT ?from { ?from ?p 'FROM' }")
    (True, False)
    """
    return _FROM.search(_NO_CODE.sub(" ", query)) is not None


def explain(message: str, prefixes: dict[str, str]) -> str:
    """Shorten the parser's message to its first line, and say which prefixes there are if one is unknown."""
    position, _, expected = " ".join(message.split()).partition(": ")
    if "Prefix not found" in expected:
        return f"{position}: unknown prefix; declare it, or use one of {', '.join(sorted(prefixes))}"
    return f"{position}: {expected[:200]}"


def _open(source: KnowledgeGraph | str | Path) -> tuple[Store, dict[str, str]]:
    """Return a store of all statements of ``source``, and the prefixes that queries of it may use."""
    if not isinstance(source, KnowledgeGraph) and (Path(source).is_dir() or not Path(source).suffix):
        from kg.index import open_index

        store, base = open_index(Path(source))
        return store, prefixes_of(base)
    if isinstance(source, KnowledgeGraph):
        if source not in _loaded:
            _loaded[source] = _load(source)
        return _loaded[source], prefixes_of(source.info.base_iri)
    from pyoxigraph import Literal, NamedNode, Store

    store = Store()
    store.bulk_extend(read_quads(source))
    spaces = (quad.object for quad in store.quads_for_pattern(None, NamedNode(iri("void:uriSpace")), None))
    return store, prefixes_of(next((space.value for space in spaces if isinstance(space, Literal)), BASE_IRI))


def _load(graph: KnowledgeGraph) -> Store:
    from pyoxigraph import RdfFormat, Store

    store = Store()
    for lines in serialise(graph, "nq"):  # chunks end with a line
        store.load(lines, format=RdfFormat.N_QUADS)
    return store


def prefixes_of(base: str) -> dict[str, str]:
    """Return the prefixes that a query need not declare."""
    iris = Iris(base)
    return NAMESPACES | {"entity": f"{iris.base}entity/", "paper": f"{iris.base}paper/"}
