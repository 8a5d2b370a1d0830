"""Plain text, one paper a file."""

import pytest

import kg
from kg.readers import plain


@pytest.fixture
def read(tmp_path):
    def run(text, name="a.txt"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return list(kg.read(tmp_path / name, format="plain", on_reject=lambda r: pytest.fail(r.reason)))

    return run


@pytest.mark.parametrize(
    "text",
    [
        "On Roads\nWe draw them. They are long.",
        "\n\nOn Roads\n\nWe draw them.\n\nThey are long.\n",
        "# On Roads\n\n## Abstract\n\nWe draw them.\nThey are long.\n",
        "On Roads\nAbstract. We draw them. They are long.",
        "On Roads\n\nABSTRACT\n\nWe draw them. They are long.",
        "On Roads\nAbstract: We draw them. They are long.",
        "Title: On Roads\nAbstract: We draw them.\nThey are long.",
        "**Title:** On\nRoads\n**Abstract:** We draw them. They are long.",
        "Abstract: We draw them.\nThey are long.\nTitle: On Roads",
    ],
)
def test_title_and_abstract(read, text):
    (paper,) = read(text)
    assert (paper.title, paper.abstract) == ("On Roads", "We draw them. They are long.")


def test_labels_of_other_fields(read):
    (paper,) = read("Title: On Roads\nAuthors: Ann Bee, C. Dee\nYear: 2020\narXiv: 2001.00001\nAbstract: We draw.\n")
    assert (paper.id, paper.authors, paper.year) == ("arxiv:2001.00001", ("Ann Bee", "C. Dee"), 2020)


def test_words_that_only_begin_like_a_label(read):
    (paper,) = read("On Roads\nAbstract roads are drawn.\nYear: 2020 was a good one.")
    assert (paper.abstract, paper.year) == ("Abstract roads are drawn. Year: 2020 was a good one.", None)


def test_a_title_alone_and_a_book(tmp_path, read, monkeypatch):
    assert [paper.title for paper in read("On Roads")] == ["On Roads"]
    monkeypatch.setattr(plain, "MAX_ABSTRACT", 100)
    (tmp_path / "b.txt").write_text("On Roads\n" + "They are long.\n" * 100)
    rejected = []
    assert list(kg.read(tmp_path / "b.txt", on_reject=rejected.append)) == []
    assert "one paper a file" in rejected[0].reason


def test_text_without_a_suffix(tmp_path):
    (tmp_path / "a").write_text("On Roads and Maps\n\nWe draw them.")
    assert [paper.title for paper in kg.read(tmp_path / "a")] == ["On Roads and Maps"]
