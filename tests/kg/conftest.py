"""What tests of kg share: the command line, the cookbook, and a graph of which its answers are plain to see."""

import re
from pathlib import Path

import pytest

import kg
from kg.cli import main
from kg.graph import KnowledgeGraph
from schemas.records import Alias, Entity, Link, Paper, ReportedResult


@pytest.fixture(scope="session")
def recipes():
    """The queries of the cookbook by number."""
    text = Path(kg.__path__[0], "cookbook.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^## (\d+)\..*?```sparql\n(.*?)```", text, flags=re.DOTALL | re.MULTILINE))


PAPERS = {  # id: title, year, venue, roles
    "doi:10.1000/elmo": ("Deep words", 2018, "Northern", "introduces elmo, uses squad qa f1"),
    "doi:10.1000/bert": ("Both ways", 2019, "Northern", "introduces bert, uses squad glue qa f1, compares elmo"),
    "small": ("Small and both ways", 2020, "Southern", "introduces bert-base, uses squad qa em, compares elmo"),
    "mt": ("Attend", 2017, "Southern", "uses attention mt, mentions squad"),
    "vision": ("Attend to see", 2021, "Southern", "uses attention images, compares bert"),
}
ENTITIES = {
    "elmo": ("Model", "ELMo"), "bert": ("Model", "BERT"), "bert-base": ("Model", "BERT-base"),
    "squad": ("Dataset", "SQuAD"), "glue": ("Dataset", "GLUE"), "qa": ("Task", "question answering"),
    "mt": ("Task", "machine translation"), "images": ("Task", "image classification"),
    "attention": ("Method", "attention"), "f1": ("Metric", "F1"), "em": ("Metric", "exact match"),
}  # fmt: skip


@pytest.fixture(scope="session")
def cookbook_graph():
    links, papers = [], []
    for paper_id, (title, year, venue, roles) in PAPERS.items():
        papers.append(Paper(id=paper_id, title=title, abstract="We say so. It works.", year=year, venue=venue))
        sentence = (len(title) + 1, len(title) + 11)
        for part in roles.split(", "):
            role, *names = part.split()
            links += [
                Link(
                    paper_id=paper_id, entity_id=name, role=role, confidence=0.9, evidence=sentence,
                    role_confidence=0.4 if role == "mentions" else 0.8,
                )
                for name in names
            ]  # fmt: skip
    counts = {name: sum(link.entity_id == name for link in links) for name in ENTITIES}

    def result(paper_id, number, **fields):
        title = PAPERS[paper_id][0]
        span = {"start": len(title) + 12, "end": len(title) + 21}
        names = {f"{key}_id": value for key, value in fields.items() if key not in ("value", "kind", "unit")}
        rest = {key: value for key, value in fields.items() if key in ("value", "kind", "unit")}
        return ReportedResult(
            id=f"{paper_id}#result-{number}", paper_id=paper_id, subject=None, metric=None, **span, **names,
            **rest, number=float(re.match(r"[\d.]+", fields["value"])[0]),
        )  # fmt: skip

    return KnowledgeGraph(
        papers=papers,
        entities=[
            Entity(
                id=name, type=type_, name=label, papers=counts[name], aliases=(Alias(f"{label}s", 1),),
                variant_of="bert" if name == "bert-base" else None,
            )
            for name, (type_, label) in ENTITIES.items()
        ],
        links=links,
        results=[
            result("doi:10.1000/elmo", 1, subject="elmo", metric="f1", dataset="squad", value="85.8%", unit="%"),
            result("doi:10.1000/bert", 1, subject="bert", metric="f1", dataset="squad", value="93.2%", unit="%"),
            result(
                "doi:10.1000/bert", 2, subject="bert", metric="f1", dataset="squad", baseline="elmo", kind="gain",
                value="7.4 points",
            ),
        ],
    )  # fmt: skip


@pytest.fixture
def call(capfd):
    """Call ``kg`` in this process; return exit code, standard output and standard error."""

    def run(*arguments):
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        return (end.value.code, *capfd.readouterr())

    return run
