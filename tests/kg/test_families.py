"""Variants counted as their families."""

import kg
from kg.families import families, roll_up
from kg.graph import KnowledgeGraph
from schemas.records import Alias, Entity, Link, Mention, Paper, ReportedResult


def entity(id_, of=None, papers=1, type_="Model"):
    return Entity(id=id_, type=type_, name=id_.upper(), aliases=(Alias(id_, papers),), variant_of=of, papers=papers)


def link(paper, id_, role, start=0, confidence=0.5, role_confidence=0.5):
    mention = Mention(start, start + 1, "x", "Model")
    return Link(
        paper_id=paper, entity_id=id_, role=role, confidence=confidence, role_confidence=role_confidence,
        mentions=(mention,), evidence=(start, start + 9),
    )  # fmt: skip


GRAPH = KnowledgeGraph(
    papers=[Paper(id=id_, title=id_) for id_ in "abc"],
    entities=[
        *(entity("gpt"), entity("gpt-3.5", "gpt"), entity("gpt-3.5-turbo", "gpt-3.5"), entity("gpt-4", "gpt")),
        *(entity("squad", type_="Dataset"), entity("lost", "nowhere")),
    ],
    links=[
        link("a", "gpt-4", "compares", 5, confidence=0.9),
        link("a", "gpt-3.5-turbo", "uses", 3, role_confidence=0.8),
        link("b", "gpt", "mentions"),
        link("c", "gpt-3.5", "uses"),
        link("c", "squad", "uses"),
    ],
    results=[
        ReportedResult(
            id="a#result-1", paper_id="a", subject="GPT-4", subject_id="gpt-4", metric=None, value="1",
            dataset="SQuAD", dataset_id="squad", start=0, end=1,
        )
    ],
    replaced={"gpt4": "gpt-4"},
)  # fmt: skip


def test_the_outermost_family():
    assert families(GRAPH) == {
        **dict.fromkeys(("gpt", "gpt-3.5", "gpt-3.5-turbo", "gpt-4"), "gpt"),
        **{"squad": "squad", "lost": "lost"},
    }
    circle = KnowledgeGraph(papers=[], entities=[entity("a", "b"), entity("b", "a")], links=[])
    assert set(families(circle)) == {"a", "b"}


def test_counts_links_and_results_roll_up():
    coarse = GRAPH.roll_up()
    assert {item.id: item.papers for item in coarse.entities} == {"gpt": 3, "squad": 1, "lost": 0}
    assert [(row.paper_id, row.entity_id, row.role) for row in coarse.links] == [
        *(("a", "gpt", "uses"), ("b", "gpt", "mentions"), ("c", "gpt", "uses"), ("c", "squad", "uses"))
    ]
    first = coarse.links[0]
    assert (first.confidence, first.role_confidence, first.evidence) == (0.9, 0.8, (3, 12))
    assert [mention.start for mention in first.mentions] == [3, 5]
    assert (coarse.results[0].subject_id, coarse.results[0].dataset_id) == ("gpt", "squad")
    assert {alias.name for alias in coarse.entity("gpt").aliases} == {"gpt", "gpt-3.5", "gpt-3.5-turbo", "gpt-4"}
    assert [paper.id for paper in coarse.papers_of("GPT-4")] == ["a", "b", "c"]
    assert coarse.entity("gpt4").id == "gpt"
    assert coarse.papers == GRAPH.papers


def test_what_is_rolled_up_can_be_rolled_up_again_and_written(tmp_path):
    coarse = roll_up(GRAPH)
    again = roll_up(coarse)
    assert (again.entities, again.links, again.results) == (coarse.entities, coarse.links, coarse.results)
    coarse.write(tmp_path / "g.ttl")
    coarse.write(tmp_path / "g.html")


def test_a_graph_without_variants_stays_as_it_is():
    graph = kg.build([Paper(id="a", title="On SQuAD", abstract="We use SQuAD and report the F1 score.")])
    assert graph.roll_up().links == graph.links
