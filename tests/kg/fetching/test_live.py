"""Services as inputs of a build, alone and beside files, asked once."""

import json

import pytest

import kg
from kg.fetching.live import live_query
from schemas.errors import FetchError

SOURCE = "arxiv:cat:cs.CL AND abs:retrieval"


@pytest.fixture
def papers(tmp_path):
    path = tmp_path / "papers.jsonl"
    path.write_text(json.dumps({"id": "own", "title": "BERT on GLUE", "abstract": "We fine-tune BERT on GLUE."}) + "\n")
    return path


def test_what_names_a_service_and_what_does_not(tmp_path, monkeypatch):
    assert live_query("S2:a  b") == ("semanticscholar", "a b")
    for source in ("arxiv:", "arxiv", "ftp:x", r"C:\papers.bib", "-", 7, tmp_path, "x" * 5000):
        assert live_query(source) is None
    monkeypatch.chdir(tmp_path)
    (tmp_path / "arxiv:x").touch()
    assert live_query("arxiv:x") is None


def test_a_build_asks_once_and_joins_with_files(services, papers, tmp_path):
    graph = kg.build(SOURCE, papers, out=tmp_path / "g", fast=True)
    assert {paper.id for paper in graph.papers} == {"own", *(f"arxiv:2401.0000{n}" for n in (1, 2, 3))}
    assert [paper.id for paper in graph.papers_of("squad")] == [f"arxiv:2401.0000{n}" for n in (1, 2, 3)]
    assert len(services.requests) == 1
    services.papers.clear()
    again = kg.build(SOURCE, papers, out=tmp_path / "g", fast=True, prune=True)
    assert (len(again.papers), len(services.requests)) == (4, 1)
    assert len(kg.build(SOURCE, out=tmp_path / "g", fast=True, prune=True, refetch=True).papers) == 0
    assert len(services.requests) == 2


def test_another_query_or_limit_is_asked_for(services, tmp_path):
    for source, limit in ((SOURCE, None), (SOURCE, 2), ("arxiv:cat:cs.CV", 2), ("openalex:x", 2)):
        kg.build(source, out=tmp_path / "g", fast=True, fetch_limit=limit)
    assert len(services.requests) == 4
    assert len(list((tmp_path / "g" / "fetched").glob("*.jsonl"))) == 4


def test_in_memory_nothing_is_kept(services, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(kg.build(SOURCE, fast=True).papers) == 3
    assert list(tmp_path.iterdir()) == []


def test_papers_of_a_service_can_be_given_as_they_come(services):
    assert len(kg.build(kg.fetch("zotero", "users/1234"), fast=True).papers) == 3


def test_rejected_records_are_listed_also_when_nothing_is_asked_again(services, call, tmp_path):
    services.papers[1]["title"] = ""
    for _ in range(2):
        code, out, err = call("build", "zotero:users/1234", "-o", tmp_path / "g", "--fast", "--quiet")
        assert (code, err.count("rejected:")) == (1, 1)
        assert "read 3 records: 0 duplicates, 1 rejected" in out
    assert len(services.requests) == 1
    assert "no title" in call("info", tmp_path / "g", "--skipped")[1]


def test_a_build_that_could_not_fetch_goes_on_where_it_was(services, faults, paper, tmp_path):
    services.papers = [paper(number) for number in range(1, 251)]
    services.faults += [None, *[faults.status(503)] * 6]
    with pytest.raises(FetchError):
        kg.build(SOURCE, out=tmp_path / "g", fast=True)
    services.requests.clear()
    kg.build(SOURCE, out=tmp_path / "g", fast=True)
    assert [request.parameters["start"] for request in services.requests] == ["200"]


def test_a_failed_refetch_leaves_what_is_there(services, faults, tmp_path):
    kg.build(SOURCE, out=tmp_path / "g", fast=True)
    services.faults += [faults.status(503)] * 6
    with pytest.raises(FetchError):
        kg.build(SOURCE, out=tmp_path / "g", fast=True, refetch=True)
    assert len(kg.build(SOURCE, out=tmp_path / "g", fast=True).papers) == 3
