import csv
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kg.export
from kg.export import tables
from kg.export.tables import TABLES, write_tables
from kg.graph import GraphInfo, KnowledgeGraph
from kg.rows import DERIVED_TABLES, graph_from_rows, graph_to_rows
from schemas.errors import InputError, UnknownFormat
from schemas.records import Alias, Entity, Link, Mention, Paper, ReportedResult

FORMULAS = ("=HYPERLINK(1)", "+1", "-1", "@x")
HOSTILE = (
    "'; DROP TABLE papers; --",
    'say "no", twice',
    "line\nfeed",
    "return\r\nfeed",
    "a,b;c\td",
    "שלום \u202e \U0001f600",
    "NULL",
)

GRAPH = KnowledgeGraph(
    papers=[
        Paper(
            id="a", title="BERT on SQuAD", abstract="We use BERT.", year=2019, authors=("A. B, Jr.", "[C]"), venue="X"
        ),
        Paper(id="b", title="001", abstract="", keywords=("nan", "1e5"), doi="10.1/b", source="pages.txt:17"),
        *(Paper(id=f"c{number}", title=text) for number, text in enumerate(FORMULAS + HOSTILE)),
    ],
    entities=[
        Entity(id="bert", type="Model", name="BERT", aliases=(Alias("BERT", 2), Alias("Bert", 1)), papers=2),
        Entity(id="bert-base", type="Model", name="BERT-base", variant_of="bert", same_as=("https://example.org/b",)),
        Entity(id="squad", type="Dataset", name="SQuAD", papers=1),
    ],
    links=[
        Link(
            paper_id="a",
            entity_id="bert",
            role="uses",
            confidence=0.1 + 0.2,
            role_confidence=1 / 3,
            mentions=(Mention(0, 4, "BERT", "Model", 0.5), Mention(21, 25, "BERT", "Model")),
            evidence=(14, 26),
        ),
        Link(paper_id="b", entity_id="squad", role="mentions", confidence=1.0),
    ],
    results=[
        ReportedResult(
            id="a#result-1",
            paper_id="a",
            subject="BERT",
            subject_id="bert",
            metric="F1",
            dataset="SQuAD",
            dataset_id="squad",
            value="-93.2%",
            number=-93.2,
            unit="%",
            start=14,
            end=26,
        )
    ],
    info=GraphInfo(pipeline="p 1"),
)
META = {"pipeline": "p 1", "base_iri": GRAPH.info.base_iri, "title": GRAPH.info.title}


def column_names(table):
    return [column.split()[0].strip('"') for column in DERIVED_TABLES[table].split(", ")]


def as_text(value):
    """What a cell of a CSV file says for a value."""
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else str(value)


def test_the_documented_columns_are_those_that_are_written(tmp_path):
    write_tables(GRAPH, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"{table}.csv" for table in TABLES)
    documented = " ".join(tables.__doc__.split("=\n")[1].split())
    for table in TABLES:
        with (tmp_path / f"{table}.csv").open(newline="", encoding="utf-8") as file:
            assert next(csv.reader(file)) == column_names(table)
        columns = documented.split(f"{table} ", 1)[1] if table != TABLES[0] else documented.removeprefix(f"{table} ")
        names = [part.split()[0] for part in columns.split(", ")[: len(column_names(table))]]
        assert names == column_names(table)


def test_pandas_and_csv_read_every_cell_of_the_csv_files_back(tmp_path):
    write_tables(GRAPH, tmp_path)
    for table, rows in graph_to_rows(GRAPH).items():
        if table not in TABLES:
            continue
        expected = [[as_text(value) for value in row] for row in rows]
        with (tmp_path / f"{table}.csv").open(newline="", encoding="utf-8") as file:
            assert list(csv.reader(file))[1:] == expected
        frame = pd.read_csv(tmp_path / f"{table}.csv", dtype=str, keep_default_na=False)
        assert frame.to_numpy().tolist() == expected


def test_duckdb_reads_the_whole_graph_back_from_csv(tmp_path):
    write_tables(GRAPH, tmp_path)

    def rows_of(table):
        if table not in TABLES:  # decisions and former ids stay in the database
            return []
        types = dict(column.strip().rsplit(" ", 1) for column in DERIVED_TABLES[table].replace('"', "").split(","))
        lists = [name for name, type_ in types.items() if type_.endswith("[]")]
        cast = {name: "VARCHAR" if name in lists else type_ for name, type_ in types.items()}
        replaced = ", ".join(f"from_json({name}, '[\"VARCHAR\"]') AS {name}" for name in lists)
        query = f"SELECT * {f'REPLACE ({replaced})' if lists else ''} FROM read_csv(?, header=true, columns={cast})"
        rows = duckdb.execute(query, [str(tmp_path / f"{table}.csv")]).fetchall()
        if table == "papers":  # an absent abstract does not exist: an empty cell is an empty abstract
            rows = [[*row[:2], row[2] or "", *row[3:]] for row in rows]
        return rows

    back = graph_from_rows(META, rows_of)
    assert (back.papers, back.entities, back.links, back.results) == records(GRAPH)


def records(graph):
    return graph.papers, graph.entities, graph.links, graph.results


def test_duckdb_reads_the_whole_graph_back_from_parquet(tmp_path):
    write_tables(GRAPH, tmp_path, format="parquet")

    def rows_of(table):
        path = tmp_path / f"{table}.parquet"
        return duckdb.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall() if table in TABLES else []

    back = graph_from_rows(META, rows_of)
    assert records(back) == records(GRAPH)


def test_parquet_files_go_to_pandas_with_their_types(tmp_path):
    write_tables(GRAPH, tmp_path, format="parquet")
    links = duckdb.read_parquet(str(tmp_path / "links.parquet")).df()
    assert links["confidence"].tolist() == [0.1 + 0.2, 1.0]
    assert links["evidence_start"].isna().tolist() == [False, True]


def test_an_empty_graph_has_tables_with_columns(tmp_path):
    empty = KnowledgeGraph(papers=[], entities=[], links=[])
    write_tables(empty, tmp_path / "csv")
    write_tables(empty, tmp_path / "parquet", format="parquet")
    for table in TABLES:
        assert list(pd.read_csv(tmp_path / "csv" / f"{table}.csv").columns) == column_names(table)
        relation = duckdb.read_parquet(str(tmp_path / "parquet" / f"{table}.parquet"))
        assert relation.columns == column_names(table)
        assert relation.fetchall() == []


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_text_by_default_and_defused_for_spreadsheets(text, tmp_path):
    graph = KnowledgeGraph(papers=[Paper(id="a", title=text, year=2019)], entities=[], links=[])
    write_tables(graph, tmp_path / "plain")
    write_tables(graph, tmp_path / "defused", spreadsheet=True)
    assert pd.read_csv(tmp_path / "plain" / "papers.csv", dtype=str)["title"][0] == text
    defused = pd.read_csv(tmp_path / "defused" / "papers.csv", dtype={"title": str})
    assert defused["title"][0] == f"'{text}"
    assert defused["year"][0] == 2019


def test_spreadsheets_leave_numbers_and_harmless_text_alone(tmp_path):
    write_tables(GRAPH, tmp_path, spreadsheet=True)
    results = pd.read_csv(tmp_path / "results.csv")
    assert results["number"][0] == -93.2
    assert results["value"][0] == "'-93.2%"
    assert results["subject"][0] == "BERT"


ANY_TEXT = st.text(st.characters(exclude_characters="\0"), min_size=1)  # pandas ends a cell at NUL


@given(st.lists(ANY_TEXT, min_size=1, max_size=4, unique=True))
@settings(max_examples=40, deadline=None)
def test_any_text_comes_back_equal(texts):
    graph = KnowledgeGraph(
        papers=[Paper(id=str(number), title=text, authors=(text,)) for number, text in enumerate(texts)],
        entities=[],
        links=[],
    )
    expected = ["".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text) for text in texts]
    with TemporaryDirectory() as folder:
        write_tables(graph, Path(folder))
        write_tables(graph, Path(folder), format="parquet")
        with Path(folder, "papers.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        query = "SELECT title, authors FROM read_parquet(?)"
        packed = duckdb.execute(query, [str(Path(folder, "papers.parquet"))]).fetchall()
        frame = pd.read_csv(Path(folder, "papers.csv"), dtype=str, keep_default_na=False)
    assert [row["title"] for row in rows] == expected
    assert [json.loads(row["authors"]) for row in rows] == [[text] for text in expected]
    assert frame["title"].tolist() == expected
    assert packed == [(text, [text]) for text in expected]


def test_unknown_formats_and_folders_that_are_files_are_refused(tmp_path):
    with pytest.raises(UnknownFormat, match="available: csv, parquet"):
        write_tables(GRAPH, tmp_path, format="xlsx")
    (tmp_path / "file").write_text("kept")
    with pytest.raises(InputError, match="cannot be written"):
        kg.export.write(GRAPH, tmp_path / "file", format="csv")
    assert (tmp_path / "file").read_text() == "kept"


SCRIPT = """
import sys
from pathlib import Path
from kg.export.tables import write_tables
from kg.graph import KnowledgeGraph
from schemas.records import Entity, Link, Paper
graph = KnowledgeGraph(
    papers=[Paper(id=str(i), title=f"Title {i}", authors=("A", "B")) for i in range(500)],
    entities=[Entity(id=i, type="Task", name=i, papers=1) for i in "zyx"],
    links=[Link(paper_id=str(i), entity_id=j, role="uses", confidence=1 / 3) for i in range(500) for j in "yxz"],
)
for format in ("csv", "parquet"):
    write_tables(graph, Path(sys.argv[1]), format=format)
"""


def test_the_bytes_do_not_depend_on_the_hash_seed(tmp_path):
    digests = set()
    for seed in "12":
        folder = tmp_path / seed
        env = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", SCRIPT, str(folder)], env=env, check=True)
        files = sorted(folder.iterdir())
        digests.add(hashlib.sha256(b"".join(file.name.encode() + file.read_bytes() for file in files)).digest())
        assert len(files) == 2 * len(TABLES)
    assert len(digests) == 1
