"""Speed of RDF beside limits measured in the same run, in CPU seconds: ``python tests/bench_rdf.py DIR`` (a graph folder).

What we write is read from the store of the folder; pyoxigraph and rdflib write the same statements from memory.
"""

import sys
import time
from pathlib import Path

import pyoxigraph as ox
import rdflib

from kg.export.rdf import serialise
from kg.streaming import StoredGraph


def main(folder):
    def timed(function):
        started = time.process_time()
        value = function()
        return time.process_time() - started, value

    def written(format_):
        with StoredGraph(folder) as stored:
            return sum(len(piece) for piece in serialise(stored, format_))

    seconds = {name: min(timed(lambda name=name: written(name))[0] for _ in range(3)) for name in ("nq", "ttl")}
    with StoredGraph(folder) as stored:
        lines, triples = b"".join(serialise(stored, "nq")), b"".join(serialise(stored, "nt"))
    store, plain = ox.Store(), ox.Store()
    store.bulk_load(lines, format=ox.RdfFormat.N_QUADS)
    plain.bulk_load(triples, format=ox.RdfFormat.N_TRIPLES)
    size = len(store)
    graph = rdflib.Graph()
    graph.parse(data=triples, format="nt")
    default = ox.DefaultGraph()
    theirs = {
        "nq": min(timed(lambda: store.dump(format=ox.RdfFormat.N_QUADS))[0] for _ in range(3)),
        "ttl": min(timed(lambda: plain.dump(format=ox.RdfFormat.TURTLE, from_graph=default))[0] for _ in range(3)),
    }
    turtle, _ = timed(lambda: graph.serialize(format="turtle"))
    print(f"{size:,} statements; statements a CPU second:")
    for name in ("nq", "ttl"):
        print(
            f"{name:<4} {size / seconds[name]:>12,.0f}   pyoxigraph's dump {size / theirs[name]:>12,.0f}   "
            f"ratio {theirs[name] / seconds[name]:.2f}"
        )
    print(f"rdflib's Turtle {size / turtle:,.0f}; ours is {turtle / seconds['ttl']:.0f} times as fast")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tests/bench_rdf.py DIR")
    main(Path(sys.argv[1]))
