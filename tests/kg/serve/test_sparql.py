"""The endpoint: the SPARQL 1.1 Protocol in all its ways, and what it does not let anybody do."""

import csv
import io
import json
import socket
import threading
import time
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from kg.query import sparql
from schemas.vocabulary import NAMESPACES

# rdflib 7.6 uses names of its own that it has declared outdated.
pytestmark = pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph).*deprecated:DeprecationWarning")

BASE = "https://w3id.org/abstractkg/id/"
NAMES = "SELECT ?e ?name { ?e skos:prefLabel ?name } ORDER BY ?name"
SQUAD = f"<{BASE}entity/squad>"
FORM, QUERY = "application/x-www-form-urlencoded", "application/sparql-query"
CROSS = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(8)) + " }"


def names(reply):
    assert reply.status == 200, reply.text
    return [row["name"]["value"] for row in json.loads(reply.body)["results"]["bindings"]]


def test_a_query_comes_in_three_ways(site, rich_graph):
    expected = [name for _, name in sparql(rich_graph, NAMES)]
    assert names(site.query(NAMES)) == expected
    assert names(site.ask("POST", "/sparql", urlencode({"query": NAMES}).encode(), Content_Type=FORM)) == expected
    direct = site.ask("POST", "/sparql", NAMES.encode(), Content_Type=f"{QUERY}; charset=utf-8")
    assert names(direct) == expected
    assert site.ask("HEAD", "/sparql?" + urlencode({"query": NAMES})).body == b""


@pytest.mark.parametrize(
    ("accept", "type_", "kind"),
    [
        (None, "application/sparql-results+json", ox.QueryResultsFormat.JSON),
        ("application/json", "application/sparql-results+json", ox.QueryResultsFormat.JSON),
        ("application/sparql-results+xml", "application/sparql-results+xml", ox.QueryResultsFormat.XML),
        ("text/csv", "text/csv", None),
        ("text/tab-separated-values", "text/tab-separated-values", ox.QueryResultsFormat.TSV),
    ],
)
def test_tables_come_in_four_forms(site, rich_graph, accept, type_, kind):
    reply = site.query(NAMES, accept)
    assert (reply.status, reply.type) == (200, type_)
    expected = [(row[0], row[1]) for row in sparql(rich_graph, NAMES)]
    if kind is None:
        header, *rows = csv.reader(io.StringIO(reply.text))
        assert (header, [tuple(row) for row in rows]) == (["e", "name"], expected)
    else:
        assert [tuple(v.value for v in row) for row in ox.parse_query_results(reply.body, kind)] == expected
    form = {"application/sparql-results+json": "json"}.get(type_, type_.split("/")[1][:3].replace("tab", "tsv"))
    form = "xml" if "xml" in type_ else form
    assert site.query(NAMES, "image/png", format=form).body == reply.body
    assert "accept" in reply.headers["Vary"].lower()


@pytest.mark.parametrize("accept", [None, "application/sparql-results+xml", "text/csv", "text/tab-separated-values"])
def test_yes_and_no_come_in_them_too(site, accept):
    reply = site.query("ASK { ?s a akg:Paper }", accept)
    assert reply.status == 200
    assert "true" in reply.text


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/turtle", "turtle"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml", "xml"),
        ("application/ld+json", "json-ld"),
        (None, "turtle"),
    ],
)
@pytest.mark.parametrize(
    "query", [f"DESCRIBE {SQUAD}", f"CONSTRUCT {{ ?p a akg:Paper }} WHERE {{ ?p akg:uses {SQUAD} }}"]
)
def test_graphs_come_in_four_forms(site, rich_graph, accept, kind, query):
    reply = site.query(query, accept)
    assert reply.type == (accept or "text/turtle")
    found = rdflib.Graph().parse(data=reply.body, format=kind)
    assert set(found) == set(sparql(rich_graph, query))
    assert len(found) > 0


def test_every_question_of_the_cookbook_has_its_answer(cookbook_site, cookbook_graph, recipes):
    for number, query in recipes.items():
        found = cookbook_site.query(query)
        assert found.status == 200, (number, found.text)
        ours = [dict(row) for row in sparql(cookbook_graph, query).bindings]
        assert sorted(map(repr, json.loads(found.body)["results"]["bindings"])) == sorted(map(repr, ours)), number


def test_rdflib_is_a_client(cookbook_site, cookbook_graph, recipes):
    """An independent client, which takes the answers as XML."""
    store = SPARQLStore(f"{cookbook_site.address}sparql")
    graph = rdflib.Graph(store)
    prefixes = "".join(f"PREFIX {name}: <{space}>\n" for name, space in NAMESPACES.items())
    for query in recipes.values():
        assert len(graph.query(prefixes + query)) == len(sparql(cookbook_graph, query))
    assert len(list(graph.triples((None, rdflib.RDF.type, rdflib.URIRef(NAMESPACES["akg"] + "Paper"))))) == 5


def count(reply):
    return int(json.loads(reply.body)["results"]["bindings"][0]["n"]["value"])


def test_the_protocol_names_the_graphs(site):
    everything = count(site.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"))
    header, entities = f"{BASE}graph/header", f"{BASE}graph/entities"
    of = {g: count(site.query(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{g}> {{ ?s ?p ?o }} }}")) for g in (header, entities)}
    plain, named = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert 0 < of[header] < everything
    assert count(site.query(plain, **{"default-graph-uri": header})) == of[header]
    assert count(site.query(plain, **{"default-graph-uri": [header, entities]})) == sum(of.values())
    assert count(site.query(named, **{"named-graph-uri": header})) == of[header]
    assert count(site.query(plain, **{"named-graph-uri": header})) == 0
    assert count(site.query(named)) == everything
    # What the protocol says comes before what the query says.
    ours = plain.replace("{", f"FROM <{header}> {{", 1)
    assert count(site.query(ours)) == of[header]
    assert count(site.query(ours, **{"default-graph-uri": entities})) == of[entities]
    direct = site.ask("POST", "/sparql?" + urlencode({"default-graph-uri": header}), plain.encode(), Content_Type=QUERY)
    assert count(direct) == of[header]
    assert site.query(plain, **{"default-graph-uri": "no iri"}).status == 400
    assert count(site.query(plain, **{"default-graph-uri": "file:///etc/passwd"})) == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "type_", "status", "message"),
    [
        (
            "POST",
            "/sparql",
            b"INSERT DATA { <a:b> <a:b> <a:b> }",
            "application/sparql-update",
            403,
            "updates are refused",
        ),
        ("POST", "/sparql", b"update=CLEAR+ALL", FORM, 403, "updates are refused"),
        ("GET", "/sparql?update=CLEAR+ALL", None, None, 403, "updates are refused"),
        ("GET", "/sparql?query=CLEAR+ALL", None, None, 403, "CLEAR is refused"),
        ("POST", "/sparql", b"LOAD <file:///etc/passwd>", QUERY, 403, "LOAD is refused"),
        ("GET", "/sparql?query=ASK%7BSERVICE%3Chttp://127.0.0.1:9/%3E%7B%7D%7D", None, None, 403, "SERVICE is refused"),
        ("PUT", "/sparql", b"", None, 405, "Method Not Allowed"),
        ("DELETE", "/sparql", None, None, 405, "Method Not Allowed"),
        ("PATCH", "/dataset", b"", None, 405, "Method Not Allowed"),
        ("POST", "/entity/squad", b"", None, 405, "Method Not Allowed"),
        ("PUT", "/graph/header", b"<a:b> <a:b> <a:b> .", "text/turtle", 405, "Method Not Allowed"),
        ("POST", "/sparql", b"{}", "application/json", 415, "send application/sparql-query"),
        ("POST", "/sparql", b"ASK {}", None, 415, "no Content-Type"),
        ("POST", "/sparql", b"x=1", FORM, 400, "'query' is missing"),
        ("GET", "/sparql?default-graph-uri=urn:x", None, None, 400, "'query' is missing"),
        ("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", None, None, 400, "more than one query"),
        ("GET", "/sparql?query=SELEC", None, None, 400, "SPARQL: error at 1:6"),
        ("GET", "/sparql?query=SELECT%20*%20%7B?s%20other:p%20?o%7D", None, None, 400, "unknown prefix"),
        ("GET", "/sparql?query=%FF", None, None, 400, "not in UTF-8"),
        ("POST", "/sparql", b"ASK { } # \xff", QUERY, 400, "not in UTF-8"),
        ("POST", "/sparql", b"ASK {} #" + b"a" * 200_000, QUERY, 413, "longer than 100,000 bytes"),
        ("GET", "/sparql?query=ASK%7B%7D&format=exe", None, None, 400, "no format 'exe'"),
        ("GET", "/sparql?query=ASK%7B%7D&format=ttl", None, None, 406, "no 'ttl' of such an answer"),
        ("GET", "/sparql?" + "a=1&" * 200, None, None, 400, "too many parameters"),
        ("GET", "/sparql?query=ASK%7B%7D%00", None, None, 400, "SPARQL: error"),
    ],
)
def test_what_is_refused_is_said_in_one_line(site, method, path, body, type_, status, message):
    reply = site.ask(method, path, body, **({"Content-Type": type_} if type_ else {}))
    assert (reply.status, reply.type) == (status, "text/plain")
    assert message in reply.text
    assert reply.text.count("\n") <= 1
    assert count(site.query("SELECT (COUNT(?s) AS ?n) { ?s a akg:Paper }")) == 2


def test_a_form_that_nobody_has_is_refused_with_those_that_there_are(site):
    reply = site.query("ASK {}", "image/png")
    assert reply.status == 406
    assert "application/sparql-results+json, application/sparql-results+xml, text/csv" in reply.text


def test_browsers_get_a_form_and_others_a_description_of_the_service(site):
    page = site.get("/sparql", "text/html")
    assert (page.status, page.type) == (200, "text/html")
    assert "<textarea" in page.text
    assert "<script" not in page.text
    described = rdflib.Graph().parse(data=site.get("/sparql", "application/rdf+xml").body, format="xml")
    service = rdflib.URIRef(f"{site.address}sparql")
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    assert (service, sd.endpoint, service) in described
    assert (service, sd.feature, sd.UnionDefaultGraph) in described
    assert len(set(described.objects(service, sd.resultFormat))) == 8
    assert site.get("/sparql", "image/png").status == 406


def test_browsers_get_answers_as_pages(site):
    page = site.query(NAMES, "text/html").text
    assert "7 rows" in page
    assert '<a href="/entity/squad">' in page
    assert ">Yes<" in site.query("ASK {}", "text/html").text
    assert "skos:prefLabel" in site.query(f"DESCRIBE {SQUAD}", "text/html").text
    wrong = site.query("SELECT <script>", "text/html")
    assert wrong.status == 400
    assert "SPARQL: error" in wrong.text
    assert "&lt;script&gt;" in wrong.text


def test_others_may_ask_from_their_pages(site):
    reply = site.ask("OPTIONS", "/sparql", Origin="https://example.org", Access_Control_Request_Method="POST")
    assert reply.status == 200
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]
    assert (
        site.get("/sparql", "text/turtle", Origin="https://example.org").headers["Access-Control-Allow-Origin"] == "*"
    )


def test_answers_are_kept_and_known_again(site):
    first = site.query(NAMES)
    assert site.query(NAMES).headers["ETag"] == first.headers["ETag"]
    path = "/sparql?" + urlencode({"query": NAMES})
    again = site.get(path, If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert site.get(path, If_None_Match='W/"another"').status == 200
    times = {site.query("SELECT (UUID() AS ?n) {}").body for _ in range(3)}
    assert len(times) == 3  # what is new each time is not kept


def test_answers_are_compressed_for_those_who_like_it(cookbook_site):
    path = "/sparql?" + urlencode({"query": "SELECT * { ?s ?p ?o }"})
    assert cookbook_site.get(path, Accept_Encoding="gzip").headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in cookbook_site.get(path).headers


# What hostile queries meet


def test_a_query_without_end_is_ended_and_others_go_on(cookbook_site):
    replies = []
    askers = [threading.Thread(target=lambda: replies.append(cookbook_site.query(CROSS))) for _ in range(2)]
    for asker in askers:
        asker.start()
    assert names(cookbook_site.query(NAMES))  # waits, and has its turn
    assert cookbook_site.get("/entity/bert.html").status == 200
    for asker in askers:
        asker.join()
    assert [(reply.status, reply.text) for reply in replies] == [
        (504, "stopped after 5 s: ask for less, with narrower patterns or LIMIT\n")
    ] * 2
    assert names(cookbook_site.query(NAMES))


def test_pages_come_while_queries_take_all_their_time(cookbook_site):
    asker = threading.Thread(target=cookbook_site.query, args=(CROSS.replace("?n", "?m"),))
    asker.start()
    time.sleep(0.2)
    assert cookbook_site.get("/entity/elmo.ttl").status == 200
    assert asker.is_alive()
    asker.join()


def test_an_answer_that_is_too_long_is_an_error_and_no_half_of_one(cookbook_site):
    reply = cookbook_site.query("SELECT * { ?a ?b ?c . ?d ?e ?f }")
    assert (reply.status, reply.text) == (422, "the answer is longer than 1 MB: ask for less, with LIMIT\n")
    assert names(cookbook_site.query(NAMES))


def test_a_query_that_takes_too_much_memory_ends_alone(cookbook_site):
    reply = cookbook_site.query("SELECT ?a ?c ?d ?f ?i { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i ?f ?c")
    assert reply.status in (422, 504)
    assert names(cookbook_site.query(NAMES))


def test_a_query_for_which_nobody_waits_is_ended(cookbook_site):
    for number in range(3):
        with socket.create_connection(cookbook_site.host.split(":")) as client:
            path = "/sparql?" + urlencode({"query": CROSS.replace("?n", f"?n{number}")})
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            time.sleep(0.1)
    started = time.monotonic()
    assert names(cookbook_site.query(NAMES + f" #{started}"))
    assert time.monotonic() - started < 14.9  # three to be ended one after the other would take fifteen seconds


def test_too_many_at_once_are_told_to_come_back(cookbook_graph, tmp_path, put_graph, run):
    put_graph(tmp_path / "graph", cookbook_graph)
    with run(tmp_path / "graph", timeout=6.0, patience=0.2, waiting=2) as site:
        replies = []
        queries = [CROSS.replace("?n", f"?n{number}") for number in range(6)]
        askers = [threading.Thread(target=lambda q=q: replies.append(site.query(q))) for q in queries]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        assert sorted(reply.status for reply in replies) == [503] * 5 + [504]
        assert {reply.headers["Retry-After"] for reply in replies if reply.status == 503} == {"5"}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { " + "{" * 5000 + "}" * 5000 + " }",
        "SELECT * { ?s " + "/".join(["akg:uses"] * 3000) + " ?o }",
        "SELECT * { ?s (akg:uses|^akg:uses)* ?o . ?o (akg:uses|^akg:uses)* ?x . ?x (!a:b)* ?y }",
        'SELECT * { ?s ?p ?o FILTER(REGEX("' + "a" * 5000 + '", "(a+)+b")) }',
        "ASK { BIND(" + "(" * 3000 + "1" + ")" * 3000 + " AS ?x) }",
        "SELECT (GROUP_CONCAT(?c) AS ?x) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
        'SELECT * { BIND(REPLACE("aaaaaaaaaa", "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") AS ?x) }',
        "SELECT * { VALUES ?x { " + "1 " * 30_000 + "} VALUES ?y { " + "2 " * 10_000 + "} }",
    ],
)
def test_hostile_queries_end_and_the_server_stands(cookbook_site, query):
    reply = cookbook_site.ask("POST", "/sparql", query.encode(), Content_Type=QUERY)
    assert reply.status in (200, 400, 422, 504)
    assert names(cookbook_site.query(NAMES))
