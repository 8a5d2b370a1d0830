"""What the server says of a thing in RDF: the statements of the graph, in the forms in which ``kg export`` writes.

A paper comes with all of its named graph (links, mentions, results) and the names of what it speaks of; an entity with
its variants and former ids, and with the papers that name it, the newest first, up to ``MOST_PAPERS``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kg.export.iris import Iris
from kg.export.rdf import syntax_of
from kg.export.terms import Block, Blocks, Literal, iri
from schemas.vocabulary import ROLES

if TYPE_CHECKING:
    from pyoxigraph import Quad, Store

__all__ = ["MOST_PAPERS", "Reader", "describe", "write"]

MOST_PAPERS = 500
_FIRST = [iri(name) for name in ("rdf:type", "skos:prefLabel", "schema:name", "dcterms:title", "dcterms:abstract")]
_RANK = {predicate: rank for rank, predicate in enumerate(_FIRST)}


class Reader:
    """A store, read subject by subject.

    Parameters
    ----------
    store
        All statements of a graph.
    base
        The graph's base IRI.
    """

    def __init__(self, store: Store, base: str) -> None:
        self.store, self.iris = store, Iris(base)

    def block(self, subject: str, *predicates: str) -> Block:
        """Return what is said of a subject, with some predicates (prefixed names) or with all."""
        block: Block = {}
        for predicate in map(iri, predicates) if predicates else (None,):
            for quad in self._quads(subject, predicate):
                block.setdefault(quad.predicate.value, {})[_plain(quad.object)] = None
        return _ordered(block)

    def values(self, subject: str, predicate: str) -> list[str]:
        """Return the values of a property (a prefixed name), in order: IRIs and texts."""
        found = (_plain(quad.object) for quad in self._quads(subject, iri(predicate)))
        return sorted(value if isinstance(value, str) else value.value for value in found)

    def value(self, subject: str, predicate: str) -> str:
        """Return the value of a property, "" where there is none."""
        return next(iter(self.values(subject, predicate)), "")

    def subjects(self, predicate: str, target: str) -> list[str]:
        """Return the subjects of which a property has ``target``, in order."""
        from pyoxigraph import NamedNode

        quads = self.store.quads_for_pattern(None, NamedNode(iri(predicate)), NamedNode(target), None)
        return sorted(quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode))

    def graph(self, name: str) -> Blocks:
        """Return all statements of a named graph."""
        from pyoxigraph import NamedNode

        blocks: Blocks = {}
        for quad in self.store.quads_for_pattern(None, None, None, NamedNode(name)):
            block = blocks.setdefault(_plain(quad.subject), {})  # type: ignore[arg-type]  # we write IRIs alone
            block.setdefault(quad.predicate.value, {})[_plain(quad.object)] = None
        return {subject: _ordered(blocks[subject]) for subject in sorted(blocks, key=_natural)}

    def exists(self, subject: str) -> bool:
        """Tell whether anything is said of a subject."""
        return next(self._quads(subject, None), None) is not None

    def has_graph(self, name: str) -> bool:
        """Tell whether a named graph is there."""
        from pyoxigraph import NamedNode

        return next(self.store.quads_for_pattern(None, None, None, NamedNode(name)), None) is not None

    def naming(self, entity: str, most: int) -> list[tuple[str, str, str]]:
        """Return the newest papers that name an entity: year or "", IRI of the paper, name of the role."""
        roles = ", ".join(f"<{iri(f'akg:{role}')}>" for role in ROLES)
        rows = self.query(
            f"SELECT ?year ?paper ?role {{ ?paper ?role <{entity}> FILTER(?role IN ({roles})) "
            f"OPTIONAL {{ ?paper <{iri('dcterms:issued')}> ?year }} }} ORDER BY DESC(?year) ?paper ?role LIMIT {most:d}"
        )
        return [(year, paper, role.removeprefix(iri("akg:"))) for year, paper, role in rows]

    def query(self, query: str) -> list[tuple[str, ...]]:
        """Return the rows of a SELECT query of our own: IRIs and texts, "" where there is no value."""
        from pyoxigraph import QuerySolutions

        found = self.store.query(query, use_default_graph_as_union=True)
        assert isinstance(found, QuerySolutions)
        return [tuple(getattr(value, "value", "") for value in row) for row in found]

    def _quads(self, subject: str, predicate: str | None) -> Iterator[Quad]:
        from pyoxigraph import NamedNode

        try:
            node = NamedNode(subject)
        except ValueError:  # no IRI, so that nothing is said of it
            return iter(())
        return self.store.quads_for_pattern(node, NamedNode(predicate) if predicate else None, None, None)


def describe(reader: Reader, subject: str) -> Blocks:
    """Return what is to be said of the thing with the IRI ``subject``, empty for none."""
    iris = reader.iris
    if subject == iris.dataset:
        return reader.graph(iris.header_graph)
    if subject.startswith(f"{iris.base}paper/"):
        return _paper(reader, subject)
    if subject.startswith(f"{iris.base}entity/"):
        return _entity(reader, subject)
    return {}


def _paper(reader: Reader, paper: str) -> Blocks:
    path = paper[len(reader.iris.base) + len("paper/") :]
    found = reader.graph(f"{reader.iris.base}graph/paper/{path}")
    if paper not in found:
        return {}
    blocks = {paper: found.pop(paper), **found}
    entities = f"{reader.iris.base}entity/"
    named = {value for block in found.values() for values in block.values() for value in values}
    named |= {value for values in blocks[paper].values() for value in values}
    for entity in sorted(value for value in named if isinstance(value, str) and value.startswith(entities)):
        blocks[entity] = reader.block(entity, "rdf:type", "skos:prefLabel")
    return blocks


def _entity(reader: Reader, entity: str) -> Blocks:
    blocks: Blocks = {entity: reader.block(entity)}
    if not blocks[entity]:
        return {}
    for variant in reader.subjects("akg:variantOf", entity):
        blocks[variant] = reader.block(variant, "rdf:type", "skos:prefLabel", "akg:variantOf")
    for former in reader.subjects("dcterms:isReplacedBy", entity):
        blocks[former] = reader.block(former)
    for _, paper, role in reader.naming(entity, MOST_PAPERS):
        block = blocks.setdefault(paper, reader.block(paper, "rdf:type", "schema:name", "dcterms:issued"))
        block.setdefault(iri(f"akg:{role}"), {})[entity] = None
    return blocks


def write(blocks: Blocks, form: str, base: str) -> Iterable[bytes]:
    """Yield statements in a form: "ttl", "nt", "jsonld" or "rdf"."""
    syntax = syntax_of(form, base)
    yield syntax.head().encode()
    between = ""
    for subject, block in blocks.items():
        yield (between + syntax.block(subject, block, "")).encode()
        between = syntax.between
    yield syntax.tail().encode()


def _plain(term: object) -> str | Literal:
    from pyoxigraph import Literal as OxLiteral
    from pyoxigraph import NamedNode

    if isinstance(term, OxLiteral):
        whole = term.datatype.value == iri("xsd:decimal") and "." not in term.value  # as stores write 1.0
        return Literal(f"{term.value}.0" if whole else term.value, term.datatype.value)
    assert isinstance(term, NamedNode), term  # we write no blank node
    return term.value


def _ordered(block: Block) -> Block:
    """Types and names come first, the rest by name; values by their text."""
    return {
        predicate: dict.fromkeys(sorted(block[predicate], key=_natural))
        for predicate in sorted(block, key=lambda name: (_RANK.get(name, len(_RANK)), name))
    }


def _natural(value: str | Literal) -> list[tuple[int, str]]:
    """Numbers in a text are compared as numbers."""
    text = value if isinstance(value, str) else value.value
    return [
        (int(part), "") if part.isdigit() and part.isascii() else (0, part) for part in re.split(r"(\d{1,18})", text)
    ]
