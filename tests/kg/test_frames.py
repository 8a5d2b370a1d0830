"""Collections as tables: the same columns in pandas, polars and Arrow, also when a collection is empty."""

import sys

import polars as pl
import pyarrow as pa
import pytest

from kg.answers import Table
from kg.frames import Records
from kg.graph import KnowledgeGraph
from kg.rows import record_to_row
from schemas.errors import InputError, MissingExtra
from schemas.records import Paper

COLLECTIONS = ("papers", "entities", "links", "results", "matches", "open_matches")


def plain(value):
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if hasattr(value, "_asdict"):
        return {name: plain(item) for name, item in value._asdict().items()}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", COLLECTIONS)
def test_tables_hold_every_field(rich_graph, name):
    records = getattr(rich_graph, name)
    expected = [plain(record) for record in records]
    assert records.to_arrow().to_pylist() == expected
    assert records.to_polars().to_dicts() == expected
    frame = records.to_pandas()
    assert len(frame) == len(records)
    assert list(frame.columns) == records.to_arrow().column_names


@pytest.mark.parametrize("name", COLLECTIONS)
def test_an_empty_collection_has_the_columns_of_a_full_one(rich_graph, name):
    empty = getattr(KnowledgeGraph(papers=[], entities=[], links=[]), name)
    full = getattr(rich_graph, name)
    assert empty.to_arrow().schema == full.to_arrow().schema
    assert empty.to_polars().schema == full.to_polars().schema
    if full:
        assert list(empty.to_pandas().columns) == list(full.to_pandas().columns)


def test_types_are_those_of_the_fields(rich_graph):
    types = rich_graph.links.to_polars().schema
    assert types["confidence"] == pl.Float64
    assert types["evidence"] == pl.List(pl.Int64)
    assert rich_graph.papers.to_polars().schema["authors"] == pl.List(pl.String)
    assert pa.types.is_struct(rich_graph.links.to_arrow().schema.field("mentions").type.value_type)


def test_answers_of_lookups_are_tables_too(rich_graph):
    assert rich_graph.papers_of("squad").to_polars()["id"].to_list() == ["b", "doi:10.1000/a"]
    assert rich_graph.shared("b", "doi:10.1000/a").to_arrow()["name"].to_pylist() == ["SQuAD"]
    assert rich_graph.papers_of("squad", role="compares").to_polars().is_empty()


def test_lone_surrogates_become_replacement_characters():
    records = Records([Paper(id="a", title="x\ud800y", authors=("\udfff",))])
    assert records.to_arrow().to_pylist()[0]["title"] == "x\ufffdy"
    assert records.to_polars()["authors"].to_list() == [["\ufffd"]]


def test_records_of_no_type_are_a_table_of_no_columns():
    assert Records().to_polars().shape == (0, 0)
    assert Records().to_pandas().shape == (0, 0)


@pytest.mark.parametrize(
    ("module", "method", "extra"),
    [("pandas", "to_pandas", "pandas"), ("polars", "to_polars", "polars"), ("pyarrow", "to_arrow", "arrow")],
)
def test_a_package_that_is_not_there_is_one_line(monkeypatch, module, method, extra):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(
        MissingExtra, match=rf"^{module} is not installed: pip install 'abstractkg\[{extra}\]'$"
    ) as caught:
        getattr(Records([Paper(id="a", title="On X")]), method)()
    assert isinstance(caught.value, ImportError)
    assert isinstance(caught.value, InputError)


def test_a_record_keeps_its_order_of_fields():
    paper = Paper(id="a", title="On X", year=2020)
    assert list(Records([paper]).to_arrow().to_pylist()[0].values()) == record_to_row(paper)


def test_answers_of_queries_are_tables_too(rich_graph):
    answer = rich_graph.query(
        "SELECT ?id ?year ?value { ?p dcterms:identifier ?id . OPTIONAL { ?p schema:datePublished ?year } "
        "OPTIONAL { ?r akg:paper ?p ; akg:number ?value } } ORDER BY ?id ?value"
    )
    frame = answer.to_polars()
    assert frame.columns == list(answer.columns)
    assert frame["value"].dtype.is_numeric()
    assert frame.height == len(answer.rows)
    empty = rich_graph.query("SELECT ?a ?b { ?a akg:nothing ?b }")
    assert empty.to_arrow().column_names == ["a", "b"]


def test_a_column_of_several_types_is_text():
    table = Table(("a", "b"), ((1, "x"), (2.5, 3), (None, None)))
    assert table.to_arrow().to_pydict() == {"a": [1.0, 2.5, None], "b": ["x", "3", None]}
