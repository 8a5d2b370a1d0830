"""What several tests share."""

import os

import pytest
from hypothesis import settings

import kg
from kg.graph import GraphInfo, KnowledgeGraph
from schemas.records import Alias, Entity, Link, Mention, Paper, ReportedResult

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory):
    """A graph folder of the bundled sample, built once; not to be changed."""
    folder = tmp_path_factory.mktemp("sample") / "graph"
    kg.build(kg.sample_path(), out=folder)
    return folder


@pytest.fixture(scope="session")
def sample_graph(sample_folder):
    """The graph of the bundled sample."""
    return kg.open(sample_folder)


@pytest.fixture(scope="session")
def rich_graph():
    """A small graph written by hand, in which every field of every record holds something somewhere."""
    abstract = "We fine-tune BERT-base on SQuAD for question answering. F1 rises by 1.5 points over ELMo, to 88.5%."
    first = Paper(
        id="doi:10.1000/a",
        title="Fine-tuning BERT",
        abstract=abstract,
        year=2019,
        authors=("Ada Example", "Bo Beispiel"),
        venue="ACL",
        url="https://example.org/papers/1",
        doi="10.1000/a",
        arxiv_id="1901.00001",
        keywords=("language models", "reading"),
        source="papers.jsonl:1",
    )
    second = Paper(id="b", title="On squad")
    text = first.text

    def mention(surface, type_):
        start = text.index(surface)
        return Mention(start, start + len(surface), surface, type_, 0.98)

    def link(entity_id, role, surface, type_):
        sentence = (len(first.title) + 1, text.index(" F1 rises"))
        return Link(
            paper_id=first.id,
            entity_id=entity_id,
            role=role,
            confidence=0.97,
            role_confidence=0.8,
            mentions=(mention(surface, type_),),
            evidence=sentence,
        )

    gain = {"subject": "BERT-base", "subject_id": "bert-base", "metric": "F1", "metric_id": "f1", "dataset": "SQuAD"}
    gain |= {"dataset_id": "squad", "task": "question answering", "task_id": "qa", "baseline": "ELMo"}
    names = {"subject": "we", "metric": "score", "dataset": "a set", "task": "reading", "baseline": "others"}
    sentence = {"start": text.index("F1 rises"), "end": len(text), "confidence": 0.75, "paper_id": first.id}
    return KnowledgeGraph(
        papers=[first, second],
        entities=[
            Entity(
                id="bert",
                type="Model",
                name="BERT",
                aliases=(Alias("BERT", 1), Alias("bert", 1)),
                same_as=("https://www.wikidata.org/entity/Q61726893",),
                papers=1,
            ),
            Entity(id="bert-base", type="Model", name="BERT-base", variant_of="bert", papers=1),
            Entity(id="elmo", type="Model", name="ELMo", same_as=("no iri",), papers=1),
            Entity(id="squad", type="Dataset", name="SQuAD", papers=2),
            Entity(id="qa", type="Task", name="question answering", papers=1),
            Entity(id="f1", type="Metric", name="F1", papers=1),
            Entity(id="fine-tuning", type="Method", name="fine-tuning", papers=1),
        ],
        links=[
            link("bert-base", "introduces", "BERT-base", "Model"),
            link("fine-tuning", "uses", "fine-tune", "Method"),
            link("squad", "uses", "SQuAD", "Dataset"),
            link("qa", "uses", "question answering", "Task"),
            link("f1", "uses", "F1", "Metric"),
            link("elmo", "compares", "ELMo", "Model"),
            Link(paper_id="b", entity_id="squad", role="mentions", confidence=0.5),
        ],
        results=[
            ReportedResult(
                id=f"{first.id}#result-1",
                value="1.5 points",
                number=1.5,
                unit="points",
                kind="gain",
                baseline_id="elmo",
                **gain,
                **sentence,
            ),
            ReportedResult(id=f"{first.id}#result-2", value="88.5%", number=88.5, unit="%", **names, **sentence),
        ],
        replaced={"bert-uncased": "bert"},
        info=GraphInfo(pipeline="abstractkg-en 0.1.0+3f2a9c1d", licence="https://creativecommons.org/licenses/by/4.0/"),
    )


@pytest.fixture(autouse=True)
def no_colour(monkeypatch):
    """Output is compared as plain text."""
    monkeypatch.setitem(os.environ, "NO_COLOR", "1")
