"""RDF in files: compressed, in shards, and from a folder without taking it into memory."""

import io

import pytest

from kg.export import write_folder
from kg.export.quads import quads
from kg.export.rdf import FORMATS, serialise, shard_paths, write_rdf
from kg.graph import KnowledgeGraph
from kg.rdf_files import read_quads
from kg.readers.compression import decompressed
from kg.store import Store
from kg.streaming import StoredGraph
from schemas.errors import InputError, StoreError
from schemas.records import Entity, Link, Mention, Paper


@pytest.fixture
def folder(rich_graph, tmp_path):
    with Store(tmp_path / "graph") as store:
        store.put_graph(rich_graph)
    return tmp_path / "graph"


@pytest.mark.parametrize("format_", FORMATS)
def test_a_folder_is_written_as_its_graph_is(folder, rich_graph, format_, monkeypatch):
    monkeypatch.setattr("kg.streaming.BATCH", 1)
    with StoredGraph(folder) as stored:
        assert b"".join(serialise(stored, format_)) == b"".join(serialise(rich_graph, format_))
        assert list(quads(stored)) == list(quads(rich_graph))


def test_a_folder_without_a_graph(tmp_path):
    with pytest.raises(StoreError, match="no graph in"):
        StoredGraph(tmp_path)
    Store(tmp_path).close()
    with pytest.raises(StoreError, match="not finished"):
        StoredGraph(tmp_path)


@pytest.mark.parametrize("compression", ["gz", "zst"])
def test_compressed_files_hold_the_same_and_are_the_same_each_time(rich_graph, tmp_path, compression):
    one, two = tmp_path / f"one.nq.{compression}", tmp_path / f"two.nq.{compression}"
    write_rdf(rich_graph, one)
    write_rdf(rich_graph, two)
    assert one.read_bytes() == two.read_bytes()
    assert decompressed(io.BytesIO(one.read_bytes())).read() == b"".join(serialise(rich_graph, "nq"))
    assert len(list(read_quads(one))) == len(list(quads(rich_graph)))
    one.write_bytes(one.read_bytes()[:-20])
    with pytest.raises(InputError, match="cannot be read: .*breaks off|damaged"):
        list(read_quads(one))


@pytest.mark.parametrize("format_", FORMATS)
def test_shards_together_are_the_graph(rich_graph, tmp_path, format_):
    path = tmp_path / f"graph.{format_}"
    write_rdf(rich_graph, path, shards=3)
    files = shard_paths(path, 3)
    assert sorted(tmp_path.iterdir()) == files
    parts = [set(read_quads(file)) for file in files]
    write_rdf(rich_graph, path)
    assert set.union(*parts) == set(read_quads(path))
    assert sum(map(len, parts)) == len(set.union(*parts))


def test_a_paper_stays_in_its_shard(rich_graph, tmp_path):
    write_rdf(rich_graph, tmp_path / "all.nt", shards=4)
    fewer = KnowledgeGraph(papers=rich_graph.papers[:1], entities=[], links=[], info=rich_graph.info)
    write_rdf(fewer, tmp_path / "few.nt", shards=4)

    def shard_of(name):
        wanted = f"paper/{rich_graph.papers[0].id}> "
        return [n for n, path in enumerate(shard_paths(tmp_path / name, 4)) if wanted in path.read_text()]

    assert shard_of("all.nt") == shard_of("few.nt")


@pytest.mark.parametrize("shards", [0, -1, 513])
def test_a_number_of_shards_that_cannot_be(rich_graph, tmp_path, shards):
    with pytest.raises(InputError, match="give a number from 1 to 512"):
        write_rdf(rich_graph, tmp_path / "graph.nq", shards=shards)


def test_options_of_rdf_are_refused_elsewhere(folder, tmp_path):
    stream = io.BytesIO()
    write_folder(folder, [str(tmp_path / "a.nq.gz"), "-"], stream, format="nt", evidence="none")
    assert stream.getvalue().startswith(b"<")
    with pytest.raises(InputError, match="only RDF has shards; RDF is written as .ttl, .nt"):
        write_folder(folder, [str(tmp_path / "tables")], stream, shards=2)
    with pytest.raises(InputError, match="standard output is one file"):
        write_folder(folder, ["-"], stream, format="nq", shards=2)


def test_templates_say_what_is_said_one_by_one(rich_graph):
    """Ids that cannot go into templates are written one by one, beside others that can."""
    ids = ["plain", "a/b", "..", "", "c++", "é {0} %s", "~e~", "87654321000"]
    text = "Braces {0} {} %s ~p~ ~x~ and 87654321000."
    graph = KnowledgeGraph(
        papers=[Paper(id=f"p {i}", title=text, abstract=i) for i in ids],
        entities=[Entity(id=i, type="Task", name=i or "none") for i in ids],
        links=[
            Link(
                paper_id=f"p {i}", entity_id=j, role="uses", confidence=0.12345, evidence=(0, 20),
                mentions=(Mention(0, 6, text[:6], "Task", 0.5), Mention(7, 10, text[7:10], "Task")),
            )
            for i in ids
            for j in (ids if i == "plain" else [i])
        ],
    )  # fmt: skip
    for base in ("https://e.org/", "https://e.org/~p~/", "https://e.org/87654321000/"):
        graph.info = type(graph.info)(base_iri=base)
        lines = b"".join(serialise(graph, "nq")).decode().splitlines()
        assert len(lines) == len(set(lines)) == len(list(quads(graph)))
        subjects = {quad.subject for quad in quads(graph)}
        assert {line.split("> ", 1)[0][1:] for line in lines} == subjects
