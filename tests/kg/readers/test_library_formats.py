"""JSON of Crossref, CSL and Zotero, as reference managers and services write it."""

import json

import pytest

import kg
from kg.readers.services import fields_of
from schemas.errors import RecordError


@pytest.fixture
def read(tmp_path):
    def run(*records):
        (tmp_path / "a.json").write_text(json.dumps(records), encoding="utf-8")
        rejected = []
        papers = list(kg.read(tmp_path / "a.json", on_reject=rejected.append))
        return papers, [rejection.reason for rejection in rejected]

    return run


CSL = {"title": "On X", "container-title": "Proceedings of X"}


@pytest.mark.parametrize(
    ("dates", "year"),
    [
        ({"issued": {"date-parts": [[2019, 5, 1]]}}, 2019),
        ({"issued": {"date-parts": [["2019"]]}}, 2019),
        ({"issued": {"date-parts": [[None]]}, "published": {"date-parts": [[2018]]}}, 2018),
        ({"issued": {"raw": "May 2017"}}, 2017),
        ({"issued": {"literal": "in spring 2016"}}, 2016),
        ({"issued": {"date-parts": [2015]}}, None),
        ({"issued": "2014"}, None),
        ({}, None),
    ],
)
def test_dates_of_csl(read, dates, year):
    (paper,), rejected = read(CSL | dates)
    assert (paper.year, paper.venue, rejected) == (year, "Proceedings of X", [])


@pytest.mark.parametrize(
    ("abstract", "plain"),
    [
        ("<jats:p>We <jats:italic>train</jats:italic> A<jats:sub>1</jats:sub>.</jats:p>", "We train A1."),
        (
            "<jats:title>Summary</jats:title>\n<jats:sec><jats:title>Aims:</jats:title><jats:p>One.</jats:p></jats:sec>"
            "<jats:sec><jats:title>Results</jats:title><jats:p>Two.</jats:p></jats:sec>",
            "Aims: One. Results: Two.",
        ),
        ("<p>One.</p><p>Two &amp; three.</p>", "One. Two & three."),
        ("where a < b and c > d, at 5 &lt; 6", "where a < b and c > d, at 5 &lt; 6"),
        ("<jats:p>where a &lt; b and <mml:math><mml:mi>x</mml:mi></mml:math></jats:p>", "where a < b and x"),
        (None, ""),
        (7, ""),
    ],
)
def test_abstracts_of_publishers(read, abstract, plain):
    assert read(CSL | {"abstract": abstract})[0][0].abstract == plain


def test_crossref_wraps_titles_and_journals_into_lists(read):
    record = {"title": ["On X"], "container-title": ["Journal of X", "J. X"], "DOI": "10.1000/X", "issued": {}}
    (paper,), _ = read(record | {"author": [{"given": "Ada", "family": "Bee"}, {"name": "The X Team"}]})
    assert (paper.title, paper.venue, paper.id) == ("On X", "Journal of X", "doi:10.1000/x")
    assert paper.authors == ("Ada Bee", "The X Team")


ITEM = {
    "itemType": "preprint",
    "title": "On X",
    "creators": [{"creatorType": "author", "firstName": "Ada", "lastName": "Bee"}, {"creatorType": "author", "name": "X Co"}],
    "abstractNote": "We study X.",
    "repository": "arXiv",
    "date": "2024-01-09",
    "url": "http://arxiv.org/abs/2401.00001",
    "tags": [{"tag": "Computer Science - Computation and Language", "type": 1}, {"tag": "mine"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "paper_id"),
    [
        ({}, "arxiv:2401.00001"),
        ({"url": "", "archiveID": "arXiv:2401.00002"}, "arxiv:2401.00002"),
        ({"url": "", "extra": "Comment: 9 pages\narXiv: 2401.00003 [cs]"}, "arxiv:2401.00003"),
        ({"url": "", "extra": "DOI: 10.1000/X\nmore"}, "doi:10.1000/x"),
        ({"DOI": "10.1000/y"}, "doi:10.1000/y"),
    ],
)
def test_items_of_zotero(read, more, paper_id):
    for record in (ITEM | more, {"key": "ABCD2345", "data": ITEM | more}):
        (paper,), rejected = read(record)
        assert (paper.id, rejected) == (paper_id, [])
        assert (paper.year, paper.venue, paper.abstract) == (2024, "arXiv", "We study X.")
        assert paper.authors == ("Ada Bee", "X Co")
        assert paper.keywords == ("Computer Science - Computation and Language", "mine")


def test_editors_stand_for_authors_where_there_are_none(read):
    editor = {"creatorType": "editor", "firstName": "Ed", "lastName": "Itor"}
    assert read(ITEM | {"creators": [editor]})[0][0].authors == ("Ed Itor",)
    assert read(ITEM | {"creators": [editor, *ITEM["creators"]]})[0][0].authors == ("Ada Bee", "X Co")


def test_what_hangs_on_an_item_is_no_paper():
    with pytest.raises(RecordError, match="a Zotero attachment is no paper"):
        fields_of({"data": {"itemType": "attachment", "title": "Full Text PDF"}})


def test_fields_of_any_other_kind_do_no_harm(read):
    odd = [None, 7, [], {}, "x", [[]], [{}], [7]]
    for value in odd:
        fields = dict.fromkeys(("issued", "container-title", "author", "DOI", "abstract", "keyword", "URL"), value)
        assert len(read({"title": "On X", "container-title": value} | fields)[0]) == 1
        fields = {name: value for name in ITEM if name not in ("title", "itemType")} | {"extra": value}
        assert len(read({"title": "On X", "itemType": value} | fields)[0]) == 1
