import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode
from rdflib.term import _is_valid_uri

from kg.export.iris import Iris, absolute_iri, arxiv_iri, check_base, doi_iri, literal_text, web_iri
from schemas.errors import InputError

BASE = "https://example.org/id/"
IRIS = Iris(BASE)

# Any text at all: hypothesis leaves surrogates out by default.
ids = st.text(st.characters(exclude_categories=()), max_size=12) | st.sampled_from(
    [
        "",
        ".",
        "..",
        "/",
        "a/../b",
        "a//b",
        "=",
        "=.",
        "%",
        "%2F",
        "a%20b",
        "a b",
        "A",
        "a",
        "\x00",
        "\ud800",
        "é",
        "e\u0301",
    ]
)
numbers = st.integers(0, 99)


def minted(paper, entity, role, start, end, result):
    """Every IRI that these values can get, by what it stands for."""
    return {
        ("entity", entity): IRIS.entity(entity),
        ("paper", paper): IRIS.paper(paper),
        ("graph", paper): IRIS.paper_graph(paper),
        ("author", paper, start): IRIS.author(paper, start),
        ("link", paper, role, entity): IRIS.link(paper, role, entity),
        ("mention", paper, start, end, entity): IRIS.mention(paper, start, end, entity),
        ("text", paper, start, end): IRIS.span(paper, "text", start, end),
        ("quote", paper, start, end): IRIS.span(paper, "quote", start, end),
        ("position", paper, start, end): IRIS.span(paper, "position", start, end),
        ("result", paper, result): IRIS.result(paper, result),
        ("dataset",): IRIS.dataset,
        ("header",): IRIS.header_graph,
        ("entities",): IRIS.entity_graph,
    }


things = st.tuples(ids, ids, st.sampled_from(["uses", "mentions"]), numbers, numbers, ids)


@given(things)
def test_every_iri_is_valid_and_stays_as_it_is(values):
    for iri in minted(*values).values():
        NamedNode(iri)  # raises for what RFC 3987 forbids
        assert _is_valid_uri(iri)
        assert iri.isascii()
        assert iri.startswith(BASE)
        steps = iri.partition("#")[0].split("/")[3:]
        assert not {"", ".", ".."} & set(steps)  # which parsers resolve away


@given(things, things)
def test_different_things_have_different_iris(one, other):
    one, other = minted(*one), minted(*other)
    for thing, iri in one.items():
        for other_thing, other_iri in other.items():
            assert (thing == other_thing) == (iri == other_iri)


@pytest.mark.parametrize(
    ("paper", "expected"),
    [
        ("arxiv:1810.04805", "paper/arxiv:1810.04805"),
        ("doi:10.18653/v1/n19-1423", "paper/doi:10.18653/v1/n19-1423"),
        ("a b", "paper/a%20b"),
        ("100%", "paper/100%25"),
        ("naïve", "paper/na%C3%AFve"),
        ("\ud800", "paper/%ED%A0%80"),
        ("../entity/x", "paper/=../entity/x"),
        ("", "paper/="),
        ("=", "paper/%3D"),
        ("😀'\"<>", "paper/%F0%9F%98%80%27%22%3C%3E"),
    ],
)
def test_papers_are_readable(paper, expected):
    assert IRIS.paper(paper) == BASE + expected


def test_results_of_any_id():
    assert IRIS.result("a", "a#result-2") == BASE + "paper/a#result/2"
    assert IRIS.result("a", "2") == BASE + "paper/a#result/=2"


def test_a_long_name_is_no_trouble():
    assert len(IRIS.entity("x" * 10_000)) == 10_000 + len(BASE) + len("entity/")


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://example.org/id/", "https://example.org/id/"),
        ("https://example.org", "https://example.org/"),
        ("urn:example:", "urn:example:"),
        ("https://example.org/?id=", "https://example.org/?id="),
    ],
)
def test_bases(base, expected):
    assert check_base(base) == expected


@pytest.mark.parametrize(
    "base",
    ["", "id/", "example.org", "https://example.org/#", "https://e.org/a b/", "https://e.org/../", " https://e.org/"],
)
def test_bases_that_cannot_be(base):
    with pytest.raises(InputError, match="base IRI .* give one such as"):
        Iris(base)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://www.wikidata.org/entity/Q1", "https://www.wikidata.org/entity/Q1"),
        ("https://example.org/a b", "https://example.org/a%20b"),
        ("https://example.org/100%", "https://example.org/100%25"),
        ("https://example.org/a%20b", "https://example.org/a%20b"),
        ("https://example.org/é", "https://example.org/é"),
        ("https://example.org/a#b#c", "https://example.org/a#b%23c"),
        ("https://example.org/\u202e", "https://example.org/%E2%80%AE"),
        ("urn:isbn:0451450523", "urn:isbn:0451450523"),
        ("example.org/a", None),
        ("", None),
        ("two words", None),
    ],
)
def test_foreign_iris(value, expected):
    assert absolute_iri(value) == expected


@given(ids | st.builds("https://example.org/{}".format, ids))
def test_foreign_iris_are_valid_or_none(value):
    iri = absolute_iri(value)
    if iri is not None:
        NamedNode(iri)
        assert _is_valid_uri(iri)
        assert absolute_iri(iri) == iri


def test_prefixed_names_are_spelt_out():
    assert absolute_iri("schema:Dataset") == "https://schema.org/Dataset"


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", "file:///etc/passwd", "https://", "data:text/html,x", "www.e.org"]
)
def test_only_web_addresses_are_urls(value):
    assert web_iri(value) is None


def test_identifiers_of_papers():
    assert doi_iri("10.18653/v1/n19-1423") == "https://doi.org/10.18653/v1/n19-1423"
    assert doi_iri('10.1000/a<b>"c"#d%e') == "https://doi.org/10.1000/a%3Cb%3E%22c%22%23d%25e"
    assert doi_iri("n19-1423") is None
    assert doi_iri("10.1000/a b") is None
    assert arxiv_iri("1810.04805") == "https://arxiv.org/abs/1810.04805"
    assert arxiv_iri("cs.CL/0001001") == "https://arxiv.org/abs/cs.CL/0001001"
    assert arxiv_iri("1810.04805 ") is None


@given(st.text(st.characters(exclude_categories=())))
def test_literals_keep_their_length_and_all_that_can_be_kept(value):
    text = literal_text(value)
    assert len(text) == len(value)
    assert literal_text(text) == text
    text.encode()
    assert all(
        before == after or before < " " or "\ud800" <= before <= "\udfff" or before in "\ufffe\uffff"
        for before, after in zip(value, text, strict=True)
    )


def test_literals_keep_direction_marks_and_layout():
    assert literal_text("\u202e\u200f a\tb\nc\r\x0b") == "\u202e\u200f a\tb\nc␍␋"
