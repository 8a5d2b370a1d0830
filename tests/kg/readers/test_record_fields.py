"""From fields to a paper: names, identifiers and dates in the forms that sources write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.readers.names import names
from kg.readers.record import clean, normalised_title, title_id, to_paper
from schemas.errors import RecordError


def paper(**fields):
    return to_paper({"title": "On X"} | fields, source="x")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Ann Bee and Cy Dee", ["Ann Bee", "Cy Dee"]),
        ("Bee, Ann and van der Dee, Cy Jan", ["Ann Bee", "Cy Jan van der Dee"]),
        ("Ann Bee, Cy Dee and Eve Fay", ["Ann Bee", "Cy Dee", "Eve Fay"]),
        ("Ann Bee, Cy Dee & Eve Fay", ["Ann Bee", "Cy Dee", "Eve Fay"]),
        ("Bee, A.; Dee, C.-J.", ["A. Bee", "C.-J. Dee"]),
        ("Bee, A., Dee, C.", ["A. Bee", "C. Dee"]),
        ("Bee A., Dee C.", ["Bee A.", "Dee C."]),
        ("Bee, Ann", ["Ann Bee"]),
        ("Ann Bee, Cy Dee", ["Ann Bee", "Cy Dee"]),
        ("Bee, Jr., Ann", ["Bee", "Jr.", "Ann"]),
        (["Bee, Jr., Ann"], ["Ann Bee Jr."]),
        ("Plato", ["Plato"]),
        ("Ann Bee et al.", ["Ann Bee et al."]),
        ("Ann Bee and others", ["Ann Bee"]),
        ("Anderson, Sandy", ["Sandy Anderson"]),
        ([{"name": "Ann Bee"}, {"given": "Cy", "family": "Dee"}, {"family": "Fay"}], ["Ann Bee", "Cy Dee", "Fay"]),
        ([["Bee", "Ann", ""], ["Dee", "Cy", "Jr.", "Some Place"]], ["Ann Bee", "Cy Dee Jr."]),
        ([{"firstName": "Ann", "lastName": "Bee"}, {"author": {"display_name": "Cy Dee"}}], ["Ann Bee", "Cy Dee"]),
        ([None, 7, {}, [], {"name": {"x": 1}}, ""], []),
        (None, []),
        (7, []),
    ],
)
def test_names(value, expected):
    assert list(names(value)) == expected


@pytest.mark.parametrize(
    ("value", "doi"),
    [
        ("10.1000/ABC", "10.1000/abc"),
        ("doi: 10.1000/abc", "10.1000/abc"),
        ("https://dx.doi.org/10.1000/a%2Fb", "10.1000/a/b"),
        ("10.1016/S0893-6080(05)80056-5", "10.1016/s0893-6080(05)80056-5"),
        ("10.1000/abc.", "10.1000/abc"),
        ("10.1000/a 10.1000/b", "10.1000/a"),
        (["10.1000/abc"], "10.1000/abc"),
        ("N/A", None),
        (7, None),
    ],
)
def test_dois(value, doi):
    assert paper(doi=value).doi == doi


@pytest.mark.parametrize(
    ("value", "arxiv_id"),
    [
        ("arXiv:1810.04805v2", "1810.04805"),
        ("https://arxiv.org/pdf/1810.04805v2.pdf", "1810.04805"),
        ("http://arxiv.org/abs/cs.CL/0101001v1", "cs.CL/0101001"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("1810.048", None),
        ("https://example.org/1810.04805", None),
        ("1810.04805/x", None),
    ],
)
def test_arxiv_ids(value, arxiv_id):
    assert paper(arxiv_id=value).arxiv_id == arxiv_id


@pytest.mark.parametrize(
    ("value", "year"),
    [
        (2019, 2019),
        ("2019", 2019),
        ("2019-05-01", 2019),
        ("May 2019", 2019),
        ("Mon, 2 Apr 2007 19:18:42 GMT", 2007),
        (2019.0, 2019),
        ("20190501", None),
        (20190501, None),
        (999, None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        ("", None),
        ({"year": 2019}, None),
    ],
)
def test_years(value, year):
    assert paper(year=value).year == year


@pytest.mark.parametrize(
    ("fields", "paper_id"),
    [
        ({"id": "mine", "doi": "10.1000/x"}, "mine"),
        ({"id": 7}, "7"),
        ({"id": "  a \x00 b "}, "a b"),
        ({"id": "", "doi": "10.1000/x"}, "doi:10.1000/x"),
        ({"id": True}, title_id("On X")),
        ({"id": ["a"]}, title_id("On X")),
        ({"doi": "10.48550/arXiv.2001.00001"}, "arxiv:2001.00001"),
        ({"doi": "10.1000/x", "arxiv_id": "2001.00001"}, "doi:10.1000/x"),
        ({"url": "https://aclanthology.org/2020.acl-main.1/"}, "acl:2020.acl-main.1"),
        ({"url": "https://www.aclweb.org/anthology/P19-1001.pdf"}, "acl:P19-1001"),
        ({"openalex": "W1", "s2": "x", "pmid": 42}, "openalex:W1"),
        ({"pmid": 42}, "pmid:42"),
    ],
)
def test_ids(fields, paper_id):
    assert paper(**fields).id == paper_id


def test_identifiers_are_taken_from_an_id_that_holds_them():
    assert paper(id="doi:10.1000/X").doi == "10.1000/x"
    assert paper(id="arxiv:2001.00001v3").arxiv_id == "2001.00001"


@pytest.mark.parametrize("one", ["BERT: Pre-training", "Bert—pretraining!", "ＢＥＲＴ pre training"])
def test_writings_of_one_title_have_one_hash(one):
    assert title_id(one) == title_id("bert pretraining")


def test_titles_without_letters_keep_apart():
    assert title_id("???") != title_id("!!!")
    assert normalised_title("???") == "???"


def test_what_is_too_long_is_no_paper():
    assert len(paper(abstract="w" * 1_000_000).abstract) == 1_000_000
    with pytest.raises(RecordError, match="abstract has 1,048,577 characters"):
        paper(abstract="w" * 1_048_577)
    with pytest.raises(RecordError, match="title has 16,385 characters"):
        paper(title="w" * 16_385)


@pytest.mark.parametrize("abstract", [None, "", " \n", "N/A", "No abstract available.", 7, {"x": 1}])
def test_an_abstract_may_be_missing(abstract):
    assert paper(abstract=abstract).abstract == ""


@given(st.text(st.characters(), max_size=80))
def test_cleaning_removes_what_breaks_a_text_and_nothing_else(text):
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert "\n" not in cleaned
    assert "  " not in cleaned
    cleaned.encode("utf-8")
    usable = "".join(c for c in text if not c.isspace() and c.isprintable())
    assert "".join(c for c in cleaned if not c.isspace() and c.isprintable()) == usable


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("id", "title", "abstract", "year", "authors", "venue", "url", "doi", "arxiv_id", "keywords", "acl", "pmid")


@given(st.dictionaries(st.sampled_from(FIELDS), anything))
def test_no_value_of_any_field_raises(fields):
    try:
        found = to_paper(fields, source="x")
    except RecordError:
        return
    assert found.title
    assert found.id
    assert found.year is None or 1000 <= found.year <= 2999
    assert all(isinstance(name, str) and name for name in (*found.authors, *found.keywords))
