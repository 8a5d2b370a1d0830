"""A triple store in this process: the Graph Store Protocol over pyoxigraph, with faults on demand."""

import base64
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest

from kg.push.protocol import GraphStore
from kg.store import Store


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.serve()

    do_PUT = do_POST = do_DELETE = do_GET

    def serve(self):
        place = self.server.place
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = place.faults.popleft() if place.faults else None
        if fault == "drop":  # the connection breaks before anything is done
            self.close_connection = True
            return
        if isinstance(fault, int):
            self.answer(fault, b"busy", {"Retry-After": "0"})
            return
        if not self.allowed():
            return
        name = parse_qs(urlsplit(self.path).query).get("graph", [None])[0]
        place.requests.append((self.command, name))
        found = place.apply(self.command, name, body)
        if fault == "deaf":  # all is done, but the answer is lost
            self.close_connection = True
            return
        self.answer(204 if found is not None else 404, found or b"")

    def allowed(self):
        place, given = self.server.place, self.headers.get("Authorization", "")
        if place.asks is None:
            return True
        wanted = {
            "Basic": "Basic " + base64.b64encode(b"ada:secret").decode(),
            "Bearer": "Bearer token",
            "Digest": 'Digest username="ada"',
        }[place.asks]
        if given.startswith(wanted):
            return True
        challenge = (
            'Digest realm="store", nonce="n1", qop="auth", algorithm=MD5' if place.asks == "Digest" else place.asks
        )
        self.answer(401, b"who are you?", {"WWW-Authenticate": challenge})
        return False

    def answer(self, status, content=b"", headers=()):
        self.send_response(200 if status == 204 and content else status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


class Place:
    """A store, what was asked of it, and the faults that the next requests meet."""

    def __init__(self, url):
        self.url = url
        self.store = ox.Store()
        self.requests, self.faults, self.asks = [], deque(), None

    def apply(self, method, name, body):
        graph = ox.NamedNode(name) if name else None
        if method == "GET":
            found = ox.serialize(self.store.quads_for_pattern(None, None, None, graph), format=ox.RdfFormat.N_QUADS)
            return found or None
        if method == "DELETE":
            known = graph in set(self.store.named_graphs())
            self.store.remove_graph(graph)
            return b"" if known else None
        if method == "POST":
            self.store.load(body, format=ox.RdfFormat.N_QUADS)
        else:
            self.store.clear_graph(graph)
            self.store.load(body, format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
        return b""

    def changes(self):
        """The requests since last time that changed something."""
        made = [request for request in self.requests if request[0] != "GET"]
        self.requests.clear()
        return made

    def client(self, **options):
        return GraphStore(self.url, **{"retries": 2, "backoff": 0} | options)


@pytest.fixture
def place():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.place = Place(f"http://127.0.0.1:{server.server_address[1]}/store")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server.place
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def folder(rich_graph, tmp_path):
    """A graph folder whose graph can be replaced."""
    path = tmp_path / "graph"
    put(path, rich_graph)
    return path


def put(folder, graph):
    with Store(folder) as store:
        store.put_graph(graph)


@pytest.fixture
def put_graph():
    return put
