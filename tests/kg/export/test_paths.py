"""No text of a paper, and no name of an entity, becomes a path: every writer writes where it is told to, and nowhere else."""

import os

import pytest
from targets import graph_of

from kg.export import WRITERS, write
from kg.fetching.live import _file_name

HOSTILE = [
    "../../../escaped",
    "/tmp/escaped",
    "..",
    "C:\\escaped",
    "~/escaped",
    "a/../../escaped",
    "x\x00y",
    "%2e%2e%2fescaped",
]


def everything_in(folder):
    return {os.path.join(at, name) for at, folders, files in os.walk(folder) for name in (*folders, *files)}


@pytest.mark.parametrize("suffix", WRITERS)
def test_writers_write_where_they_are_told_to(tmp_path, monkeypatch, suffix):
    inside = tmp_path / "a" / "b" / "c" / "here"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    monkeypatch.setenv("HOME", str(tmp_path / "a"))
    name = suffix if len(suffix) > 1 and suffix.endswith("/") else f"out{suffix}"
    for number, text in enumerate(HOSTILE):
        (inside / str(number)).mkdir()
        outside = everything_in(tmp_path) - everything_in(inside / str(number))
        options = {"shards": 2} if WRITERS[suffix].endswith("write_rdf") and suffix != ".rdf" else {}
        write(graph_of(text), f"{inside / str(number)}/{name}", **options)
        assert everything_in(tmp_path) - everything_in(inside / str(number)) == outside
        assert everything_in(inside / str(number))
    assert not os.path.exists("/tmp/escaped")


@pytest.mark.parametrize("query", HOSTILE)
def test_what_is_fetched_is_kept_under_a_name_of_its_own(query):
    name = _file_name("arxiv", query, 10)
    assert os.path.basename(name) == name
    assert name.startswith("arxiv-")
