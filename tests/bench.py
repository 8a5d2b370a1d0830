"""Speed, memory and growth of a build, beside limits measured in the same run.

``make bench PAPERS=papers.jsonl.gz LIMIT=64000 OPTIONS=--fast``: builds 1,000, 4,000, 16,000 and 64,000 papers, taken
at equal distances from the first ones of a file, so that they are of one kind. Times are CPU seconds, so that a busy machine does not change them; memory is the peak of each stage;
growth is the exponent of time between the smallest and the largest size from 4,000 papers on (1: in proportion).
Extractions are kept in the graph folder ``--cache``, and the next run takes them from there.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import kg
from kg.extraction import extract_pairs
from kg.store import Store
from schemas.lines import dump_line, paper_to_json

SIZES = (1_000, 4_000, 16_000, 64_000)
EXPORTS = (".ttl", ".nq", ".html", ".jsonl", "")  # the last is a folder of tables
AFTER = ("read", "merge", "resolve", "store", ".ttl", ".html")  # of a build, but for extraction


class Stages:
    """CPU seconds and peak memory (MiB) of what is done one after the other."""

    def __init__(self):
        self.found = {}

    def __call__(self, name, function):
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        started = time.process_time()
        value = function()
        self.found[name] = (time.process_time() - started, memory("VmHWM"))
        return value


def memory(field):
    """MiB of this process: VmRSS now, VmHWM at its peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def extract(path, sizes, cache, fast):
    """Extract what the cache does not hold; print rate and memory at each size, which must not grow."""
    with Store(cache) as store:
        known = store.count_extractions()
        batch, started = [], time.process_time()
        pairs = extract_pairs(islice(kg.read(path), known, sizes[-1]), fast=fast)
        for done, pair in enumerate(pairs, start=1):
            batch.append(pair)
            if len(batch) == 256 or known + done in sizes:
                store.put_extractions(batch)
                batch.clear()
            if done in sizes or known + done == sizes[-1]:
                rate = done / (time.process_time() - started)
                print(f"extract {known + done:>7,}: {rate:6.1f} papers a CPU second, memory {memory('VmRSS'):,.0f} MiB")
        if batch:
            store.put_extractions(batch)


def sample(path, limit, size, folder):
    """Write ``size`` papers, at equal distances among the first ``limit``, into a file; return its path."""
    target = folder / f"{size}.jsonl"
    with target.open("w", encoding="utf-8") as file:
        for number, paper in enumerate(islice(kg.read(path), limit)):
            if number * size // limit != (number + 1) * size // limit:
                file.write(dump_line(paper_to_json(paper)) + "\n")
    return target


def measure(path, cache):
    """Do all but extraction for the papers of a file; print what each stage took as JSON."""
    import pyoxigraph as ox

    from kg.papers import merge_duplicates
    from kg.resolve import resolve

    stage = Stages()
    papers = stage("read", lambda: list(kg.read(path)))
    papers, _, _ = stage("merge", lambda: merge_duplicates(papers))
    with Store(cache, read_only=True) as kept:
        version = next(kept.rows("SELECT any_value(pipeline) FROM extractions"))[0]
        resolution = stage("resolve", lambda: resolve(kept.extractions(papers, version)))
    graph = kg.KnowledgeGraph(
        papers=papers, entities=resolution.entities, links=resolution.links, results=resolution.results
    )
    with tempfile.TemporaryDirectory() as folder:
        with Store(Path(folder)) as store:
            stage("store", lambda: (store.put_sources(papers), store.put_graph(graph)))
            stage("raw DuckDB insert", lambda: copy_tables(store))
        for suffix in EXPORTS:
            stage(suffix or "tables", lambda suffix=suffix: graph.write(Path(folder) / f"graph{suffix}"))
        quads = Path(folder) / "graph.nq"
        with open(os.devnull, "wb") as nothing:
            stage("raw pyoxigraph", lambda: ox.serialize(ox.parse(path=quads), nothing, format=ox.RdfFormat.N_QUADS))
    sizes = {"papers": len(papers), "entities": len(graph.entities), "links": len(graph.links)}
    print(json.dumps({"sizes": sizes, "stages": stage.found}))


def copy_tables(store):
    """Copy the largest tables within the database."""
    for table in ("papers", "links", "mentions", "entities"):
        store.sql(f"CREATE TABLE copy_of_{table} AS SELECT * FROM {table}")


def report(measured):
    """Print a table of stages by sizes, with the growth of each."""
    counts = [found["sizes"] for found in measured]
    for name in counts[0]:
        print(f"{name:<18}" + "".join(f"{count[name]:>22,}" for count in counts))
    print(f"{'':<18}" + "".join(f"{'s  papers/s   MiB':>22}" for _ in counts) + "  growth")
    for name in measured[0]["stages"]:
        rows = [(count["papers"], *found["stages"][name]) for count, found in zip(counts, measured, strict=True)]
        cells = "".join(f"{s:>8.2f}{n / max(s, 1e-6):>8,.0f}{mib:>6,.0f}" for n, s, mib in rows)
        large = [row for row in rows if row[0] > SIZES[0]] or rows
        growth = f"{exponent(large[0], large[-1]):.2f}" if len(large) > 1 else ""
        print(f"{name:<18}{cells}{growth:>8}")
    whole = [(found["sizes"]["papers"], sum(found["stages"][name][0] for name in AFTER)) for found in measured]
    large = [row for row in whole if row[0] > SIZES[0]] or whole
    growth = f", growth {exponent(large[0], large[-1]):.2f}" if len(large) > 1 else ""
    peak = max(measured[-1]["stages"][name][1] for name in AFTER)
    papers, seconds = whole[-1]
    print(f"a build of {papers:,} papers but for extraction: {seconds:.0f} CPU s{growth}, {peak:,.0f} MiB at most")


def exponent(first, last):
    return math.log(max(last[1], 1e-6) / max(first[1], 1e-6)) / math.log(last[0] / first[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers")
    parser.add_argument("limit", type=int, nargs="?", default=1_000)
    parser.add_argument("--fast", action="store_true", help="extract without the transformer")
    parser.add_argument("--cache", type=Path, help="a graph folder whose extractions are used and added to")
    parser.add_argument("--no-model", action="store_true", help="leave the comparison with the model out")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)  # in a process of its own
    given = parser.parse_args()
    if given.measure:
        return measure(given.papers, given.cache)
    sizes = [size for size in SIZES if size < given.limit] + [given.limit]
    if not given.no_model:
        from bench_model import compare

        compare(given.papers)
    with tempfile.TemporaryDirectory() as folder:
        cache = given.cache or Path(folder)
        extract(given.papers, sizes, cache, given.fast)
        measured = []
        for size in sizes:
            papers = sample(given.papers, given.limit, size, Path(folder))
            command = [sys.executable, __file__, papers, "--measure", "--cache", cache]
            run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            measured.append(json.loads(run.stdout))
    report(measured)


if __name__ == "__main__":
    main()
