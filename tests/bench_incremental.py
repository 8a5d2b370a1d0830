"""What another build takes when little has changed: ``python tests/bench_incremental.py papers.jsonl.gz [LIMIT] [--fast]``.

CPU seconds of one process, of extraction and of what follows from it (which every build makes anew), for a first build,
the same again, one with 1 % more papers, and one in which one abstract has changed.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from itertools import islice, pairwise

import kg
from kg.run import build_folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("papers")
    parser.add_argument("limit", type=int, nargs="?", default=2_000)
    parser.add_argument("--fast", action="store_true", help="extract without the transformer")
    given = parser.parse_args()
    papers = list(islice(kg.read(given.papers), given.limit + given.limit // 100))
    first = papers[: given.limit]
    changed = replace(papers[0], abstract=f"{papers[0].abstract} We also report F1 on SQuAD.")
    whole = None
    with tempfile.TemporaryDirectory() as folder:
        for name, source in (
            ("first build", first),
            ("the same again", first),
            ("1 % more papers", papers),
            ("one abstract changed", [changed, *papers[1:]]),
        ):
            marks = [("begin", time.process_time())]

            def note(stage, done, total, marks=marks):
                if stage != marks[-1][0]:
                    marks.append((stage, time.process_time()))

            run = build_folder([source], out=folder, fast=given.fast, jobs=1, progress=note)
            marks.append(("end", time.process_time()))
            taken = {stage: later - earlier for (stage, earlier), (_, later) in pairwise(marks)}
            extraction = taken.pop("extract", 0.0)
            rest = sum(taken.values())
            whole = whole or extraction
            print(
                f"{name:<22} extracted {run.extracted:>6,} of {len(source):,}: {extraction:7.2f} CPU s "
                f"({extraction / whole:6.2%} of the first), what follows {rest:6.2f} CPU s",
                flush=True,
            )


if __name__ == "__main__":
    main()
