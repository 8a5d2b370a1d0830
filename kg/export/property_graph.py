"""A folder that a property-graph database takes in bulk: ``neo4j/`` for Neo4j, ``kuzu/`` for Kuzu and Ladybug.

Both hold the same nodes and relationships:

============  =====================================================================================================
Paper         the fields of :class:`schemas.records.Paper`
Entity        id, type, name, aliases (names), same_as (IRIs), papers (count); in Neo4j its type is a label as well
Result        the fields of :class:`schemas.records.ReportedResult`; names that stand for no entity are properties alone
INTRODUCES,   paper → entity, by its role: confidence, role_confidence, mentions (count), evidence_start and
USES,         evidence_end (the sentence, in characters of title, line feed, abstract)
COMPARES,
MENTIONS
VARIANT_OF    entity → its family
REPORTS       paper → result
SUBJECT, …    result → entity: SUBJECT, METRIC, DATASET, TASK, BASELINE
============  =====================================================================================================

- **Neo4j**: a CSV file for each kind with the header of ``neo4j-admin database import``, and ``import.sh``, which
  calls it (Neo4j 5 and later). Items of a list, and labels, stand between U+001F, so that any other character can be in
  them.
- **Kuzu and Ladybug**: Parquet files, whose types and lists need no quoting, and ``load.cypher``, which makes the
  tables and copies the files, a statement a line; run it from inside the folder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kg.export import replacing, write_csv
from kg.export.tables import write_parquet
from kg.frames import whole
from kg.rows import DERIVED_TABLES, Row, columns_of, record_to_row
from schemas.records import ReportedResult
from schemas.vocabulary import ROLES

if TYPE_CHECKING:
    from kg.graph import KnowledgeGraph

__all__ = ["write_kuzu", "write_neo4j"]

PARTS: Final = ("subject", "metric", "dataset", "task", "baseline")  # of a result
SEPARATOR: Final = "\x1f"  # between items of a list in a CSV file: the unit separator of ASCII
# What DuckDB calls a type, and what Neo4j does; in Kuzu's Cypher types have the names that they have in DuckDB.
NEO4J_TYPES: Final = {"VARCHAR": "", "INTEGER": ":int", "DOUBLE": ":double", "VARCHAR[]": ":string[]"}
KUZU_TYPES: Final = {"VARCHAR": "STRING", "INTEGER": "INT32", "DOUBLE": "DOUBLE", "VARCHAR[]": "STRING[]"}
LINK: Final = (
    "confidence DOUBLE, role_confidence DOUBLE, mentions INTEGER, evidence_start INTEGER, evidence_end INTEGER"
)


class _Nodes(NamedTuple):
    """The nodes of a kind; the first column is their id."""

    kind: str
    columns: dict[str, str]  # name -> type in DuckDB
    rows: Sequence[Row]


class _Edges(NamedTuple):
    """The relationships of a kind; the first two values of a row are the ids of its ends."""

    kind: str
    start: str
    end: str
    columns: dict[str, str]  # of what follows
    rows: Sequence[Row]


def write_neo4j(graph: KnowledgeGraph, folder: Path) -> None:
    """Write ``graph`` into ``folder`` for ``neo4j-admin database import``; other files there stay.

    Raises
    ------
    OSError
        A file cannot be written there; one that was there is then untouched.

    Examples
    --------
    >>> import tempfile
    >>> from kg.graph import KnowledgeGraph
    >>> from schemas.records import Entity
    >>> folder = Path(tempfile.mkdtemp())
    >>> entities = [Entity(id="bert", type="Model", name="BERT", papers=2)]
    >>> write_neo4j(KnowledgeGraph(papers=[], entities=entities, links=[]), folder)
    >>> print((folder / "entity.csv").read_text().splitlines()[0])
    id:ID(Entity),type,name,aliases:string[],same_as:string[],papers:int,:LABEL
    """
    folder.mkdir(parents=True, exist_ok=True)
    nodes, edges = list(_nodes(graph)), list(_edges(graph))
    for kind in nodes:
        header = [f"{name}:ID({kind.kind})" if n == 0 else name + NEO4J_TYPES[t] for n, (name, t) in _numbered(kind)]
        labels = [f"Entity{SEPARATOR}{row[1]}" if kind.kind == "Entity" else kind.kind for row in kind.rows]
        rows = ([*row, label] for row, label in zip(kind.rows, labels, strict=True))
        write_csv(folder / f"{kind.kind.lower()}.csv", [*header, ":LABEL"], _cells(rows))
    for edge in edges:
        header = [f":START_ID({edge.start})", f":END_ID({edge.end})"]
        header += [name + NEO4J_TYPES[type_] for name, type_ in edge.columns.items()]
        write_csv(folder / f"{edge.kind.lower()}.csv", header, _cells(edge.rows))
    _write_text(folder / "import.sh", _neo4j_script(nodes, edges))


def _numbered(nodes: _Nodes) -> Iterable[tuple[int, tuple[str, str]]]:
    return enumerate(nodes.columns.items())


def _neo4j_script(nodes: Iterable[_Nodes], edges: Iterable[_Edges]) -> str:
    files = [f"--nodes={kind.kind.lower()}.csv" for kind in nodes]
    files += [f"--relationships={edge.kind}={edge.kind.lower()}.csv" for edge in edges]
    options = ["--id-type=string", "--array-delimiter=U+001F", "--multiline-fields=true"]
    return (
        "#!/bin/sh\n"
        "# Makes a database of this folder: sh import.sh NAME [OPTION...]; an option is --overwrite-destination.\n"
        ': "${1:?say how the database is to be called}"\n'
        'cd "$(dirname "$0")" || exit 2\n'
        'neo4j-admin database import full "$@" \\\n    ' + " \\\n    ".join([*options, *files]) + "\n"
    )


def _cells(rows: Iterable[Row]) -> Iterator[list[Any]]:
    return ([_cell(value) for value in row] for row in rows)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return SEPARATOR.join(whole(item).replace(SEPARATOR, " ") for item in value)
    return whole(value)


def write_kuzu(graph: KnowledgeGraph, folder: Path) -> None:
    """Write ``graph`` into ``folder`` as Parquet files and the script that loads them; other files there stay.

    Raises
    ------
    OSError
        A file cannot be written there; one that was there is then untouched.

    Examples
    --------
    >>> import tempfile
    >>> from kg.graph import KnowledgeGraph
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_kuzu(KnowledgeGraph(papers=[], entities=[], links=[]), folder)
    >>> [line for line in (folder / "load.cypher").read_text().splitlines() if "Entity " in line][-1]
    "COPY Entity FROM 'entity.parquet';"
    """
    nodes, edges = list(_nodes(graph)), list(_edges(graph))
    tables: dict[str, tuple[str, Sequence[Row]]] = {
        kind.kind.lower(): (_sql(kind.columns), kind.rows) for kind in nodes
    }
    ends = {"start_id": "VARCHAR", "end_id": "VARCHAR"}
    tables |= {edge.kind.lower(): (_sql(ends | edge.columns), edge.rows) for edge in edges}
    write_parquet(tables, folder)
    _write_text(folder / "load.cypher", "\n".join(_kuzu_script(nodes, edges)) + "\n")


def _sql(columns: dict[str, str]) -> str:
    return ", ".join(f'"{name}" {type_}' for name, type_ in columns.items())


def _kuzu_script(nodes: Iterable[_Nodes], edges: Iterable[_Edges]) -> Iterator[str]:
    """Yield a statement a line."""
    copies = []
    for kind in nodes:
        key = next(iter(kind.columns))
        columns = ", ".join(f"`{name}` {KUZU_TYPES[type_]}" for name, type_ in kind.columns.items())
        yield f"CREATE NODE TABLE {kind.kind}({columns}, PRIMARY KEY (`{key}`));"
        copies.append(f"COPY {kind.kind} FROM '{kind.kind.lower()}.parquet';")
    for edge in edges:
        columns = "".join(f", `{name}` {KUZU_TYPES[type_]}" for name, type_ in edge.columns.items())
        yield f"CREATE REL TABLE {edge.kind}(FROM {edge.start} TO {edge.end}{columns});"
        copies.append(f"COPY {edge.kind} FROM '{edge.kind.lower()}.parquet';")
    yield from copies


def _write_text(path: Path, text: str) -> None:
    with replacing(path) as file:
        file.write(text.encode())


def _nodes(graph: KnowledgeGraph) -> Iterator[_Nodes]:
    yield _Nodes("Paper", columns_of(DERIVED_TABLES["papers"]), [record_to_row(paper) for paper in graph.papers])
    entity = "id VARCHAR, type VARCHAR, name VARCHAR, aliases VARCHAR[], same_as VARCHAR[], papers INTEGER"
    rows = [
        (e.id, e.type, e.name, [alias.name for alias in e.aliases], list(e.same_as), e.papers) for e in graph.entities
    ]
    yield _Nodes("Entity", columns_of(entity), rows)
    names = [field.name for field in fields(ReportedResult) if not field.name.endswith("_id") and field.name != "id"]
    types = columns_of(DERIVED_TABLES["results"])
    results = [(result.id, *(getattr(result, name) for name in names)) for result in graph.results]
    yield _Nodes("Result", {"id": "VARCHAR"} | {name: types[name] for name in names}, results)


def _edges(graph: KnowledgeGraph) -> Iterator[_Edges]:
    for role in ROLES:
        rows: list[Row] = [
            (k.paper_id, k.entity_id, k.confidence, k.role_confidence, len(k.mentions), *(k.evidence or (None, None)))
            for k in graph.links
            if k.role == role
        ]
        yield _Edges(role.upper(), "Paper", "Entity", columns_of(LINK), rows)
    variants = [(entity.id, entity.variant_of) for entity in graph.entities if entity.variant_of is not None]
    yield _Edges("VARIANT_OF", "Entity", "Entity", {}, variants)
    yield _Edges("REPORTS", "Paper", "Result", {}, [(result.paper_id, result.id) for result in graph.results])
    for part in PARTS:
        ends = [(result.id, getattr(result, f"{part}_id")) for result in graph.results]
        yield _Edges(part.upper(), "Result", "Entity", {}, [row for row in ends if row[1] is not None])
