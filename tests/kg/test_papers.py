"""The same paper from two sources is one paper, whatever the order."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kg.papers import merge_duplicates
from schemas.records import Paper

ABSTRACT = "We study how far a small encoder can go when it is trained on abstracts alone, and where it stops."
OTHER = "Graphs of roads are drawn by hand in most cities; we describe a tool that draws them from photographs."
ONE = Paper(id="title:1", title="Small Encoders", abstract=ABSTRACT, source="a.txt:1")


def merged(*papers):
    found, duplicates, rejections = merge_duplicates(papers)
    return [paper.id for paper in found], [d.reason for d in duplicates], [r.reason for r in rejections]


def test_the_same_id():
    assert merged(ONE, replace(ONE, source="b.txt:9")) == (["title:1"], ["id"], [])


def test_the_same_doi_or_arxiv_id_under_different_titles():
    one = replace(ONE, id="x", doi="10.1/a")
    assert merged(one, replace(one, id="y", title="Small Encoders, Revised")) == (["x"], ["doi"], [])
    one = replace(ONE, id="x", arxiv_id="2001.1")
    assert merged(one, replace(one, id="y", title="How Far Can Small Encoders Go")) == (["x"], ["arxiv_id"], [])


def test_the_same_title_with_a_near_identical_abstract():
    other = replace(ONE, id="arxiv:1", title="SMALL ENCODERS.", abstract=ABSTRACT + " Code is free.")
    assert merged(ONE, other) == (["arxiv:1"], ["title"], [])


def test_the_same_title_without_an_abstract_needs_a_fitting_year():
    assert merged(replace(ONE, year=2019), replace(ONE, id="b", abstract="", year=2020))[0] == ["b"]
    assert len(merged(replace(ONE, year=2019), replace(ONE, id="b", abstract="", year=2010))[0]) == 2


def test_two_papers_of_one_title_stay_two():
    assert merged(replace(ONE, id="a"), replace(ONE, id="b", abstract=OTHER)) == (["a", "b"], [], [])
    ids, duplicates, _ = merged(ONE, replace(ONE, abstract=OTHER))
    assert (len(set(ids)), duplicates) == (2, [])
    assert all(paper_id.startswith("title:1-") for paper_id in ids)


def test_a_given_id_is_not_taken_twice():
    ids, _, rejections = merged(replace(ONE, id="1"), Paper(id="1", title="Drawing Roads", abstract=OTHER))
    assert ids == ["1"]
    assert "id '1' is taken by another paper" in rejections[0]


def test_a_doi_of_a_whole_volume_merges_nothing():
    papers = [
        Paper(id=str(i), title=title, abstract=OTHER[i:] + title, doi="10.1/v")
        for i, title in enumerate(("Roads", "Encoders"))
    ]
    assert len(merged(papers[0], replace(papers[1], abstract=ABSTRACT))[0]) == 2


def test_missing_fields_are_filled_from_the_other_record():
    (paper,), (duplicate,), _ = merge_duplicates(
        [
            replace(ONE, year=2019),
            Paper(id="doi:10.1/a", title="Small encoders", doi="10.1/a", authors=("A. Bee",), source="b.bib:3"),
        ]
    )
    assert (paper.id, paper.abstract, paper.year, paper.authors) == ("doi:10.1/a", ABSTRACT, 2019, ("A. Bee",))
    assert (duplicate.paper_id, duplicate.source) == ("doi:10.1/a", "b.bib:3")


def test_ten_thousand_identical_papers_are_one():
    found, duplicates, _ = merge_duplicates(replace(ONE, source=f"a.txt:{i}") for i in range(10_000))
    assert (len(found), len(duplicates)) == (1, 9_999)


papers = st.lists(
    st.builds(
        Paper,
        id=st.sampled_from(["1", "2", "title:x", "arxiv:1", "doi:10.1/a"]),
        title=st.sampled_from(["Small Encoders", "small encoders!", "Drawing Roads"]),
        abstract=st.sampled_from(["", ABSTRACT, ABSTRACT + " More.", OTHER]),
        year=st.sampled_from([None, 2019, 2020]),
        doi=st.sampled_from([None, None, "10.1/a"]),
        source=st.sampled_from(["a:1", "a:2"]),
    ),
    max_size=7,
)


@given(papers, st.randoms(use_true_random=False))
def test_order_does_not_matter(records, random):
    shuffled = list(records)
    random.shuffle(shuffled)
    assert merge_duplicates(shuffled) == merge_duplicates(records)


@given(papers)
def test_nothing_is_lost_and_ids_are_distinct(records):
    found, duplicates, rejections = merge_duplicates(records)
    assert len(found) + len(duplicates) + len(rejections) == len(records)
    assert len({paper.id for paper in found}) == len(found)


@given(papers)
def test_merging_again_changes_nothing(records):
    found, _, _ = merge_duplicates(records)
    again, _, _ = merge_duplicates(found)
    assert len(again) <= len(found)
