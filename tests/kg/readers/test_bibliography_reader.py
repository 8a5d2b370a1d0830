"""BibTeX and RIS: entry by entry, with the places where they stand."""

import pytest

import kg
from kg.readers import bibliography, files


@pytest.fixture
def read(tmp_path):
    def run(name, text):
        (tmp_path / name).write_text(text, encoding="utf-8")
        rejected = []
        papers = list(kg.read(tmp_path / name, on_reject=rejected.append))
        return papers, {rejection.source: rejection.reason for rejection in rejected}

    return run


BIBTEX = r"""% Encoding: UTF-8
Free text is a comment, too.
@string{acl = "Annual Meeting of the ACL"}
@comment{jabref-meta: x}
@preamble{"\newcommand{\x}{x}"}

@InProceedings{bee,
  Title = "{BERT} and na{\"i}ve Bayes",
  author = "Bee, Ann and {The X Team} and Dee, C. and others",
  booktitle = acl, year = {2019}, month = jun,
  doi = {10.1000/A\_b}, url = {https://aclanthology.org/P19-1001/},
}
@article(round, title = {In Round Brackets}, date = {2020-05-01}, url = {https://aclanthology.org/P19-1002})
@article{open, title = {Never Closed,
@misc{bee, title = {A Key That Is There Twice}, eprint = {2001.00001v2}}
@misc{field, title = {A Field}, title = {That Is There Twice}, eprint = {x/1}, eprinttype = {jstor}}
@misc{untitled, year = 2020}
@misc{nothing}
"""


def test_bibtex(read):
    papers, rejected = read("refs.bib", BIBTEX)
    assert [(paper.id, paper.title, paper.source) for paper in papers] == [
        ("doi:10.1000/a_b", r"BERT and na{\"i}ve Bayes", "refs.bib:7"),
        ("acl:P19-1002", "In Round Brackets", "refs.bib:13"),
        ("arxiv:2001.00001", "A Key That Is There Twice", "refs.bib:15"),
        (papers[3].id, "A Field", "refs.bib:16"),
    ]
    assert papers[0].authors == ("Ann Bee", "The X Team", "C. Dee")
    assert (papers[0].venue, papers[0].year, papers[1].year) == ("Annual Meeting of the ACL", 2019, 2020)
    assert papers[3].id.startswith("title:")
    assert list(rejected) == ["refs.bib:14", "refs.bib:17", "refs.bib:18"]
    assert rejected["refs.bib:14"] == "not a BibTeX entry: Unexpectedly reached end of file."


def test_batches_of_bibtex_change_nothing(read, monkeypatch):
    whole = read("refs.bib", BIBTEX)
    for size in (1, 2, 3):
        monkeypatch.setattr(bibliography, "BATCH", size)
        assert read("refs.bib", BIBTEX) == whole


def test_an_entry_without_end_does_not_fill_the_memory(read, monkeypatch):
    monkeypatch.setattr(files, "MAX_RECORD", 500)
    papers, rejected = read(
        "a.bib", "@misc{a, title = {On X},\n" + "abstract = {x},\n" * 100 + "}\n@misc{b, title={Y}}"
    )
    assert ([paper.title for paper in papers], list(rejected)) == (["Y"], ["a.bib:1"])


def test_ris(read):
    text = (
        "Exported by a program\n\nTY - JOUR\nT1 - One Space\nA1 - Bee, Ann\nY1 - 2020/05/01\nN2 - We study X,\n"
        "and more of it.\nUR - https://arxiv.org/abs/2001.00001\nKW - x\nKW - y\nJF - J. of X\nER -\n"
        "TY  - JOUR\nTI  - No End\n\nTY  - CONF\nER  - \nTI  - Lost\nER  - \nTY  - JOUR\nTI  - Last\nDO  - 10.1000/Z"
    )
    papers, rejected = read("a.ris", text)
    assert [(paper.id, paper.title, paper.source) for paper in papers] == [
        ("arxiv:2001.00001", "One Space", "a.ris:3"),
        (papers[1].id, "No End", "a.ris:14"),
        ("doi:10.1000/z", "Last", "a.ris:21"),
    ]
    first = papers[0]
    assert (first.abstract, first.year, first.authors) == ("We study X, and more of it.", 2020, ("Ann Bee",))
    assert (first.keywords, first.venue) == (("x", "y"), "J. of X")
    assert list(rejected) == ["a.ris:1", "a.ris:17", "a.ris:19"]
