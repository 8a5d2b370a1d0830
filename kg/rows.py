"""A graph as rows of flat tables, and back: the columns that the database holds and that SQL queries see.

A table's columns are the fields of its record; what is nested in a record (aliases of an entity, mentions of a link)
has a table of its own.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, fields
from functools import cache
from operator import attrgetter
from typing import Any, Final

from kg.graph import GraphInfo, KnowledgeGraph
from kg.resolution.identity import Identity
from kg.resolution.matches import Match
from schemas.records import Alias, Entity, Link, Mention, Paper, ReportedResult
from schemas.vocabulary import EntityType, register_type

__all__ = [
    "DERIVED_TABLES",
    "Row",
    "columns_of",
    "graph_from_rows",
    "graph_to_rows",
    "identity_from_row",
    "identity_to_row",
    "info_from_meta",
    "record_to_row",
]

TYPES: Final = "types"  # in the table meta: registered types of entities, as JSON

Row = Sequence[Any]

DERIVED_TABLES = {
    "meta": "name VARCHAR, value VARCHAR",
    "papers": (
        "id VARCHAR, title VARCHAR, abstract VARCHAR, year INTEGER, authors VARCHAR[], venue VARCHAR, url VARCHAR, "
        "doi VARCHAR, arxiv_id VARCHAR, keywords VARCHAR[], source VARCHAR"
    ),
    "entities": "id VARCHAR, type VARCHAR, name VARCHAR, variant_of VARCHAR, same_as VARCHAR[], papers INTEGER",
    "aliases": "entity_id VARCHAR, name VARCHAR, papers INTEGER",
    "links": (
        "paper_id VARCHAR, entity_id VARCHAR, role VARCHAR, confidence DOUBLE, role_confidence DOUBLE, "
        "evidence_start INTEGER, evidence_end INTEGER"
    ),
    "mentions": (
        'paper_id VARCHAR, entity_id VARCHAR, start INTEGER, "end" INTEGER, text VARCHAR, type VARCHAR, '
        "confidence DOUBLE"
    ),
    "results": (
        "subject VARCHAR, metric VARCHAR, value VARCHAR, number DOUBLE, unit VARCHAR, kind VARCHAR, dataset VARCHAR, "
        'task VARCHAR, baseline VARCHAR, start INTEGER, "end" INTEGER, confidence DOUBLE, id VARCHAR, '
        "paper_id VARCHAR, subject_id VARCHAR, metric_id VARCHAR, dataset_id VARCHAR, task_id VARCHAR, "
        "baseline_id VARCHAR"
    ),
    "matches": (
        "name VARCHAR, other_name VARCHAR, rule VARCHAR, papers INTEGER, score DOUBLE, entity_id VARCHAR, "
        "other_id VARCHAR"  # other_id: not merged
    ),
    "identities": (
        "id VARCHAR, kind VARCHAR, anchor VARCHAR, name VARCHAR, aliases STRUCT(name VARCHAR, papers INTEGER)[]"
    ),
    "replaced": "id VARCHAR, current VARCHAR",
    "duplicates": "source VARCHAR, title VARCHAR, paper_id VARCHAR, reason VARCHAR",
    "rejections": "source VARCHAR, reason VARCHAR",
}


def columns_of(declared: str) -> dict[str, str]:
    """Return names and types of columns that are declared in SQL, in their order.

    >>> columns_of('name VARCHAR, "end" INTEGER')
    {'name': 'VARCHAR', 'end': 'INTEGER'}
    """
    return {name.strip('"'): type_ for name, type_ in (column.split() for column in declared.split(", "))}


def graph_to_rows(graph: KnowledgeGraph) -> dict[str, Iterable[Row]]:
    """Return the rows of every table that follows from ``graph``, by table; they can be gone through once.

    >>> graph = KnowledgeGraph(papers=[Paper(id="a", title="On X")], entities=[], links=[])
    >>> next(iter(graph_to_rows(graph)["papers"]))[:2]
    ['a', 'On X']
    """
    info = graph.info
    meta: list[Row] = [(name, getattr(info, name)) for name in ("pipeline", "base_iri", "title", "licence")]
    if info.types:
        meta.append((TYPES, json.dumps([asdict(row) for row in info.types])))
    return {
        "meta": meta,
        "papers": (record_to_row(paper) for paper in graph.papers),
        "entities": ((e.id, e.type, e.name, e.variant_of, list(e.same_as), e.papers) for e in graph.entities),
        "aliases": ((e.id, alias.name, alias.papers) for e in graph.entities for alias in e.aliases),
        "links": (
            (k.paper_id, k.entity_id, k.role, k.confidence, k.role_confidence, *(k.evidence or (None, None)))
            for k in graph.links
        ),
        "mentions": ((k.paper_id, k.entity_id, *record_to_row(m)) for k in graph.links for m in k.mentions),
        "results": (record_to_row(result) for result in graph.results),
        "matches": (record_to_row(match) for match in (*graph.matches, *graph.open_matches)),
        "replaced": graph.replaced.items(),
    }


def graph_from_rows(meta: dict[str, str], rows_of: Callable[[str], Iterable[Row]]) -> KnowledgeGraph:
    """Return the graph whose tables ``rows_of`` gives by name, in any order of rows."""
    aliases = _grouped(rows_of("aliases"), 1)
    matches = [Match(*row) for row in rows_of("matches")]
    mentions = _grouped(rows_of("mentions"), 2)
    return KnowledgeGraph(
        papers=(
            Paper(**_named(Paper, row) | {"authors": tuple(row[4]), "keywords": tuple(row[9])})
            for row in rows_of("papers")
        ),
        entities=(
            Entity(
                id=row[0],
                type=row[1],
                name=row[2],
                aliases=tuple(sorted((Alias(*alias) for alias in aliases.get((row[0],), ())), key=_most_used)),
                variant_of=row[3],
                same_as=tuple(row[4]),
                papers=row[5],
            )
            for row in rows_of("entities")
        ),
        links=(
            Link(
                paper_id=row[0],
                entity_id=row[1],
                role=row[2],
                confidence=row[3],
                role_confidence=row[4],
                mentions=tuple(sorted((Mention(*m) for m in mentions[row[0], row[1]]), key=lambda m: m.start)),
                evidence=None if row[5] is None else (row[5], row[6]),
            )
            for row in rows_of("links")
        ),
        results=(ReportedResult(**_named(ReportedResult, row)) for row in rows_of("results")),
        matches=(match for match in matches if not match.other),
        open_matches=(match for match in matches if match.other),
        replaced=dict(rows_of("replaced")),  # type: ignore[arg-type]
        info=info_from_meta(meta),
    )


def identity_to_row(identity: Identity) -> Row:
    """Return the row of an id in ``identities``."""
    *plain, aliases, _ = record_to_row(identity)
    return [*plain, [alias._asdict() for alias in aliases]]


def identity_from_row(row: Row, current: str | None) -> Identity:
    """Return the record of an id from its row in ``identities`` and the id that stands in its place now."""
    values = _named(Identity, [*row, current])
    return Identity(**values | {"aliases": tuple(Alias(alias["name"], alias["papers"]) for alias in row[4])})


def info_from_meta(meta: dict[str, str]) -> GraphInfo:
    """Return what is said of a graph as a whole; ``meta`` may be of a folder that knows no licence yet.

    Types of entities that are not ours are registered.

    >>> info_from_meta({"pipeline": "p 1", "base_iri": "urn:x:", "title": "T", "schema": "1"}).licence
    ''
    """
    rows = tuple(EntityType(**row | {"also": tuple(row["also"])}) for row in json.loads(meta.get(TYPES, "[]")))
    for row in rows:
        register_type(row)
    return GraphInfo(**{name: value for name, value in meta.items() if name not in ("schema", TYPES)}, types=rows)


def record_to_row(record: Any) -> list[Any]:
    """Return the fields of a record in their order, tuples as lists.

    >>> record_to_row(Mention(0, 4, "BERT", "Model"))
    [0, 4, 'BERT', 'Model', 1.0]
    """
    return [list(value) if isinstance(value, tuple) else value for value in _values_of(record.__class__)(record)]


@cache
def _values_of(kind: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*(field.name for field in fields(kind)))


def _named(record: Any, row: Row) -> dict[str, Any]:
    return {field.name: value for field, value in zip(fields(record), row, strict=True)}


def _grouped(rows: Iterable[Row], width: int) -> dict[tuple[Any, ...], list[Row]]:
    """Group rows by their first ``width`` columns, which are left out."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[:width])].append(row[width:])
    return groups


def _most_used(alias: Alias) -> tuple[int, str]:
    return -alias.papers, alias.name
