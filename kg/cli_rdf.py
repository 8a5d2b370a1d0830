"""The commands of ``kg`` for RDF: a server, pushing to a triple store, and the page of the ontology."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli_options import folder_argument, quiet_option
from kg.progress import ProgressLine

__all__ = ["ontology", "push", "serve"]


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
        name = kg.push.withdraw(folder, url, withdraw)
        click.echo(f"withdrawn: {name}; the next push sends a header that does not count it")
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


@click.command()
@folder_argument
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; 0.0.0.0 for everybody.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 for any free one.")
@click.option("--workers", type=click.IntRange(1), help="Answers worked out at once; by default one a processor.")
@click.option("--timeout", type=click.FloatRange(0.1), default=10.0, show_default=True, help="Seconds for one answer.")
@click.option("--memory", type=click.IntRange(100), default=2000, show_default=True, help="MB for one answer.")
@click.option("--longest", type=click.FloatRange(0.001), default=64.0, show_default=True, help="MB of one answer.")
def serve(folder: Path, host: str, port: int, workers: int | None, timeout: float, memory: int, longest: float) -> None:
    """Serve the graph: pages to browse, linked data by content negotiation, a SPARQL endpoint. It only reads.

    Ctrl-C stops it when what is under way is done. When the graph is built again, the new one is served.
    """
    from kg.serve import serve as run
    from kg.serve.limits import Limits

    limits = Limits(
        workers=workers or 0, timeout=timeout, memory=memory * 1_000_000, longest=round(longest * 1_000_000)
    )

    def tell(address: str, server: object) -> None:
        click.echo(f"{folder} is at {address}, its SPARQL endpoint at {address}sparql; Ctrl-C stops")

    run(folder, host=host, port=port, limits=limits, started=tell)
