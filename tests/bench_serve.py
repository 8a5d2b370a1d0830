"""The cookbook asked of a running server by many at once: ``python tests/bench_serve.py DIR [CLIENTS] [ROUNDS]``.

Beside it stands the limit of the same run: the same queries answered by pyoxigraph in this process, one after the other,
without HTTP, in CPU time. Where the machine is busy otherwise, CPU times are to be compared, not waiting times. "New" questions differ in a comment from all before, so that no answer is kept from them; "asked again"
are those of the cookbook as they stand, once each has been answered.
"""

import http.client
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import kg
from kg.index import open_index
from kg.query import prefixes_of

SIMILAR = "doi:10.1000/bert"  # the example of the eleventh question, for which a paper of the graph stands in


def cookbook(store, prefixes):
    text = Path(kg.__path__[0], "cookbook.md").read_text(encoding="utf-8")
    found = re.findall(r"^## (\d+)\. ([^\n]*).*?```sparql\n(.*?)```", text, flags=re.DOTALL | re.MULTILINE)
    paper = "SELECT ?id { ?p dcterms:identifier ?id ; akg:uses ?e } GROUP BY ?id ORDER BY DESC(COUNT(?e)) ?id LIMIT 1"
    (row,) = store.query(paper, prefixes=prefixes, use_default_graph_as_union=True)
    return {f"{number}. {title}": query.replace(SIMILAR, row["id"].value) for number, title, query in found}


def in_process(store, prefixes, queries, rounds):
    """CPU seconds of each query, by round."""
    from pyoxigraph import QueryResultsFormat

    def once(query):
        started = time.process_time()
        found = store.query(query, prefixes=prefixes, use_default_graph_as_union=True)
        found.serialize(format=QueryResultsFormat.JSON)
        return time.process_time() - started

    return [{name: once(query) for name, query in queries.items()} for _ in range(rounds)]


def over_http(address, queries, clients, rounds, mark):
    """Seconds of each request of all clients, who go through the queries from different ones on."""
    seconds, wrong = [], []

    def ask(number):
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
        names = list(queries)
        for turn in range(rounds):
            for step in range(len(names)):
                name = names[(step + number * len(names) // clients) % len(names)]
                text = queries[name] + (f"# {mark} {number} {turn}" if mark else "")
                started = time.perf_counter()
                connection.request("GET", "/sparql?" + urlencode({"query": text}))
                answer = connection.getresponse()
                body = answer.read()
                seconds.append((name, time.perf_counter() - started))
                if answer.status != 200:
                    wrong.append((name, answer.status, body[:100]))
        connection.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        sys.exit(f"{len(wrong)} requests failed, the first: {wrong[0]}")
    return seconds, time.perf_counter() - started


def cpu(pid):
    """CPU seconds that a server and its workers have taken (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    stats = [Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split() for number in (pid, *children)]
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / os.sysconf("SC_CLK_TCK")


def summary(label, seconds, wall=None, worked=None):
    ordered = sorted(seconds)
    cut = [1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.95)]
    rate = f"{len(ordered) / wall:8,.0f} a second, {1000 * worked / len(ordered):.1f} CPU ms each" if wall else ""
    print(f"{label:<44} {cut[0]:8.1f} {cut[1]:8.1f} {1000 * ordered[-1]:8.1f} {rate}")


def main(folder, clients=8, rounds=3):
    store, base = open_index(Path(folder))
    prefixes = prefixes_of(base)
    queries = cookbook(store, prefixes)
    limit = in_process(store, prefixes, queries, rounds)
    command = [sys.executable, "-m", "kg", "serve", str(folder), "--port", "0", "--timeout", "60"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        address = re.search(r"http://[^ ,]*", server.stdout.readline())[0]
        over_http(address, {"warm": "ASK {}"}, clients, 20, None)
        marks = [cpu(server.pid)]
        first, first_wall = over_http(address, queries, clients, rounds, f"{time.time()}")
        marks.append(cpu(server.pid))
        over_http(address, queries, 1, 1, None)
        marks.append(cpu(server.pid))
        again, again_wall = over_http(address, queries, clients, rounds, None)
        marks.append(cpu(server.pid))
    finally:
        server.terminate()
        server.wait(60)
    by_name = {name: statistics.median(s for of, s in first if of == name) for name in queries}
    print(
        f"{len(store):,} statements, {clients} clients; CPU milliseconds in this process, and waiting times over HTTP:"
    )
    for name in queries:
        print(f"{name:<44} {1000 * min(turn[name] for turn in limit):8.1f} {1000 * by_name[name]:8.1f}")
    print(f"\n{'milliseconds':<44} {'p50':>8} {'p95':>8} {'longest':>8}")
    summary("pyoxigraph in process, one after the other", [s for turn in limit for s in turn.values()])
    summary(f"new questions, {clients} clients", [s for _, s in first], first_wall, marks[1] - marks[0])
    summary(f"asked again, {clients} clients", [s for _, s in again], again_wall, marks[3] - marks[2])


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 4:
        sys.exit("usage: python tests/bench_serve.py DIR [CLIENTS] [ROUNDS]")
    main(sys.argv[1], *map(int, sys.argv[2:]))
