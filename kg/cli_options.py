"""Arguments and options that several commands of ``kg`` have."""

from __future__ import annotations

from pathlib import Path

import click

inputs_argument = click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
folder_argument = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
format_option = click.option("--format", "format_", metavar="NAME", help="The format, where the suffix does not tell.")
jobs_option = click.option(
    "--jobs", type=click.IntRange(1), help="Processes to extract with; by default all processors."
)
fast_option = click.option("--fast", is_flag=True, help="Without the transformer: faster, less accurate.")
quiet_option = click.option("--quiet", is_flag=True, help="No progress.")
families_option = click.option("--families", is_flag=True, help="Count versions and sizes as their families.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
