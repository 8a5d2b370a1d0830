"""The shapes of ``schemas/shapes.ttl`` checked statement by statement, for graphs of millions.

The same constraints as :mod:`kg.validate`, which hands them to pyshacl, with the same words; only the statements of one
subject at a time are in memory, beside eight bytes for each subject and for some of the nodes that it leads to. Nodes
that a shape speaks of only because another leads there (a paper that is nowhere described) are looked up in a second
reading.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kg.export.quads import quads
from kg.export.terms import Literal, iri
from kg.export.turtle import prefixed
from kg.rdf_files import read_quads
from kg.streaming import StoredGraph
from kg.validate import LONGEST, SAYINGS, Report, shapes
from schemas.errors import InputError

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["check_structure"]

Term = str | Literal  # an IRI, "_:" and the name of a blank node, or a literal
Facts = dict[str, list[Term]]  # what is said of one subject, by predicate
Triple = tuple[str, str, Term]

PACKED = 1 << 20  # hashes that wait to be sorted in
_TYPE = iri("rdf:type")
_LEXICAL = {
    iri("xsd:integer"): re.compile(r"[+-]?\d+"),
    iri("xsd:decimal"): re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)"),
    iri("xsd:gYear"): re.compile(r"-?\d{4,}(Z|[+-]\d\d:\d\d)?"),
    iri("xsd:dateTime"): re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"),
}


@dataclass(slots=True)
class _Property:
    """The constraints on one property: name of the constraint -> its limit."""

    path: str
    limits: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Shape:
    """A node shape: of which nodes it speaks, and what it says."""

    name: str
    classes: set[str]
    subjects_of: set[str]
    objects_of: set[str]
    only_iris: bool
    members: frozenset[str]  # of sh:in, empty without
    closed: frozenset[str] | None  # the properties that are allowed, None for all
    properties: list[_Property]


def check_structure(source: str | Path) -> Report:
    """Check an RDF file, or a folder that ``kg build`` wrote, against the shapes.

    The statements of a subject must follow each other in the file, as in all that we write.

    Raises
    ------
    InputError, StoreError
        The file or folder cannot be read; statements of a subject stand apart.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.nt")
    >>> _ = path.write_text("<urn:a> <https://w3id.org/abstractkg/ontology#paper> <urn:b> .")
    >>> check_structure(path).violations[0]
    '<urn:b> dcterms:identifier has fewer values than 1'
    """
    path = Path(source)
    lines: set[str] = set()
    count = 0
    by_object = {of: [s.name for s in _shapes() if of in s.objects_of] for s in _shapes() for of in s.objects_of}
    reached = {name: _Keys() for names in by_object.values() for name in names}
    checked = {name: _Keys() for name in reached}
    seen = _Keys()
    for subject, facts in _subjects(path):
        key = hash(subject)
        seen.add([key])
        count += sum(map(len, facts.values()))
        for shape in _shapes_of(facts):
            if shape.name in checked:
                checked[shape.name].add([key])
            lines.update(_violations(shape, subject, facts))
        for predicate in facts.keys() & by_object.keys():
            for name in by_object[predicate]:
                reached[name].add(map(hash, facts[predicate]))
    seen.pack()
    if seen.twice is not None:
        apart = next(subject for subject, _ in _subjects(path) if hash(subject) == seen.twice)
        raise InputError(f"{path}: statements of {apart} stand apart: check it without --fast")
    missing = {name: keys.without(checked[name]) for name, keys in reached.items()}
    if any(len(keys.hashes) for keys in missing.values()):
        lines.update(_second_reading(path, missing, seen, by_object))
    return Report(not lines, tuple(sorted(lines)), count)


def _second_reading(
    path: Path, missing: dict[str, _Keys], seen: _Keys, by_object: dict[str, list[str]]
) -> Iterator[str]:
    """Check nodes that a shape speaks of only because another leads there."""
    by_name = {shape.name: shape for shape in _shapes()}
    nowhere = {name: set(keys.without(seen).hashes.tolist()) for name, keys in missing.items()}
    described = {name: set(keys.hashes.tolist()) - nowhere[name] for name, keys in missing.items()}
    found: set[tuple[str, Term]] = set()
    for subject, facts in _subjects(path):
        key = hash(subject)
        for name, keys in described.items():
            if key in keys:
                yield from _violations(by_name[name], subject, facts)
        for predicate in facts.keys() & by_object.keys():
            for name in by_object[predicate]:
                if nowhere[name]:
                    found.update((name, node) for node in facts[predicate] if hash(node) in nowhere[name])
    for name, node in found:
        yield from _violations(by_name[name], node, {})


class _Keys:
    """A set of hashes in eight bytes each, where a set of Python takes ten times as many."""

    def __init__(self) -> None:
        self._new = array("q")
        self.hashes = np.empty(0, np.int64)
        self.twice: int | None = None  # one that was added twice, if any was

    def add(self, keys: Iterable[int]) -> None:
        """Add hashes."""
        self._new.extend(keys)
        if len(self._new) >= PACKED:
            self.pack()

    def pack(self) -> None:
        """Sort in what was added."""
        both = np.concatenate((self.hashes, np.array(self._new, np.int64)))
        both.sort()
        is_first = np.ones(len(both), bool)
        is_first[1:] = both[1:] != both[:-1]
        if not is_first.all():
            self.twice = int(both[~is_first][0])
        self.hashes, self._new = both[is_first], array("q")

    def without(self, others: _Keys) -> _Keys:
        """Return the hashes that are not among others."""
        self.pack()
        others.pack()
        found = _Keys()
        found.hashes = np.setdiff1d(self.hashes, others.hashes, assume_unique=True)
        return found


def _subjects(path: Path) -> Iterator[tuple[str, Facts]]:
    with ExitStack() as stack:
        triples: Iterable[Triple]
        if path.is_dir():
            stored = stack.enter_context(StoredGraph(path))
            triples = (quad[:3] for quad in quads(stored))
        else:
            triples = ((_plain(q.subject), q.predicate.value, _term(q.object)) for q in read_quads(path))
        for subject, group in groupby(triples, itemgetter(0)):
            facts: Facts = {}
            for _, predicate, value in group:
                values = facts.setdefault(predicate, [])
                if value not in values:
                    values.append(value)
            yield subject, facts


def _plain(node: Any) -> str:
    return node.value if type(node).__name__ == "NamedNode" else f"_:{node.value}"


def _term(node: Any) -> Term:
    if type(node).__name__ != "Literal":
        return _plain(node)
    return Literal(node.value, node.datatype.value)


def _shapes_of(facts: Facts) -> Iterable[_Shape]:
    classes = frozenset(value for value in facts.get(_TYPE, ()) if isinstance(value, str))
    return _chosen(shapes(), classes, frozenset(facts))


@cache
def _chosen(graph: Graph, classes: frozenset[str], predicates: frozenset[str]) -> tuple[_Shape, ...]:
    return tuple(shape for shape in _as_values(graph) if shape.classes & classes or shape.subjects_of & predicates)


def _shapes() -> tuple[_Shape, ...]:
    """Return the shapes as plain values."""
    return _as_values(shapes())


@cache
def _as_values(graph: Graph) -> tuple[_Shape, ...]:
    from rdflib import RDF, SH

    found = []
    for node in sorted(graph.subjects(RDF.type, SH.NodeShape), key=str):
        properties = [_property(part) for part in graph.objects(node, SH.property)]
        closed = None
        if (node, SH.closed, None) in graph:
            ignored = (str(path) for of in graph.objects(node, SH.ignoredProperties) for path in graph.items(of))
            closed = frozenset({part.path for part in properties} | set(ignored))
        members = graph.value(node, SH["in"])
        found.append(
            _Shape(
                name=str(node),
                classes={str(of) for of in graph.objects(node, SH.targetClass)},
                subjects_of={str(of) for of in graph.objects(node, SH.targetSubjectsOf)},
                objects_of={str(of) for of in graph.objects(node, SH.targetObjectsOf)},
                only_iris=(node, SH.nodeKind, SH.IRI) in graph,
                members=frozenset(map(str, graph.items(members))) if members else frozenset(),
                closed=closed,
                properties=properties,
            )
        )
    return tuple(found)


def _property(part: Node) -> _Property:
    from rdflib import SH

    graph = shapes()
    found = _Property(path=str(graph.value(part, SH.path)))
    for constraint, limit in graph.predicate_objects(part):
        name = str(constraint).removeprefix(str(SH))
        if name == "path":
            continue
        if name == "qualifiedValueShape":
            found.limits[name] = frozenset(
                str(member) for of in graph.objects(limit, SH["in"]) for member in graph.items(of)
            )
        elif name == "in":
            found.limits[name] = frozenset(map(str, graph.items(limit)))
        else:
            found.limits[name] = Decimal(str(limit)) if name in _NUMERIC else str(limit)
    return found


def _violations(shape: _Shape, node: Term, facts: Facts) -> Iterator[str]:
    if shape.only_iris and not _is_iri(node):
        yield SAYINGS["NodeKind"][1].format(value=_show(node), limit="sh:IRI")
    if shape.members and node not in shape.members:
        yield SAYINGS["In"][1].format(value=_show(node), limit=" ".join(sorted(map(prefixed, shape.members))))
    if shape.closed is not None:
        for predicate in facts.keys() - shape.closed:
            for value in facts[predicate]:
                saying = SAYINGS["Closed"][1].format(value=_show(value))
                yield f"{_show(node)} {prefixed(predicate)} {saying}"
    for part in shape.properties:
        values = facts.get(part.path, [])
        for name, limit in part.limits.items():
            for wrong in _CHECKS[name](values, limit, part, facts):
                component = name[0].upper() + name[1:]
                saying = SAYINGS[component][1].format(value=_show(wrong), limit=_show_limit(name, limit))
                yield f"{_show(node)} {prefixed(part.path)} {saying}"


def _is_iri(node: Term) -> bool:
    return isinstance(node, str) and not node.startswith("_:")


def _typed(value: Term, datatype: str) -> bool:
    if not isinstance(value, Literal) or value.datatype != datatype:
        return False
    return datatype not in _LEXICAL or _LEXICAL[datatype].fullmatch(value.value) is not None


def _number(value: Term) -> Decimal | None:
    if not isinstance(value, Literal) or value.datatype not in (iri("xsd:integer"), iri("xsd:decimal")):
        return None
    try:
        return Decimal(value.value)
    except InvalidOperation:
        return None


def _beyond(value: Term, limit: Decimal, sign: int) -> bool:
    number = _number(value)
    return number is None or (number - limit) * sign > 0


def _not_less(values: list[Term], others: list[Term]) -> Iterator[Term]:
    for value in values:
        for other in others:
            one, two = _number(value), _number(other)
            if one is None or two is None or one >= two:
                yield value


_NUMERIC: tuple[str, ...] = ("minCount", "maxCount", "minLength", "minInclusive", "maxInclusive")
_NUMERIC += ("qualifiedMinCount", "qualifiedMaxCount")
_NODE: list[Term] = [""]  # a violation of the node as a whole: the saying names no value
_Check = Callable[[list[Term], Any, _Property, Facts], Iterable[Term]]
_CHECKS: dict[str, _Check] = {
    "minCount": lambda values, limit, part, facts: _NODE if len(values) < limit else (),
    "maxCount": lambda values, limit, part, facts: _NODE if len(values) > limit else (),
    "hasValue": lambda values, limit, part, facts: () if limit in values else _NODE,
    "datatype": lambda values, limit, part, facts: [value for value in values if not _typed(value, limit)],
    "nodeKind": lambda values, limit, part, facts: [value for value in values if not _is_iri(value)],
    "minLength": lambda values, limit, part, facts: [v for v in values if len(getattr(v, "value", v)) < limit],
    "minInclusive": lambda values, limit, part, facts: [value for value in values if _beyond(value, limit, -1)],
    "maxInclusive": lambda values, limit, part, facts: [value for value in values if _beyond(value, limit, 1)],
    "lessThan": lambda values, limit, part, facts: _not_less(values, facts.get(limit, [])),
    "in": lambda values, limit, part, facts: [value for value in values if value not in limit],
    "qualifiedValueShape": lambda values, limit, part, facts: (),
    "qualifiedMinCount": lambda values, limit, part, facts: _NODE if _qualified(values, part) < limit else (),
    "qualifiedMaxCount": lambda values, limit, part, facts: _NODE if _qualified(values, part) > limit else (),
}


def _qualified(values: list[Term], part: _Property) -> int:
    return len(part.limits["qualifiedValueShape"].intersection(value for value in values if isinstance(value, str)))


def _show(node: Term) -> str:
    if isinstance(node, str):
        return node if node.startswith("_:") else prefixed(node)
    text = node.value if _number(node) is not None else repr(node.value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _show_limit(name: str, limit: Any) -> str:
    if isinstance(limit, frozenset):
        return " ".join(sorted(map(prefixed, limit)))
    return str(limit) if name in _NUMERIC else prefixed(limit)
