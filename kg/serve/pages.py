"""Pages to read without JavaScript: an entity, a paper, the graph as a whole, and a form for queries.

What a page shows is read from the same store that answers queries. Jinja escapes every text; addresses of others become
links where they are of the web, and texts where not.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from kg.export.iris import web_iri
from kg.export.terms import iri
from kg.export.turtle import prefixed
from kg.serve.documents import Reader
from schemas.vocabulary import ENTITY_TYPES, ONTOLOGY_IRI, ROLES

__all__ = ["STYLE_HASH", "Pages"]

FOLDER = Path(__file__).parent / "templates"
SHOWN = 50  # papers or results of an entity on its page
NEIGHBOURS = 25
SIMILAR = 10
COMMON = 300  # entities of more papers say little of what two papers share
NEWEST = 200  # papers of which an entity's neighbours are counted
TOP = 25  # entities of a type on the page of the graph
ROWS = 1000  # of an answer that are shown in a page
STYLE = (FOLDER / "style.css").read_text(encoding="utf-8")
STYLE_HASH = f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
_PARTS = ("subject", "metric", "dataset", "task", "baseline")


class Pages:
    """Makes pages of what a reader reads.

    Parameters
    ----------
    reader
        The store.
    prefix
        What stands before the paths of our pages in links: "/" as a rule.
    """

    def __init__(self, reader: Reader, prefix: str) -> None:
        self.reader, self.prefix = reader, prefix

    def entity(self, entity: str) -> str:
        """Return the page of an entity, which must be there."""
        reader = self.reader
        papers = [self._naming(*row, entity) for row in reader.naming(entity, SHOWN)]
        return self._render(
            "entity.html",
            thing=entity,
            name=reader.value(entity, "skos:prefLabel"),
            type=self._type(entity),
            aliases=reader.values(entity, "skos:altLabel"),
            count=int(reader.value(entity, "akg:paperCount") or 0),
            matches=reader.values(entity, "skos:exactMatch"),
            family=[self._named(of) for of in reader.values(entity, "akg:variantOf")],
            variants=[self._named(of) for of in reader.subjects("akg:variantOf", entity)],
            current=[self._named(of) for of in reader.values(entity, "dcterms:isReplacedBy")],
            papers=papers,
            neighbours=self._neighbours(entity),
            newest=NEWEST,
            results=self._results(f"?result ?part <{entity}> FILTER(?part IN ({_terms(_PARTS)}))"),
            all_papers=self._all_papers(entity),
        )

    def paper(self, paper: str) -> str:
        """Return the page of a paper, which must be there."""
        reader = self.reader
        authors = sorted(
            (int(reader.value(author, "schema:position") or 0), reader.value(author, "schema:name"))
            for author in reader.values(paper, "schema:author")
        )
        roles = [
            (ROLES[role].label, [self._named(entity) | self._link(paper, role, entity) for entity in entities])
            for role in ROLES
            if (entities := reader.values(paper, f"akg:{role}"))
        ]
        return self._render(
            "paper.html",
            thing=paper,
            name=reader.value(paper, "schema:name"),
            authors=[name for _, name in authors],
            year=reader.value(paper, "dcterms:issued"),
            venue=reader.value(paper, "akg:venue"),
            addresses=[*reader.values(paper, "schema:url"), *reader.values(paper, "schema:sameAs")],
            identifiers=[*reader.values(paper, "dcterms:identifier"), *reader.values(paper, "schema:identifier")],
            abstract=self._abstract(paper),
            roles=roles,
            results=self._results(f"?result <{iri('akg:paper')}> <{paper}>"),
            similar=self._similar(paper),
        )

    def dataset(self) -> str:
        """Return the page of the graph as a whole."""
        reader, dataset = self.reader, self.reader.iris.dataset
        classes = {
            reader.value(part, "void:class").removeprefix(ONTOLOGY_IRI): int(reader.value(part, "void:entities") or 0)
            for part in reader.values(dataset, "void:classPartition")
        }
        top = {f"{row.label.lower()}s": self._top(row.iri) for name, row in ENTITY_TYPES.items() if name in classes}
        return self._render(
            "dataset.html",
            thing=dataset,
            name=reader.value(dataset, "dcterms:title"),
            licence=reader.value(dataset, "dcterms:license"),
            triples=int(reader.value(dataset, "void:triples") or 0),
            classes=classes,
            top=top,
        )

    def form(self, query: str, **answer: Any) -> str:
        """Return the form for queries, with ``columns`` and ``rows``, a ``truth``, a ``text`` or an ``error``."""
        shown = {"columns": None, "rows": (), "more": False, "truth": None, "text": "", "error": ""} | answer
        return self._render("sparql.html", name="SPARQL", query=query, **shown)

    def table(self, query: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, more: bool) -> str:
        """Return the form with the rows of an answer, of which each value is a term of pyoxigraph or None."""
        cells = [[self._cell(value) for value in row] for row in rows]
        return self.form(query, columns=columns, rows=cells, more=more)

    def missing(self, what: str) -> str:
        """Return the page for what is not there."""
        return self._render("missing.html", name="Not found", what=what)

    # What pages are made of

    def _render(self, template: str, **values: Any) -> str:
        return str(
            _templates().get_template(template).render(prefix=self.prefix, href=self.href, style=STYLE, **values)
        )

    def href(self, target: str) -> str:
        """Return where a link to an IRI leads: here for ours, there for others of the web, "" for none."""
        base = self.reader.iris.base
        if target.startswith(base):
            return self.prefix + target[len(base) :]
        if target.startswith(ONTOLOGY_IRI):
            return f"{self.prefix}ontology#{target[len(ONTOLOGY_IRI) :]}"
        return web_iri(target) or ""

    def _named(self, entity: str) -> dict[str, Any]:
        name = self.reader.value(entity, "skos:prefLabel") or self.reader.value(entity, "schema:name")
        return {"iri": entity, "name": name or prefixed(entity).strip("<>"), "type": self._type(entity)}

    def _type(self, entity: str) -> str:
        types = self.reader.values(entity, "rdf:type")
        return next((row.label for row in ENTITY_TYPES.values() if row.iri in types), "")

    def _naming(self, year: str, paper: str, role: str, entity: str) -> dict[str, Any]:
        title = self.reader.value(paper, "schema:name")
        row = {"iri": paper, "name": title, "year": year, "role": ROLES[role].label}
        return row | self._link(paper, role, entity)

    def _link(self, paper: str, role: str, entity: str) -> dict[str, Any]:
        """Return the sentence behind a statement, and how sure its role is."""
        path = entity[len(self.reader.iris.base) + len("entity/") :]
        node = f"{paper}#link/{role}/{path.replace('/', '%2F')}"
        sure = self.reader.value(node, "akg:roleConfidence")
        return {"sentence": self._sentence(self.reader.value(node, "akg:evidence")), "confidence": sure}

    def _sentence(self, stretch: str) -> str:
        selectors = self.reader.values(stretch, "oa:hasSelector") if stretch else []
        return next((found for node in selectors if (found := self.reader.value(node, "oa:exact"))), "")

    def _results(self, pattern: str) -> list[dict[str, Any]]:
        rows = self.reader.query(f"SELECT DISTINCT ?result {{ {pattern} }} ORDER BY ?result LIMIT {SHOWN}")
        return [self._result(result) for (result,) in rows]

    def _result(self, result: str) -> dict[str, Any]:
        reader = self.reader
        parts: dict[str, Any] = {}
        for part in _PARTS:
            entity = reader.value(result, f"akg:{part}")
            parts[part] = (
                self._named(entity) if entity else {"iri": "", "name": reader.value(result, f"akg:{part}Name")}
            )
        paper = reader.value(result, "akg:paper")
        return parts | {
            "value": reader.value(result, "akg:value"),
            "kind": reader.value(result, "akg:kind").removeprefix(ONTOLOGY_IRI),
            "paper": {"iri": paper, "name": reader.value(paper, "schema:name")},
            "sentence": self._sentence(reader.value(result, "akg:evidence")),
        }

    def _neighbours(self, entity: str) -> list[dict[str, Any]]:
        rows = self.reader.query(
            f"SELECT ?other (COUNT(?paper) AS ?n) {{ {{ SELECT ?paper {{ ?paper ?role <{entity}> "
            f"FILTER(?role IN ({_terms(ROLES)})) OPTIONAL {{ ?paper <{iri('dcterms:issued')}> ?year }} }} "
            f"ORDER BY DESC(?year) ?paper LIMIT {NEWEST} }} "
            f"?paper ?also ?other FILTER(?other != <{entity}> && ?also IN ({_terms(ROLES)})) }} "
            f"GROUP BY ?other ORDER BY DESC(?n) ?other LIMIT {NEIGHBOURS}"
        )
        return [self._named(other) | {"count": int(count)} for other, count in rows]

    def _similar(self, paper: str) -> list[dict[str, Any]]:
        some = _terms(name for name in ROLES if name != "mentions")
        rows = self.reader.query(
            f"SELECT ?other (COUNT(?entity) AS ?n) {{ <{paper}> ?role ?entity . "
            f"?entity <{iri('akg:paperCount')}> ?papers FILTER(?role IN ({some}) && ?papers < {COMMON}) "
            f"?other ?also ?entity FILTER(?other != <{paper}> && ?also IN ({some})) }} "
            f"GROUP BY ?other ORDER BY DESC(SUM(1.0 / ?papers)) ?other LIMIT {SIMILAR}"
        )
        return [self._named(other) | {"count": int(count)} for other, count in rows]

    def _top(self, type_: str) -> list[dict[str, Any]]:
        rows = self.reader.query(
            f"SELECT ?entity ?n {{ ?entity a <{type_}> ; <{iri('akg:paperCount')}> ?n }} "
            f"ORDER BY DESC(?n) ?entity LIMIT {TOP}"
        )
        return [self._named(entity) | {"count": int(count)} for entity, count in rows]

    def _abstract(self, paper: str) -> list[dict[str, str]]:
        """Return the abstract in pieces, those that name an entity with its IRI."""
        title, abstract = self.reader.value(paper, "dcterms:title"), self.reader.value(paper, "dcterms:abstract")
        text, pieces, done = f"{title}\n{abstract}", [], len(title) + 1
        for start, end, entity in sorted(self._mentions(paper)):
            if done <= start < end <= len(text):
                pieces += [{"text": text[done:start], "iri": ""}, {"text": text[start:end], "iri": entity}]
                done = end
        return [*pieces, {"text": text[done:], "iri": ""}]

    def _mentions(self, paper: str) -> Iterable[tuple[int, int, str]]:
        rows = self.reader.query(
            f"SELECT ?start ?end ?entity {{ ?text <{iri('oa:hasSource')}> <{paper}> . "
            f"?text <{iri('oa:hasSelector')}> ?place . ?place <{iri('oa:start')}> ?start ; <{iri('oa:end')}> ?end . "
            f"?mention <{iri('oa:hasTarget')}> ?text ; <{iri('oa:hasBody')}> ?entity }}"
        )
        return [(int(start), int(end), entity) for start, end, entity in rows]

    def _all_papers(self, entity: str) -> str:
        """Return a link to a query for all papers that name an entity."""
        roles = ", ".join(f"akg:{role}" for role in ROLES)
        query = (
            f"SELECT ?year ?role ?title ?paper {{\n  ?paper ?role <{entity}> ; schema:name ?title .\n"
            f"  FILTER(?role IN ({roles}))\n  OPTIONAL {{ ?paper dcterms:issued ?year }}\n"
            "} ORDER BY DESC(?year) ?title"
        )
        return f"{self.prefix}sparql?{urlencode({'query': query}, quote_via=quote)}"

    def _cell(self, value: Any) -> dict[str, str]:
        if value is None:
            return {"text": "", "href": ""}
        if type(value).__name__ == "NamedNode":
            return {"text": prefixed(value.value).strip("<>"), "href": self.href(value.value)}
        return {"text": getattr(value, "value", str(value)), "href": ""}


def _terms(names: Iterable[str]) -> str:
    return ", ".join(f"<{iri(f'akg:{name}')}>" for name in names)


@cache
def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
