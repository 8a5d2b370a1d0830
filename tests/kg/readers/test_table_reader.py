"""Tables: a bad row costs itself and nothing else."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg
from kg.readers import tables
from schemas.records import Paper

HEADER = "title,abstract,year\n"


@pytest.fixture
def read(tmp_path):
    def run(text, name="a.csv"):
        (tmp_path / name).write_bytes(text.encode())
        rejected = []
        papers = list(kg.read(tmp_path / name, on_reject=rejected.append))
        return [paper.title for paper in papers], [(r.source, r.reason) for r in rejected]

    return run


@pytest.mark.parametrize(
    ("rows", "titles", "bad"),
    [
        ('"On X\nOn Y,y,2020\nOn Z,z,2021\n', ["On Y", "On Z"], {"a.csv:2": "quotation mark is not closed"}),
        ('On X,"x\nOn Y,y,2020\nOn Z,"z",2021\n', ["On Y", "On Z"], {"a.csv:2": "quotation mark is not closed"}),
        ("On X,a, b, c,2020\nOn Y,y,2020\n", ["On Y"], {"a.csv:2": "5 cells, the header has 3"}),
        ("On X\nOn Y,y\n", ["On X", "On Y"], {}),
        ("On X,x,2020,,\n", ["On X"], {}),
        (",x,2020\n\n,,\nOn Y,y,2020\n", ["On Y"], {"a.csv:2": "no title"}),
        ('On X,"x, with ""quotes"" and\na line",2020\nOn Y,5" disks,2020\n', ["On X", "On Y"], {}),
        ("On X,x,2020\r\nOn Y,y,2021\r\n", ["On X", "On Y"], {}),
    ],
)
def test_rows(read, rows, titles, bad):
    found, rejected = read(HEADER + rows)
    assert found == titles
    assert [source for source, _ in rejected] == list(bad)
    for (_, reason), words in zip(rejected, bad.values(), strict=True):
        assert words in reason


def test_an_endless_row_is_given_up(read, monkeypatch):
    monkeypatch.setattr(tables, "MAX_RECORD", 2000)
    titles, rejected = read(HEADER + 'On X,"x\n' + "On Y,y,2020\n" * 300)
    assert len(titles) == 300
    assert "more than 2,000 characters" in rejected[0][1]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_told_from_the_header(read, separator):
    text = f"Title{separator}Publication Year\nOn X and Y{separator}2020\n"
    assert read(text) == (["On X and Y"], [])
    assert read(text, "table")[0] == (["On X and Y"] if separator != "|" else [])


def test_columns_of_reference_managers(tmp_path):
    (tmp_path / "z.csv").write_text(
        "Key,Item Type,Publication Year,Author,Title,Publication Title,DOI,Url,Abstract Note,Manual Tags\n"
        'AB12,article,2020,"Bee, Ann; Dee, C.",On X,Journal of X,10.1000/X,https://example.org,We study X.,x; y\n'
    )
    assert list(kg.read(tmp_path / "z.csv")) == [
        Paper(
            id="doi:10.1000/x",
            title="On X",
            abstract="We study X.",
            year=2020,
            authors=("Ann Bee", "C. Dee"),
            venue="Journal of X",
            url="https://example.org",
            doi="10.1000/x",
            keywords=("x", "y"),
            source="z.csv:2",
        )
    ]


cells = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")) | st.sampled_from('",\n '), max_size=12)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=6))
def test_what_a_csv_writer_wrote_is_read(tmp_path_factory, rows):
    rows = [(f"T{title}", f"A{abstract}") for title, abstract in rows]
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([("title", "abstract"), *rows])
    path = tmp_path_factory.mktemp("table") / "a.csv"
    path.write_text(stream.getvalue(), encoding="utf-8", newline="")
    papers = list(kg.read(path, on_reject=lambda rejection: pytest.fail(rejection.reason)))
    expected = [(" ".join(title.split()), " ".join(abstract.split())) for title, abstract in rows]
    assert [(paper.title, paper.abstract) for paper in papers] == expected
