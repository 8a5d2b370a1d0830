"""The commands of ``kg`` for RDF: pushing to a triple store, and the page of the ontology."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli_options import folder_argument, quiet_option
from kg.progress import ProgressLine

__all__ = ["ontology", "push"]


@click.command()
@folder_argument
@click.argument("url", metavar="URL")
@click.option(
    "--evidence",
    type=click.Choice(["none", "links", "mentions"]),
    default="mentions",
    show_default=True,
    help="How much of it is sent.",
)
@click.option("--bulk", is_flag=True, help="A first push in few requests: N-Quads to URL itself (Oxigraph, Fuseki).")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@click.option("--withdraw", metavar="PAPER", help="Remove a paper from the store, and keep it out.")
@click.option("--restore", metavar="PAPER", help="Let the next push send a paper again that was withdrawn.")
@quiet_option
def push(
    folder: Path,
    url: str,
    evidence: str,
    bulk: bool,
    dry_run: bool,
    withdraw: str | None,
    restore: str | None,
    quiet: bool,
) -> None:
    """Upload the graph to a triple store, by the SPARQL 1.1 Graph Store Protocol: only what changed since last time.

    A push that broke goes on where it was when it is run again. A user and a password are taken from KG_PUSH_USER and
    KG_PUSH_PASSWORD, a token from KG_PUSH_TOKEN.
    """
    import kg.push

    if withdraw is not None:
        click.echo(f"withdrawn: {kg.push.withdraw(folder, url, withdraw)}")
    elif restore is not None:
        kg.push.restore(folder, url, restore)
        click.echo(f"the next push sends {restore} again")
    else:
        with ProgressLine(quiet=quiet) as progress:
            run = kg.push.push(folder, url, evidence=evidence, bulk=bulk, dry_run=dry_run, progress=progress)
        click.echo(
            f"{'would send' if dry_run else 'sent'} {run.sent:,} named graphs; {run.unchanged:,} unchanged, "
            f"{run.deleted:,} deleted" + (f", {run.withdrawn:,} withdrawn before" if run.withdrawn else "")
        )


@click.command()
@click.option("-o", "--out", type=click.Path(path_type=Path), help="An .html or .ttl file; standard output if none.")
def ontology(out: Path | None) -> None:
    """Write the ontology as a page to read (HTML), or as Turtle where the file ends in .ttl."""
    from kg.ontology import ontology_page, write_ontology

    if out is None:
        click.echo(ontology_page(), nl=False)
    else:
        write_ontology(out)
