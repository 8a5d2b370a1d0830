"""Linked data: IRIs that lead to documents, in the form that the client likes, and pages that need no script."""

import re
from urllib.parse import quote

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import RDF, RDFS, SKOS, URIRef

from kg.export.iris import Iris
from kg.serve.negotiation import DOCUMENTS
from kg.serve.replies import canonical
from schemas.vocabulary import BASE_IRI, ONTOLOGY_IRI

pytestmark = pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph).*deprecated:DeprecationWarning")

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"
PARSERS = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml"}
PAPER = "paper/doi:10.1000/a"


def read(reply, form):
    assert reply.status == 200, reply.text
    return rdflib.Graph().parse(data=reply.body, format=PARSERS[form])


@pytest.mark.parametrize("thing", ["entity/squad", "entity/bert-base", PAPER, "dataset"])
@pytest.mark.parametrize("under", ["/", "/abstractkg/id/"])
@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, "ttl"),
        ("*/*", "ttl"),
        (BROWSER, "html"),
        ("text/turtle", "ttl"),
        ("application/ld+json", "jsonld"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml, text/turtle;q=0.9", "rdf"),
    ],
)
def test_a_thing_leads_to_a_document_in_the_form_that_is_liked(site, thing, under, accept, form):
    reply = site.get(under + thing, accept)
    assert (reply.status, reply.headers["Location"]) == (303, f"{under}{thing}.{form}")
    assert "accept" in reply.headers["Vary"].lower()
    document = site.get(reply.headers["Location"])
    assert (document.status, document.type) == (200, DOCUMENTS[form][0])
    assert f'<{BASE_IRI}{thing}>; rel="describes"' in document.headers["Link"]
    assert document.headers["Link"].count('rel="alternate"') == 4


@pytest.mark.parametrize("thing", ["entity/squad", "entity/bert", "entity/bert-uncased", PAPER, "paper/b", "dataset"])
def test_all_forms_say_the_same_and_nothing_but_what_the_graph_says(site, rich_graph, thing):
    found = {form: set(read(site.get(f"/{thing}.{form}"), form)) for form in PARSERS}
    assert found["nt"]
    assert found["ttl"] == found["jsonld"] == found["rdf"] == found["nt"]
    everything = rdflib.Graph()
    for part in rich_graph.to_rdf().graphs():
        everything += part
    assert found["nt"] <= set(everything)
    subject = URIRef(BASE_IRI + thing)
    assert set(everything.triples((subject, None, None))) <= found["nt"]


def test_a_paper_comes_with_all_that_is_said_by_it(site, rich_graph):
    graph = rich_graph.to_rdf().graph(URIRef(Iris(BASE_IRI).paper_graph("doi:10.1000/a")))
    found = read(site.get(f"/{PAPER}.nt"), "nt")
    assert set(graph) <= set(found)
    named = set(found.objects(URIRef(BASE_IRI + PAPER), URIRef(ONTOLOGY_IRI + "uses")))
    assert all(found.value(entity, SKOS.prefLabel) for entity in named)


def test_an_entity_comes_with_the_papers_that_name_it_and_its_variants(site):
    found = read(site.get("/entity/squad.ttl"), "ttl")
    naming = {p for role in ("uses", "mentions") for p in found.subjects(URIRef(ONTOLOGY_IRI + role), None)}
    assert naming == {URIRef(BASE_IRI + PAPER), URIRef(f"{BASE_IRI}paper/b")}
    found = read(site.get("/entity/bert.ttl"), "ttl")
    assert URIRef(f"{BASE_IRI}entity/bert-base") in set(found.subjects())
    assert URIRef(f"{BASE_IRI}entity/bert-uncased") in set(found.subjects())


def test_turtle_is_pretty(site):
    text = site.get("/entity/squad.ttl").text
    assert text.startswith("@base <https://w3id.org/abstractkg/id/> .\n@prefix akg:")
    assert "\n<entity/squad> a " in text
    assert 'skos:prefLabel "SQuAD" ;' in text
    assert "ns1:" not in text


def test_a_page_shows_neighbours_and_sentences_without_a_script(site):
    page = site.follow("/entity/squad", BROWSER).text
    assert "<h1>SQuAD</h1>" in page
    assert "Data set, named in 2 papers" in page
    assert 'href="/paper/doi:10.1000/a"' in page
    assert 'href="/entity/bert-base"' in page
    assert "We fine-tune BERT-base on SQuAD for question answering." in page
    assert "<script" not in page
    assert 'rel="alternate" type="text/turtle" href="/entity/squad.ttl"' in page


def test_the_page_of_a_paper_marks_what_its_abstract_names(site):
    page = site.get(f"/{PAPER}.html").text
    assert (
        'We <a href="/entity/fine-tuning">fine-tune</a> <a href="/entity/bert-base">BERT-base</a> on <a href="/entity/squad">SQuAD</a> for'
        in page
    )
    assert "Ada Example, Bo Beispiel" in page
    assert "88.5%" in page
    assert 'href="https://doi.org/10.1000/a"' in page


def test_links_keep_to_the_path_by_which_one_came(site):
    page = site.get(f"/abstractkg/id/{PAPER}.html").text
    assert 'href="/abstractkg/id/entity/squad"' in page
    assert 'href="/entity/' not in page


@pytest.mark.parametrize("under", ["/", "/abstractkg/id/"])
def test_every_link_of_the_pages_leads_somewhere(site, under):
    seen, todo = set(), [f"{under}dataset.html"]
    while todo:
        if (path := todo.pop()) in seen:
            continue
        seen.add(path)
        reply = site.get(path, BROWSER)
        if reply.status in (302, 303):
            todo.append(reply.headers["Location"])
            continue
        assert reply.status == 200, path
        assert path.startswith(under)
        if reply.type == "text/html":
            todo += [link.partition("#")[0] for link in re.findall(r'href="(/[^"]*)"', reply.text)]
    assert len(seen) > 30


def test_former_ids_lead_to_what_they_have_become(site):
    page = site.follow("/entity/bert-uncased", BROWSER).text
    assert 'has become part of <a href="/entity/bert">BERT</a>' in page


def test_named_graphs_are_documents(site, rich_graph):
    header = site.get("/graph/header", "application/n-triples")
    assert (header.status, header.type) == (200, "application/n-triples")
    graph = rich_graph.to_rdf().graph(URIRef(f"{BASE_IRI}graph/header"))
    assert set(read(header, "nt")) == set(graph)
    assert set(read(site.get("/graph/paper/doi:10.1000/a.rdf"), "rdf"))
    assert site.get("/graph/entities", BROWSER).status == 200
    assert site.get("/graph/paper/none").status == 404


def test_the_ontology_is_a_document_about_its_fragments(site):
    turtle = read(site.get("/ontology", "text/turtle"), "ttl")
    assert (URIRef(ONTOLOGY_IRI + "Paper"), RDF.type, rdflib.OWL.Class) in turtle
    assert len(read(site.get("/ontology", "application/ld+json"), "jsonld")) == len(turtle)
    assert len(read(site.get("/ontology?format=rdf"), "rdf")) == len(turtle)
    page = site.get("/ontology", BROWSER)
    assert "id='Paper'" in page.text
    assert site.get("/abstractkg/ontology", "text/turtle").status == 200
    assert site.get("/ontology?format=exe").status == 400
    assert site.get("/ontology", "image/png").status == 406
    assert turtle.value(URIRef(ONTOLOGY_IRI + "Paper"), RDFS.label)


def test_what_is_liked_by_nobody_is_refused_with_what_there_is(site):
    reply = site.get("/entity/squad", "image/png")
    assert reply.status == 406
    assert "text/turtle, application/n-triples" in reply.text
    assert site.get("/entity/squad?format=exe").status == 400


def test_heads_and_conditions(site):
    whole = site.get("/entity/squad.ttl")
    head = site.ask("HEAD", "/entity/squad.ttl")
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", whole.headers["ETag"])
    assert site.ask("HEAD", "/entity/squad").status == 303
    same = site.get("/entity/squad.ttl", If_None_Match=whole.headers["ETag"])
    assert (same.status, same.body) == (304, b"")
    assert site.get("/entity/bert.ttl").headers["ETag"] != whole.headers["ETag"]


def test_machines_find_their_way(site):
    assert site.get("/robots.txt").text.startswith("User-agent: *\nDisallow: /sparql\n")
    assert (site.get("/health").status, site.get("/health").text) == (200, '{"status":"ok"}')
    reply = site.get("/.well-known/void")
    assert (reply.status, reply.headers["Location"]) == (303, "/dataset")


def test_answers_say_how_they_are_to_be_taken(site):
    for path in ("/entity/squad.html", "/sparql", "/entity/squad.ttl", "/nothing", "/health"):
        assert site.get(path, BROWSER).headers["X-Content-Type-Options"] == "nosniff"
    policy = site.get("/entity/squad.html").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "'unsafe" not in policy


def test_the_graph_as_a_page_stands_at_the_root(site):
    assert site.get("/").headers["Location"] == "/dataset"  # there is none yet
    page = site.folder / "graph.html"
    page.write_text("<!DOCTYPE html><title>The graph</title>")
    try:
        home = site.get("/")
        assert (home.status, home.type) == (200, "text/html")
        assert "The graph" in home.text
        assert site.get("/graph.html", If_None_Match=home.headers["ETag"]).status == 304
        assert "frame-ancestors 'self'" in home.headers["Content-Security-Policy"]
        (site.folder / "page").mkdir()
        (site.folder / "page" / "index.html").write_text("<!DOCTYPE html><title>In parts</title>")
        assert site.get("/").headers["Location"] == "/page/"
        assert "In parts" in site.get("/page/").text
    finally:
        page.unlink()
        (site.folder / "page" / "index.html").unlink(missing_ok=True)


# Hostile texts and paths


def test_texts_stay_texts(hostile_site, hostile_graph):
    iris = Iris(BASE_IRI)
    for thing in (iris.entity("bert"), iris.paper("a/../b"), iris.dataset):
        page = hostile_site.get(f"/{thing.removeprefix(BASE_IRI)}.html").text
        assert "<script" not in page
        assert 'href="javascript' not in page
        assert "{{ 7*7 }}" in page or thing == iris.dataset
        assert "49 }}" not in page


def test_whatever_the_id_its_iri_leads_to_it(hostile_site, hostile_graph):
    iris = Iris(BASE_IRI)
    things = [iris.paper(paper.id) for paper in hostile_graph.papers]
    things += [iris.entity(entity.id) for entity in hostile_graph.entities]
    for thing in things:
        path = "/" + thing.removeprefix(BASE_IRI)
        for form in PARSERS:
            found = read(hostile_site.follow(path, DOCUMENTS[form][0]), form)
            assert (URIRef(thing), None, None) in found
        assert hostile_site.follow(path, BROWSER).type == "text/html"


def test_a_thing_whose_name_ends_like_a_form_is_a_thing(hostile_site):
    assert hostile_site.get("/entity/bert", "text/turtle").headers["Location"] == "/entity/bert?format=ttl"
    assert hostile_site.get("/entity/bert.ttl", BROWSER).headers["Location"] == "/entity/bert.ttl.html"
    assert hostile_site.get("/entity/c4.5", "text/turtle").headers["Location"] == "/entity/c4.5.ttl"


def test_clients_encode_as_they_like():
    assert canonical(b"entity/c%2b%2B") == canonical(b"entity/c++") == "entity/c%2B%2B"
    assert canonical("paper/ünï".encode()) == canonical(quote("paper/ünï").encode())
    for paper_id in ("a/../b", "x//y", ".", "ünï %2F\ud800", "doi:10.1/x"):
        iri = Iris(BASE_IRI).paper(paper_id).removeprefix(BASE_IRI)
        assert canonical(iri.encode()) == iri


@pytest.mark.parametrize(
    "path",
    [
        "/entity/../../../../etc/passwd",
        "/entity/%2e%2e/%2e%2e/etc/passwd",
        "/page/../graph.duckdb",
        "/page/%2e%2e/graph.duckdb",
        "/page/..%2fgraph.duckdb",
        "/graph.duckdb",
        "/.sparql",
        "/curation.yaml",
        "/push/",
        "//etc/passwd",
        "/entity/%00",
        "/entity/a%00.ttl",
        "/entity/%ff%fe",
        "/entity/%",
        "/entity/%zz",
        "/entity/<script>",
        "/entity/'%22><img>",
        "/entity/",
        "/paper",
        "/entity/squad/",
        "/entity/squad.exe",
        "/graph/",
        "/graph/..",
        "/" + "a/" * 3000,
        "/entity/" + "%F0%9F%98%80" * 2000,
        "/x?query=" + "a" * 5000,
        "/\\..\\..\\etc",
        "/*",
    ],
)
@pytest.mark.parametrize("accept", ["text/turtle", BROWSER])
def test_what_is_not_there_is_not_found(hostile_site, path, accept):
    reply = hostile_site.get(path, accept)
    assert reply.status == 404
    assert "root:" not in reply.text
    assert "<script>" not in reply.text
    assert "<img>" not in reply.text


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
        b"GET /\r\nHeader\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
        b"GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused(hostile_site, raw):
    import socket

    host, port = hostile_site.host.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(raw)
        assert client.recv(100).startswith((b"HTTP/1.1 400", b"HTTP/1.1 404"))
    assert hostile_site.get("/health").status == 200


def test_a_literal_of_every_kind_is_written_as_the_export_writes_it(site):
    """Numbers and years keep their types."""
    quads = list(ox.parse(site.get(f"/{PAPER}.ttl").body, format=ox.RdfFormat.TURTLE))
    types = {quad.object.datatype.value.rpartition("#")[2] for quad in quads if isinstance(quad.object, ox.Literal)}
    assert types == {"string", "decimal", "integer", "gYear"}
