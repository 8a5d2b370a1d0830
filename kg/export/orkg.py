"""The CSV file that the import of the Open Research Knowledge Graph takes (https://orkg.org/csv-import).

A row is a contribution of a paper. The columns ``paper:…`` and ``contribution:…`` are those that the import knows;
``contribution:extraction_method`` says AUTOMATIC. What the paper introduces stands in columns ``resource:introduces``,
what it uses in ``resource:method``, ``resource:model``, ``resource:dataset`` and ``resource:metric``, what it compares
with in ``resource:baseline``, one value a cell and as many columns of a name as the fullest row needs; results stand in
columns ``result`` as text. What a paper merely mentions is left out.

``contribution:research_problem`` is the task that the paper is surest to introduce or use. A paper with several tasks
has a row, that is a contribution, for each; the rest of what it does stands in the first.

The import takes a prefix such as ``resource:`` and a suffix such as ``<integer>`` of a value for instructions: texts
that look so are changed as little as makes them text. Papers without a field of research get ``R11`` ("Science");
the import lets you choose a better one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.export import write_csv
from kg.frames import whole
from schemas.errors import InputError
from schemas.records import Link, Paper, ReportedResult
from schemas.text import readable
from schemas.vocabulary import ENTITY_TYPES

if TYPE_CHECKING:
    from kg.graph import KnowledgeGraph

__all__ = ["write_orkg"]

ANY_FIELD: Final = "R11"
PAPER: Final = ("title", "authors", "doi", "publication_year", "url", "published_in", "research_field")
OTHERS: Final = ("introduces", *(name.lower() for name in ENTITY_TYPES if name != "Task"), "baseline")
_FIELD: Final = re.compile(r"R\d+")
_DOI: Final = re.compile(r"10\.\d{4,9}/\S+")
_TYPED: Final = re.compile(r"<([^<>\n]+)>$")


def write_orkg(graph: KnowledgeGraph, path: Path, *, research_field: str = ANY_FIELD) -> None:
    """Write the papers of ``graph`` to ``path``.

    Parameters
    ----------
    graph, path
        What to write, and where to.
    research_field
        The id of a field of research in the ORKG, for all papers.

    Raises
    ------
    InputError
        ``research_field`` is no such id.
    OSError
        The file cannot be written there; a file that was there is then untouched.

    Examples
    --------
    >>> import tempfile
    >>> from kg.graph import KnowledgeGraph
    >>> path = Path(tempfile.mkdtemp()) / "papers.orkg.csv"
    >>> write_orkg(KnowledgeGraph(papers=[Paper(id="a", title="On X", year=2020)], entities=[], links=[]), path)
    >>> print(path.read_text().splitlines()[1])
    On X,,,2020,,,R11,,AUTOMATIC
    """
    if not _FIELD.fullmatch(research_field):
        raise InputError(f"{research_field!r} is no field of research of the ORKG, such as {ANY_FIELD}")
    results: dict[str, list[ReportedResult]] = {}
    for result in graph.results:
        results.setdefault(result.paper_id, []).append(result)
    rows = [
        row
        for paper in graph.papers
        for row in _rows(graph, paper, list(graph.links_from(paper.id)), results.get(paper.id, []), research_field)
    ]
    widths = {name: max((len(values[name]) for _, values in rows), default=0) for name in (*OTHERS, "result")}
    header = [f"paper:{name}" for name in PAPER] + ["contribution:research_problem", "contribution:extraction_method"]
    for name, width in widths.items():
        header += [name if name == "result" else f"resource:{name}"] * width
    full = (
        [*plain, *(c for name, width in widths.items() for c in _padded(values[name], width))] for plain, values in rows
    )
    write_csv(path, header, full)


def _padded(values: list[str], width: int) -> list[str]:
    return values + [""] * (width - len(values))


def _rows(
    graph: KnowledgeGraph, paper: Paper, links: list[Link], results: list[ReportedResult], field: str
) -> Iterator[tuple[list[str], dict[str, list[str]]]]:
    """Yield the contributions of a paper: the cells that each has once, and the values of the other columns."""
    entities = {link.entity_id: graph.entity(link.entity_id) for link in links}
    values: dict[str, list[str]] = {name: [] for name in (*OTHERS, "result")}
    tasks: list[Link] = []
    for link in sorted(links, key=lambda link: (-link.confidence, link.entity_id)):
        entity = entities[link.entity_id]
        if link.role == "mentions":
            continue
        if entity.type == "Task" and link.role != "compares":
            tasks.append(link)
        elif entity.type != "Task":
            column = {"introduces": "introduces", "compares": "baseline"}.get(link.role, entity.type.lower())
            values[column].append(_cell(entity.name))
    values["result"] = [_cell(_sentence(result)) for result in results]
    plain = [
        _cell(readable(paper.title).text),
        ";".join(_cell(author).replace(";", " ") for author in paper.authors),
        paper.doi if paper.doi and _DOI.fullmatch(paper.doi) else "",
        "" if paper.year is None else str(paper.year),
        paper.url or "",
        _cell(paper.venue or ""),
        field,
    ]
    yield [*plain, _cell(entities[tasks[0].entity_id].name) if tasks else "", "AUTOMATIC"], values
    for link in tasks[1:]:
        yield [*plain, _cell(entities[link.entity_id].name), "AUTOMATIC"], {name: [] for name in values}


def _sentence(result: ReportedResult) -> str:
    parts = (("", result.metric), ("of ", result.subject), ("on ", result.dataset), ("over ", result.baseline))
    return " ".join([readable(result.value).text, *(before + name for before, name in parts if name)])


def _cell(text: str) -> str:
    """Return text on one line that the import does not take for an instruction.

    >>> _cell("resource: a <b>")
    'resource : a ‹b›'
    """
    line = " ".join(whole(text).split())
    line = re.sub(r"^(resource|orkg):", r"\1 :", line)
    return _TYPED.sub(r"‹\1›", line)
