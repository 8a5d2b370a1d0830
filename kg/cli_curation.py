"""The commands that show decisions and correct them: ``kg explain``, ``review``, ``merge``, ``split``, ``rename``."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli_options import folder_argument, json_option, quiet_option
from kg.progress import ProgressLine

if TYPE_CHECKING:
    from kg.curation import Curation
    from kg.graph import KnowledgeGraph
    from kg.review import Question

__all__ = ["COMMANDS"]


@click.command()
@folder_argument
@click.argument("name")
@json_option
def explain(folder: Path, name: str, as_json: bool) -> None:
    """Say why surface forms are one entity: which papers use which, and which decisions joined them.

    NAME is an id (also of an entity that is now part of another), a name or any surface form.
    """
    from kg.explanation import explain as explain_
    from kg.opening import open

    explanation = explain_(open(folder), name)
    if as_json:
        return click.echo(json.dumps(explanation.to_json(), ensure_ascii=False))
    for line in explanation.lines():
        click.echo(line)


@click.command()
@folder_argument
@click.argument("names", nargs=-1, required=True, metavar="NAME NAME...")
@quiet_option
def merge(folder: Path, names: tuple[str, ...], quiet: bool) -> None:
    """Make entities one: writes it into DIR/curation.yaml and into the graph. The first keeps its id and its name."""
    from kg.curation import merge as merge_

    _at_least_two(names)
    graph = _correct(folder, merge_(_curation(folder), *names), quiet=quiet)
    _show(graph, names[:1])


@click.command()
@folder_argument
@click.argument("names", nargs=-1, required=True, metavar="NAME NAME...")
@quiet_option
def split(folder: Path, names: tuple[str, ...], quiet: bool) -> None:
    """Make names two entities or more: writes it into DIR/curation.yaml and into the graph."""
    from kg.curation import split as split_

    _at_least_two(names)
    graph = _correct(folder, split_(_curation(folder), *names), quiet=quiet)
    _show(graph, names)
    found = [graph.entity(name).id for name in names]
    if len(set(found)) < len(found):
        click.echo("still one: papers themselves use these names for one thing; kg explain lists them")


@click.command()
@folder_argument
@click.argument("name")
@click.argument("new_name")
@quiet_option
def rename(folder: Path, name: str, new_name: str, quiet: bool) -> None:
    """Show an entity under another name; its id stays. Writes it into DIR/curation.yaml and into the graph."""
    curation = _curation(folder)
    curation = replace(curation, rename={**curation.rename, name: new_name})
    graph = _correct(folder, curation, quiet=quiet)
    _show(graph, [new_name])


@click.command()
@folder_argument
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="Questions at most.")
@json_option
@quiet_option
def review(folder: Path, limit: int, as_json: bool, quiet: bool) -> None:
    """Ask about the decisions that are most uncertain and most consequential, one key each.

    Answers go into DIR/curation.yaml and, at the end, into the graph. Where nobody is at the keyboard, the questions
    are listed.
    """
    from kg.opening import open
    from kg.review import questions

    graph, curation = open(folder), _curation(folder)
    asked = questions(graph, curation)[:limit]
    if as_json:
        return click.echo(json.dumps([question.to_json() for question in asked], ensure_ascii=False))
    if not asked:
        return click.echo("nothing to ask")
    if not sys.stdin.isatty():
        for question in asked:
            for line in question.lines():
                click.echo(line)
        return None
    answered = _ask(graph, curation, asked)
    if answered != curation:
        _correct(folder, answered, quiet=quiet)
    return None


def _ask(graph: KnowledgeGraph, curation: Curation, asked: list[Question]) -> Curation:
    """Put the questions, and return the corrections with the answers."""
    from kg.review import answer

    for number, question in enumerate(asked, start=1):
        click.echo(f"\n{number}/{len(asked)}")
        for line in question.lines():
            click.echo(line)
        keys = question.keys | {"s": "skip", "q": "quit"}
        click.echo("  " + "  ".join(f"[{key}] {meaning}" for key, meaning in keys.items()))
        while (given := click.getchar()) not in keys:
            click.echo(f"  one of {' '.join(keys)}")
        if given == "q":
            break
        if given != "s":
            curation = answer(curation, question, given, graph)
    return curation


def _at_least_two(names: tuple[str, ...]) -> None:
    if len(set(names)) < max(2, len(names)):
        raise click.UsageError("give two names or more, each once")


def _curation(folder: Path) -> Curation:
    from kg.assembly import CURATION_FILE, read_corrections
    from kg.curation import Curation

    return read_corrections(None, folder) or Curation(source=str(folder / CURATION_FILE))


def _correct(folder: Path, curation: Curation, *, quiet: bool) -> KnowledgeGraph:
    from kg.assembly import CURATION_FILE, rebuild

    with ProgressLine(quiet=quiet) as progress:
        graph = rebuild(folder, curation, progress=progress)
    click.echo(f"written to {folder / CURATION_FILE}; the graph follows it")
    return graph


def _show(graph: KnowledgeGraph, names: tuple[str, ...] | list[str]) -> None:
    for name in names:
        entity = graph.entity(name)
        forms = ", ".join(alias.name for alias in entity.aliases)
        click.echo(f"{name}: {entity.name} (id {entity.id}, {entity.papers:,} papers): {forms}")


COMMANDS = (explain, merge, rename, review, split)
