"""The ontology as one HTML page: every term with its definition, its place and what it aligns with."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import schemas
from kg.export import replacing
from kg.export.terms import iri
from kg.export.turtle import prefixed
from schemas.errors import InputError, UnknownFormat
from schemas.vocabulary import ONTOLOGY_IRI

if TYPE_CHECKING:
    import rdflib
    from rdflib.term import Node, URIRef

__all__ = ["ontology_page", "write_ontology"]

SECTIONS = {"Class": "Classes", "ObjectProperty": "Object properties", "DatatypeProperty": "Datatype properties"}
SECTIONS |= {"NamedIndividual": "Individuals"}
# What is shown of a term beside its comment: the property, and how the page calls it.
ROWS = {
    "rdfs:subClassOf": "subclass of",
    "rdfs:subPropertyOf": "subproperty of",
    "rdfs:domain": "domain",
    "rdfs:range": "range",
    "rdf:type": "is a",
    "owl:oneOf": "one of",
    "skos:closeMatch": "close match",
    "skos:broadMatch": "broad match",
    "skos:relatedMatch": "related match",
}
STYLE = """
:root { color-scheme: light dark;
  --line: #cbd5e1; --ink: #0f172a; --faint: #475569; --ground: #ffffff; --link: #1d4ed8 }
@media (prefers-color-scheme: dark) {
  :root { --line: #334155; --ink: #e2e8f0; --faint: #94a3b8; --ground: #0f172a; --link: #7aa2ff }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); margin: 0 auto;
  max-width: 60rem; padding: 1.5rem }
a { color: var(--link) }
nav ul { columns: 14rem; padding-left: 1.2rem }
section section { border-top: 1px solid var(--line); padding: .25rem 0 .75rem }
h3 { margin: .75rem 0 .25rem }
h3 small, dt { color: var(--faint); font-weight: normal }
dl { display: grid; grid-template-columns: 9rem 1fr; gap: .15rem 1rem; margin: .5rem 0 }
dd { margin: 0; overflow-wrap: anywhere }
code { font-size: .9em }
@media (max-width: 32rem) { dl { grid-template-columns: 1fr } dd { margin-left: 1rem } }
"""


def write_ontology(path: Path) -> None:
    """Write the ontology to ``path``: a page as ``.html``, Turtle as ``.ttl``.

    Raises
    ------
    UnknownFormat, InputError
        Another suffix; the file cannot be written.
    """
    forms = {".html": lambda: ontology_page().encode(), ".ttl": lambda: _source().read_bytes()}
    if path.suffix.lower() not in forms:
        raise UnknownFormat(f"{path}: the ontology is written as .html or .ttl, not as {path.suffix!r}")
    try:
        with replacing(path) as file:
            file.write(forms[path.suffix.lower()]())
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error


def ontology_page() -> str:
    """Return the page, which needs nothing else: no script, no network.

    >>> "akg:Paper" in ontology_page()
    True
    """
    import rdflib

    graph = rdflib.Graph().parse(_source(), format="turtle")
    (document,) = graph.subjects(rdflib.RDF.type, rdflib.OWL.Ontology)
    title, about, version, licence = (
        str(graph.value(document, term) or "")
        for term in (rdflib.DCTERMS.title, rdflib.DCTERMS.description, rdflib.OWL.versionInfo, rdflib.DCTERMS.license)
    )
    sections = {heading: _terms(graph, rdflib.OWL[kind]) for kind, heading in SECTIONS.items()}
    contents = "".join(
        f"<li><a href='#{_local(term)}'>{escape(prefixed(term))}</a></li>\n"
        for terms in sections.values()
        for term in terms
    )
    body = "".join(
        f"<section>\n<h2>{heading}</h2>\n{''.join(_section(graph, term) for term in terms)}</section>\n"
        for heading, terms in sections.items()
    )
    return (
        "<!DOCTYPE html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n<p>{escape(about)}</p>\n"
        f"<dl><dt>namespace</dt><dd><code>{escape(ONTOLOGY_IRI)}</code></dd><dt>prefix</dt><dd><code>akg</code></dd>"
        f"<dt>version</dt><dd>{escape(version)}</dd><dt>licence</dt><dd>{_link(licence)}</dd></dl>\n"
        f"<nav aria-label='Terms'>\n<ul>\n{contents}</ul>\n</nav>\n{body}</main>\n</body>\n</html>\n"
    )


def _source() -> Path:
    return Path(schemas.__path__[0], "ontology.ttl")


def _terms(graph: rdflib.Graph, kind: Node) -> list[URIRef]:
    """Return our terms of a kind, in the order of their names."""
    from rdflib import RDF, URIRef

    found = {term for term in graph.subjects(RDF.type, kind) if isinstance(term, URIRef)}
    return sorted(term for term in found if term.startswith(ONTOLOGY_IRI))


def _local(term: str) -> str:
    return escape(term.removeprefix(ONTOLOGY_IRI))


def _section(graph: rdflib.Graph, term: URIRef) -> str:
    from rdflib import RDFS

    label, comment = (str(graph.value(term, of)) for of in (RDFS.label, RDFS.comment))
    rows = "".join(f"<dt>{name}</dt><dd>{', '.join(values)}</dd>\n" for name, values in _rows(graph, term))
    return (
        f"<section id='{_local(term)}'>\n<h3>{escape(label)} "
        f"<small><code>{escape(prefixed(term))}</code></small></h3>\n<p>{escape(comment)}</p>\n<dl>\n{rows}</dl>\n</section>\n"
    )


def _rows(graph: rdflib.Graph, term: URIRef) -> Iterator[tuple[str, list[str]]]:
    from rdflib import OWL, BNode, URIRef

    for name, shown in ROWS.items():
        values = list(graph.objects(term, URIRef(iri(name))))
        members = [item for value in values for item in (graph.items(value) if isinstance(value, BNode) else [value])]
        kinds = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.NamedIndividual} if name == "rdf:type" else ()
        links = sorted(_link(str(member)) for member in members if member not in kinds)
        if links:
            yield shown, links


def _link(target: str) -> str:
    """Return a link, within the page where the term is ours."""
    href = f"#{_local(target)}" if target.startswith(ONTOLOGY_IRI) else escape(target)
    return f"<a href='{href}'><code>{escape(prefixed(target).strip('<>'))}</code></a>"
