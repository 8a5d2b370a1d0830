"""Folders for property-graph databases: Kuzu and Ladybug load theirs; Neo4j's is read by its rules."""

import csv
import importlib.util
import io
import json
import os
import re
import subprocess
import sys

import duckdb
import pytest

from kg.export import write
from kg.export.property_graph import SEPARATOR
from kg.graph import KnowledgeGraph
from schemas.records import Alias, Entity, Link, Paper
from schemas.vocabulary import ROLES

HOSTILE = (
    'say "no", twice',
    "line\nfeed",
    "return\r\nfeed",
    "a;b|c\td",
    "[1, 2]",
    "null",
    "'); DROP TABLE Paper; //",
    "שלום \u202e \U0001f600",
    "a\x00b",
    "back\\slash\\",
    "",
)


@pytest.fixture(scope="module")
def hostile_graph():
    entities = [
        Entity(id=f"e{n}", type="Method", name=text or "x", aliases=(Alias(text, 1), Alias("y", 1)), papers=1)
        for n, text in enumerate(HOSTILE)
    ]
    papers = [
        Paper(id=f"p{n}", title=text or "x", abstract=text, authors=(text, "B")) for n, text in enumerate(HOSTILE)
    ]
    links = [
        Link(paper_id=f"p{n}", entity_id=f"e{n}", role=list(ROLES)[n % 4], confidence=0.5) for n in range(len(HOSTILE))
    ]
    return KnowledgeGraph(papers=papers, entities=entities, links=links)


# Kuzu and Ladybug. Both bring an extension module of the same types: each needs a process of its own.

LOADED = """
import importlib, json, os, sys
engine = importlib.import_module(sys.argv[1])
os.chdir(sys.argv[2])
connection = engine.Connection(engine.Database(":memory:"))
for statement in open("load.cypher", encoding="utf-8").read().splitlines():
    connection.execute(statement)
print(json.dumps([connection.execute(query).get_all() for query in json.loads(sys.argv[3])]))
"""


def load(engine, folder, *queries):
    if importlib.util.find_spec(engine) is None:
        pytest.skip(f"{engine} is not installed (Kuzu has no release for this Python)")
    run = subprocess.run(
        [sys.executable, "-c", LOADED, engine, str(folder), json.dumps(queries)], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize("engine", ["kuzu", "ladybug"])
def test_every_node_and_relationship_is_loaded(engine, rich_graph, tmp_path):
    write(rich_graph, f"{tmp_path}/kuzu/")
    papers, entities, links, variants, results, parts = load(
        engine,
        tmp_path / "kuzu",
        "MATCH (p:Paper) RETURN p.id, p.year, p.authors, p.abstract ORDER BY p.id",
        "MATCH (e:Entity) RETURN e.id, e.type, e.name, e.aliases, e.papers ORDER BY e.id",
        "MATCH (p:Paper)-[r:INTRODUCES|:USES|:COMPARES|:MENTIONS]->(e:Entity) "
        "RETURN p.id, label(r), e.id, r.confidence, r.mentions, r.evidence_start ORDER BY p.id, e.id",
        "MATCH (e:Entity)-[:VARIANT_OF]->(f:Entity) RETURN e.id, f.id",
        "MATCH (p:Paper)-[:REPORTS]->(r:Result) RETURN p.id, r.id, r.value, r.number ORDER BY r.id",
        "MATCH (r:Result)-[x]->(e:Entity) RETURN r.id, label(x), e.id ORDER BY r.id, label(x)",
    )
    assert papers == [
        [p.id, p.year, list(p.authors), p.abstract] for p in sorted(rich_graph.papers, key=lambda p: p.id)
    ]
    assert entities == [[e.id, e.type, e.name, [a.name for a in e.aliases], e.papers] for e in rich_graph.entities]
    assert links == [
        [k.paper_id, k.role.upper(), k.entity_id, k.confidence, len(k.mentions), k.evidence and k.evidence[0]]
        for k in rich_graph.links
    ]
    assert variants == [["bert-base", "bert"]]
    assert results == [[r.paper_id, r.id, r.value, r.number] for r in rich_graph.results]
    assert [row[1:] for row in parts] == [
        ["BASELINE", "elmo"], ["DATASET", "squad"], ["METRIC", "f1"], ["SUBJECT", "bert-base"], ["TASK", "qa"],
    ]  # fmt: skip


@pytest.mark.parametrize("engine", ["kuzu", "ladybug"])
def test_hostile_text_is_loaded_as_it_is(engine, hostile_graph, tmp_path):
    write(hostile_graph, f"{tmp_path}/kuzu/")
    papers, aliases, links = load(
        engine,
        tmp_path / "kuzu",
        "MATCH (p:Paper) RETURN p.id, p.title, p.abstract, p.authors",
        "MATCH (e:Entity) RETURN e.id, e.aliases",
        "MATCH (p:Paper)-[r]->(e:Entity) RETURN count(*)",
    )
    assert {p.id: [p.title, p.abstract, list(p.authors)] for p in hostile_graph.papers} == {p[0]: p[1:] for p in papers}
    assert {e.id: [a.name for a in e.aliases] for e in hostile_graph.entities} == dict(aliases)
    assert links == [[len(HOSTILE)]]


@pytest.mark.parametrize("kind", ["kuzu", "neo4j"])
def test_an_empty_graph_is_a_whole_folder(kind, tmp_path):
    write(KnowledgeGraph(papers=[], entities=[], links=[]), tmp_path / "out", format=kind)
    assert len(list((tmp_path / "out").iterdir())) == 15
    if kind == "kuzu":
        assert load("kuzu", tmp_path / "out", "MATCH (n) RETURN count(*)") == [[[0]]]


# Neo4j: its import tool is not to be had here, so its rules are followed by hand.

NODE_FIELD = re.compile(r"(\w+)?:ID\((\w+)\)|:LABEL|(\w+)(:(int|double|string\[\]))?")
END_FIELD = re.compile(r":(START|END)_ID\((\w+)\)")


def read_neo4j(folder):
    """Nodes by kind and id, and relationships, as ``neo4j-admin database import`` would make them of the folder."""
    script = (folder / "import.sh").read_text()
    separator = chr(int(re.search(r"--array-delimiter=U\+(\w+)", script)[1], 16))
    convert = {None: str, "": str, "int": int, "double": float, "string[]": lambda text: text.split(separator)}
    nodes, edges = {}, []
    for name in re.findall(r"--nodes=(\S+)", script):
        rows = csv.reader(io.StringIO((folder / name).read_bytes().decode(), newline=""))
        header = next(rows)
        assert all(NODE_FIELD.fullmatch(field) for field in header)
        kind = NODE_FIELD.fullmatch(header[0])[2]
        for row in rows:
            fields = [NODE_FIELD.fullmatch(field) for field in header]
            values = {m[3]: convert[m[5]](value) for m, value in zip(fields, row, strict=True) if m[3] and value != ""}
            labels = row[-1].split(separator)
            nodes[kind, row[0]] = (labels, values)
    for type_, name in re.findall(r"--relationships=(\w+)=(\S+)", script):
        rows = csv.reader(io.StringIO((folder / name).read_bytes().decode(), newline=""))
        header = next(rows)
        start, end = (END_FIELD.fullmatch(field)[2] for field in header[:2])
        for row in rows:
            assert (start, row[0]) in nodes
            assert (end, row[1]) in nodes
            edges.append((row[0], type_, row[1]))
    return nodes, edges


def test_neo4j_gets_the_same_nodes_and_relationships(rich_graph, tmp_path):
    write(rich_graph, f"{tmp_path}/neo4j/")
    nodes, edges = read_neo4j(tmp_path / "neo4j")
    paper = rich_graph.papers[1]
    assert nodes["Paper", paper.id][0] == ["Paper"]
    assert nodes["Paper", paper.id][1]["authors"] == list(paper.authors)
    assert nodes["Paper", paper.id][1]["year"] == 2019
    assert nodes["Entity", "bert"][0] == ["Entity", "Model"]
    assert nodes["Entity", "bert"][1]["aliases"] == ["BERT", "bert"]
    assert ("bert-base", "VARIANT_OF", "bert") in edges
    assert (paper.id, "INTRODUCES", "bert-base") in edges
    assert (f"{paper.id}#result-1", "SUBJECT", "bert-base") in edges
    assert len(edges) == 7 + 1 + 2 + 5


def test_neo4j_gets_hostile_text_as_it_is(hostile_graph, tmp_path):
    write(hostile_graph, f"{tmp_path}/neo4j/")
    nodes, edges = read_neo4j(tmp_path / "neo4j")
    for paper in hostile_graph.papers:
        assert nodes["Paper", paper.id][1]["title"] == paper.title
        assert nodes["Paper", paper.id][1]["authors"] == list(paper.authors)
    assert len(edges) == len(HOSTILE)


def test_the_separator_of_lists_is_taken_out_of_texts(tmp_path):
    paper = Paper(id="a", title="x", authors=(f"A{SEPARATOR}B", "C"))
    write(KnowledgeGraph(papers=[paper], entities=[], links=[]), tmp_path / "n", format="neo4j")
    assert read_neo4j(tmp_path / "n")[0]["Paper", "a"][1]["authors"] == ["A B", "C"]


def test_another_reader_of_csv_agrees(hostile_graph, tmp_path):
    write(hostile_graph, f"{tmp_path}/neo4j/")
    rows = duckdb.sql(
        f"SELECT title FROM read_csv('{tmp_path}/neo4j/paper.csv', all_varchar=true, quote='\"', escape='\"')"
    )
    found = {row[0] for row in rows.fetchall()}
    assert found >= {paper.title for paper in hostile_graph.papers if "\x00" not in paper.title}


def test_the_script_calls_the_tool_with_the_name_first(rich_graph, tmp_path):
    write(rich_graph, f"{tmp_path}/neo4j/")
    tool = tmp_path / "bin" / "neo4j-admin"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\nprintf "%s\\n" "$PWD" "$@"\n')
    tool.chmod(0o755)
    environment = os.environ | {"PATH": f"{tool.parent}:{os.environ['PATH']}"}
    script = ["sh", str(tmp_path / "neo4j" / "import.sh")]
    run = subprocess.run([*script, "my papers", "--verbose"], capture_output=True, text=True, env=environment)
    assert run.stdout.splitlines()[:6] == [
        str(tmp_path / "neo4j"), "database", "import", "full", "my papers", "--verbose",
    ]  # fmt: skip
    unnamed = subprocess.run(script, capture_output=True, text=True, env=environment)
    assert unnamed.returncode != 0
    assert "say how the database is to be called" in unnamed.stderr


@pytest.mark.parametrize("kind", ["kuzu", "neo4j"])
def test_the_same_graph_gives_the_same_bytes(kind, rich_graph, tmp_path):
    for name in ("one", "two"):
        write(rich_graph, tmp_path / name, format=kind)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
