"""The ontology over HTTP: the page of ``kg ontology``, or its statements in a form of RDF."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import schemas
from kg.serve.negotiation import DOCUMENTS, choose
from kg.serve.refusal import Refusal
from schemas.vocabulary import NAMESPACES

__all__ = ["ontology_document"]

_KINDS = {"nt": "N_TRIPLES", "jsonld": "JSON_LD", "rdf": "RDF_XML"}


def ontology_document(accept: str | None, form: str | None) -> tuple[str, bytes]:
    """Return content type and content of the ontology, in the form given, or else the one that the client likes.

    Raises
    ------
    Refusal
        There is no such form.

    Examples
    --------
    >>> ontology_document("application/ld+json", None)[0]
    'application/ld+json'
    """
    if form is not None and form not in DOCUMENTS:
        raise Refusal(400, f"no format {form!r}; available: {', '.join(DOCUMENTS)}")
    name = form or choose(accept, DOCUMENTS)
    if name is None:
        raise Refusal(406, f"available: {', '.join(types[0] for types in DOCUMENTS.values())}")
    kind = DOCUMENTS[name][0]
    return (f"{kind}; charset=utf-8" if kind.startswith("text/") else kind), _written(name)


@cache
def _written(name: str) -> bytes:
    from pyoxigraph import RdfFormat, parse, serialize

    from kg.ontology import ontology_page

    source = Path(schemas.__path__[0], "ontology.ttl").read_bytes()
    if name == "html":
        return ontology_page().encode()
    if name == "ttl":
        return source
    triples = (quad.triple for quad in parse(source, format=RdfFormat.TURTLE))
    return serialize(triples, format=getattr(RdfFormat, _KINDS[name]), prefixes=NAMESPACES) or b""
