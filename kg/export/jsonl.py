"""The line format of ``kg extract`` with everything resolved: what each paper says of the shared entities.

One line a paper, in the order of the papers' ids, as :func:`schemas.lines.extraction_to_json` writes it, and:

- an entity's ``name`` and ``type`` are those of the shared entity, ``entity`` is its id; its mentions are the paper's;
- the names in a result are those of the shared entities too; ``entity`` maps each of ``subject``, ``metric``,
  ``dataset``, ``task`` and ``baseline`` to the id of the shared entity, null where the name stands for none;
- there are no ``abbreviations``: they belong to a text, and have done their work when names are resolved.

:func:`schemas.lines.extraction_from_json` reads such a line like any other. A path that ends in ``.gz`` is compressed,
without a date, so that the same graph gives the same bytes.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from kg.export import replacing
from schemas.lines import dump_line, extraction_to_json
from schemas.records import DocumentEntity, Entity, Extraction, Link, Paper, ReportedResult, Result, text_hash

if TYPE_CHECKING:
    from kg.graph import KnowledgeGraph

__all__ = ["write_jsonl"]

PARTS: Final = ("subject", "metric", "dataset", "task", "baseline")  # of a result, each with its entity
RESULT_FIELDS: Final = tuple(field.name for field in fields(Result))


def write_jsonl(graph: KnowledgeGraph, path: Path) -> None:
    """Write ``graph`` to ``path``, one JSON object a paper; compressed where the path ends in ``.gz``.

    Raises
    ------
    OSError
        The file cannot be written there; a file that was there is then untouched.

    Examples
    --------
    >>> import json, tempfile
    >>> from kg.graph import KnowledgeGraph
    >>> graph = KnowledgeGraph(
    ...     papers=[Paper(id="a", title="On X")],
    ...     entities=[Entity(id="bert", type="Model", name="BERT", papers=1)],
    ...     links=[Link(paper_id="a", entity_id="bert", role="uses", confidence=0.9)],
    ... )
    >>> path = Path(tempfile.mkdtemp()) / "graph.jsonl"
    >>> write_jsonl(graph, path)
    >>> json.loads(path.read_text())["entities"][0]["entity"]
    'bert'
    """
    entities = {entity.id: entity for entity in graph.entities}
    results: dict[str, list[ReportedResult]] = {}
    for result in graph.results:
        results.setdefault(result.paper_id, []).append(result)
    with replacing(path) as raw, _compressed(raw, path) as file:
        for paper in graph.papers:
            links = sorted(graph.links_from(paper.id), key=_in_text_order)
            line = _line(paper, links, results.get(paper.id, []), entities, pipeline=graph.info.pipeline)
            file.write(dump_line(line).encode() + b"\n")


def _line(
    paper: Paper, links: list[Link], results: list[ReportedResult], entities: dict[str, Entity], *, pipeline: str
) -> dict[str, Any]:
    resolved = Extraction(
        paper_id=paper.id,
        text_hash=text_hash(paper),
        pipeline=pipeline,
        entities=tuple(_document_entity(link, entities[link.entity_id]) for link in links),
        results=tuple(_result(result, entities) for result in results),
    )
    line = extraction_to_json(paper, resolved)
    del line["abbreviations"]
    for item, link in zip(line["entities"], links, strict=True):
        item["entity"] = link.entity_id
    for item, result in zip(line["results"], results, strict=True):
        item["entity"] = {part: getattr(result, f"{part}_id") for part in PARTS}
    return line


def _document_entity(link: Link, entity: Entity) -> DocumentEntity:
    return DocumentEntity(
        name=entity.name,
        type=entity.type,
        role=link.role,
        mentions=link.mentions,
        confidence=link.confidence,
        role_confidence=link.role_confidence,
        evidence=link.evidence,
    )


def _result(result: ReportedResult, entities: dict[str, Entity]) -> Result:
    """Return the result under the names of the shared entities, so that they match the entities of the line."""
    values = {name: getattr(result, name) for name in RESULT_FIELDS}
    for part in PARTS:
        if (entity_id := getattr(result, f"{part}_id")) is not None:
            values[part] = entities[entity_id].name
    return Result(**values)


def _in_text_order(link: Link) -> tuple[int, str]:
    """Order links by their first mention; those that have none come last."""
    return (min((mention.start for mention in link.mentions), default=2**31), link.entity_id)


@contextmanager
def _compressed(file: IO[bytes], path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    if path.suffix.lower() != ".gz":
        yield file
        return
    with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed:
        yield packed
