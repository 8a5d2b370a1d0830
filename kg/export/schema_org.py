"""schema.org in JSON-LD: what search engines, reference managers and web pages read of a paper.

A paper is a ``ScholarlyArticle``; what it introduces and uses is what it is ``about``, what it compares with and
mentions it ``mentions``. A data set is a ``Dataset``, all else a ``DefinedTerm`` of its type, with its external
identities as ``sameAs``. In a file of several papers these stand in ``@graph``. The whole graph, evidence and results
included, is what ``.jsonld`` gives.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kg.export import replacing
from kg.export.iris import Iris, absolute_iri, arxiv_iri, doi_iri, web_iri
from kg.frames import whole
from schemas.records import Entity, Paper
from schemas.vocabulary import ENTITY_TYPES

if TYPE_CHECKING:
    from kg.graph import KnowledgeGraph

__all__ = ["to_schema_org", "write_schema_org"]

CONTEXT: Final = "https://schema.org"
ABOUT: Final = ("introduces", "uses")


def to_schema_org(graph: KnowledgeGraph, paper_id: str) -> dict[str, Any]:
    """Return a paper as a JSON-LD document.

    Raises
    ------
    InputError
        No paper has that id.

    Examples
    --------
    >>> from kg.graph import KnowledgeGraph
    >>> graph = KnowledgeGraph(papers=[Paper(id="a", title="On X", year=2020)], entities=[], links=[])
    >>> {name: value for name, value in to_schema_org(graph, "a").items() if name in ("@type", "datePublished")}
    {'@type': 'ScholarlyArticle', 'datePublished': '2020'}
    """
    return {"@context": CONTEXT} | _article(graph, graph.paper(paper_id), Iris(graph.info.base_iri))


def write_schema_org(graph: KnowledgeGraph, path: Path) -> None:
    """Write the papers of ``graph`` to ``path``; the file can stand inside a ``<script>`` as it is.

    Raises
    ------
    OSError
        The file cannot be written there; a file that was there is then untouched.
    """
    iris = Iris(graph.info.base_iri)
    articles = [_article(graph, paper, iris) for paper in graph.papers]
    document = {"@context": CONTEXT} | (articles[0] if len(articles) == 1 else {"@graph": articles})
    text = json.dumps(document, indent=1, ensure_ascii=False).replace("<", "\\u003c")
    with replacing(path) as file:
        file.write(text.encode() + b"\n")


def _article(graph: KnowledgeGraph, paper: Paper, iris: Iris) -> dict[str, Any]:
    named: dict[str, list[dict[str, Any]]] = {"about": [], "mentions": []}
    for link in graph.links_from(paper.id):
        described = _thing(graph.entity(link.entity_id), iris)
        named["about" if link.role in ABOUT else "mentions"].append(described)
    same_as = [doi_iri(paper.doi) if paper.doi else None, arxiv_iri(paper.arxiv_id) if paper.arxiv_id else None]
    article = {
        "@type": "ScholarlyArticle",
        "@id": iris.paper(paper.id),
        "headline": paper.title,
        "name": paper.title,
        "abstract": paper.abstract,
        "author": [{"@type": "Person", "name": author} for author in paper.authors],
        "datePublished": "" if paper.year is None else f"{paper.year:04d}",
        "isPartOf": {"@type": "CreativeWorkSeries", "name": paper.venue} if paper.venue else None,
        "url": web_iri(paper.url) if paper.url else None,
        "sameAs": [iri for iri in same_as if iri],
        "identifier": _identifiers(paper),
        "keywords": list(paper.keywords),
        **named,
    }
    return _present(article)


def _identifiers(paper: Paper) -> list[dict[str, str]]:
    known = (("doi", paper.doi), ("arxiv", paper.arxiv_id))
    return [{"@type": "PropertyValue", "propertyID": name, "value": value} for name, value in known if value]


def _thing(entity: Entity, iris: Iris) -> dict[str, Any]:
    same_as = [iri for iri in map(absolute_iri, entity.same_as) if iri]
    thing: dict[str, Any] = {"@id": iris.entity(entity.id), "name": entity.name}
    thing["alternateName"] = [alias.name for alias in entity.aliases if alias.name != entity.name]
    thing["sameAs"] = same_as
    if entity.type == "Dataset":
        return _present({"@type": "Dataset"} | thing)
    row = ENTITY_TYPES[entity.type]
    term_set = {"@type": "DefinedTermSet", "@id": row.iri, "name": row.label}
    return _present({"@type": "DefinedTerm"} | thing | {"inDefinedTermSet": term_set})


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: whole(value) for name, value in values.items() if value not in (None, "", [])}
