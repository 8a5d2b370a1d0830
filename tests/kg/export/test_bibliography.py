"""BibTeX, the ORKG's CSV and schema.org, each read back by readers of others."""

import csv
import json
import re
from types import SimpleNamespace

import bibtexparser
import pandas as pd
import pyoxigraph
import pytest
from bibtexparser.middlewares import LatexDecodingMiddleware, RemoveEnclosingMiddleware
from hypothesis import given
from hypothesis import strategies as st
from orkg.client.papers import PapersClient

import kg
from kg.export import write
from kg.export.bibtex import _key, _tex
from kg.export.orkg import _cell
from kg.graph import KnowledgeGraph
from schemas.errors import InputError
from schemas.records import Entity, Link, Paper

HOSTILE = (
    "50% & more_ #1 $5",
    "a } b { c",
    "x\\",
    '@article{x, title = "',
    "line\nfeed",
    "~^",
    "Ünïcode 数 😀",
    "a, b and c",
)


def graph_of(*titles, **fields):
    papers = [Paper(id=f"p{n}", title=title or "x", **fields) for n, title in enumerate(titles)]
    entities = [Entity(id=f"e{n}", type="Method", name=title or "x", papers=1) for n, title in enumerate(titles)]
    links = [Link(paper_id=f"p{n}", entity_id=f"e{n}", role="uses", confidence=0.9) for n in range(len(titles))]
    return KnowledgeGraph(papers=papers, entities=entities, links=links)


# BibTeX


def read_bibtex(path):
    stack = [RemoveEnclosingMiddleware(allow_inplace_modification=True), LatexDecodingMiddleware()]
    library = bibtexparser.parse_string(path.read_text("utf-8"), parse_stack=stack)
    assert library.failed_blocks == []
    return library.entries_dict


def test_fields_and_keywords_come_back(rich_graph, tmp_path):
    write(rich_graph, tmp_path / "papers.bib")
    entries = read_bibtex(tmp_path / "papers.bib")
    entry = entries["doi:10.1000/a"]
    values = {field.key: field.value.strip("{}") for field in entry.fields}
    assert entry.entry_type == "article"
    assert values["title"] == "Fine-tuning BERT"
    assert values["author"] == "Ada Example and Bo Beispiel"
    assert (values["year"], values["journal"], values["doi"]) == ("2019", "ACL", "10.1000/a")
    assert (values["eprint"], values["archiveprefix"]) == ("1901.00001", "arXiv")
    assert values["keywords"].split(", ") == [
        "language models", "reading", "BERT-base", "F1", "fine-tuning", "question answering", "SQuAD", "ELMo",
    ]  # fmt: skip
    assert entries["b"].entry_type == "misc"
    assert "keywords" not in {field.key for field in entries["b"].fields}  # it only mentions


def test_hostile_text_ends_no_field(tmp_path):
    write(graph_of(*HOSTILE, authors=HOSTILE), tmp_path / "papers.bib")
    entries = read_bibtex(tmp_path / "papers.bib")
    assert list(entries) == [f"p{number}" for number in range(len(HOSTILE))]
    for entry, text in zip(entries.values(), HOSTILE, strict=True):
        expected = re.sub(r"\s+", " ", text)
        title = entry.fields_dict["title"].value.replace("ˆ", "^")  # as pylatexenc reads \\textasciicircum
        assert re.sub(r"[{}\s]", "", title) == re.sub(r"[{}\s]", "", expected)


def test_our_own_reader_reads_the_papers_back(rich_graph, tmp_path):
    write(rich_graph, tmp_path / "papers.bib")
    for paper, read in zip(rich_graph.papers, kg.read(tmp_path / "papers.bib"), strict=True):
        assert (read.title, read.year, read.authors, read.doi) == (paper.title, paper.year, paper.authors, paper.doi)


@given(st.text(max_size=40))
def test_braces_balance_in_any_text(text):
    bare = re.sub(r"\\[{}]", "", _tex(text))
    assert bare.count("{") == bare.count("}")
    assert "\n" not in bare


@given(st.lists(st.text(max_size=12), unique=True, max_size=4))
def test_keys_are_fit_and_differ(ids):
    keys = {_key(id_) for id_ in ids}
    assert len(keys) == len(ids)
    assert not any(re.search(r"[\s,{}\"#%\\~'()=]", key) for key in keys)


# ORKG


class Registry:
    """Stands for the ORKG, as far as its own client asks while it reads a table."""

    def find_or_add(self, label, **_):
        return SimpleNamespace(content={"id": label})


def read_orkg(path):
    """Papers with their statements, as the ORKG's Python client makes them of the file."""
    client = PapersClient(SimpleNamespace(session=None, token=None, predicates=Registry(), resources=Registry()))
    rows = pd.read_csv(path, dtype=str).to_dict("records")
    for row in rows:
        statements, metadata, _ = client._get_paper_statements_and_metadata(row, {})
        yield metadata, client._extract_statements(statements)[1], row["contribution:research_problem"]


def test_the_client_of_the_orkg_reads_papers_and_statements(rich_graph, tmp_path):
    write(rich_graph, tmp_path / "orkg.csv")
    rows = list(read_orkg(tmp_path / "orkg.csv"))
    metadata, statements, problem = rows[1]
    assert metadata["title"] == "Fine-tuning BERT"
    assert metadata["authors"] == [{"label": "Ada Example"}, {"label": "Bo Beispiel"}]
    assert (metadata["publicationYear"], metadata["doi"], metadata["researchField"]) == ("2019", "10.1000/a", "R11")
    assert problem == "question answering"
    assert statements["introduces"] == [{"@id": "BERT-base"}]
    assert statements["dataset"] == [{"@id": "SQuAD"}]
    assert statements["method"] == [{"@id": "fine-tuning"}]
    assert statements["baseline"] == [{"@id": "ELMo"}]
    assert statements["result"][0] == {"text": "1.5 points F1 of BERT-base on SQuAD over ELMo"}


# The rules by which the ORKG's own import (Schemes.kt, SchemaBasedCSVRecordParser.kt) reads headers and cells.
CLOSED = {
    "paper": {
        "title",
        "doi",
        "authors",
        "publication_month",
        "publication_year",
        "research_field",
        "url",
        "published_in",
    },
    "contribution": {"research_problem", "extraction_method"},
}
TYPES = {"text", "decimal", "integer", "boolean", "date", "url"}
VALUE = re.compile(r"^(?:([\w-]+):)?([\s\S]*?)(?:<([^\n]+)>)?$")


def test_headers_and_cells_follow_the_rules_of_the_import(tmp_path):
    titles = (*HOSTILE, "resource: a plan", "orkg:R1", "generic List<int>", "a <b> c", "x <y>")
    write(graph_of(*titles, year=2020, doi="no doi", venue="V <1>"), tmp_path / "papers.orkg.csv")
    with open(tmp_path / "papers.orkg.csv", newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    names = [VALUE.match(name).groups() for name in header]
    assert all(type_ is None for *_, type_ in names)
    assert all(namespace in (None, "resource", *CLOSED) for namespace, *_ in names)
    assert all(name in CLOSED[namespace] for namespace, name, _ in names if namespace in CLOSED)
    closed = [name for name in header if name.split(":")[0] in CLOSED]
    assert len(set(closed)) == len(closed)
    for row in rows:
        assert len(row) == len(header)
        for name, cell in zip(header, row, strict=True):
            namespace, _, type_ = VALUE.match(cell).groups()
            assert namespace not in ("resource", "orkg")
            assert type_ is None or type_ in TYPES
            if name == "paper:doi":
                assert cell == ""


@given(st.text(max_size=30))
def test_no_text_is_an_instruction(text):
    namespace, _, type_ = VALUE.match(_cell(text)).groups()
    assert namespace not in ("resource", "orkg")
    assert type_ is None


def test_several_tasks_are_several_contributions(tmp_path):
    entities = [Entity(id=name, type="Task", name=name, papers=1) for name in ("parsing", "tagging")]
    entities.append(Entity(id="bert", type="Model", name="BERT", papers=1))
    links = [Link(paper_id="a", entity_id=e.id, role="uses", confidence=0.9) for e in entities]
    graph = KnowledgeGraph(papers=[Paper(id="a", title="On X")], entities=entities, links=links)
    write(graph, tmp_path / "papers.orkg.csv", research_field="R456")
    rows = list(read_orkg(tmp_path / "papers.orkg.csv"))
    assert [problem for *_, problem in rows] == ["parsing", "tagging"]
    assert [metadata["researchField"] for metadata, *_ in rows] == ["R456", "R456"]
    assert [statements.get("model") for _, statements, _ in rows] == [[{"@id": "BERT"}], None]
    with pytest.raises(InputError, match="no field of research"):
        write(graph, tmp_path / "papers.orkg.csv", research_field="NLP")


# schema.org


def statements(document):
    """The statements of a document, its context being replaced by what it means: no network is asked for it."""
    assert document["@context"] == "https://schema.org"
    terms = {"@vocab": "https://schema.org/"} | {name: {"@type": "@id"} for name in ("url", "sameAs")}
    text = json.dumps(document | {"@context": terms})
    triples = pyoxigraph.parse(text.encode(), format=pyoxigraph.RdfFormat.JSON_LD)
    return {(t.subject.value, t.predicate.value.removeprefix("https://schema.org/"), t.object.value) for t in triples}


def test_a_paper_as_json_ld(rich_graph):
    found = statements(rich_graph.to_schema_org("doi:10.1000/a"))
    paper = "https://w3id.org/abstractkg/id/paper/doi:10.1000/a"
    squad = "https://w3id.org/abstractkg/id/entity/squad"
    assert {
        (paper, "headline", "Fine-tuning BERT"), (paper, "datePublished", "2019"), (paper, "about", squad),
        (paper, "mentions", "https://w3id.org/abstractkg/id/entity/elmo"), (paper, "sameAs", "https://doi.org/10.1000/a"),
        (paper, "url", "https://example.org/papers/1"), (squad, "name", "SQuAD"),
        (squad, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "https://schema.org/Dataset"),
    } <= found  # fmt: skip
    authors = [row for row in found if row[1] == "name" and row[2] in ("Ada Example", "Bo Beispiel")]
    assert len(authors) == 2
    with pytest.raises(InputError, match="no paper 'x'"):
        rich_graph.to_schema_org("x")


def test_a_file_of_one_paper_and_of_several(rich_graph, tmp_path):
    write(rich_graph.subgraph(["b"]), tmp_path / "one.schema.jsonld")
    write(rich_graph, tmp_path / "all.schema.jsonld")
    one, several = (json.loads((tmp_path / f"{name}.schema.jsonld").read_text()) for name in ("one", "all"))
    assert one == rich_graph.to_schema_org("b")
    assert len(several["@graph"]) == 2
    assert statements(one) <= statements(several)


def test_text_cannot_leave_a_script(tmp_path):
    write(graph_of("</script><b>", url="javascript:alert(1)"), tmp_path / "x.schema.jsonld")
    text = (tmp_path / "x.schema.jsonld").read_text()
    assert "<" not in text
    assert "javascript" not in text
    assert json.loads(text)["name"] == "</script><b>"
