"""``kg extract``: papers to extractions, in one file or in shards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kg.cli_options import echo_rejections, fast_option, format_option, inputs_argument, jobs_option, quiet_option
from kg.cluster import ENGINES
from kg.progress import ProgressLine

if TYPE_CHECKING:
    from schemas.records import Rejection

__all__ = ["extract"]


@click.command()
@inputs_argument
@click.option(
    "-o",
    "--out",
    metavar="FILE|DIR/",
    default="-",
    help="A .jsonl (.gz) or .parquet file, or a folder of shards, path or address; standard output if none.",
)
@click.option("--engine", type=click.Choice(ENGINES), help="What makes shards: this machine, or a Ray cluster.")
@click.option("--shards", type=click.IntRange(1), help="How many; 64 by default, later what the folder has.")
@format_option
@jobs_option
@fast_option
@quiet_option
def extract(
    inputs: tuple[str, ...],
    out: str,
    engine: str | None,
    shards: int | None,
    format_: str | None,
    jobs: int | None,
    fast: bool,
    quiet: bool,
) -> int:
    """Read papers and write what was extracted from each: one JSON object a line, in input order.

    A name with a slash at its end (shards/, s3://bucket/shards/) becomes a folder of Parquet shards, which can be
    gone on with after an interruption, made by a cluster, and built from: kg build --from-extractions.
    """
    if out.endswith("/"):
        return _extract_shards(inputs, out, engine or "local", shards, format_, jobs, fast, quiet)
    if engine or shards:
        raise click.UsageError("--engine and --shards are for a folder of shards: -o DIR/, with a slash at its end")
    from kg.export.extractions import write_extractions
    from kg.extraction import extract_pairs
    from kg.readers import read

    rejections: list[Rejection] = []
    papers = read(*inputs, format=format_, on_reject=rejections.append)
    with ProgressLine(quiet=quiet or out == "-") as progress:
        write_extractions(
            progress.count("extract", extract_pairs(papers, jobs=jobs or (1 if "-" in inputs else None), fast=fast)),
            out,
        )
    return echo_rejections(rejections)


def _extract_shards(
    inputs: tuple[str, ...],
    out: str,
    engine: str,
    shards: int | None,
    format_: str | None,
    jobs: int | None,
    fast: bool,
    quiet: bool,
) -> int:
    from kg.cluster.extraction import extract_shards

    with ProgressLine(quiet=quiet) as progress:
        run = extract_shards(
            inputs, out, engine=engine, shards=shards, format=format_, jobs=jobs, fast=fast, progress=progress
        )
    click.echo(
        f"{run.papers:,} records in {run.shards + run.reused:,} shards, of which {run.reused:,} were finished before; "
        f"extracted {run.extracted:,} papers; {len(run.rejections):,} rejected"
    )
    click.echo(f"in {out}: kg build --from-extractions {out} -o my-graph")
    return echo_rejections(run.rejections)
