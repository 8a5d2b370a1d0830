"""Projections with their weights, communities, central entities and paths: by hand, and the same in every process."""

import json
import os
import subprocess
import sys

import networkx as nx
import pytest

from kg.analysis import MEASURES, central, communities, path
from kg.graph import KnowledgeGraph
from kg.networks import WEIGHTS
from schemas.errors import InputError, UnknownEntity
from schemas.records import Entity, Link, Paper

ROWS = {  # paper: year, data sets
    "p1": (2023, "glue squad"), "p2": (2020, "glue squad"), "p3": (2017, "glue squad mnli"), "p4": (2023, "mnli"),
    "p5": (None, "mnli glue"), "p6": (2020, "coco imagenet"), "p7": (2020, "coco imagenet"),
}  # fmt: skip


@pytest.fixture(scope="module")
def graph():
    links = [
        Link(paper_id=paper, entity_id=name, role="uses", confidence=0.9)
        for paper, (_, names) in ROWS.items()
        for name in names.split()
    ]
    names = sorted({link.entity_id for link in links})
    return KnowledgeGraph(
        papers=[Paper(id=paper, title=paper, year=year) for paper, (year, _) in ROWS.items()],
        entities=[
            Entity(id=n, type="Dataset", name=n.upper(), papers=sum(k.entity_id == n for k in links)) for n in names
        ],
        links=links,
    )


def test_weights_by_hand(graph):
    assert graph.project("Dataset").edges["glue", "squad"] == {"weight": 3, "jaccard": 3 / 4}
    recent = graph.project("Dataset", weight="recent")
    assert recent.edges["glue", "squad"] == {"weight": 1 + 1 / 2 + 1 / 4, "shared": 3, "jaccard": 3 / 4}
    assert recent.edges["glue", "mnli"]["weight"] == pytest.approx(1 / 4 + 1 / 2)  # no year: as 2020, the middle one
    assert graph.project("Dataset", weight="recent", half_life=6).edges["glue", "squad"]["weight"] == pytest.approx(
        1 + 0.5**0.5 + 0.5
    )
    pmi = graph.project("Dataset", weight="pmi")
    assert pmi.edges["coco", "imagenet"]["weight"] == pytest.approx(1.8073549)  # log2(7 * 2 / (2 * 2))
    assert pmi.edges["glue", "squad"]["weight"] == pytest.approx(0.8073549)  # log2(7 * 3 / (4 * 3))
    assert not pmi.has_edge("mnli", "squad")  # log2(7 / 9): less often than chance
    assert list(graph.project("Dataset", least=3).edges) == [("glue", "squad")]
    assert len(graph.project("Dataset", least=3)) == 5


def test_every_weight_keeps_the_nodes_and_default_is_shared(graph):
    for weight in WEIGHTS:
        assert set(graph.project("Dataset", weight=weight)) == {"glue", "squad", "mnli", "coco", "imagenet"}
    assert nx.utils.graphs_equal(graph.project("Dataset"), graph.project("Dataset", weight="shared"))


@pytest.mark.parametrize("options", [{"weight": "cosine"}, {"half_life": 0}, {"least": 0}, {"half_life": float("nan")}])
def test_senseless_options(graph, options):
    with pytest.raises(InputError, match=r"unknown weight 'cosine'; valid: shared|must be above 0"):
        graph.project("Dataset", **options)


def test_a_graph_without_years_has_a_recent_projection():
    links = [Link(paper_id="a", entity_id=name, role="uses", confidence=1.0) for name in "xy"]
    entities = [Entity(id=name, type="Task", name=name, papers=1) for name in "xy"]
    graph = KnowledgeGraph(papers=[Paper(id="a", title="a")], entities=entities, links=links)
    assert graph.project("Task", weight="recent").edges["x", "y"]["weight"] == 1


def test_networks_are_json(rich_graph, sample_graph):
    for network in (rich_graph.to_networkx(), sample_graph.to_networkx(), sample_graph.project("Model", weight="pmi")):
        data = nx.node_link_data(network, edges="edges")
        back = nx.node_link_graph(json.loads(json.dumps(data, allow_nan=False)), edges="edges")
        assert nx.utils.graphs_equal(back, network)


def test_communities_are_those_that_share_papers(graph):
    assert communities(graph.project("Dataset")) == [["glue", "mnli", "squad"], ["coco", "imagenet"]]
    assert communities(nx.Graph()) == []


@pytest.mark.parametrize("measure", MEASURES)
def test_central_entities(graph, measure):
    found = central(graph.project("Dataset").subgraph(["glue", "mnli", "squad"]), 2, measure=measure)
    assert found[0][0] == "glue"
    assert len(found) == 2
    assert found[0][1] >= found[1][1]
    assert len(central(graph.project("Dataset"), None, measure=measure)) == 5
    assert central(nx.Graph(), measure=measure) == []


def test_an_unknown_measure_names_the_valid_ones():
    with pytest.raises(InputError, match="unknown measure 'fame'; valid: pagerank, degree"):
        central(nx.Graph(), measure="fame")


def test_paths_lead_through_papers(graph):
    assert path(graph, "SQuAD", "mnli") == ["squad", "p3", "mnli"]
    assert path(graph, "glue", "GLUE") == ["glue"]
    assert path(graph, "glue", "coco") == []
    with pytest.raises(UnknownEntity):
        path(graph, "glue", "nothing like it")


def test_a_paper_and_an_entity_of_one_id_are_two_steps():
    links = [Link(paper_id="bert", entity_id=name, role="uses", confidence=1.0) for name in ("bert", "glue")]
    entities = [Entity(id=name, type="Model", name=name, papers=1) for name in ("bert", "glue")]
    graph = KnowledgeGraph(papers=[Paper(id="bert", title="x")], entities=entities, links=links)
    assert path(graph, "bert", "glue") == ["bert", "bert", "glue"]


def test_the_same_in_every_process(sample_folder):
    code = """
import sys, kg
from kg.analysis import MEASURES, central, communities, path
graph = kg.open(sys.argv[1])
for weight in ("shared", "pmi", "recent"):
    network = graph.project("Method", weight=weight)
    print(list(network.edges(data=True)), communities(network), [central(network, measure=m) for m in MEASURES[:3]])
print(path(graph, graph.top(1)[0][0].id, graph.entities[0].id))
"""
    command = [sys.executable, "-c", code, str(sample_folder)]
    outputs = {
        subprocess.run(
            command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
