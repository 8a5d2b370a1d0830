"""The command ``kg fetch``: papers from a service into a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli_options import echo_rejections, quiet_option
from kg.progress import ProgressLine

if TYPE_CHECKING:
    from schemas.records import Rejection

__all__ = ["fetch"]


@click.command()
@click.argument("service", metavar="SERVICE")
@click.argument("query", nargs=-1, required=True, metavar="QUERY...")
@click.option("-o", "--out", metavar="FILE", default="-", help="A .jsonl file; standard output if none.")
@click.option("--max", "limit", type=click.IntRange(1), default=1000, show_default=True, help="Papers, at most.")
@click.option("--since", metavar="DATE", help="A year, month or day: what was published then or later.")
@click.option("--restart", is_flag=True, help="Forget what an interrupted fetch left in FILE.")
@quiet_option
def fetch(
    service: str, query: tuple[str, ...], out: str, limit: int, since: str | None, restart: bool, quiet: bool
) -> int:
    """Ask a service for papers: one JSON object a line, to be built from.

    \b
    kg fetch arxiv 'cat:cs.CL AND abs:retrieval' --max 500 -o papers.jsonl
    kg fetch openalex 'dense retrieval' --since 2023 -o papers.jsonl
    kg fetch semanticscholar '"dense retrieval" -survey' -o papers.jsonl
    kg fetch acl 2024.acl-long 2023.emnlp -o papers.jsonl
    kg fetch crossref dois.txt 10.18653/v1/n19-1423 -o papers.jsonl
    kg fetch zotero users/1234/collections/ABCD2345 -o papers.jsonl

    An interrupted fetch goes on where it was when it is run again. KG_CONTACT is your e-mail address, sent along so
    that a service can write to you; keys are taken from KG_OPENALEX_KEY, KG_SEMANTICSCHOLAR_KEY, KG_CROSSREF_KEY and
    KG_ZOTERO_KEY.
    """
    if out == "-":
        return _to_standard_output(service, query, limit, since)
    from kg.fetching import fetch_file

    if Path(out).suffix.lower() in (".gz", ".zst"):
        raise click.UsageError(f"{out}: a fetch adds to its file: give a .jsonl file, and compress it afterwards")
    with ProgressLine(quiet=quiet) as progress:
        run = fetch_file(service, query, Path(out), limit=limit, since=since, restart=restart, progress=progress)
    notes = [
        f"{run.known:,} of an interrupted fetch" if run.known else "",
        f"{run.repeated:,} that came twice" if run.repeated else "",
        f"{len(run.rejections):,} rejected" if run.rejections else "",
    ]
    notes = [note for note in notes if note]
    of_all = f" of {run.total:,}" if run.total is not None else ""
    click.echo(f"{out}: {run.papers:,} papers{of_all}" + (f" ({', '.join(notes)})" if notes else ""))
    if run.papers >= limit and (run.total is None or run.total > limit):
        click.echo(f"there may be more: --max {limit:,} was reached".replace(",", ""))
    return echo_rejections(run.rejections)


def _to_standard_output(service: str, query: tuple[str, ...], limit: int, since: str | None) -> int:
    from kg.fetching import fetch as papers_of
    from schemas.lines import dump_line, paper_to_json

    rejections: list[Rejection] = []
    for paper in papers_of(service, query, limit=limit, since=since, on_reject=rejections.append):
        sys.stdout.buffer.write(dump_line(paper_to_json(paper)).encode() + b"\n")
        sys.stdout.buffer.flush()
    return echo_rejections(rejections)
