"""The questions that a graph answers, on a graph small enough to check by eye."""

import pandas as pd
import pytest

from kg.graph import KnowledgeGraph
from schemas.errors import InputError, UnknownEntity
from schemas.records import Alias, Entity, Link, Paper, ReportedResult

PAPERS = [Paper(id=i, title=f"Paper {i}", year=2019) for i in "cab"]
ENTITIES = [
    Entity(id="imagenet", type="Dataset", name="ImageNet", aliases=(Alias("ILSVRC", 1),), papers=3),
    Entity(id="glue", type="Dataset", name="GLUE", papers=2),
    Entity(id="bert", type="Model", name="BERT", papers=2),
    Entity(id="bert-base", type="Model", name="BERT-base", variant_of="bert", papers=1),
    Entity(id="adam", type="Method", name="Adam", papers=1),
    Entity(id="adam-dataset", type="Dataset", name="ADAM", papers=0),
]
LINKS = [
    ("a", "imagenet", "uses"),
    ("b", "imagenet", "introduces"),
    ("c", "imagenet", "uses"),
    ("a", "glue", "uses"),
    ("b", "glue", "uses"),
    ("a", "bert", "introduces"),
    ("c", "bert", "compares"),
    ("c", "bert-base", "uses"),
    ("c", "adam", "uses"),
]


@pytest.fixture
def graph():
    return KnowledgeGraph(
        papers=PAPERS,
        entities=ENTITIES,
        links=[Link(paper_id=p, entity_id=e, role=role, confidence=0.9) for p, e, role in LINKS],
        results=[
            ReportedResult(
                id=f"{paper}#result-1",
                paper_id=paper,
                subject="BERT",
                subject_id="bert",
                metric="accuracy",
                value="80.5%",
                number=80.5,
                dataset="GLUE",
                dataset_id="glue",
                start=0,
                end=5,
            )
            for paper in "ca"
        ],
    )


@pytest.mark.parametrize(
    ("name", "found"),
    [("imagenet", "imagenet"), ("ImageNet", "imagenet"), ("ILSVRC", "imagenet"), ("bert", "bert"), ("Adam", "adam")],
)
def test_an_entity_is_found_by_id_name_and_alias(graph, name, found):
    assert graph.entity(name).id == found


def test_an_unknown_entity_names_the_nearest(graph):
    with pytest.raises(UnknownEntity, match="no entity 'Imagnet' in this graph; nearest: ImageNet"):
        graph.entity("Imagnet")


def test_records_are_in_the_order_of_their_ids(graph):
    assert [paper.id for paper in graph.papers] == ["a", "b", "c"]
    assert [result.paper_id for result in graph.results] == ["a", "c"]


def test_papers_of_an_entity_by_role(graph):
    assert [paper.id for paper in graph.papers_of("imagenet")] == ["a", "b", "c"]
    assert [paper.id for paper in graph.papers_of("imagenet", role="uses")] == ["a", "c"]
    with pytest.raises(InputError, match="unknown role 'owns'; valid: introduces, uses, compares, mentions"):
        graph.papers_of("imagenet", role="owns")


def test_what_papers_share_the_rarest_first(graph):
    assert [entity.id for entity in graph.shared("a", "b")] == ["glue", "imagenet"]
    assert [entity.id for entity in graph.shared("a", "b", "c")] == ["imagenet"]
    with pytest.raises(InputError, match="no paper 'z'"):
        graph.shared("a", "z")


def test_top_entities_by_type_and_role(graph):
    assert [(entity.id, n) for entity, n in graph.top(2)] == [("imagenet", 3), ("bert", 2)]
    assert [(entity.id, n) for entity, n in graph.top(type="Dataset", role="uses")] == [("glue", 2), ("imagenet", 2)]
    with pytest.raises(InputError, match="unknown entity type 'Person'"):
        graph.top(type="Person")


def test_a_subgraph_keeps_families_and_recounts(graph):
    part = graph.subgraph(["c"])
    assert {entity.id: entity.papers for entity in part.entities} == {
        "imagenet": 1,
        "bert": 1,
        "bert-base": 1,
        "adam": 1,
    }
    assert [result.paper_id for result in part.results] == ["c"]


def test_collections_become_tables(graph):
    table = graph.entities.to_pandas()
    assert isinstance(table, pd.DataFrame)
    assert table.set_index("id").loc["imagenet", "papers"] == 3


def test_networkx_has_every_link_once(graph):
    network = graph.to_networkx()
    assert network.number_of_nodes() == len(PAPERS) + len(ENTITIES)
    assert network.edges["a", "bert", "introduces"]["confidence"] == 0.9
    assert network.has_edge("bert-base", "bert", key="variant_of")
    assert network.edges["bert", "glue", "a#result-1"]["number"] == 80.5
    assert network.nodes["imagenet"] == {
        "kind": "entity",
        "label": "ImageNet",
        "type": "Dataset",
        "papers": 3,
        "aliases": "ILSVRC",
    }


def test_a_paper_and_an_entity_of_one_id_are_two_nodes():
    network = KnowledgeGraph(
        papers=[Paper(id="bert", title="BERT")],
        entities=[Entity(id="bert", type="Model", name="BERT", papers=1)],
        links=[Link(paper_id="bert", entity_id="bert", role="introduces", confidence=1.0)],
    ).to_networkx()
    assert list(network.edges(keys=True)) == [("paper:bert", "bert", "introduces")]


def test_projection_counts_shared_papers(graph):
    network = graph.project("Dataset")
    assert network.edges["glue", "imagenet"] == {"weight": 2, "jaccard": pytest.approx(2 / 3)}
    with pytest.raises(InputError, match="unknown entity type"):
        graph.project("dataset")
