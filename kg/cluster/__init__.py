"""The same extraction, and the same export, on many machines: Ray Data over files or object stores.

``kg extract INPUT... -o FOLDER/`` writes one Parquet file a shard; ``--engine ray`` has a cluster do it. A paper's id
alone says which shard it is in, and a shard's papers are sorted, so that the bytes depend on the papers and the
pipeline only: not on the order or the number of input files, on workers, or on what was interrupted.

::

    FOLDER/plan.json                           number of shards, pipeline
           papers/00017-3f2a9c1d0b7e.jsonl.zst     the records of a shard; the name holds the hash of its content
           extractions/00017-90ab….parquet         what was extracted; the hash is that of the papers and the pipeline
           manifest.json                      written last: it says that all is whole, and what was rejected

The name of a finished shard follows from its input, so a listing tells what there is still to do. ``kg build
--from-extractions FOLDER`` makes the graph of it, on one machine.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ENGINES"]

ENGINES: Final = ("local", "ray")
