"""What is said of the graph as a whole: a VoID description with counts, and which pipeline read the papers."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kg.export.iris import Iris, web_iri
from kg.export.terms import Literal, Parts, Statement, integer, iri, text
from kg.graph import GraphInfo
from schemas.errors import InputError
from schemas.records import Entity, Link, ReportedResult
from schemas.vocabulary import ENTITY_TYPES, ONTOLOGY_IRI, ROLES, EntityType

__all__ = ["Tally", "header_parts"]

Partition = tuple[str, str, str, int]  # IRI, "class" or "property", its IRI, how many


@dataclass(slots=True)
class Tally:
    """What has been written so far, counted."""

    papers: int = 0
    results: int = 0
    entities: Counter[str] = field(default_factory=Counter)  # by type
    roles: Counter[str] = field(default_factory=Counter)
    statements: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Return what two have counted."""
        return Tally(
            self.papers + other.papers,
            self.results + other.results,
            self.entities + other.entities,
            self.roles + other.roles,
            self.statements + other.statements,
        )

    def add_entity(self, entity: Entity) -> None:
        """Count an entity."""
        self.entities[entity.type] += 1

    def add_paper(self, links: Iterable[Link], results: Sequence[ReportedResult]) -> None:
        """Count a paper, its links and its results."""
        self.papers += 1
        self.results += len(results)
        self.roles.update(link.role for link in links)


def header_parts(info: GraphInfo, tally: Tally, iris: Iris) -> Parts:
    """Yield the dataset, its partitions and its provenance, with what is said of them.

    There is no time in it, unless the environment gives one in ``SOURCE_DATE_EPOCH``
    (https://reproducible-builds.org/specs/source-date-epoch/).
    """
    parts = [(subject, list(statements)) for subject, statements in _parts(info, tally, iris)]
    total = tally.statements + sum(len(statements) for _, statements in parts) + 1
    parts[0][1].append((iri("void:triples"), integer(total)))
    yield from parts


def _parts(info: GraphInfo, tally: Tally, iris: Iris) -> Iterator[tuple[str, Iterable[Statement]]]:
    partitions = list(_partitions(tally, iris))
    yield iris.dataset, _dataset(info, tally, iris, partitions)
    for subject, kind, of, count in partitions:
        unit = "void:entities" if kind == "class" else "void:triples"
        yield subject, [(iri(f"void:{kind}"), of), (iri(unit), integer(count))]
    if info.pipeline:
        yield f"{iris.dataset}#activity", _activity(iris)
        yield f"{iris.dataset}#pipeline", _pipeline(info.pipeline)
    for row in info.types:
        yield row.iri, _class(row)


def _partitions(tally: Tally, iris: Iris) -> Iterator[Partition]:
    """Count papers, entities by type, links by role and results; what does not occur is left out."""
    classes = {"Paper": (iri("akg:Paper"), tally.papers)}
    classes |= {name: (row.iri, tally.entities[name]) for name, row in ENTITY_TYPES.items()}
    classes["Result"] = (iri("akg:Result"), tally.results)
    for name, (class_, count) in classes.items():
        if count:
            yield f"{iris.dataset}#class/{name}", "class", class_, count
    for name in ROLES:
        if tally.roles[name]:
            yield f"{iris.dataset}#property/{name}", "property", iri(f"akg:{name}"), tally.roles[name]


def _dataset(info: GraphInfo, tally: Tally, iris: Iris, partitions: Iterable[Partition]) -> Iterator[Statement]:
    yield iri("rdf:type"), iri("void:Dataset")
    yield iri("rdf:type"), iri("dcat:Dataset")
    yield iri("dcterms:title"), text(info.title)
    if info.licence:
        yield iri("dcterms:license"), _licence(info.licence)
    yield iri("void:uriSpace"), text(iris.base)
    yield iri("void:vocabulary"), ONTOLOGY_IRI
    for subject, kind, _, _ in partitions:
        yield iri(f"void:{kind}Partition"), subject
    if info.pipeline:
        yield iri("prov:wasGeneratedBy"), f"{iris.dataset}#activity"
    if (epoch := os.environ.get("SOURCE_DATE_EPOCH")) is not None:
        yield iri("prov:generatedAtTime"), _time(epoch)
    yield iri("void:entities"), integer(tally.papers + tally.entities.total())


def _licence(address: str) -> str:
    if found := web_iri(address):
        return found
    raise InputError(
        f"licence {address!r} is no web address; give one such as https://creativecommons.org/licenses/by/4.0/"
    )


def _time(epoch: str) -> Literal:
    try:
        moment = datetime.fromtimestamp(int(epoch), tz=UTC)
    except (ValueError, OverflowError, OSError):
        raise InputError(f"SOURCE_DATE_EPOCH={epoch!r} is no number of seconds since 1970: set or unset it") from None
    return Literal(moment.isoformat(), iri("xsd:dateTime"))


def _class(row: EntityType) -> Iterator[Statement]:
    """Say what a type of entity is that the ontology does not have."""
    yield iri("rdf:type"), iri("owl:Class")
    yield iri("rdfs:subClassOf"), iri("akg:Entity")
    yield iri("rdfs:label"), text(row.label)
    yield iri("skos:definition"), text(row.definition)


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
