"""The command ``kg evaluate``: how good extraction and resolution are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli_options import fast_option, jobs_option, json_option, quiet_option
from kg.progress import ProgressLine

if TYPE_CHECKING:
    from kg.evaluate import Report
    from kg.evaluate_links import LinkReport

__all__ = ["evaluate"]


@click.command()
@click.argument("gold", required=False, type=click.Path(path_type=Path), metavar="GOLD.jsonl")
@click.option("--links", type=click.Path(path_type=Path), metavar="GOLD.tsv", help="Score the resolution of names.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Where to write what was predicted.")
@click.option("--ablate", is_flag=True, help="With --links: what each rule of resolution is worth.")
@json_option
@jobs_option
@fast_option
@quiet_option
def evaluate(
    gold: Path | None,
    links: Path | None,
    out: Path | None,
    ablate: bool,
    as_json: bool,
    jobs: int | None,
    fast: bool,
    quiet: bool,
) -> None:
    """Score extraction against annotated papers, or with --links resolution against clustered names."""
    from kg.evaluate import evaluate_file
    from kg.evaluate_links import ablate_links, ablation_lines, evaluate_links_file

    report: Report | LinkReport
    if gold is not None and links is None:
        with ProgressLine(quiet=quiet) as progress:
            report = evaluate_file(gold, out=out, jobs=jobs or 1, fast=fast, progress=progress)
    elif gold is None and links is not None and ablate:
        reports = ablate_links(links)
        if as_json:
            return click.echo(json.dumps({name: row.to_json() for name, row in reports.items()}))
        lines = ablation_lines(reports)
        return click.echo("\n".join(lines))
    elif gold is None and links is not None:
        report = evaluate_links_file(links, out=out)
    else:
        raise click.UsageError("give either GOLD.jsonl or --links GOLD.tsv")
    if as_json:
        click.echo(json.dumps(report.to_json()))
    else:
        click.echo("\n".join(report.lines()))
