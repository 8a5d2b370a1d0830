"""Extractions as files: what is written can be read back, whole or not at all."""

import gzip
import json

import duckdb
import pytest

from kg.export.extractions import write_extractions
from schemas.errors import InputError
from schemas.lines import extraction_from_json
from schemas.records import Abbreviation, DocumentEntity, Extraction, Mention, Paper, Result, text_hash

PAPER = Paper(id="a", title="BERT reads", abstract="BERT reaches 80.5% on GLUE.", year=2019, authors=("A. Author",))
EXTRACTION = Extraction(
    paper_id="a",
    text_hash=text_hash(PAPER),
    pipeline="p 1",
    entities=(
        DocumentEntity(
            name="BERT",
            type="Model",
            role="introduces",
            mentions=(Mention(0, 4, "BERT", "Model", 0.9),),
            evidence=(0, 10),
        ),
    ),
    results=(Result(subject="BERT", metric=None, value="80.5%", number=80.5, unit="%", start=11, end=37),),
    abbreviations=(Abbreviation("B", "BERT", 0, 1, 0, 4),),
)
BARE = Paper(id="b", title="Nothing \U0001f600")
PAIRS = [(PAPER, EXTRACTION), (BARE, Extraction(paper_id="b", text_hash=text_hash(BARE), pipeline="p 1"))]


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_lines_come_back_equal(tmp_path, name):
    write_extractions(PAIRS, str(tmp_path / name))
    data = (tmp_path / name).read_bytes()
    lines = (gzip.decompress(data) if name.endswith("gz") else data).decode().splitlines()
    assert [extraction_from_json(json.loads(line)) for line in lines] == PAIRS


def test_parquet_has_the_same_nested_columns(tmp_path):
    path = tmp_path / "out.parquet"
    write_extractions(PAIRS, str(path))
    rows = duckdb.sql(
        f"SELECT id, title, entities[1].mentions[1].text, results[1].number, year FROM '{path}'"
    ).fetchall()
    assert rows == [("a", "BERT reads", "BERT", 80.5, 2019), ("b", BARE.title, None, None, None)]


def test_no_papers_give_an_empty_file(tmp_path):
    for name in ("out.jsonl", "out.parquet"):
        write_extractions([], str(tmp_path / name))
    assert (tmp_path / "out.jsonl").read_bytes() == b""
    assert duckdb.sql(f"SELECT id FROM '{tmp_path / 'out.parquet'}'").fetchall() == []


def test_an_unknown_suffix_names_the_known_ones(tmp_path):
    with pytest.raises(InputError, match=r"out.docx: .*jsonl, .*parquet"):
        write_extractions(PAIRS, str(tmp_path / "out.docx"))


def test_a_broken_run_leaves_no_file(tmp_path):
    def broken():
        yield PAIRS[0]
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        write_extractions(broken(), str(tmp_path / "out.jsonl"))
    assert list(tmp_path.iterdir()) == []
