"""The same paper from two sources is one paper, whatever the order."""

import hashlib
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.papers import merge_duplicates
from kg.readers.record import title_id
from schemas.records import Paper

ABSTRACT = "We study how far a small encoder can go when it is trained on abstracts alone, and where it stops."
OTHER = "Graphs of roads are drawn by hand in most cities; we describe a tool that draws them from photographs."
ONE = Paper(id="title:1", title="Small Encoders", abstract=ABSTRACT, source="a.txt:1")


def merged(*papers):
    found, duplicates, rejections = merge_duplicates(papers)
    return [paper.id for paper in found], [d.reason for d in duplicates], [r.reason for r in rejections]


def test_the_same_id():
    one = replace(ONE, id="x")
    assert merged(one, replace(one, source="b.txt:9")) == (["x"], ["id"], [])
    assert merged(ONE, replace(ONE, source="b.txt:9")) == (["title:1"], ["title"], [])


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


def test_thousands_of_one_title_take_seconds_and_find_their_repeats():
    words = [hashlib.sha256(bytes([i])).hexdigest()[: 3 + i % 7] for i in range(256)]
    texts = [" ".join(random.Random(i).choices(words, k=60)) for i in range(1500)]
    records = [Paper(id=title_id("Editorial"), title="Editorial", abstract=text) for text in texts]
    again = [replace(record, abstract=f"{record.abstract}, and one more.") for record in records[:300]]
    found, duplicates, rejections = merge_duplicates([*records, *again])
    assert (len(found), len(duplicates), rejections) == (1500, 300, [])
    assert len({paper.id for paper in found}) == 1500


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("BERT: Pre-training of Encoders", "{BERT}: pre-training of encoders"),
        (r"Bounds of $\ell_1$ & more", r"Bounds of $\ell_1$ &amp; more"),
        ("Na\u00efve Roads", r"Na\"{\i}ve roads"),
    ],
)
def test_titles_are_compared_as_they_are_read(title, other):
    assert len(merged(replace(ONE, title=title), replace(ONE, id="b", title=other))[0]) == 1


def test_a_record_without_abstract_joins_the_one_paper_that_it_fits():
    bare = Paper(id="b", title=ONE.title, year=2019, authors=("Ann Bee",))
    one = replace(ONE, id="one", year=2019, authors=("A. Bee",))
    other = replace(ONE, id="other", abstract=OTHER, year=2019, authors=("C. Dee",))
    assert merged(one, other, bare)[0] == ["b", "other"]
    assert merged(one, other, replace(bare, authors=()))[0] == ["b", "one", "other"]  # it fits both
    assert merged(one, other, replace(bare, authors=("E. Fay",)))[0] == ["b", "one", "other"]


def test_records_without_abstracts_are_one_where_all_of_them_fit():
    bare = [Paper(id=name, title="On Roads", year=year) for name, year in (("a", None), ("b", 2019), ("c", 2020))]
    assert merged(*bare)[0] == ["a"]
    assert merged(*bare, Paper(id="d", title="On Roads", year=2005))[0] == ["a", "b", "c", "d"]
    assert merged(bare[1], replace(bare[1], id="d"), Paper(id="e", title="On Roads", year=2005))[0] == ["b", "e"]


def test_a_doi_of_a_whole_volume_is_the_id_of_none_of_its_papers():
    papers = [
        Paper(id="doi:10.1/v", title=title, abstract=text, doi="10.1/v")
        for title, text in (("Drawing Roads", OTHER), ("Small Encoders", ABSTRACT))
    ]
    expected = sorted(title_id(paper.title) for paper in papers)
    assert merged(*papers) == (expected, [], [])
    assert merged(*papers, papers[0])[:2] == (expected, ["id"])


def test_a_revision_keeps_its_identifier():
    one = Paper(id="arxiv:1", title="Small Encoders", abstract=ABSTRACT, arxiv_id="1")
    assert merged(one, replace(one, title="Small Encoders: How Far They Come", abstract=OTHER))[0] == ["arxiv:1"]
    assert merged(one, replace(one, title="Where Roads Lead", abstract=ABSTRACT + " We say why."))[0] == ["arxiv:1"]


def test_ids_that_tell_one_title_apart_go_when_nothing_is_to_be_told_apart():
    one, other = (Paper(id=title_id("On X"), title="On X", abstract=text) for text in (ABSTRACT, OTHER))
    both = merge_duplicates([one, other])[0]
    assert all(paper.id.startswith(f"{one.id}-") for paper in both)
    assert merge_duplicates([*both, one])[0] == both
    assert merged(both[0])[0] == [one.id]


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
def test_order_does_not_matter(records, shuffler):
    shuffled = list(records)
    shuffler.shuffle(shuffled)
    assert merge_duplicates(shuffled) == merge_duplicates(records)


@given(papers)
def test_nothing_is_lost_and_ids_are_distinct(records):
    found, duplicates, rejections = merge_duplicates(records)
    assert len(found) + len(duplicates) + len(rejections) == len(records)
    assert len({paper.id for paper in found}) == len(found)


@given(papers)
def test_merging_again_takes_nothing_apart(records):
    found, _, _ = merge_duplicates(records)
    again, _, rejections = merge_duplicates(found)
    assert len(again) <= len(found)
    assert rejections == []


WORKS = (
    Paper(id="mine", title="Small Encoders", abstract=ABSTRACT, doi="10.1/a", year=2019, authors=("A. Bee",)),
    Paper(id="arxiv:2", title="Small encoders", abstract=OTHER, arxiv_id="2", year=2011, authors=("C. Dee",)),
    Paper(id=title_id("Drawing Roads"), title="Drawing Roads", abstract=OTHER, venue="Roads"),
    Paper(id=title_id("Drawing Roads"), title="Drawing Roads.", abstract=ABSTRACT, keywords=("maps",)),
)


@st.composite
def record_lists(draw):
    """Records of some works, each as some source may have it: with fewer fields and a slightly other abstract."""
    numbers = draw(st.lists(st.integers(0, len(WORKS) - 1), max_size=8))
    records = []
    for place, number in enumerate(numbers):
        left_out = draw(st.sets(st.sampled_from(["venue", "keywords", "year"])))
        abstract = WORKS[number].abstract + draw(st.sampled_from(["", " Code is free.", " (Accepted.)"]))
        empty = {name: () if name == "keywords" else None for name in left_out}
        records.append(replace(WORKS[number], abstract=abstract, source=f"a:{place}", **empty))
    return numbers, records


@given(record_lists(), st.data())
def test_records_of_some_works_become_those_works_however_often_they_come(numbers_and_records, data):
    numbers, records = numbers_and_records
    found, duplicates, rejections = merge_duplicates(records)
    assert len(found) == len(set(numbers))
    assert len(duplicates) == len(numbers) - len(found)
    assert rejections == []
    again = data.draw(st.lists(st.sampled_from(records), max_size=4)) if records else []
    assert merge_duplicates([*again, *found])[0] == found
