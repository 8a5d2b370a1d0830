"""What is said of the graph as a whole: a VoID description with counts, and which pipeline read the papers."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from kg.export.iris import Iris
from kg.export.terms import Literal, Statement, integer, iri, text
from kg.graph import KnowledgeGraph
from schemas.errors import InputError
from schemas.vocabulary import ENTITY_TYPES, ONTOLOGY_IRI, ROLES

__all__ = ["header_parts"]

Partition = tuple[str, str, str, int]  # IRI, "class" or "property", its IRI, how many


def header_parts(graph: KnowledgeGraph, iris: Iris, size: int) -> Iterator[tuple[str, Iterable[Statement]]]:
    """Yield the dataset, its partitions and its provenance, with what is said of them.

    ``size`` is the number of statements in all other graphs. There is no time in it, unless the environment gives one
    in ``SOURCE_DATE_EPOCH`` (https://reproducible-builds.org/specs/source-date-epoch/).
    """
    parts = [(subject, list(statements)) for subject, statements in _parts(graph, iris)]
    total = size + sum(len(statements) for _, statements in parts) + 1
    parts[0][1].append((iri("void:triples"), integer(total)))
    yield from parts


def _parts(graph: KnowledgeGraph, iris: Iris) -> Iterator[tuple[str, Iterable[Statement]]]:
    partitions = list(_partitions(graph, iris))
    yield iris.dataset, _dataset(graph, iris, partitions)
    for subject, kind, of, count in partitions:
        unit = "void:entities" if kind == "class" else "void:triples"
        yield subject, [(iri(f"void:{kind}"), of), (iri(unit), integer(count))]
    if graph.info.pipeline:
        yield f"{iris.dataset}#activity", _activity(iris)
        yield f"{iris.dataset}#pipeline", _pipeline(graph.info.pipeline)


def _partitions(graph: KnowledgeGraph, iris: Iris) -> Iterator[Partition]:
    """Count papers, entities by type, links by role and results; what does not occur is left out."""
    classes = {"Paper": len(graph.papers)} | dict.fromkeys(ENTITY_TYPES, 0)
    classes |= Counter(entity.type for entity in graph.entities)
    classes["Result"] = len(graph.results)
    roles = Counter(link.role for link in graph.links)
    for name, count in classes.items():
        if count:
            yield f"{iris.dataset}#class/{name}", "class", iri(f"akg:{name}"), count
    for name in ROLES:
        if roles[name]:
            yield f"{iris.dataset}#property/{name}", "property", iri(f"akg:{name}"), roles[name]


def _dataset(graph: KnowledgeGraph, iris: Iris, partitions: Iterable[Partition]) -> Iterator[Statement]:
    yield iri("rdf:type"), iri("void:Dataset")
    yield iri("dcterms:title"), text(graph.info.title)
    yield iri("void:uriSpace"), text(iris.base)
    yield iri("void:vocabulary"), ONTOLOGY_IRI
    for subject, kind, _, _ in partitions:
        yield iri(f"void:{kind}Partition"), subject
    if graph.info.pipeline:
        yield iri("prov:wasGeneratedBy"), f"{iris.dataset}#activity"
    if (epoch := os.environ.get("SOURCE_DATE_EPOCH")) is not None:
        yield iri("prov:generatedAtTime"), _time(epoch)
    yield iri("void:entities"), integer(len(graph.papers) + len(graph.entities))


def _time(epoch: str) -> Literal:
    try:
        moment = datetime.fromtimestamp(int(epoch), tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise InputError(f"SOURCE_DATE_EPOCH={epoch!r} is no number of seconds since 1970: set or unset it") from None
    return Literal(moment.isoformat(), iri("xsd:dateTime"))


def _activity(iris: Iris) -> Iterator[Statement]:
    yield iri("rdf:type"), iri("prov:Activity")
    yield iri("prov:wasAssociatedWith"), f"{iris.dataset}#pipeline"


def _pipeline(pipeline: str) -> Iterator[Statement]:
    """Name the software; ``pipeline`` is its name, a space, its version."""
    name, _, version = pipeline.rpartition(" ")
    yield iri("rdf:type"), iri("prov:SoftwareAgent")
    yield iri("schema:name"), text(name or version)
    if name:
        yield iri("schema:softwareVersion"), text(version)
