"""Starting, going on through changes, and stopping."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import urlencode

import pytest

from kg.graph import KnowledgeGraph
from kg.serve import serve
from schemas.errors import InputError, StoreError
from schemas.records import Paper

TITLES = "SELECT ?t { ?p a akg:Paper ; dcterms:title ?t } ORDER BY ?t"
# Without end on any machine: its limit ends it.
LONG = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(8)) + " }"


def titles(site):
    reply = site.query(TITLES)
    return [row["t"]["value"] for row in json.loads(reply.body)["results"]["bindings"]]


def wait_for(condition):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it never came")


@pytest.fixture
def folder(rich_graph, tmp_path, put_graph):
    put_graph(tmp_path / "graph", rich_graph)
    return tmp_path / "graph"


def test_a_graph_that_is_built_again_is_served(folder, rich_graph, put_graph, run):
    with run(folder) as site:
        before = titles(site)
        tag = site.query(TITLES).headers["ETag"]
        put_graph(folder, KnowledgeGraph(papers=[Paper(id="z", title="New")], entities=[], links=[]))
        wait_for(lambda: titles(site) == ["New"])
        assert before != ["New"]
        assert site.query(TITLES).headers["ETag"] != tag
        assert site.get("/paper/z.ttl").status == 200
        assert site.get("/paper/b.ttl").status == 404


def test_an_index_that_vanishes_is_made_again(folder, run):
    with run(folder, timeout=5.0) as site:
        before = titles(site)
        shutil.rmtree(folder / ".sparql")
        for number in range(2):  # ends the workers that had it open
            assert site.query(LONG.replace("?n", f"?n{number}")).status == 504
        wait_for(lambda: site.query(f"{TITLES} # {time.monotonic()}").status == 200)
        assert titles(site) == before


def test_a_worker_that_dies_is_replaced(folder, run):
    with run(folder) as site:
        before = titles(site)
        children = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        workers = [int(line.split()[0]) for line in children if "kg.serve.worker" in line and str(folder) in line]
        assert len(workers) == 2
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        wait_for(lambda: site.query(f"{TITLES} # {time.monotonic()}").status == 200)
        assert titles(site) == before


def test_a_folder_that_cannot_be_written_is_served(folder, run, monkeypatch):
    (folder / ".sparql").write_text("in the way")
    with run(folder) as site:
        assert len(titles(site)) == 2


def command(folder, *options):
    return [sys.executable, "-m", "kg", "serve", str(folder), "--port", "0", "--workers", "2", *options]


def start(folder, *options):
    process = subprocess.Popen(command(folder, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    assert " is at http://127.0.0.1:" in line, line + process.stderr.read()
    host, _, port = line.split("http://")[1].split("/")[0].partition(":")
    return process, (host, int(port))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_what_is_under_way_is_done(folder, number):
    process, address = start(folder, "--timeout", "6")
    answers = []

    def ask():
        with socket.create_connection(address) as client:
            client.sendall(f"GET /sparql?{urlencode({'query': LONG})} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            answers.append(client.recv(1000))

    with socket.create_connection(address) as idle:  # a connection that waits holds nothing up
        idle.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(100).startswith(b"HTTP/1.1 200")
        asker = threading.Thread(target=ask)
        asker.start()
        time.sleep(2)
        process.send_signal(number)
        asker.join(30)
        out, errors = process.communicate(timeout=30)
    assert answers[0].startswith(b"HTTP/1.1 504")  # it was answered, and not cut off
    assert (process.returncode, out, errors) == (0, "", "")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=5).close()


def test_workers_end_with_their_server(folder):
    process, _ = start(folder)
    process.kill()
    process.communicate()

    def gone():
        processes = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        return not any("kg.serve.worker" in line and str(folder) in line for line in processes.splitlines())

    wait_for(gone)


def test_what_cannot_be_served_is_said_in_one_line(folder, tmp_path, call):
    code, _, error = call("serve", tmp_path)
    assert (code, error.count("\n")) == (2, 1)
    assert "no graph in" in error
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, error = call("serve", folder, "--port", port)
    assert (code, error.count("\n")) == (2, 1)
    assert f"cannot listen at 127.0.0.1:{port}: Address already in use; choose another --port" in error
    code, _, error = call("serve", folder, "--host", "no.such.host.invalid")
    assert (code, error.count("\n")) == (2, 1)
    assert call("serve", folder, "--port", "70000")[0] == 2


def test_without_its_packages_it_names_the_extra(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "starlette", None)
    with pytest.raises(InputError, match=r"pip install 'abstractkg\[serve\]'"):
        serve(folder, port=0)


def test_there_must_be_a_graph(tmp_path):
    with pytest.raises(StoreError, match="no graph in"):
        serve(tmp_path / "none", port=0)
