"""The index on disk: there when it is right, never old."""

import logging
import os

import pytest

from kg.graph import KnowledgeGraph
from kg.index import open_index
from kg.query import sparql
from kg.store import Store
from schemas.errors import StoreError
from schemas.records import Paper

TITLES = "SELECT ?title { ?paper a akg:Paper ; dcterms:title ?title } ORDER BY ?title"


@pytest.fixture
def folder(rich_graph, tmp_path):
    put(tmp_path / "graph", rich_graph)
    return tmp_path / "graph"


def put(folder, graph):
    with Store(folder) as store:
        store.put_graph(graph)


def indices(folder):
    return [(path.name, path.stat().st_ino) for path in (folder / ".sparql").iterdir()]


def test_it_is_built_once_and_answers_as_the_graph_does(folder, rich_graph):
    assert sparql(folder, TITLES) == sparql(rich_graph, TITLES)
    built = indices(folder)
    assert sparql(folder, "ASK { entity:squad a akg:Dataset }") is True
    assert indices(folder) == built
    assert len(built) == 1


def test_a_new_build_is_never_answered_by_the_old_index(folder, rich_graph):
    sparql(folder, TITLES)
    old = indices(folder)
    database = folder / "graph.duckdb"
    before = database.stat()
    other = KnowledgeGraph(papers=[Paper(id="z", title="New")], entities=[], links=[], info=rich_graph.info)
    put(folder, other)
    os.utime(database, ns=(before.st_atime_ns, before.st_mtime_ns))  # the time of a file proves nothing
    assert sparql(folder, TITLES).rows == (("New",),)
    assert len(indices(folder)) == 1
    assert indices(folder) != old


def test_an_order_of_rows_makes_no_other_index(folder, rich_graph):
    sparql(folder, TITLES)
    before = indices(folder)
    put(folder, rich_graph)
    sparql(folder, TITLES)
    assert indices(folder) == before


def test_code_that_says_other_things_makes_another_index(folder, monkeypatch):
    sparql(folder, TITLES)
    before = indices(folder)
    monkeypatch.setattr("kg.index._code", lambda: "another")
    sparql(folder, TITLES)
    assert indices(folder) != before


def test_a_build_that_broke_off_leaves_nothing(folder, monkeypatch):
    monkeypatch.setattr("kg.index.serialise", lambda *a, **k: iter([b"not n-quads"]))
    with pytest.raises(SyntaxError):
        open_index(folder)
    assert indices(folder) == []
    monkeypatch.undo()
    assert len(sparql(folder, TITLES)) == 2


def test_a_folder_that_cannot_be_written_is_asked_in_memory(folder, monkeypatch, caplog):
    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr("kg.index._build", refuse)
    with caplog.at_level(logging.INFO):
        assert len(sparql(folder, TITLES)) == 2
    assert "cannot be written (Permission denied): the graph is loaded into memory" in caplog.text


def test_there_must_be_a_graph(tmp_path):
    with pytest.raises(StoreError, match="no graph in"):
        sparql(tmp_path, "ASK {}")
    with pytest.raises(StoreError, match="no graph in"):
        sparql(tmp_path / "gone", "ASK {}")
