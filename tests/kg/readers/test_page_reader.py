"""Saved search pages: where titles end and abstracts begin, whatever the page looks like."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kg
from kg.readers.pages import alternates, shape, without_debris

FIRST = (
    "Small encoders are cheap to run. We ask how far they come when they are trained on abstracts alone, compare them "
    "on three corpora with systems of five times their size, and find that they lose little. An ablation tells why."
)
SECOND = (
    "Roads on maps are still drawn by hand in many places! Here is a tool that draws them from photographs, and a "
    "collection of 4,000 drawings to measure it with. It beats what was known by 3.5 points, e.g. on narrow lanes."
)
BRIEF = "We prove that the greedy order is optimal on trees."
TITLES = ("How Far Do Small Encoders Come?", "Roads, Drawn", "On Greed vs. Trees")
PAGE = [TITLES[0], FIRST, TITLES[1], SECOND, TITLES[2], BRIEF]
EXPECTED = list(zip(TITLES, (FIRST, SECOND, BRIEF), strict=True))


def read(tmp_path, text, **options):
    (tmp_path / "page.txt").write_text(text, encoding="utf-8")
    rejected = []
    papers = list(kg.read(tmp_path / "page.txt", on_reject=rejected.append, **options))
    return [(paper.title, paper.abstract) for paper in papers], [rejection.source for rejection in rejected]


@pytest.mark.parametrize("blank", ["\n", "\n\n", "\n \t\n\n", "\u2028", "\r\n"])
def test_titles_and_abstracts_in_turn(tmp_path, blank):
    assert read(tmp_path, blank.join(PAGE)) == (EXPECTED, [])


@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_paragraphs_that_a_program_has_wrapped(tmp_path, between):
    text = "\n\n".join(f"{title}{between}{textwrap.fill(abstract, 60)}" for title, abstract in EXPECTED[:2])
    assert read(tmp_path, text) == (EXPECTED[:2], [])


def test_a_title_that_is_wrapped(tmp_path):
    text = "\n\n".join(["Roads on maps, drawn\nfrom photographs", FIRST, *PAGE[2:4]])
    assert read(tmp_path, text)[0][0] == ("Roads on maps, drawn from photographs", FIRST)


@pytest.mark.parametrize(
    "debris",
    [
        ["new", "Get trending papers in your email inbox!", "Subscribe", "byAK and the research community", "Mar 11"],
        ["Get trending papers in your email inbox once a day!", "Get trending papers in your email inbox!"],
        ["Search results", "120 papers", "by date"],
    ],
)
def test_what_stands_before_the_first_title_is_left_out(tmp_path, debris):
    assert read(tmp_path, "\n\n".join([*debris, *PAGE])) == (EXPECTED, [])


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ('Subscribe"Deep" Roads', '"Deep" Roads'),
        ("byAK and the research communityMar 11Roads, Drawn", "Roads, Drawn"),
        ("newGet trending papers in your email inbox!SubscribeRoads, Drawn", "Roads, Drawn"),
        ("Get trending papers in your email inbox! Subscribe byAK and the research community Mar 11 Roads", "Roads"),
        ("Subscribe to Roads", "Subscribe to Roads"),
        ("NewsRoom: A Corpus", "NewsRoom: A Corpus"),
        ("NewTown: A Corpus", "NewTown: A Corpus"),
        ("May 68 and What Came of It", "May 68 and What Came of It"),
        ("Mar 12, 2024", ""),
        ("· 12 authors", ""),
        ("1.2k", ""),
        ("2048 Is Hard", "2048 Is Hard"),
    ],
)
def test_debris_goes_and_titles_stay(line, rest):
    assert without_debris(line) == rest


def test_an_abstract_in_two_paragraphs_and_a_closing_sentence(tmp_path):
    code = "Code: https://example.org/roads"
    text = "\n\n".join([*PAGE[:2], SECOND, "We share our code.", *PAGE[2:4], code, *PAGE[4:]])
    papers, rejected = read(tmp_path, text)
    assert papers == [
        (TITLES[0], f"{FIRST} {SECOND} We share our code."),
        (TITLES[1], f"{SECOND} {code}"),
        EXPECTED[2],
    ]
    assert rejected == []


def test_a_title_that_ends_with_a_full_stop_or_asks(tmp_path):
    text = "\n".join([*PAGE[:4], "Encoders are small.", FIRST, "What? Why? How Roads Are Drawn", SECOND])
    assert [title for title, _ in read(tmp_path, text)[0][2:]] == [
        "Encoders are small.",
        "What? Why? How Roads Are Drawn",
    ]


def test_what_lacks_its_other_half_is_rejected_and_the_rest_goes_on(tmp_path):
    text = "\n".join([FIRST, *PAGE[:4], "A Title Left Alone", *PAGE[4:], "Company Terms of Service", "Next"])
    assert read(tmp_path, text, format="pages") == (EXPECTED, ["page.txt:1", "page.txt:6", "page.txt:9"])


def test_two_pages_in_one_file(tmp_path):
    debris = ["Get trending papers in your email inbox!", "Subscribe", "Mar 11"]
    papers, rejected = read(tmp_path, "\n\n".join([*debris, *PAGE, *debris, *PAGE]))
    assert (papers, rejected) == (EXPECTED * 2, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FIRST, "prose"),
        (SECOND, "prose"),
        (BRIEF, "sentence"),
        ("Roads vs. Rails: What J. Doe et al. Have Not Said", "title"),
        ("A Very Long Title That Goes On and On, " * 6, "title"),
        ("我们研究小模型。它们很好。我们说明原因。", "prose"),
        ("", "title"),
    ],
)
def test_shapes(text, expected):
    assert shape(text) == expected


def test_one_paper_in_plain_text_is_no_page():
    assert not alternates(f"{TITLES[0]}\n\n{FIRST}\n\n{SECOND}")
    assert not alternates("Roads\nA. Bee\n\n" + textwrap.fill(FIRST, 70))
    assert alternates("\n".join(PAGE[:4]))


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["\n", "\n\n", "\n\n\n"])), min_size=2, max_size=12))
def test_any_number_of_papers_in_any_order(tmp_path_factory, picks):
    text = "".join(f"{EXPECTED[i][0]}{blank}{EXPECTED[i][1]}{blank}" for i, blank in picks)
    folder = tmp_path_factory.mktemp("page")
    assert read(folder, text, format="pages") == ([EXPECTED[i] for i, _ in picks], [])
