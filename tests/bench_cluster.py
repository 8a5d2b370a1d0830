"""Extraction by two processes here and by two workers of a Ray cluster: ``python tests/bench_cluster.py PAPERS [LIMIT]``.

Both make the same shards; what starting takes (Ray, the pipelines) is measured apart, over one paper, and left out of
the rates. Then what a build takes beside extraction: reading the shards into the store.
"""

import os
import sys
import tempfile
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

import kg
from kg.cluster.building import read_extractions
from kg.cluster.extraction import extract_shards
from kg.store import Store
from schemas.lines import dump_line, paper_to_json

SHARDS = 16
os.environ.setdefault("RAY_worker_niceness", "0")  # Ray's workers give way to others, those of a pool do not


def main(path, limit=2000):
    seconds = {}

    def timed(name, function):
        started = time.perf_counter()
        value = function()
        seconds[name] = time.perf_counter() - started
        return value

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        papers = list(islice(kg.read(path), limit))
        for file, found in (("all", papers), ("few", [replace(papers[0], id=str(i)) for i in range(4 * SHARDS)])):
            (folder / f"{file}.jsonl").write_text("".join(dump_line(paper_to_json(p)) + "\n" for p in found))
        for engine in ("local", "ray"):
            for file in ("few", "all"):
                out = str(folder / f"{engine}-{file}")
                timed(
                    f"{engine} {file}",
                    lambda out=out, file=file, engine=engine: extract_shards(
                        [folder / f"{file}.jsonl"], out, engine=engine, shards=SHARDS, jobs=2, fast=True
                    ),
                )
        same = [
            sorted((p.name, p.read_bytes()) for p in Path(folder, f"{engine}-all", "extractions").iterdir())
            for engine in ("local", "ray")
        ]
        size = sum(len(data) for _, data in same[0])
        found = timed("shards read", lambda: list(read_extractions(str(folder / "local-all"))))
        with Store(folder / "graph") as store:
            timed("put into the store", lambda: store.put_extractions(pair for pair in found if pair[1]))
    n = len(papers)
    rates = {
        engine: (n - 4 * SHARDS) / (seconds[f"{engine} all"] - seconds[f"{engine} few"]) for engine in ("local", "ray")
    }
    for name, value in seconds.items():
        print(f"{name:<20}{value:>8.2f} s{n / value:>10,.0f} papers/s")
    print(f"rate of two processes {rates['local']:.0f}, of two workers {rates['ray']:.0f} papers/s, starting left out")
    print(f"ratio with starting {seconds['local all'] / seconds['ray all']:.2f}")
    print(
        f"ratio {rates['ray'] / rates['local']:.2f}; the same bytes: {same[0] == same[1]}; {size / n:,.0f} bytes a paper"
    )


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: python tests/bench_cluster.py PAPERS [LIMIT]")
    main(sys.argv[1], *map(int, sys.argv[2:]))
