"""The table of writers: which is chosen, and what is said where there is none."""

import io
import json

import pytest

from kg.export import WRITERS, write, write_stream
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
