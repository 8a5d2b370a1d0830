"""Speed and memory of a build, beside limits measured in the same run: ``make bench PAPERS=papers.jsonl.gz``.

Each row is CPU seconds of one process and papers a CPU second; the last column relates extraction to the recogniser
alone over the same texts, and everything after it to extraction.
"""

import resource
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import kg
from kg.papers import merge_duplicates
from kg.resolve import resolve
from kg.run import extract_pairs
from kg.store import Store


def main(path, limit=1000):
    seconds = {}

    def timed(name, function):
        started = time.process_time()
        value = function()
        seconds[name] = time.process_time() - started
        return value

    papers = timed("read", lambda: list(islice(kg.read(path), limit)))
    papers, _, _ = timed("merge", lambda: merge_duplicates(papers))
    import extractors
    from extractors.recogniser import Recogniser
    from schemas.text import readable

    nlp = timed("load", extractors.load)
    recogniser = Recogniser.load("en")
    docs = [nlp.make_doc(readable(paper.text).text) for paper in papers]
    transformer = recogniser.transformer
    windows = [transformer.pieces.windows([token.text for token in doc]) for doc in docs]
    feeds = [feed for doc, own in zip(docs, windows, strict=True) for feed in transformer.feeds(doc, own)]
    timed("onnx", lambda: [transformer.session.run(None, feed) for feed in feeds])
    timed("recogniser", lambda: [recogniser.read(doc) for doc in docs])
    timed("fast", lambda: list(extractors.extract(papers, name="en-fast")))
    pairs = timed("extract", lambda: list(extract_pairs(papers)))
    resolution = timed("resolve", lambda: resolve(extraction for _, extraction in pairs))
    graph = kg.KnowledgeGraph(
        papers=papers, entities=resolution.entities, links=resolution.links, results=resolution.results
    )
    with tempfile.TemporaryDirectory() as folder:
        with Store(Path(folder)) as store:
            timed("store", lambda: (store.put_sources(papers), store.put_extractions(pairs), store.put_graph(graph)))
        for suffix in (".ttl", ".nt", ".jsonld", ".graphml", ".html", ".jsonl"):
            timed(suffix, lambda suffix=suffix: graph.write(Path(folder) / f"graph{suffix}"))
    after = sum(seconds[name] for name in ("resolve", "store", ".ttl", ".html"))
    notes = {
        "extract": f"{seconds['onnx'] / seconds['extract']:.2f} of the speed of its ONNX session alone",
        "fast": "the whole pipeline without the transformer, loading included",
        ".html": f"resolve, store, .ttl and .html: {after / seconds['extract']:.2f} of extraction's time",
    }
    print(f"{len(papers):,} papers, {len(graph.entities):,} entities, {len(graph.links):,} links")
    for name, value in seconds.items():
        print(
            f"{name:<14}{value:>8.2f} s{len(papers) / max(value, 1e-9):>12,.0f} papers/s   {notes.get(name, '')}".rstrip()
        )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python tests/bench.py PAPERS [LIMIT]")
    main(sys.argv[1], *map(int, sys.argv[2:]))
