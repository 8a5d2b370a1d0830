import itertools
import os
import re
import subprocess
import sys

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.export.rdf import FORMATS, quads, serialise, write_rdf
from kg.export.terms import iri
from kg.graph import GraphInfo, KnowledgeGraph
from kg.rdf_files import SUFFIXES
from schemas.errors import InputError
from schemas.records import Alias, Entity, Link, Mention, Paper, ReportedResult

# rdflib 7.6 uses names of its own that it has declared outdated.
pytestmark = pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph).*deprecated:DeprecationWarning")

RDFLIB = {"ttl": "turtle", "nt": "nt", "nq": "nquads", "trig": "trig", "jsonld": "json-ld", "rdf": "xml"}
WITH_GRAPHS = ("nq", "trig")

HOSTILE = [
    'A "quoted" title\\ with <script>alert(1)</script> & an &amp; ]]>',
    "\u202eright to left\u202c \u200fשלום",
    "NUL\x00 and vertical tab\x0b and escape\x1b and delete\x7f and next line\x85",
    "tab\tline\nreturn\rseparator\u2028 $F_1$ \\u0041 \\n '''\"\"\"",
    "emoji 😀, accents e\u0301, noncharacter \uffff, surrogate \ud800",
    "{?s ?p ?o} # comment @prefix x: <y> . %00 %zz \\",
    "x" * 10_000,
    " surrounded ",
]


def hostile_graph(texts=HOSTILE, base="https://w3id.org/abstractkg/id/"):
    """A graph in which every string is one of ``texts``, with ids that are told apart by nothing else."""
    texts = list(dict.fromkeys(texts))
    text = itertools.cycle(texts)
    papers = [
        Paper(
            id=i,
            title=i,
            abstract=next(text),
            authors=(i, next(text)),
            venue=i,
            url=i,
            doi=i,
            arxiv_id=i,
            keywords=(i,),
        )
        for i in texts
    ]
    papers += [Paper(id=f"url {i}", title=i, url=f"https://example.org/{i}", doi=f"10.1000/{i}") for i in texts]
    return KnowledgeGraph(
        papers=papers,
        entities=[
            Entity(id=i, type="Model", name=i, aliases=(Alias(next(text), 1),), same_as=(i, f"https://e.org/{i}"))
            for i in texts
        ],
        links=[
            Link(
                paper_id=i,
                entity_id=i,
                role="uses",
                confidence=1 / 3,
                mentions=(Mention(0, 1, i[:1], "Model", 1e-9), Mention(0, 1, i[:1], "Model")),
                evidence=(0, len(i)),
            )
            for i in texts
        ],
        results=[
            ReportedResult(id=f"{i}#result-1", paper_id=i, subject=i, metric=i, value=i, unit=i, start=0, end=1)
            for i in texts
        ],
        info=GraphInfo(pipeline=next(text), title=next(text), base_iri=base),
    )


def to_rdflib(term):
    if isinstance(term, str):
        return rdflib.URIRef(term)
    return rdflib.Literal(term.value, datatype=None if term.datatype == iri("xsd:string") else term.datatype)


def to_pyoxigraph(term):
    if isinstance(term, str):
        return ox.NamedNode(term)
    return ox.Literal(term.value, datatype=ox.NamedNode(term.datatype))


def statements(graph, format_, convert):
    """What must be read back from a format."""
    parts = 4 if format_ in WITH_GRAPHS else 3
    return {tuple(convert(term) for term in quad[:parts]) for quad in quads(graph)}


def read_by_rdflib(data, format_):
    dataset = rdflib.Dataset()
    if format_ in WITH_GRAPHS:
        dataset.parse(data=data, format=RDFLIB[format_])
        return {(s, p, o, getattr(g, "identifier", g)) for s, p, o, g in dataset.quads()}
    return set(rdflib.Graph().parse(data=data, format=RDFLIB[format_]))


def read_by_pyoxigraph(data, format_):
    found = ox.parse(data, format=getattr(ox.RdfFormat, SUFFIXES[f".{format_}"]))
    parts = 4 if format_ in WITH_GRAPHS else 3
    return {(q.subject, q.predicate, q.object, q.graph_name)[:parts] for q in found}


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_is_read_back_as_it_was(rich_graph, format_):
    for graph in (rich_graph, hostile_graph()):
        data = b"".join(serialise(graph, format_))
        assert read_by_pyoxigraph(data, format_) == statements(graph, format_, to_pyoxigraph)
        assert read_by_rdflib(data, format_) == statements(graph, format_, to_rdflib)


@pytest.mark.parametrize(
    "base", ["urn:example:", "https://example.org/?id=", "https://schema.org/", "https://e.org/é/"]
)
@pytest.mark.parametrize("format_", FORMATS)
def test_every_base_is_read_back_as_it_was(format_, base):
    graph = hostile_graph(HOSTILE[:2], base)
    data = b"".join(serialise(graph, format_))
    assert read_by_pyoxigraph(data, format_) == statements(graph, format_, to_pyoxigraph)
    assert read_by_rdflib(data, format_) == statements(graph, format_, to_rdflib)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=()), min_size=1, max_size=8), min_size=1, max_size=3))
def test_any_strings_are_read_back_as_they_were(texts):
    graph = hostile_graph(texts)
    for format_ in FORMATS:
        data = b"".join(serialise(graph, format_))
        assert read_by_pyoxigraph(data, format_) == statements(graph, format_, to_pyoxigraph)
        assert read_by_rdflib(data, format_) == statements(graph, format_, to_rdflib)


def test_a_title_is_kept_but_for_what_no_xml_can_hold():
    titles = [quad.object.value for quad in quads(hostile_graph()) if quad.predicate == iri("dcterms:title")]
    assert HOSTILE[0] in titles
    assert HOSTILE[1] in titles
    assert "NUL␀ and vertical tab␋ and escape␛ and delete\x7f and next line\x85" in titles
    assert HOSTILE[6] in titles


SCRIPT = """
import sys
from kg.export.rdf import FORMATS, serialise
from kg.graph import KnowledgeGraph
from schemas.records import Alias, Entity, Link, Mention, Paper
papers = [Paper(id=str(i), title=f"T {i}", authors=("A", "B"), keywords=("x", "y", "z")) for i in range(9)]
entities = [Entity(id=str(i), type="Task", name=f"E {i}", aliases=(Alias("a", 2), Alias("b", 1))) for i in range(9)]
links = [
    Link(paper_id=p.id, entity_id=e.id, role="uses", confidence=1, mentions=(Mention(0, 1, "T", "Task"),))
    for p in papers for e in entities
]
graph = KnowledgeGraph(papers=papers, entities=entities, links=links)
for name in FORMATS:
    for piece in serialise(graph, name):
        sys.stdout.buffer.write(piece)
"""


def test_bytes_do_not_depend_on_the_hash_seed():
    runs = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert len(runs[0]) > 100_000


def test_turtle_is_pretty(rich_graph):
    text = b"".join(serialise(rich_graph, "ttl")).decode()
    head, *blocks = text.rstrip("\n").split("\n\n")
    assert all(line.startswith(("@base", "@prefix")) for line in head.splitlines())
    assert "ns1:" not in text
    subjects = [block.split(" ", 1)[0] for block in blocks]
    assert len(subjects) == len(set(subjects)) == len({quad.subject for quad in quads(rich_graph)})
    (squad,) = (block for block in blocks if block.startswith("<entity/squad>"))
    assert squad == (
        "<entity/squad> a akg:Dataset, schema:Dataset, mls:Dataset ;\n"
        '    skos:prefLabel "SQuAD" ;\n'
        "    akg:paperCount 2 ."
    )
    for prefix in re.findall(r"@prefix (\w+):", head):
        assert re.search(rf"\b{prefix}:", text.replace(head, "")), f"{prefix} is declared and not used"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files_are_written_whole_or_not_at_all(rich_graph, tmp_path, suffix):
    path = tmp_path / f"graph{suffix}"
    write_rdf(rich_graph, path, evidence="links")
    before = path.read_bytes()
    assert before == b"".join(serialise(rich_graph, suffix[1:], evidence="links"))
    broken = KnowledgeGraph(
        papers=[], entities=[], links=[Link(paper_id="gone", entity_id="x", role="uses", confidence=1.0)]
    )
    with pytest.raises(InputError, match="no paper 'gone'"):
        write_rdf(broken, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_graph_has_a_header_alone():
    empty = KnowledgeGraph(papers=[], entities=[], links=[])
    assert {quad.graph for quad in quads(empty)} == {"https://w3id.org/abstractkg/id/graph/header"}
    for format_ in FORMATS:
        data = b"".join(serialise(empty, format_))
        assert read_by_pyoxigraph(data, format_) == statements(empty, format_, to_pyoxigraph)
