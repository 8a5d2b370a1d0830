"""Arguments and options that several commands of ``kg`` have, and how they list what was rejected."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli_help import complete_files

if TYPE_CHECKING:
    from schemas.records import Rejection

SHOWN = 20  # rejected records that are listed at once; `kg info` lists all

inputs_argument = click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", shell_complete=complete_files)
folder_argument = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
format_option = click.option("--format", "format_", metavar="NAME", help="The format, where the suffix does not tell.")
jobs_option = click.option(
    "--jobs", type=click.IntRange(1), help="Processes to extract with; by default all processors."
)
fast_option = click.option("--fast", is_flag=True, help="Without the transformer: faster, less accurate.")
quiet_option = click.option("--quiet", is_flag=True, help="No progress.")
families_option = click.option("--families", is_flag=True, help="Count versions and sizes as their families.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def echo_rejections(rejections: list[Rejection]) -> int:
    """List what was rejected on standard error; return the exit code that this means."""
    for rejection in rejections[:SHOWN]:
        click.echo(f"rejected: {rejection.source}: {rejection.reason}", err=True)
    if len(rejections) > SHOWN:
        click.echo(f"rejected: {len(rejections) - SHOWN:,} more", err=True)
    return 1 if rejections else 0
