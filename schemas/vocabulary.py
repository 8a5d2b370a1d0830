"""The one table of entity types and roles: labels, definitions, colours and IRIs.

Everything that names a type or a role (recogniser, ontology, shapes, page, command line) takes it from here;
``tests/schemas`` holds ``ontology.ttl``, ``shapes.ttl`` and ``context.jsonld`` to it. :func:`register_type` adds a
type of one's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from schemas.errors import InputError

__all__ = [
    "BASE_IRI",
    "ENTITY_TYPES",
    "NAMESPACES",
    "ONTOLOGY_IRI",
    "OWN_TYPES",
    "PAPER_COLOURS",
    "ROLES",
    "EntityType",
    "Role",
    "register_type",
    "registered_types",
    "strongest",
]

ONTOLOGY_IRI: Final = "https://w3id.org/abstractkg/ontology#"
BASE_IRI: Final = "https://w3id.org/abstractkg/id/"  # of papers and entities, unless the user sets another

NAMESPACES: Final[dict[str, str]] = {
    "akg": ONTOLOGY_IRI,
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "fabio": "http://purl.org/spar/fabio/",
    "itsrdf": "http://www.w3.org/2005/11/its/rdf#",
    "mls": "http://www.w3.org/ns/mls#",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


@dataclass(frozen=True, slots=True)
class EntityType:
    """A row of the table of entity types."""

    name: str  # as written in records and in the ontology: akg:Method
    plural: str  # as in doc._.methods
    label: str  # as shown to people
    definition: str
    colour: str  # on a light ground, contrast with white at least 4.5
    colour_dark: str  # on a dark ground, contrast with #0f172a at least 4.5
    also: tuple[str, ...] = ()  # IRIs of the classes that an entity of this type also belongs to
    class_iri: str = ""  # of a registered type, whose class is not in our ontology

    @property
    def iri(self) -> str:
        """The class: in our ontology, or where a registered type says."""
        return self.class_iri or ONTOLOGY_IRI + self.name


@dataclass(frozen=True, slots=True)
class Role:
    """A row of the table of roles: what a paper does with an entity."""

    name: str  # as written in records and in the ontology: akg:uses
    label: str
    definition: str

    @property
    def iri(self) -> str:
        """The property in our ontology."""
        return ONTOLOGY_IRI + self.name


ENTITY_TYPES: Final[dict[str, EntityType]] = {
    row.name: row
    for row in (
        EntityType(
            "Method",
            "methods",
            "Method",
            "A technique, algorithm, procedure, objective, architecture component or software framework.",
            "#1d4ed8",
            "#7aa2ff",
            ("http://www.w3.org/ns/mls#Algorithm",),
        ),
        EntityType(
            "Model",
            "models",
            "Model",
            "A model, model family or architecture that can be instantiated and trained.",
            "#7e22ce",
            "#c58bff",
            ("http://www.w3.org/ns/mls#Model",),
        ),
        EntityType(
            "Dataset",
            "datasets",
            "Data set",
            "A named data set, corpus, benchmark, test suite or challenge.",
            "#15803d",
            "#4ade80",
            ("https://schema.org/Dataset", "http://www.w3.org/ns/mls#Dataset"),
        ),
        EntityType(
            "Metric",
            "metrics",
            "Metric",
            "A named measure that is computed to judge a system, costs included.",
            "#b45309",
            "#fbbf24",
            ("http://www.w3.org/ns/mls#EvaluationMeasure",),
        ),
        EntityType(
            "Task",
            "tasks",
            "Task",
            "A problem that a system is asked to solve.",
            "#be185d",
            "#f78bbd",
            ("http://www.w3.org/ns/mls#Task",),
        ),
    )
}

OWN_TYPES: Final = tuple(ENTITY_TYPES)  # those that the shipped weights know, in their order

PAPER_COLOURS: Final = ("#475569", "#94a3b8")  # on a light and on a dark ground

# Strongest first: of several roles in one paper, the first that holds is kept.
ROLES: Final[dict[str, Role]] = {
    row.name: row
    for row in (
        Role("introduces", "introduces", "The paper proposes, creates or releases it."),
        Role(
            "uses", "uses", "The paper builds on it, trains on it, evaluates on it, measures with it or addresses it."
        ),
        Role("compares", "compares with", "The paper compares against it as a baseline or rival."),
        Role("mentions", "mentions", "The paper names it as background only."),
    )
}


def strongest(*roles: str) -> str:
    """Return the strongest of ``roles``.

    >>> strongest("mentions", "uses", "compares")
    'uses'
    """
    order = list(ROLES)
    return min(roles, key=order.index)


_COLOUR: Final = re.compile("#[0-9a-f]{6}")
_WORD: Final = re.compile("[A-Z][A-Za-z0-9]*")
_IRI: Final = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+")


def register_type(row: EntityType) -> None:
    """Add a type of one's own to :data:`ENTITY_TYPES`, for components, graphs and exports alike.

    To be called before a pipeline is loaded. A graph folder keeps the registered types that its entities have, and
    opening it registers them. The same row again changes nothing.

    Parameters
    ----------
    row
        ``name`` is one word with a capital, ``plural`` in lower case, colours are ``#rrggbb``; ``class_iri`` is a web
        address outside our ontology.

    Raises
    ------
    InputError
        A field is not of that form, or is that of another type.

    Examples
    --------
    >>> software = EntityType(
    ...     "Software", "software", "Software", "A program.", "#0e7490", "#22d3ee", (), "https://example.org/Software"
    ... )
    >>> register_type(software)
    >>> ENTITY_TYPES.pop("Software").iri
    'https://example.org/Software'
    """
    if ENTITY_TYPES.get(row.name) == row:
        return
    for field, value, form in (
        ("name", row.name, _WORD),
        ("plural", row.plural, re.compile("[a-z][a-z0-9_]*")),
        ("colour", row.colour, _COLOUR),
        ("colour_dark", row.colour_dark, _COLOUR),
        *(("class_iri", value, _IRI) for value in (row.class_iri, *row.also)),
    ):
        if not form.fullmatch(value):
            raise InputError(f"entity type {row.name!r}: {field} is {value!r}, and must match {form.pattern}")
    if row.class_iri.startswith(ONTOLOGY_IRI):
        raise InputError(f"entity type {row.name!r}: class_iri must lie outside {ONTOLOGY_IRI}, which is not yours")
    taken = {"Paper", "Result", "abbreviations", "results"}
    for other in ENTITY_TYPES.values():
        taken |= {other.name, other.plural, other.colour, other.iri}
    if clash := sorted(taken & {row.name, row.plural, row.colour, row.class_iri}):
        raise InputError(f"entity type {row.name!r}: {', '.join(clash)} is taken already")
    ENTITY_TYPES[row.name] = row


def registered_types() -> tuple[EntityType, ...]:
    """Return the types that were registered, in their order."""
    return tuple(row for row in ENTITY_TYPES.values() if row.name not in OWN_TYPES)
