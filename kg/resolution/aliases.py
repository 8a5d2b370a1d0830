"""The table of names that everyone in the field uses for one thing: ``aliases.tsv`` beside this file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from kg.names import normal_form

__all__ = ["AliasRow", "alias_table"]


class AliasRow(NamedTuple):
    """One thing: its type, its name and its other names, all as normal forms."""

    type: str
    name: str
    others: tuple[str, ...]


@cache
def alias_table() -> tuple[AliasRow, ...]:
    """Return the rows of the shipped table.

    >>> next(row for row in alias_table() if row.name == "penn treebank")
    AliasRow(type='Dataset', name='penn treebank', others=('ptb',))
    """
    lines = files("kg.resolution").joinpath("aliases.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return tuple(
        AliasRow(type_, normal_form(name), tuple(normal_form(other) for other in others.split(" | ")))
        for type_, name, others in rows
    )
