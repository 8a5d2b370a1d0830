"""JSON documents as streams, and the shapes in which services answer."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg
from kg.readers import documents
from kg.readers.documents import BrokenDocument, records
from kg.readers.services import fields_of


@pytest.fixture
def read(tmp_path):
    def run(text, name="a.json"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        rejected = []
        papers = list(kg.read(tmp_path / name, on_reject=rejected.append))
        return [(paper.title, paper.source) for paper in papers], [rejection.source for rejection in rejected]

    return run


TWO = [("On X", "a.json:2"), ("On Y", "a.json:3")]


@pytest.mark.parametrize(
    "text",
    [
        '[\n{"title": "On X"},\n{"title": "On Y"}]',
        '[\n{"title": "On X"},\n{"title": "On Y"},\n]',
        '{"total": 2, "next": {"offset": 1}, "data": [\n{"title": "On X"},\n{"title": "On Y"}\n]}',
        '{"results": [\n{"title": "On X"},\n{"title": "On Y"}\n], "group_by": []}',
        '\n{"title": "On X"}\n{"title": "On Y"}',
        '\ufeff\n{"title": "On X"},\n{"title": "On Y"},',
        '{"papers": [\n{"title": "On X"}]}\n{"papers": [{"title": "On Y"}]}',
    ],
)
def test_shapes_of_documents(read, text):
    assert read(text) == (TWO, [])


def test_a_record_over_several_lines_keeps_its_own_lists(read):
    line = {"id": "a", "title": "On X", "entities": [], "results": [{"value": "7"}]}
    assert read(json.dumps(line, indent=1)) == ([("On X", "a.json:1")], [])


@pytest.mark.parametrize(
    ("text", "titles", "rejected"),
    [
        ('[{"title": "On X"}, {"title": ', ["On X"], ["a.json:1"]),
        ('[{"title": "On X"},\n\n{"title": "On Y"\n}', ["On X", "On Y"], ["a.json:4"]),
        ('[\n7, null, {"title": "On X"}, {}]', ["On X"], ["a.json:2"] * 3),
        ('{"title": "On X"\n{"title": "On Y"}\n', ["On Y"], ["a.json:1"]),
        ('{"title": "On X",\n{"title": "On Y"}\n', ["On Y"], ["a.json:1"]),
        ('{"results": "x"}', [], ["a.json:1"]),
        ("[" * 100_000, [], ["a.json:1"]),
        ('{"title": ' + "9" * 5000 + "}", [], ["a.json:1"]),
        ('[{"title": ' + "9" * 5000 + "}]", [], ["a.json:1"]),
    ],
)
def test_broken_documents_keep_what_was_read(read, text, titles, rejected):
    found, sources = read(text)
    assert ([title for title, _ in found], sources) == (titles, rejected)


def test_one_long_line_is_told_from_its_beginning(read):
    long = {"title": "On X", "abstract": "word " * 20_000, "results": []}
    assert read(json.dumps(long) + "\n" + json.dumps(long))[0] == [("On X", "a.json:1"), ("On X", "a.json:2")]
    assert read(json.dumps({"meta": {"count": 2}, "results": [long, long]}))[0] == [("On X", "a.json:1")] * 2


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(json_values, max_size=5), st.sampled_from([None, 1]), st.integers(1, 9))
def test_reading_in_pieces_changes_nothing(values, indent, size):
    class Slow(io.StringIO):
        def read(self, _=-1):
            return super().read(size)

    found = [value for _, value in records(Slow(json.dumps(values, indent=indent)))]
    assert found == values


def test_a_record_without_end_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(documents, "MAX_RECORD", 1 << 17)
    with pytest.raises(BrokenDocument, match="more than 131,072 characters"):
        list(records(io.StringIO('[{"title": "' + "x" * 1_000_000)))


def test_a_preprint_in_openalex_goes_by_its_arxiv_id(read, tmp_path):
    work = {
        "id": "https://openalex.org/W5",
        "doi": "https://doi.org/10.48550/arXiv.2001.00001",
        "title": "On X",
        "abstract_inverted_index": None,
        "authorships": [{"author": {"display_name": "Ann Bee"}}, {"author": None}, 7],
        "locations": [{"landing_page_url": "https://arxiv.org/abs/2001.00001"}],
    }
    (tmp_path / "w.json").write_text(json.dumps(work))
    (paper,) = kg.read(tmp_path / "w.json")
    assert (paper.id, paper.arxiv_id, paper.doi) == ("arxiv:2001.00001", "2001.00001", "10.48550/arxiv.2001.00001")
    assert paper.authors == ("Ann Bee",)


@pytest.mark.parametrize(
    ("record", "field", "value"),
    [
        ({"corpusid": 7, "externalids": {"DOI": "10.1000/x"}, "title": "On X"}, "doi", "10.1000/x"),
        ({"id": "1", "paper_title": "On X"}, "title", "On X"),
        ({"title": "On X", "journal": "J", "venue": ""}, "venue", "J"),
        (
            {"id": "math/0001001", "authors_parsed": [], "authors": "A. Bee", "title": "On X"},
            "arxiv_id",
            "math/0001001",
        ),
    ],
)
def test_fields_under_other_names(record, field, value):
    assert fields_of(record)[field] == value
