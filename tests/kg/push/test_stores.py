"""Real triple stores, started on loopback where they are installed: Oxigraph (PyPI) and Virtuoso 7 (Debian)."""

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from kg.export.quads import quads
from kg.export.rdf import write_rdf
from kg.graph import GraphInfo, KnowledgeGraph
from kg.push import Pushed, push, withdraw
from kg.query import sparql
from schemas.records import Paper
from schemas.vocabulary import NAMESPACES

OXIGRAPH = shutil.which("oxigraph", path=Path(sys.executable).parent) or shutil.which("oxigraph")
VIRTUOSO = shutil.which("virtuoso-t")
PREFIXES = "".join(f"PREFIX {name}: <{namespace}>\n" for name, namespace in NAMESPACES.items())
INI = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/temp.db
TransactionFile = {folder}/temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {folder}
NumberOfBuffers = 10000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(command, url):
    """A server, from its first answer until the block ends."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(url, timeout=5).close()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                assert process.poll() is None, "it ended by itself"
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(60)


class Server:
    def __init__(self, store, endpoint, default_is_union):
        self.store, self.endpoint, self.default_is_union = store, endpoint, default_is_union

    def select(self, query):
        form = {"query": PREFIXES + query} | ({} if self.default_is_union else {"union-default-graph": ""})
        request = urllib.request.Request(
            self.endpoint,
            data=urllib.parse.urlencode(form).encode(),
            headers={"Accept": "application/sparql-results+json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            found = json.load(answer)
        names = found["head"]["vars"]
        return [tuple(plain(row.get(name)) for name in names) for row in found["results"]["bindings"]]

    def count(self):
        base = "https://w3id.org/abstractkg/"
        query = f'SELECT (COUNT(*) AS ?n) {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), "{base}")) }}'
        return int(self.select(query)[0][0])


def plain(term):
    """A value by its number, or else its text: stores write numbers each in its own way."""
    if term is None:
        return None
    try:
        return round(float(term["value"]), 3)
    except ValueError:
        return term["value"]


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory):
    if not OXIGRAPH:
        pytest.skip("the Oxigraph server is not installed: pip install oxigraph")
    url = f"http://127.0.0.1:{free_port()}"
    folder = tmp_path_factory.mktemp("oxigraph")
    command = [OXIGRAPH, "serve", "--location", str(folder), "--bind", url.removeprefix("http://")]
    with running(command, url):
        yield Server(f"{url}/store", f"{url}/query", default_is_union=False)


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory):
    if not VIRTUOSO:
        pytest.skip("Virtuoso is not installed: apt-get install virtuoso-opensource-7-bin")
    folder = tmp_path_factory.mktemp("virtuoso")
    http, sql = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(INI.format(folder=folder, http=http, sql=sql))
    command = [VIRTUOSO, "+configfile", str(folder / "virtuoso.ini"), "+foreground"]
    with running(command, f"http://127.0.0.1:{http}/"):
        place = f"http://127.0.0.1:{http}"
        yield Server(f"{place}/sparql-graph-crud-auth", f"{place}/sparql", default_is_union=True)


@pytest.fixture(params=["oxigraph", "virtuoso"])
def server(request, monkeypatch):
    monkeypatch.setenv("KG_PUSH_USER", "dba")  # Virtuoso asks, by Digest; Oxigraph does not
    monkeypatch.setenv("KG_PUSH_PASSWORD", "dba")
    return request.getfixturevalue(request.param)


@pytest.fixture
def cookbook_folder(cookbook_graph, tmp_path, put_graph):
    put_graph(tmp_path / "graph", cookbook_graph)
    return tmp_path / "graph"


def test_a_pushed_graph_answers_as_the_embedded_store_does(server, cookbook_folder, cookbook_graph, recipes):
    push(cookbook_folder, server.store)
    assert server.count() == len(list(quads(cookbook_graph)))
    assert push(cookbook_folder, server.store).sent == 0
    for query in recipes.values():
        found = sparql(cookbook_graph, query)
        ours = [tuple(plain(row.get(name)) for name in found.columns) for row in found.bindings]
        assert sorted(map(repr, server.select(query))) == sorted(map(repr, ours))
    withdraw(cookbook_folder, server.store, "small")
    left = [quad for quad in quads(cookbook_graph) if not quad.graph.endswith(("/paper/small", "/header"))]
    assert server.count() == len(left)
    push(cookbook_folder, server.store)
    (row,) = server.select(
        "SELECT ?n { GRAPH ?g { ?d a void:Dataset ; void:triples ?n } FILTER(REGEX(STR(?g), 'kg/id')) }"
    )
    assert server.count() == int(row[0])


def test_hostile_texts_come_back_equal(server, tmp_path, put_graph):
    texts = [
        'A "quoted" title\\ with <script>alert(1)</script> & an &amp; ]]>',
        "\u202eright to left\u202c \u200fשלום",
        "tab\tline\nbreak {?s ?p ?o} # comment %00 %zz",
        "emoji 😀, accents e\u0301, ctrl \x00\x0b\x1b\x85",
        "x" * 10_000,
    ]
    papers = [Paper(id=f"hostile {number}", title=text) for number, text in enumerate(texts)]
    graph = KnowledgeGraph(papers=papers, entities=[], links=[], info=GraphInfo(base_iri="https://hostile.example/"))
    put_graph(tmp_path / "graph", graph)
    push(tmp_path / "graph", server.store)
    ours = {quad.object.value for quad in quads(graph) if quad.predicate == NAMESPACES["dcterms"] + "title"}
    rows = server.select('SELECT ?t { ?p dcterms:title ?t FILTER(STRSTARTS(STR(?p), "https://hostile.example/")) }')
    assert {row[0] for row in rows} == ours


def test_oxigraph_takes_a_first_push_in_bulk(oxigraph, tmp_path, put_graph, rich_graph):
    put_graph(tmp_path / "graph", rich_graph)
    before = oxigraph.count()
    assert push(tmp_path / "graph", f"{oxigraph.store}?no_transaction", bulk=True).sent == 4
    assert push(tmp_path / "graph", f"{oxigraph.store}?no_transaction") == Pushed(unchanged=4)
    assert oxigraph.count() > before


@pytest.mark.parametrize("suffix", [".nq", ".nq.gz", ".trig"])
def test_oxigraph_loads_our_files(tmp_path, cookbook_graph, suffix):
    if not OXIGRAPH:
        pytest.skip("the Oxigraph server is not installed: pip install oxigraph")
    write_rdf(cookbook_graph, tmp_path / f"graph{suffix}", shards=2)
    files = sorted(path for path in tmp_path.iterdir())
    assert len(files) == 2
    command = [OXIGRAPH, "load", "--location", str(tmp_path / "store"), "--file", *map(str, files)]
    subprocess.run(command, check=True, capture_output=True)
    dumped = subprocess.run(
        [OXIGRAPH, "dump", "--location", str(tmp_path / "store"), "--format", "nq"], check=True, capture_output=True
    ).stdout
    assert len(dumped.splitlines()) == len(list(quads(cookbook_graph)))
