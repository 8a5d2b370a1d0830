import os
import subprocess
import sys
from math import dist
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import igraph
import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.export.graphml import write_gexf, write_graphml
from kg.export.places import place_all
from kg.graph import KnowledgeGraph
from schemas.records import Alias, Entity, Link, Mention, Paper, ReportedResult
from schemas.vocabulary import ENTITY_TYPES, PAPER_COLOURS

GRAPH = KnowledgeGraph(
    papers=[
        Paper(id="doi:10.1/a", title="BERT on <b>SQuAD</b> & more", abstract="We use BERT.", year=2019, venue="NAACL"),
        Paper(
            id="b", title='"Quoted"\ttitle\r\nover lines: ∀x \U0001f600 \u202eשלום', url="https://example.org/?a=1&b=2"
        ),
        Paper(id="bert", title="A paper with the id of an entity"),
    ],
    entities=[
        Entity(id="bert", type="Model", name="BERT", aliases=(Alias("BERT", 2), Alias("Bert", 1)), papers=3),
        Entity(id="bert-base", type="Model", name="BERT-base", variant_of="bert", papers=1),
        Entity(id="squad", type="Dataset", name="SQuAD", papers=2),
        Entity(id="f1", type="Metric", name="F1"),
    ],
    links=[
        Link(paper_id="doi:10.1/a", entity_id="bert", role="introduces", confidence=0.9375),
        Link(
            paper_id="doi:10.1/a",
            entity_id="squad",
            role="uses",
            confidence=0.1 + 0.2,
            mentions=(Mention(11, 16, "SQuAD", "Dataset"),),
        ),
        Link(paper_id="b", entity_id="bert-base", role="compares", confidence=1.0),
        Link(paper_id="bert", entity_id="bert", role="mentions", confidence=0.5),
    ],
    results=[
        ReportedResult(
            id=f"doi:10.1/a#result-{number}",
            paper_id="doi:10.1/a",
            subject="BERT",
            subject_id="bert",
            metric="F1",
            metric_id="f1",
            dataset="SQuAD",
            dataset_id="squad",
            value=f"{value} %",
            number=value,
            unit="%",
            start=28,
            end=40,
        )
        for number, value in enumerate((93.2, 83.1), start=1)
    ],
)

LOOKS = ("x", "y", "size", "r", "g", "b", "color")
WRITERS = [(write_graphml, "graph.graphml"), (write_gexf, "graph.gexf")]


def contents(network):
    """Nodes and edges with their attributes, comparable."""
    edges = [(source, target, key, data) for source, target, key, data in network.edges(keys=True, data=True)]
    return dict(network.nodes(data=True)), sorted(edges, key=lambda edge: edge[:3])


def test_networkx_reads_back_the_same_graph_from_graphml(tmp_path):
    write_graphml(GRAPH, tmp_path / "graph.graphml")
    back = nx.read_graphml(tmp_path / "graph.graphml", force_multigraph=True)
    for _, _, key, data in back.edges(keys=True, data=True):
        assert data.pop("key") == key
    for _, data in back.nodes(data=True):
        for name in LOOKS:
            del data[name]
    assert contents(back) == contents(GRAPH.to_networkx())
    assert back.is_directed()


def test_networkx_reads_back_the_same_graph_from_gexf(tmp_path):
    write_gexf(GRAPH, tmp_path / "graph.gexf")
    back = nx.read_gexf(tmp_path / "graph.gexf")
    original = GRAPH.to_networkx()
    for _, data in back.nodes(data=True):
        del data["viz"]
    assert dict(back.nodes(data=True)) == dict(original.nodes(data=True))
    edges = sorted((s, t, *sorted(data.items())) for s, t, data in original.edges(data=True))
    for *_, data in back.edges(data=True):
        del data["id"], data["label"]
    assert sorted((s, t, *sorted(data.items())) for s, t, data in back.edges(data=True)) == edges


def test_igraph_reads_the_same_graph_from_graphml(tmp_path):
    write_graphml(GRAPH, tmp_path / "graph.graphml")
    back = igraph.Graph.Read_GraphML(str(tmp_path / "graph.graphml"))
    original = GRAPH.to_networkx()
    assert back.is_directed()
    assert back.vs["id"] == list(original.nodes)
    assert back.vs["label"] == [data["label"] for _, data in original.nodes(data=True)]
    edges = [(back.vs[edge.source]["id"], back.vs[edge.target]["id"], edge["key"]) for edge in back.es]
    assert edges == list(original.edges(keys=True))
    assert back.es.find(key="uses")["confidence"] == pytest.approx(0.3)
    assert back.vs.find(id="bert")["papers"] == 3


def test_gexf_has_colours_sizes_and_labels(tmp_path):
    write_gexf(GRAPH, tmp_path / "graph.gexf")
    root = ElementTree.parse(tmp_path / "graph.gexf").getroot()
    space = {"g": "http://www.gexf.net/1.2draft", "viz": "http://www.gexf.net/1.2draft/viz"}
    colours, sizes = {}, {}
    for node in root.iterfind(".//g:node", space):
        colour = node.find("viz:color", space)
        colours[node.get("id")] = "#" + "".join(f"{int(colour.get(part)):02x}" for part in "rgb")
        sizes[node.get("id")] = float(node.find("viz:size", space).get("value"))
    assert colours["squad"] == ENTITY_TYPES["Dataset"].colour
    assert colours["b"] == PAPER_COLOURS[0]
    assert sizes["bert"] > sizes["squad"] > sizes["bert-base"]
    labels = {edge.get("label") for edge in root.iterfind(".//g:edge", space)}
    assert labels == {"introduces", "uses", "compares", "mentions", "variant of", "F1 93.2 %", "F1 83.1 %"}
    ids = [edge.get("id") for edge in root.iterfind(".//g:edge", space)]
    assert len(set(ids)) == len(ids)


def test_graphml_has_the_looks_of_gexf(tmp_path):
    write_graphml(GRAPH, tmp_path / "graph.graphml")
    write_gexf(GRAPH, tmp_path / "graph.gexf")
    looks = nx.read_gexf(tmp_path / "graph.gexf").nodes(data="viz")
    drawn = igraph.Graph.Read_GraphML(str(tmp_path / "graph.graphml"))
    for node, look in looks:
        other = drawn.vs.find(id=node)
        assert {part: other[part] for part in "rgb"} == {part: look["color"][part] for part in "rgb"}
        assert (other["x"], other["y"]) == (look["position"]["x"], look["position"]["y"])
        assert other["size"] == look["size"]
    assert drawn.vs.find(id="squad")["color"] == ENTITY_TYPES["Dataset"].colour
    assert len({(v["x"], v["y"]) for v in drawn.vs}) == len(drawn.vs)


def test_what_is_named_together_stands_together():
    clusters = [[(f"p{c}{n}", f"e{c}{m}") for n in range(12) for m in range(4)] for c in "ab"]
    pairs = [pair for cluster in clusters for pair in cluster] + [("pa0", "eb0")]
    names = sorted({name for pair in pairs for name in pair})
    places = dict(zip(names, place_all(len(names), [(names.index(p), names.index(e)) for p, e in pairs]), strict=True))

    def mean_distance(ones, others):
        return mean(dist(places[one], places[other]) for one in ones for other in others if one != other)

    a, b = ([name for name in names if name[1] == cluster] for cluster in "ab")
    assert 1.5 * mean_distance(a, a) < mean_distance(a, b)
    assert 1.5 * mean_distance(b, b) < mean_distance(a, b)
    width = max(x for x, _ in places.values()) - min(x for x, _ in places.values())
    assert width == pytest.approx(30 * len(names) ** 0.5, rel=0.01)


@pytest.mark.parametrize(("nodes", "edges"), [(0, []), (1, []), (3, []), (2, [(0, 0)]), (4, [(0, 1), (1, 0), (0, 1)])])
def test_places_of_small_graphs_differ(nodes, edges):
    assert len(set(place_all(nodes, edges))) == nodes


@pytest.mark.parametrize(("write", "name"), WRITERS)
def test_an_empty_graph_is_a_file(write, name, tmp_path):
    write(KnowledgeGraph(papers=[], entities=[], links=[]), tmp_path / name)
    read = nx.read_graphml if name.endswith("graphml") else nx.read_gexf
    assert len(read(tmp_path / name)) == 0


ANY_TEXT = st.text(st.characters(), min_size=1)  # control characters and lone surrogates included


@given(
    st.lists(ANY_TEXT, min_size=1, max_size=5, unique=True),
    ANY_TEXT,
    st.sampled_from(WRITERS),
)
@settings(max_examples=60)
def test_hostile_text_is_text_and_ids_stay_apart(ids, text, writer):
    write, name = writer
    graph = KnowledgeGraph(
        papers=[Paper(id=id_, title=text, year=2000 + number) for number, id_ in enumerate(ids)],
        entities=[Entity(id="only", type="Task", name=text, papers=len(ids))],
        links=[Link(paper_id=id_, entity_id="only", role="uses", confidence=0.5) for id_ in ids],
    )
    read = nx.read_graphml if write is write_graphml else nx.read_gexf
    with TemporaryDirectory() as folder:
        write(graph, Path(folder, name))
        back = read(Path(folder, name))
        if write is write_graphml:
            assert len(igraph.Graph.Read_GraphML(str(Path(folder, name))).vs) == len(ids) + 1
    readable = "".join(c if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff") else "\ufffd" for c in text)
    readable = readable.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    assert len(back) == len(ids) + 1
    assert back.in_degree("only") == len(ids)
    assert {data["label"] for _, data in back.nodes(data=True)} == {readable}
    years = {data["year"] for _, data in back.nodes(data=True) if "year" in data}
    assert years == set(range(2000, 2000 + len(ids)))


@pytest.mark.parametrize(("write", "name"), WRITERS)
def test_numbers_that_xml_spells_in_its_own_way(write, name, tmp_path):
    links = [
        Link(paper_id=id_, entity_id="x", role="uses", confidence=value)
        for id_, value in (("a", float("inf")), ("b", float("-inf")), ("c", 1e-300))
    ]
    papers = [Paper(id=id_, title="T") for id_ in "abc"]
    write(KnowledgeGraph(papers=papers, entities=[Entity(id="x", type="Task", name="X")], links=links), tmp_path / name)
    assert ">INF<" in (tmp_path / name).read_text() or '"INF"' in (tmp_path / name).read_text()
    back = (nx.read_graphml if name.endswith("graphml") else nx.read_gexf)(tmp_path / name)
    assert [back["a"]["x"]["confidence"], back["b"]["x"]["confidence"]] == [float("inf"), float("-inf")]
    assert back["c"]["x"]["confidence"] == 1e-300


@pytest.mark.parametrize(("write", "name"), WRITERS)
def test_what_was_there_survives_a_failure(write, name, tmp_path):
    (tmp_path / name).write_text("kept")
    broken = KnowledgeGraph(papers=[], entities=[Entity(id="x", type="Nothing", name=b"\xff")], links=[])
    with pytest.raises(KeyError):
        write(broken, tmp_path / name)
    assert (tmp_path / name).read_text() == "kept"
    assert [path.name for path in tmp_path.iterdir()] == [name]


SCRIPT = """
import sys
from math import dist
from pathlib import Path
from statistics import mean
from kg.export.places import place_all
from kg.export.graphml import write_gexf, write_graphml
from kg.graph import KnowledgeGraph
from schemas.records import Entity, Link, Paper
graph = KnowledgeGraph(
    papers=[Paper(id=i, title=i.upper(), year=2000, venue="V") for i in "cab"],
    entities=[Entity(id=i, type="Task", name=i, papers=1, variant_of="z") for i in "zyx"],
    links=[Link(paper_id=i, entity_id=j, role="uses", confidence=1 / 3) for i in "cab" for j in "yxz"],
)
for write, name in ((write_graphml, "g.graphml"), (write_gexf, "g.gexf")):
    write(graph, Path(sys.argv[1], name))
    sys.stdout.write(Path(sys.argv[1], name).read_text())
"""


def test_the_bytes_do_not_depend_on_the_hash_seed(tmp_path):
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(tmp_path)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "12"
    }
    assert len(outputs) == 1
