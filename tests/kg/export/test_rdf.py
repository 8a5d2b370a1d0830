import itertools
import random
import re
from collections import Counter
from dataclasses import replace
from operator import attrgetter

import pytest

from kg.export.rdf import quads, serialise, to_rdf, write_rdf
from kg.export.terms import Literal, iri
from kg.graph import GraphInfo, KnowledgeGraph
from schemas.errors import InputError, UnknownFormat
from schemas.records import Alias, Entity, Link, Mention, Paper

# rdflib 7.6 uses names of its own that it has declared outdated.
pytestmark = pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph).*deprecated:DeprecationWarning")


def test_nothing_is_said_twice_subjects_hold_together_and_there_are_no_blank_nodes(rich_graph):
    repeated = KnowledgeGraph(
        papers=[
            Paper(id="a", title="T", keywords=("x", "x"), doi="10.1000/a", arxiv_id="1901.00001", url="doi:10.1000/a")
        ],
        entities=[Entity(id="e", type="Task", name="E", aliases=(Alias("E", 2), Alias("F", 1), Alias("F", 1)))],
        links=[
            Link(paper_id="a", entity_id="e", role="uses", confidence=1.0, mentions=(Mention(0, 1, "T", "Task"),) * 2)
        ],
    )
    for graph in (rich_graph, repeated):
        found = list(quads(graph))
        assert max(Counter(quad[:3] for quad in found).values()) == 1
        for by in (attrgetter("graph", "subject"), attrgetter("subject", "predicate")):
            blocks = [key for key, _ in itertools.groupby(found, by)]
            assert len(blocks) == len(set(blocks))
        for quad in found:
            for term in quad:
                assert isinstance(term, Literal) or re.match("[a-z]+:", term)


def test_graphs_are_the_header_the_entities_and_one_for_each_paper(rich_graph):
    base = rich_graph.info.base_iri
    expected = [
        f"{base}graph/entities",
        f"{base}graph/paper/b",
        f"{base}graph/paper/doi:10.1000/a",
        f"{base}graph/header",
    ]
    assert list(dict.fromkeys(quad.graph for quad in quads(rich_graph))) == expected
    dataset = to_rdf(rich_graph)
    assert {str(graph.identifier) for graph in dataset.graphs() if len(graph)} == set(expected)
    assert len(dataset) == len(list(quads(rich_graph)))
    query = "SELECT ?name { ?paper akg:introduces/akg:variantOf/skos:prefLabel ?name }"
    assert [str(row[0]) for row in dataset.query(query)] == ["BERT"]


def plain(graph, level):
    """The statements of a level, without the number of them."""
    return {quad for quad in quads(graph, evidence=level) if quad.predicate != iri("void:triples")}


def test_levels_of_evidence_include_each_other(rich_graph):
    none, links, mentions = (plain(rich_graph, level) for level in ("none", "links", "mentions"))
    assert none < links < mentions
    roles = {quad.predicate.rpartition("#")[2] for quad in none if "/entity/" in str(quad.object)}
    assert {"introduces", "uses", "compares", "mentions"} <= roles
    assert not any(quad.predicate.startswith(iri("oa:")) for quad in none)
    assert iri("akg:Link") in {quad.object for quad in links}
    assert iri("oa:Annotation") not in {quad.object for quad in links}
    assert iri("oa:Annotation") in {quad.object for quad in mentions}


def test_mentions_and_sentences_quote_the_text(rich_graph):
    dataset = to_rdf(rich_graph)
    rows = dataset.query("""
        SELECT ?title ?abstract ?start ?end ?exact ?prefix ?suffix {
            ?text oa:hasSource ?paper ; oa:hasSelector ?position, ?quote .
            ?paper dcterms:title ?title ; dcterms:abstract ?abstract .
            ?position oa:start ?start ; oa:end ?end .
            ?quote oa:exact ?exact ; oa:prefix ?prefix .
            OPTIONAL { ?quote oa:suffix ?suffix }
        }""")
    assert len(rows) == 8  # six mentions, two sentences
    for row in rows:
        text = f"{row.title}\n{row.abstract}"
        start, end = int(row.start), int(row.end)
        assert text[start:end] == str(row.exact)
        assert text[:start].endswith(str(row.prefix))
        assert text[end:].startswith(str(row.suffix or ""))


def test_results_lead_to_entities_or_keep_the_words(rich_graph):
    rows = set(
        to_rdf(rich_graph).query("""
        SELECT ?subject ?subjectName ?value ?number ?unit ?kind ?sentence {
            ?result a mls:ModelEvaluation ; akg:value ?value ; akg:number ?number ; akg:unit ?unit ; akg:kind ?kind ;
                akg:evidence/oa:hasSelector/oa:exact ?sentence .
            OPTIONAL { ?result akg:subject/skos:prefLabel ?subject }
            OPTIONAL { ?result akg:subjectName ?subjectName }
        }""")
    )
    sentence = "F1 rises by 1.5 points over ELMo, to 88.5%."
    found = {tuple(None if value is None else str(value) for value in row) for row in rows}
    assert found == {
        ("BERT-base", None, "1.5 points", "1.5", "points", iri("akg:gain"), sentence),
        (None, "we", "88.5%", "88.5", "%", iri("akg:absolute"), sentence),
    }


def test_numbers_without_a_decimal_form_leave_the_value_as_written(rich_graph):
    result = rich_graph.results[0]
    for number, expected in [
        (float("inf"), []),
        (float("nan"), []),
        (None, []),
        (80, ["80.0"]),
        (1e22, ["1" + "0" * 22 + ".0"]),
    ]:
        graph = KnowledgeGraph(
            papers=rich_graph.papers, entities=rich_graph.entities, links=[], results=[replace(result, number=number)]
        )
        assert [q.object.value for q in quads(graph) if q.predicate == iri("akg:number")] == expected


def test_titles_are_shown_in_their_readable_form():
    graph = KnowledgeGraph(papers=[Paper(id="a", title=r"A \textbf{bold} title")], entities=[], links=[])
    said = [quad for quad in quads(graph) if quad.subject.endswith("/paper/a") and isinstance(quad.object, Literal)]
    named = {quad.predicate: quad.object.value for quad in said}
    assert named[iri("schema:name")] == "A bold title"
    assert named[iri("dcterms:title")] == r"A \textbf{bold} title"


def test_identities_that_are_no_iris_are_kept_as_identifiers(rich_graph):
    found = [quad[1:3] for quad in quads(rich_graph) if quad.subject.endswith("/entity/elmo")]
    assert (iri("schema:identifier"), Literal("no iri", iri("xsd:string"))) in found
    graph = KnowledgeGraph(papers=[Paper(id="a", title="T", url="javascript:alert(1)")], entities=[], links=[])
    assert [quad.predicate for quad in quads(graph) if str(quad.object).count("javascript")] == [
        iri("schema:identifier")
    ]


def test_the_header_counts_and_names_the_pipeline(rich_graph):
    for level in ("none", "links", "mentions"):
        found = list(quads(rich_graph, evidence=level))
        said = {quad.predicate: quad.object for quad in found if quad.subject.endswith("/dataset")}
        assert said[iri("void:triples")] == Literal(str(len(found)), iri("xsd:integer"))
        assert said[iri("void:entities")] == Literal("9", iri("xsd:integer"))
    counts = {
        str(row[0]).rpartition("#")[2]: int(row[1])
        for row in to_rdf(rich_graph).query("""
            SELECT ?of ?n { ?part void:class|void:property ?of ; void:entities|void:triples ?n }
        """)
    }
    assert counts == {
        "Paper": 2,
        "Method": 1,
        "Model": 3,
        "Dataset": 1,
        "Metric": 1,
        "Task": 1,
        "Result": 2,
        "introduces": 1,
        "uses": 4,
        "compares": 1,
        "mentions": 1,
    }
    assert Literal("0.1.0+3f2a9c1d", iri("xsd:string")) in {quad.object for quad in found}


def test_there_is_no_time_unless_the_environment_gives_one(rich_graph, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert iri("prov:generatedAtTime") not in {quad.predicate for quad in quads(rich_graph)}
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    times = [quad.object.value for quad in quads(rich_graph) if quad.predicate == iri("prov:generatedAtTime")]
    assert times == ["1970-01-02T00:00:00+00:00"]
    for wrong in ("yesterday", "9" * 30):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)
        with pytest.raises(InputError, match="SOURCE_DATE_EPOCH"):
            list(quads(rich_graph))


def test_the_order_of_records_changes_nothing(rich_graph):
    mixed = random.Random(5)
    shuffled = {
        name: mixed.sample(list(getattr(rich_graph, name)), len(getattr(rich_graph, name)))
        for name in ("papers", "entities", "links", "results")
    }
    assert list(quads(KnowledgeGraph(**shuffled, replaced=rich_graph.replaced, info=rich_graph.info))) == list(
        quads(rich_graph)
    )


def test_what_is_unknown_is_refused_in_one_line(rich_graph, tmp_path):
    with pytest.raises(InputError, match="unknown level of evidence 'all'; valid: none, links, mentions"):
        list(quads(rich_graph, evidence="all"))
    with pytest.raises(UnknownFormat, match="no RDF format 'n3'; available: ttl, nt"):
        serialise(rich_graph, "n3")
    with pytest.raises(UnknownFormat, match="no RDF format ''"):
        write_rdf(rich_graph, tmp_path / "graph")
    write_rdf(rich_graph, tmp_path / "graph", format="nt")
    with pytest.raises(InputError, match="base IRI 'x'"):
        list(quads(KnowledgeGraph(papers=[], entities=[], links=[], info=GraphInfo(base_iri="x"))))
