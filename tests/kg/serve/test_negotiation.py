import pytest

from kg.serve.negotiation import DOCUMENTS, GRAPHS, TABLES, accepts_html, choose

FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
RDFLIB = "application/rdf+xml,text/rdf+n3;q=0.8,application/n-triples;q=0.5"


@pytest.mark.parametrize(
    ("accept", "offers", "form"),
    [
        (None, DOCUMENTS, "ttl"),
        ("", DOCUMENTS, "ttl"),
        ("*/*", DOCUMENTS, "ttl"),
        (FIREFOX, DOCUMENTS, "html"),
        (RDFLIB, DOCUMENTS, "rdf"),
        ("text/turtle", DOCUMENTS, "ttl"),
        ("TEXT/Turtle;Q=0.5, application/ld+json;q=0.4", DOCUMENTS, "ttl"),
        ("text/turtle;q=0.5;x=1, application/ld+json", DOCUMENTS, "jsonld"),
        ("text/*;q=0.3, text/html;q=0.7, */*;q=0.1", DOCUMENTS, "html"),
        ("text/turtle;q=0, */*", DOCUMENTS, "ttl"),  # it has another name, which is not refused
        ("text/*;q=0, application/*", GRAPHS, "ttl"),
        ("application/n-triples", GRAPHS, "nt"),
        ("image/png", DOCUMENTS, None),
        ("text/html", GRAPHS, None),
        ("garbage", DOCUMENTS, None),
        ("text/csv", TABLES, "csv"),
        ("application/xml", TABLES, "xml"),
        ("application/json;q=0.9, text/tab-separated-values", TABLES, "tsv"),
        ("text/turtle;q=2, text/html;q=0.9", DOCUMENTS, "ttl"),
        (",,;q=1,text/html", DOCUMENTS, "html"),
        ("a/b," * 10_000 + "text/html", DOCUMENTS, "html"),
    ],
)
def test_the_form_that_is_liked_best_is_chosen(accept, offers, form):
    assert choose(accept, offers) == form


def test_a_browser_is_one_that_names_html():
    assert [accepts_html(accept) for accept in (FIREFOX, "*/*", None, RDFLIB)] == [True, False, False, False]
