"""A server on loopback, in a thread of this process, and a client that does nothing by itself."""

import http.client
import threading
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit

import pytest

from kg.graph import KnowledgeGraph
from kg.serve import serve
from kg.serve.limits import Limits
from kg.store import Store
from schemas.records import Entity, Link, Paper

LIMITS = {"workers": 2, "timeout": 60.0, "patience": 60.0}  # a busy machine is no failure
HOSTILE = "<script>alert(1)</script> \"'& \u202e{{ 7*7 }}"


class Reply:
    def __init__(self, answer):
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read()

    @property
    def text(self):
        return self.body.decode()

    @property
    def type(self):
        return self.headers["Content-Type"].split(";")[0]


class Site:
    """A running server, asked request by request."""

    def __init__(self, address, server, folder):
        self.address, self.server, self.folder = address, server, folder
        self.host = urlsplit(address).netloc

    def ask(self, method, path, body=None, *, timeout=60, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection(self.host, timeout=timeout)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, accept=None, **headers):
        return self.ask("GET", path, **({"Accept": accept} if accept else {}), **headers)

    def follow(self, path, accept=None):
        """The document to which a thing leads."""
        reply = self.get(path, accept)
        assert reply.status == 303, reply.text
        return self.get(reply.headers["Location"])

    def query(self, query, accept=None, **parameters):
        return self.get("/sparql?" + urlencode({"query": query} | parameters, doseq=True), accept)


@contextmanager
def running(folder, **limits):
    found, ready = {}, threading.Event()

    def started(address, server):
        found.update(address=address, server=server)
        ready.set()

    def work():
        try:
            serve(folder, port=0, limits=Limits(**LIMITS | limits), started=started)
        except BaseException as error:
            found["error"] = error
            ready.set()
            raise

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert ready.wait(60)
        if "error" in found:
            raise found["error"]
        yield Site(found["address"], found["server"], folder)
    finally:
        if "server" in found:
            found["server"].should_exit = True
        thread.join(60)
        assert not thread.is_alive()


def put(folder, graph):
    with Store(folder) as store:
        store.put_graph(graph)


@pytest.fixture(scope="session")
def put_graph():
    return put


@pytest.fixture(scope="session")
def run():
    return running


@pytest.fixture(scope="session")
def hostile_graph():
    """Ids and texts that would like to be something else."""
    return KnowledgeGraph(
        papers=[
            Paper(
                id="a/../b",
                title=HOSTILE,
                abstract=f"{HOSTILE} uses BERT.",
                authors=(HOSTILE,),
                venue=HOSTILE,
                year=2020,
            ),
            Paper(id="x" * 3000, title="Long"),
            Paper(id="ünï %2F", title="Odd", url="javascript:alert(1)"),
        ],
        entities=[
            Entity(id="bert", type="Model", name=HOSTILE, papers=1, same_as=("javascript:alert(1)",)),
            Entity(id="bert.ttl", type="Model", name="a name with a suffix", papers=0),
            Entity(id="c4.5", type="Method", name="C4.5", papers=0),
            Entity(id="c++", type="Method", name="C++", papers=0),
        ],
        links=[Link(paper_id="a/../b", entity_id="bert", role="uses", confidence=0.9)],
    )


@pytest.fixture(scope="session")
def site(rich_graph, tmp_path_factory):
    """The small graph in which every field holds something, served."""
    folder = tmp_path_factory.mktemp("serve") / "graph"
    put(folder, rich_graph)
    with running(folder) as site:
        yield site


@pytest.fixture(scope="session")
def cookbook_site(cookbook_graph, tmp_path_factory):
    folder = tmp_path_factory.mktemp("serve-cookbook") / "graph"
    put(folder, cookbook_graph)
    with running(folder, timeout=5.0, longest=1_000_000, memory=400_000_000, patience=60.0) as site:
        yield site


@pytest.fixture(scope="session")
def hostile_site(hostile_graph, tmp_path_factory):
    folder = tmp_path_factory.mktemp("serve-hostile") / "graph"
    put(folder, hostile_graph)
    with running(folder) as site:
        yield site
