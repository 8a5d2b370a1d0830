"""The command ``kg``: thin verbs, each calling one library function.

Exit code 0: done; 1: done, but some records were rejected (or a graph violates its shapes), nothing else lost; 2: the
call or its input is unusable, one line says what, where and what to do.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from kg.cli_curation import COMMANDS
from kg.cli_doctor import doctor
from kg.cli_evaluate import evaluate
from kg.cli_extract import extract
from kg.cli_fetch import fetch
from kg.cli_help import GroupedCommands, complete_files
from kg.cli_options import (
    echo_rejections,
    families_option,
    fast_option,
    folder_argument,
    format_option,
    jobs_option,
    json_option,
    quiet_option,
)
from kg.cli_rdf import ontology, push, serve
from kg.cluster import ENGINES
from kg.progress import ProgressLine
from schemas.errors import AbstractKGError

if TYPE_CHECKING:
    from kg.graph import KnowledgeGraph
    from kg.run import Build

__all__ = ["cli", "main"]


@click.group(
    cls=GroupedCommands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="kg COMMAND --help explains a command, kg doctor says whether the installation is whole.",
)
@click.version_option(package_name="abstractkg", prog_name="kg")
def cli() -> None:
    """Knowledge graphs of the methods, models, data sets, metrics and tasks that abstracts share.

    \b
    Start with     kg demo
    then           kg build papers.bib pages/ -o my-graph
    look           kg info my-graph; open my-graph/graph.html in a browser
    ask            kg query my-graph 'SELECT ?model { ?paper akg:introduces ?model }'
    and correct    kg review my-graph

    A graph is a folder (DIR). INPUT is a file, a folder, a glob or - for standard input: saved search pages, JSON,
    JSONL, CSV, TSV, BibTeX, RIS, arXiv, ACL Anthology and PubMed XML or plain text, also as .gz or .zst; for kg build
    also a query to a service, such as 'arxiv:cat:cs.CL' (see kg fetch).
    """


@cli.command()
@click.option("-o", "--out", type=click.Path(path_type=Path), default="kg-demo", show_default=True, help="The folder.")
@quiet_option
def demo(out: Path, quiet: bool) -> None:
    """Build the graph of the bundled sample, and say what is in it and where to look."""
    from kg.run import build_folder
    from kg.sample import sample_path
    from kg.summary import most_shared_pair, top_entities

    with ProgressLine(quiet=quiet) as progress:
        run = build_folder([sample_path()], out=out, progress=progress)
    graph = run.graph
    _echo_build(run)
    click.echo("\nMost shared (papers):")
    _echo_lines(top_entities(graph))
    if pair := most_shared_pair(graph):
        one, other, entities = pair
        names = ", ".join(entity.name for entity in entities)
        click.echo(f"\nWhat do these two share?\n  {one.title}\n  {other.title}\n  -> {names}")
    _echo_lines(
        (
            "",
            "Look at it:",
            f"  {out / 'graph.html'}   the graph: open it in a browser, no network needed",
            f"  {out / 'graph.ttl'}    the graph as RDF (Turtle)",
            "Ask it:",
            f"  kg info {out}",
            f"  kg query {out} 'SELECT ?paper WHERE {{ ?paper akg:introduces ?m . ?m skos:prefLabel \"BERT\" }}'",
            f"  kg query {out} --sql 'SELECT name, papers FROM entities ORDER BY papers DESC LIMIT 5'",
        )
    )


@cli.command()
@click.argument("inputs", nargs=-1, metavar="INPUT...", shell_complete=complete_files)
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="The graph folder.")
@click.option("--curation", type=click.Path(path_type=Path), help="Corrections; by default DIR/curation.yaml.")
@click.option(
    "--authority",
    "authorities",
    multiple=True,
    metavar="[TYPE=]FILE",
    help="SKOS or a TSV of name, aliases, type, iri, for external identities; kept for later builds.",
)
@click.option(
    "--from-extractions",
    "extracted",
    multiple=True,
    metavar="DIR|FILE",
    help="What kg extract wrote, to be built from.",
)
@click.option("--prune", is_flag=True, help="Drop papers of earlier builds that are not in the input.")
@click.option("--base-iri", help="Under which papers and entities get their IRIs.")
@click.option("--licence", metavar="IRI", help="Of the graph: a web address, kept for later builds.")
@click.option("--max", "fetch_limit", type=click.IntRange(1), help="Papers of each service asked; 1000 if not given.")
@click.option("--refetch", is_flag=True, help="Ask services again for what earlier builds have fetched.")
@format_option
@jobs_option
@fast_option
@quiet_option
def build(
    inputs: tuple[str, ...],
    out: Path,
    curation: Path | None,
    authorities: tuple[str, ...],
    extracted: tuple[str, ...],
    prune: bool,
    base_iri: str | None,
    licence: str | None,
    fetch_limit: int | None,
    refetch: bool,
    format_: str | None,
    jobs: int | None,
    fast: bool,
    quiet: bool,
) -> int:
    """Build the graph of papers into a folder; run again, it reads only new or changed papers.

    Without INPUT it makes the graph of the papers that are there anew, with curation.yaml as it is now.
    """
    from kg.run import build_folder

    if not inputs and not extracted and not (out / "graph.duckdb").is_file():
        raise click.UsageError("Missing argument 'INPUT...': there is no graph in the folder yet")

    with ProgressLine(quiet=quiet) as progress:
        options: dict[str, Any] = {
            "out": out,
            "format": format_,
            "curation": curation,
            "authorities": authorities or None,
            "prune": prune and bool(inputs or extracted),
            "jobs": jobs,
            "fast": fast,
            "base_iri": base_iri,
            "licence": licence,
            "fetch_limit": fetch_limit,
            "refetch": refetch,
            "progress": progress,
        }
        if extracted:
            from kg.cluster.building import build_from_extractions

            run = build_from_extractions(extracted, inputs, **options | {"fast": fast or None})
        else:
            run = build_folder(inputs, **options)
    _echo_build(run)
    click.echo(f"in {out}: graph.html (open it in a browser), graph.ttl, graph.duckdb")
    return echo_rejections(run.rejections)


@cli.command()
@folder_argument
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--evidence", type=click.Choice(["none", "links", "mentions"]), help="How much of it goes into RDF.")
@families_option
@click.option("--paper", "papers", multiple=True, metavar="ID", help="This paper alone; may be given several times.")
@click.option("--shards", type=click.IntRange(1, 512), help="RDF in that many files, to be loaded in parallel.")
@click.option("--engine", type=click.Choice(ENGINES), default="local", help="What writes shards: this machine, or Ray.")
@format_option
def export(
    folder: Path,
    files: tuple[str, ...],
    evidence: str | None,
    families: bool,
    papers: tuple[str, ...],
    shards: int | None,
    engine: str,
    format_: str | None,
) -> None:
    """Write the graph to files, by suffix.

    A name without suffix becomes a folder of CSV tables. neo4j/, kuzu/ and vault/, with a slash at the end, become
    folders for these databases and an Obsidian vault; any other name with a slash (page/) a folder with the page: a
    small index.html that loads its data in parts, for graphs of many thousand papers. --format neo4j and the like
    override the name.
    """
    if engine == "ray":
        from kg.cluster.export import export_shards

        if families or papers or format_ or shards is None:
            raise click.UsageError("--engine ray writes RDF by suffix: give --shards, no --families, --paper, --format")
        for name in files:
            export_shards(folder, name, shards=shards, evidence=evidence or "mentions")
        return
    from kg.export import write_folder

    given = {"evidence": evidence, "shards": shards}
    options = {name: value for name, value in given.items() if value is not None}
    write_folder(folder, files, sys.stdout.buffer, format=format_, families=families, papers=papers, **options)


@cli.command()
@folder_argument
@click.argument("query", metavar="QUERY")
@click.option("--sql", is_flag=True, help="The query is SQL, over the tables of graph.duckdb.")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
def query(folder: Path, query: str, sql: bool, as_json: bool, as_csv: bool) -> None:
    """Answer a SPARQL query (or SQL) over the graph; - reads the query from standard input.

    The prefixes akg, schema, skos, dcterms, mls, oa, prov and the like need no declaration.
    """
    from kg.query import render, sparql
    from kg.store import Store

    text = sys.stdin.read() if query == "-" else query
    form = "json" if as_json else "csv" if as_csv else "table"
    if sql:
        with Store(folder, read_only=True) as store:
            shown = render(store.sql(text), form)
    else:
        shown = render(sparql(folder, text), form)
    click.echo(shown, nl=False)


@cli.command()
@folder_argument
@click.option("--skipped", "show_skipped", is_flag=True, help="List every duplicate and every rejected record.")
@families_option
@json_option
def info(folder: Path, show_skipped: bool, families: bool, as_json: bool) -> None:
    """Say what the graph holds: counts, top entities, pipeline, what was skipped and why."""
    from dataclasses import asdict

    from kg.store import Store
    from kg.summary import counts, describe, skipped, top_entities

    with Store(folder, read_only=True) as store:
        graph, duplicates, rejections = store.graph(), store.duplicates(), store.rejections()
    if families:
        graph = graph.roll_up()
    if as_json:
        lists = {"duplicates": [asdict(d) for d in duplicates], "rejections": [asdict(r) for r in rejections]}
        return click.echo(json.dumps(counts(graph) | {"pipeline": graph.info.pipeline} | lists, ensure_ascii=False))
    _echo_lines(describe(graph))
    click.echo("most shared (papers):")
    _echo_lines(top_entities(graph))
    click.echo(f"read by {graph.info.pipeline}")
    click.echo(f"skipped by the last build: {len(duplicates):,} duplicates, {len(rejections):,} rejected records")
    if show_skipped:
        _echo_lines(f"  {line}" for line in skipped(duplicates, rejections))
    elif duplicates or rejections:
        click.echo(f"  (kg info {folder} --skipped lists them)")


@cli.command()
@click.argument("target", metavar="FILE|DIR", type=click.Path(path_type=Path))
@click.option("--fast", is_flag=True, help="Statement by statement, for millions of them.")
def validate(target: Path, fast: bool) -> int:
    """Check a graph, or a file of RDF, against the SHACL shapes; exit code 1 if it violates them."""
    from kg.structure import check_structure
    from kg.validate import validate as check

    report = check_structure(target) if fast else check(_open(target) if target.is_dir() else target)
    _echo_lines(report.violations)
    click.echo("conforms" if report.conforms else f"{len(report.violations):,} violations")
    return 0 if report.conforms else 1


for command in (*COMMANDS, doctor, evaluate, extract, fetch, ontology, push, serve):
    cli.add_command(command)


def _open(folder: Path) -> KnowledgeGraph:
    from kg.opening import open

    return open(folder)


def _echo_lines(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def _echo_build(run: Build) -> None:
    from kg.summary import describe

    click.echo(
        f"read {run.read:,} records: {len(run.duplicates):,} duplicates, {len(run.rejections):,} rejected; "
        f"extracted {run.extracted:,} papers, {run.reused:,} known already"
        + (f"; dropped {run.removed:,} of earlier builds" if run.removed else "")
    )
    _echo_lines(describe(run.graph))


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code."""
    logging.basicConfig(format="kg: %(message)s", level=logging.INFO)
    try:
        code = cli.main(args=arguments, prog_name="kg", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = 2
    except AbstractKGError as error:
        click.echo(f"kg: {' '.join(str(error).split())}", err=True)
        code = 2
    except MemoryError:
        click.echo(
            "kg: out of memory: files are as they were, and what is in a folder so far is kept; give it more, or "
            "fewer processes (--jobs 1 takes least), and the same command goes on",
            err=True,
        )
        code = 2
    except (KeyboardInterrupt, click.Abort):
        click.echo(
            "kg: interrupted; files are as they were, and what is in a folder so far is kept: the same command goes on",
            err=True,
        )
        code = 130
    sys.exit(code if isinstance(code, int) else 0)
