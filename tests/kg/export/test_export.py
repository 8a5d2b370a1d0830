"""The table of writers: which is chosen, and what is said where there is none."""

import io
import json
import re

import pytest

from kg.export import WRITERS, write, write_folder, write_stream
from kg.graph import KnowledgeGraph
from kg.readers.compression import decompressed
from schemas.errors import InputError, UnknownFormat
from schemas.records import Entity, Link, Paper


@pytest.fixture
def graph():
    return KnowledgeGraph(
        papers=[Paper(id="a", title="On BERT")],
        entities=[Entity(id="bert", type="Model", name="BERT", papers=1)],
        links=[Link(paper_id="a", entity_id="bert", role="uses", confidence=0.9)],
    )


@pytest.mark.parametrize("suffix", [suffix for suffix in WRITERS if suffix.startswith(".")])
def test_every_suffix_writes_and_overwrites_a_file(graph, tmp_path, suffix):
    path = tmp_path / f"out{suffix}"
    path.write_text("old")
    graph.write(path)
    data = path.read_bytes()
    assert b"BERT" in decompressed(io.BytesIO(data)).read()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("format", ["ttl", ".NT", "jsonl", "graphml"])
def test_a_format_overrides_the_suffix(graph, tmp_path, format):
    write(graph, tmp_path / "out.txt", format=format)
    suffix = "." + format.lower().lstrip(".")
    write(graph, tmp_path / f"out{suffix}")
    assert (tmp_path / "out.txt").read_bytes() == (tmp_path / f"out{suffix}").read_bytes()


def test_a_name_without_suffix_becomes_a_folder_of_tables(graph, tmp_path):
    write(graph, tmp_path / "tables")
    for _ in range(2):
        write(graph, tmp_path / "parquet", format="parquet")
    assert (tmp_path / "tables" / "entities.csv").is_file()
    assert (tmp_path / "parquet" / "entities.parquet").is_file()
    assert not (tmp_path / "parquet" / "entities.csv").exists()


def test_a_stream_needs_a_format(graph):
    stream = io.BytesIO()
    write_stream(graph, stream, format="jsonl")
    assert json.loads(stream.getvalue())["entities"][0]["entity"] == "bert"
    with pytest.raises(InputError, match="give --format, one of ttl, nt"):
        write_stream(graph, stream, format=None)
    with pytest.raises(UnknownFormat, match="no writer for 'docx'"):
        write_stream(graph, stream, format="docx")


def test_unknown_suffixes_and_unwritable_places_are_one_line(graph, tmp_path):
    with pytest.raises(UnknownFormat, match="no writer for '.docx'; available: .bib, .gexf"):
        write(graph, tmp_path / "out.docx")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write(graph, tmp_path / "file" / "out.ttl")


@pytest.mark.parametrize(
    ("name", "written"), [("neo4j/", "paper.csv"), ("kuzu/", "load.cypher"), ("vault/", "entities")]
)
def test_the_name_of_a_folder_says_what_becomes_of_it(graph, tmp_path, name, written):
    write(graph, f"{tmp_path}/{name}")
    write(graph, tmp_path / "other", format=name.strip("/"))
    write(graph, f"{tmp_path}/third/", format=name.strip("/"))
    assert (tmp_path / name / written).exists()
    assert (tmp_path / "other" / written).exists()
    assert (tmp_path / "third" / written).exists()
    write(graph, f"{tmp_path}/else/")
    assert (tmp_path / "else" / "index.html").exists()


def test_one_paper_alone(sample_folder, tmp_path):
    paper = "arxiv:1810.04805"
    write_folder(sample_folder, [f"{tmp_path}/one.schema.jsonld", f"{tmp_path}/one.nt"], io.BytesIO(), papers=[paper])
    assert json.loads((tmp_path / "one.schema.jsonld").read_text())["@id"].endswith(paper)
    named = set(re.findall(r"id/paper/([^#>]+)", (tmp_path / "one.nt").read_text()))
    assert named == {paper}
    with pytest.raises(InputError, match="no paper 'nowhere'"):
        write_folder(sample_folder, ["one.nt"], io.BytesIO(), papers=["nowhere"])
