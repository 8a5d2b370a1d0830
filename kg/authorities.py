"""Other people's names of things with identities: thesauri in SKOS and tables, read for :mod:`kg.resolution.authority`.

- **SKOS** in any RDF format (Turtle, N-Triples, RDF/XML, JSON-LD, TriG, N-Quads): each ``skos:Concept`` with its
  ``prefLabel``, ``altLabel`` and ``hiddenLabel``; English ones where there are any, else all. What the vocabulary
  types as one of ours (``mls:Task``, ``schema:Dataset`` …) has that type.
- **TSV** with a header: ``name``, ``iri``, and if wanted ``aliases`` (`` | `` between them) and ``type``.

``Task=tasks.ttl`` says that a file without types is about tasks; ``Method,Model=algorithms.ttl`` that it is about both.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.export.iris import absolute_iri
from kg.resolution.authority import Concept
from schemas.errors import InputError
from schemas.records import Rejection
from schemas.vocabulary import ENTITY_TYPES

if TYPE_CHECKING:
    import pyoxigraph as ox

__all__ = ["read_authority"]

SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
RDF_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
DEPRECATED: Final = "http://www.w3.org/2002/07/owl#deprecated"
LABELS: Final = ("prefLabel", "altLabel", "hiddenLabel")  # the first is the name
TABLES: Final = (".tsv", ".csv")
SEPARATOR: Final = "|"

Reject = Callable[[Rejection], None]


def read_authority(source: str | Path, *, on_reject: Reject | None = None) -> list[Concept]:
    """Read a thesaurus or table.

    Parameters
    ----------
    source
        A path, with ``TYPE=`` or ``TYPE,TYPE=`` before it where the file does not say what its concepts are.
    on_reject
        Called for each row of a table that cannot be used; what RDF says beside concepts with labels is passed over.

    Raises
    ------
    InputError
        The file cannot be read, has no name or iri column, or no concept with a label.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "datasets.tsv")
    >>> text = "name\\taliases\\ttype\\tiri\\nImageNet\\tILSVRC\\tDataset\\thttps://example.org/imagenet"
    >>> _ = path.write_text(text)
    >>> read_authority(path)[0].labels
    ('ImageNet', 'ILSVRC')
    """
    types, path = _types(str(source))
    concepts = list(_from_table(path, on_reject) if path.suffix.lower() in TABLES else _from_rdf(path))
    if not concepts:
        raise InputError(f"{path}: no concept with a label: it needs skos:prefLabel, or the columns name and iri")
    if types:
        concepts = [concept if concept.types else concept._replace(types=types) for concept in concepts]
    return sorted(concept._replace(source=path.name) for concept in concepts)


def _types(source: str) -> tuple[tuple[str, ...], Path]:
    before, equals, path = source.partition("=")
    types = tuple(before.split(","))
    if equals and all(type_ in ENTITY_TYPES for type_ in types):
        return types, Path(path)
    if equals and not Path(source).exists() and Path(path).exists():
        raise InputError(f"--authority {source}: unknown type {before!r}; valid: {', '.join(ENTITY_TYPES)}")
    return (), Path(source)


def _from_rdf(path: Path) -> Iterator[Concept]:
    from pyoxigraph import Literal

    from kg.rdf_files import read_quads

    labels: dict[str, dict[str, list[ox.Literal]]] = defaultdict(lambda: defaultdict(list))
    types: dict[str, set[str]] = defaultdict(set)
    left_out: set[str] = set()
    kinds = {SKOS + name: name for name in LABELS}
    types_by_iri = {iri: name for name, row in ENTITY_TYPES.items() for iri in (row.iri, *row.also)}
    for quad in read_quads(path):
        predicate, subject = quad.predicate.value, getattr(quad.subject, "value", "")
        value = getattr(quad.object, "value", "")
        if predicate in kinds and isinstance(quad.object, Literal) and value.strip():
            labels[subject][kinds[predicate]].append(quad.object)
        elif predicate == RDF_TYPE and value in types_by_iri:
            types[subject].add(types_by_iri[value])
        elif predicate == DEPRECATED and value == "true":
            left_out.add(subject)
    for subject, found in labels.items():
        if subject not in left_out and found["prefLabel"] and absolute_iri(subject):
            names = dict.fromkeys(name for kind in LABELS for name in _readable(found[kind]))
            yield Concept(subject, tuple(sorted(types[subject])), tuple(names))


def _readable(labels: list[ox.Literal]) -> list[str]:
    """The English labels and those of no language, else all, in an order that does not depend on the file's."""
    english = [label for label in labels if (label.language or "en").startswith("en")]
    return sorted({" ".join(label.value.split()) for label in english or labels})


def _from_table(path: Path, on_reject: Reject | None) -> Iterator[Concept]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    lines = csv.reader(text.splitlines(), delimiter=delimiter)
    header = [name.strip().casefold() for name in next(lines, [])]
    if missing := [name for name in ("name", "iri") if name not in header]:
        raise InputError(f"{path}: no column {' and '.join(missing)}; needed: name, iri; read too: aliases, type")
    for cells in lines:
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        if reason := _wrong(row):
            if on_reject:
                on_reject(Rejection(f"{path.name}:{lines.line_num}", reason))
            continue
        names = [row["name"], *(alias.strip() for alias in row.get("aliases", "").split(SEPARATOR))]
        types = (row["type"],) if row.get("type") else ()
        yield Concept(row["iri"], types, tuple(dict.fromkeys(" ".join(name.split()) for name in names if name)))


def _wrong(row: dict[str, str]) -> str | None:
    if not row.get("name"):
        return "no name"
    if not absolute_iri(row.get("iri", "")):
        return f"{row.get('iri', '')!r} is no IRI"
    if row.get("type") and row["type"] not in ENTITY_TYPES:
        return f"unknown type {row['type']!r}; valid: {', '.join(ENTITY_TYPES)}"
    return None
