"""Parsers that are not ours and share no code with those that we use: Raptor (C) and N3.js (JavaScript)."""

import shutil
import subprocess

import pytest

from kg.export.quads import quads
from kg.export.rdf import write_rdf
from kg.graph import GraphInfo, KnowledgeGraph
from schemas.records import Alias, Entity, Link, Mention, Paper

RAPPER = {"ttl": "turtle", "nt": "ntriples", "nq": "nquads", "trig": "trig", "rdf": "rdfxml"}
N3 = {"ttl": "text/turtle", "nt": "application/n-triples", "nq": "application/n-quads", "trig": "application/trig"}
COUNT = """
const { Parser } = require("n3");
const [path, format] = process.argv.slice(-2);
const text = require("fs").readFileSync(path, "utf8");
console.log(new Parser({ format, baseIRI: "https://example.org/" }).parse(text).length);
"""
TEXTS = [
    '"quoted" \\ <b>&amp;</b> ]]>',
    "\u202eשלום",
    "tab\tline\nend \x00\x0b\x1b\x7f",
    "😀 e\u0301 {x} # @ %zz",
    "x" * 10_000,
]


@pytest.fixture(scope="module", params=["rich", "hostile"])
def graph(request, rich_graph):
    if request.param == "rich":
        return rich_graph
    links = [
        Link(paper_id=t, entity_id=t, role="uses", confidence=0.5, evidence=(0, 9), mentions=(Mention(0, 3, t[:3], "Task"),))
        for t in TEXTS
    ]  # fmt: skip
    return KnowledgeGraph(
        papers=[Paper(id=t, title=t, abstract=t, authors=(t,), venue=t, url=t, doi=t, keywords=(t,)) for t in TEXTS],
        entities=[Entity(id=t, type="Task", name=t, aliases=(Alias(f"{t}s", 1),), same_as=(t,)) for t in TEXTS],
        links=links,
        info=GraphInfo(title=TEXTS[0], pipeline=TEXTS[3]),
    )


@pytest.mark.parametrize("format_", RAPPER)
def test_raptor_counts_as_many(graph, tmp_path, format_):
    if not shutil.which("rapper"):
        pytest.skip("rapper is not installed: apt-get install raptor2-utils")
    path = tmp_path / f"graph.{format_}"
    write_rdf(graph, path)
    run = subprocess.run(
        ["rapper", "-q", "-i", RAPPER[format_], "-o", "ntriples", str(path), "https://example.org/"],
        check=True, capture_output=True,
    )  # fmt: skip
    assert len(run.stdout.splitlines()) == len(list(quads(graph)))


@pytest.mark.parametrize("format_", N3)
def test_n3_counts_as_many(graph, tmp_path, format_):
    node = shutil.which("node")
    if not node or subprocess.run([node, "-e", 'require("n3")'], capture_output=True, check=False).returncode:
        pytest.skip("N3.js is not installed: npm install n3, and NODE_PATH to where it lies")
    path = tmp_path / f"graph.{format_}"
    write_rdf(graph, path)
    run = subprocess.run([node, "-e", COUNT, "--", str(path), N3[format_]], check=True, capture_output=True, text=True)
    assert int(run.stdout) == len(list(quads(graph)))
