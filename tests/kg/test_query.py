import csv
import io
import json
from decimal import Decimal

import pyoxigraph as ox
import pytest
import rdflib

from kg.answers import Table, render
from kg.export.rdf import quads, write_rdf
from kg.graph import GraphInfo, KnowledgeGraph
from kg.query import sparql
from kg.store import Store
from schemas.errors import InputError, StoreError
from schemas.records import Entity, Paper
from schemas.vocabulary import NAMESPACES


def test_select_gives_plain_values(rich_graph):
    answer = sparql(
        rich_graph,
        """SELECT ?name ?papers ?confidence ?none ?paper {
            ?link akg:entity ?entity ; akg:paper ?paper ; akg:role akg:mentions ; itsrdf:taConfidence ?confidence .
            ?entity skos:prefLabel ?name ; akg:paperCount ?papers
            OPTIONAL { ?entity skos:altLabel ?none }
        }""",
    )
    assert answer == Table(
        ("name", "papers", "confidence", "none", "paper"),
        (("SQuAD", 2, Decimal("0.5"), None, "https://w3id.org/abstractkg/id/paper/b"),),
    )
    assert list(answer) == list(answer.rows)
    assert len(answer) == 1
    assert answer.to_pandas()["papers"].tolist() == [2]


def test_ask_and_construct(rich_graph):
    assert sparql(rich_graph, "ASK { ?p akg:introduces entity:bert-base }") is True
    assert sparql(rich_graph, "ASK { ?p akg:introduces entity:bert }") is False
    found = sparql(rich_graph, "CONSTRUCT { ?p akg:uses ?e } WHERE { ?p akg:uses ?e }")
    assert isinstance(found, rdflib.Graph)
    assert len(found) == 4
    described = sparql(rich_graph, "DESCRIBE entity:squad")
    assert (None, rdflib.SKOS.prefLabel, rdflib.Literal("SQuAD")) in described


def test_every_prefix_is_declared_and_can_be_declared_anew(rich_graph):
    for prefix in NAMESPACES:
        assert sparql(rich_graph, f"SELECT * {{ ?s {prefix}:nothing ?o }}").rows == ()
    own = sparql(rich_graph, "PREFIX akg: <urn:other:> ASK { ?p akg:uses ?e }")
    assert own is False


def test_papers_and_entities_have_prefixes_of_their_own_base(tmp_path):
    graph = KnowledgeGraph(
        papers=[Paper(id="arxiv:1810.04805", title="BERT")],
        entities=[Entity(id="bert", type="Model", name="BERT")],
        links=[],
        info=GraphInfo(base_iri="https://example.org/kg/"),
    )
    write_rdf(graph, tmp_path / "graph.ttl")
    for source in (graph, tmp_path / "graph.ttl", str(tmp_path / "graph.ttl")):
        assert sparql(source, "SELECT ?t { paper:arxiv:1810.04805 schema:name ?t }").rows == (("BERT",),)
        assert sparql(source, "ASK { entity:bert a akg:Model }") is True


def test_a_slash_in_an_id_takes_a_backslash(rich_graph):
    assert sparql(rich_graph, r"SELECT ?t { paper:doi:10.1000\/a schema:name ?t }").rows == (("Fine-tuning BERT",),)


@pytest.mark.parametrize("suffix", [".ttl", ".nt", ".nq", ".trig", ".jsonld", ".rdf"])
def test_files_answer_as_the_graph_does(rich_graph, tmp_path, suffix):
    write_rdf(rich_graph, tmp_path / f"graph{suffix}")
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert sparql(tmp_path / f"graph{suffix}", query).rows == ((len(list(quads(rich_graph))),),)


def test_folders_and_files_that_are_not_there(rich_graph, tmp_path):
    with Store(tmp_path / "folder") as store:
        store.put_graph(rich_graph)
    assert sparql(tmp_path / "folder", "ASK { ?p akg:introduces ?e }") is True
    with pytest.raises(StoreError, match="no graph in"):
        sparql(tmp_path, "ASK {}")
    with pytest.raises(InputError, match="gone.ttl: cannot be read"):
        sparql(tmp_path / "gone.ttl", "ASK {}")


def test_named_graphs_can_be_asked_for(rich_graph):
    query = "SELECT ?g { GRAPH ?g { ?p akg:introduces ?e } }"
    assert sparql(rich_graph, query).rows == (("https://w3id.org/abstractkg/id/graph/paper/doi:10.1000/a",),)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * WHER { ?s ?p ?o }", "SPARQL: error at 1:16: expected DISTINCT"),
        ("SELECT *\nWHERE { ?s ?p }", "SPARQL: error at 2:"),
        (
            "SELECT * { ?s other:p ?o }",
            "SPARQL: error at 1:.*: unknown prefix; declare it, or use one of akg, dcat, dcterms",
        ),
        ("SELECT (COUNT(?x) AS ?n) ?y { ?x ?p ?y }", "SPARQL: "),
        ("", "SPARQL: error at 1:1"),
        ("PREFIX x: <urn:x> # SELECT\nINSERT DATA { x:a x:b x:c }", "SPARQL: INSERT is refused"),
        ("base <urn:x> delete where { ?s ?p ?o }", "SPARQL: DELETE is refused"),
        ("LOAD <http://127.0.0.1:9/>", "SPARQL: LOAD is refused"),
        ("CLEAR ALL", "SPARQL: CLEAR is refused"),
        ("DROP GRAPH <urn:x>", "SPARQL: DROP is refused"),
    ],
)
def test_what_cannot_be_answered_is_said_in_one_line(rich_graph, query, message):
    with pytest.raises(InputError, match=message) as caught:
        sparql(rich_graph, query)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 320


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { service silent <http://127.0.0.1:9/> {} }",
        "SELECT * { ?s ?p ?o.SERVICE<http://127.0.0.1:9/>{} }",
        "PREFIX : <http://127.0.0.1:9/> SELECT * { SERVICE:x{} }",
        "SELECT * { VALUES ?x { <http://127.0.0.1:9/> } SERVICE ?x { ?s ?p ?o } }",
        "SELECT * { { SELECT * { SERVICE\n<http://127.0.0.1:9/> {} } } }",
        "SELECT * { FILTER(?a<?b&&EXISTS{SERVICE<http://127.0.0.1:9/>{}}&&?c>?d) }",
        "SELECT * { ?s ?p '''a' ''' . SERVICE <http://127.0.0.1:9/> {} } # '''",
        'SELECT * { ?s ?p "\\"" . SERVICE <http://127.0.0.1:9/> {} } # "',
        "SELECT * { ?s ?p <urn:x#y> . SERVICE <http://127.0.0.1:9/> {} }",
        # Texts that look otherwise to whoever takes strings and comments out first.
        "PREFIX e: <urn:e> SELECT * { OPTIONAL { ?s e:a\\#b ?o } SERVICE <http://127.0.0.1:9/> {} }",
        "PREFIX e: <urn:e> SELECT * { ?s e:a\\'b ?o . SERVICE <http://127.0.0.1:9/> {} . ?s e:a\\'b ?o }",
        "SELECT * { ?s ?p ?o FILTER(?s<?p&&?o!='>') SERVICE <http://127.0.0.1:9/> {} FILTER(?s!='') }",
        "SELECT * { ?s ?p <urn:a\u00a0'b> . SERVICE <http://127.0.0.1:9/> {} ?s ?p 'c' }",
        "SELECT * { ?s ?p <urn:a\\u0041'b> . SERVICE <http://127.0.0.1:9/> {} ?s ?p 'c' }",
        "SELECT * { ?s ?p 1SERVICE <http://127.0.0.1:9/> {} }",
        "SELECT * { ?s ?p trueSERVICE<http://127.0.0.1:9/> {} }",
        "SELECT * { SERVICESILENT<http://127.0.0.1:9/> {} }",
        "PREFIX a\u0301: <http://127.0.0.1:9/> SELECT * { SERVICE a\u0301:x {} }",
        "SELECT * { SERVICE # a\n # b\r SILENT # c\n <http://127.0.0.1:9/> {} }",
        # Refused as well, although harmless: what looks like a clause may be one.
        "ASK { ?service ?p ?o } # SERVICE <http://127.0.0.1:9/> {}",
        "ASK { ?s ?p ?o FILTER(?o != 'SERVICE <http://127.0.0.1:9/> {}') }",
    ],
)
def test_no_query_reaches_out(rich_graph, query):
    with pytest.raises(InputError, match="SPARQL: SERVICE is refused"):
        sparql(rich_graph, query)


@pytest.mark.parametrize(
    "query",
    [
        "ASK { ?service ?p ?o } # the service",
        "ASK { ?s ?p ?o FILTER(?o != 'at your service') FILTER(?p != akg:webservice) OPTIONAL { ?s ?p ?service } }",
        "ASK { ?s ?p ?o FILTER(?o != <http://example.org/service>) FILTER(?p != akg:service) }",
        'ASK { ?s ?p ?o FILTER(?o != """\n"SERVICE" \\""" """) }',
    ],
)
def test_the_word_service_alone_is_harmless(rich_graph, query):
    assert sparql(rich_graph, query) is True


ROWS = Table(
    ("name", "papers", "note"),
    (("BERT", 12, None), ("数据集", 3, "line\nbreak\x1b[31m"), ("x" * 300, -1, '"quoted", and comma')),
)


def test_tables_are_aligned_in_plain_lines():
    lines = render(ROWS).splitlines()
    assert lines[0].split() == ["name", "papers", "note"]
    assert lines[2].startswith("BERT ")
    assert lines[3].endswith("3  line break␛[31m")
    assert lines[4].startswith("x" * 99 + "…")
    assert lines[-1] == "(3 rows)"
    assert lines[2].index("12") + 2 == lines[0].index("papers") + len("papers")
    assert lines[3].index("3") + 1 + len("数据集") == lines[0].index("papers") + len("papers")  # wide letters take two
    assert render(Table(("a",), (("\u202eabc",),))).splitlines()[2] == "␣abc"
    assert render(Table((), ())) == "\n\n(0 rows)\n"
    assert render(Table(("a",), ((1,),))).endswith("(1 row)\n")


def test_iris_are_short_in_tables_and_whole_elsewhere(rich_graph):
    answer = sparql(
        rich_graph, "SELECT DISTINCT ?type ?name { entity:squad a ?type ; skos:prefLabel ?name } ORDER BY ?type"
    )
    assert [line.split()[0] for line in render(answer).splitlines()[2:5]] == [
        "mls:Dataset",
        "schema:Dataset",
        "akg:Dataset",
    ]
    assert render(answer, "csv").splitlines()[1] == "http://www.w3.org/ns/mls#Dataset,SQuAD"


def test_json_is_the_standard_results_format(rich_graph):
    query = "SELECT ?s ?n ?x { ?s akg:number ?n OPTIONAL { ?s akg:nothing ?x } } ORDER BY ?n"
    text = render(sparql(rich_graph, query), "json")
    read = ox.parse_query_results(text, format=ox.QueryResultsFormat.JSON)
    assert [variable.value for variable in read.variables] == ["s", "n", "x"]
    decimal = ox.NamedNode(NAMESPACES["xsd"] + "decimal")
    rows = [(row["n"], row["x"]) for row in read]
    assert rows == [(ox.Literal("1.5", datatype=decimal), None), (ox.Literal("88.5", datatype=decimal), None)]
    answer = ox.parse_query_results(render(True, "json"), format=ox.QueryResultsFormat.JSON)
    assert bool(answer) is True


def test_csv_is_read_back():
    read = list(csv.reader(io.StringIO(render(ROWS, "csv"), newline="")))
    assert read == [
        ["name", "papers", "note"],
        ["BERT", "12", ""],
        ["数据集", "3", "line\nbreak\x1b[31m"],
        ["x" * 300, "-1", '"quoted", and comma'],
    ]


def test_the_rows_of_sql_are_rendered_too():
    answer = (["n", "flag"], [(1, True), (2, None)])
    assert json.loads(render(answer, "json")) == [{"n": 1, "flag": True}, {"n": 2, "flag": None}]
    assert render(answer, "csv").splitlines() == ["n,flag", "1,true", "2,"]
    assert render(answer).splitlines() == ["n  flag", "-  ----", "1  true", "2", "(2 rows)"]


def test_graphs_and_truths_are_rendered(rich_graph):
    graph = sparql(rich_graph, "CONSTRUCT { ?p akg:introduces ?e } WHERE { ?p akg:introduces ?e }")
    assert "akg:introduces" in render(graph)
    assert json.loads(render(graph, "json"))
    assert render(graph, "csv").splitlines()[0] == "subject,predicate,object"
    assert len(render(graph, "csv").splitlines()) == 2
    assert render(True) == "true\n"
    assert render(False, "csv") == "false\n"


def test_an_unknown_rendering_names_those_that_there_are():
    with pytest.raises(InputError, match="no rendering 'xml'; available: table, json, csv"):
        render(True, "xml")


def test_literals_that_are_not_what_they_claim_are_shown_as_they_are(tmp_path):
    (tmp_path / "a.nt").write_text(
        '<urn:a> <urn:p> "many"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
        '<urn:b> <urn:p> "much"^^<http://www.w3.org/2001/XMLSchema#decimal> .\n'
        '<urn:c> <urn:p> "true"^^<http://www.w3.org/2001/XMLSchema#boolean> .\n'
        '<urn:d> <urn:p> "mots"@fr .\n'
    )
    found = sparql(tmp_path / "a.nt", "SELECT ?o { ?s <urn:p> ?o } ORDER BY ?s")
    assert found.rows == (("many",), ("much",), (True,), ("mots",))
    assert json.loads(render(found, "json"))["results"]["bindings"][3]["o"]["xml:lang"] == "fr"


@pytest.mark.parametrize("clause", ["FROM", "from # all\n"])
def test_a_query_that_names_its_graphs_is_answered_from_these(rich_graph, clause):
    everything = len(rich_graph.query("SELECT * { ?s ?p ?o }"))
    header = "<https://w3id.org/abstractkg/id/graph/header>"
    found = len(rich_graph.query(f"SELECT * {clause} {header} {{ ?s ?p ?o }}"))
    assert found == len(rich_graph.query(f"SELECT * {{ GRAPH {header} {{ ?s ?p ?o }} }}"))
    assert 0 < found < everything
    assert len(rich_graph.query(f"SELECT * FROM NAMED {header} {{ ?s ?p ?o }}")) == 0
    assert len(rich_graph.query("SELECT ?from { ?from ?p ?o FILTER(STR(?o) != ' FROM ') } # FROM")) > found
