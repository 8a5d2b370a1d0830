"""Every query of the cookbook, asked of a graph whose answers are plain to see."""

from decimal import Decimal

import pytest

from kg.query import sparql
from schemas.vocabulary import ONTOLOGY_IRI

# rdflib 7.6 uses names of its own that it has declared outdated.
pytestmark = pytest.mark.filterwarnings("ignore:(Dataset|ConjunctiveGraph).*deprecated:DeprecationWarning")

NUMBERS = [str(number) for number in range(1, 16)]
INTRODUCES, USES, COMPARES, MENTIONS = (ONTOLOGY_IRI + role for role in ("introduces", "uses", "compares", "mentions"))
MODEL = f"{ONTOLOGY_IRI}Model"


def iri(paper_id):
    return f"https://w3id.org/abstractkg/id/paper/{paper_id}"


EXPECTED = {
    "1": [
        ("F1", Decimal("93.2"), "%", "BERT", "2019", iri("doi:10.1000/bert"), "It works."),
        ("F1", Decimal("85.8"), "%", "ELMo", "2018", iri("doi:10.1000/elmo"), "It works."),
    ],
    "2": [("BERT", MODEL, 2, iri("doi:10.1000/bert"))],
    "3": [("attention", "2017", "2021")],
    "4": [("GLUE", 1)],
    "5": [("BERT", "2019", 2), ("BERT-base", "2020", 1)],
    "6": [("Deep words", "ELMo", 2), ("Both ways", "BERT", 1)],
    "7": [("2019", INTRODUCES, 1), ("2021", COMPARES, 1)],
    "8": [("F1", 2), ("exact match", 1)],
    "9": [("2019", "Both ways", INTRODUCES), ("2021", "Attend to see", COMPARES)],
    "10": [("BERT", 2), ("BERT-base", 1)],
    "12": [("BERT", "7.4 points", "F1", "SQuAD", "Both ways")],
    "14": [(Decimal("0.4"), "Attend", MENTIONS, "SQuAD")],
    "15": [("Northern", 2), ("Southern", 1)],
}


def test_there_are_fifteen(recipes):
    assert list(recipes) == NUMBERS


@pytest.mark.parametrize("number", EXPECTED)
def test_the_answer_is_the_one_that_is_plain_to_see(cookbook_graph, recipes, number):
    assert list(sparql(cookbook_graph, recipes[number])) == EXPECTED[number]


def test_papers_like_this_one_share_what_is_rare(cookbook_graph, recipes):
    rows = list(sparql(cookbook_graph, recipes["11"]))
    assert [row[:2] for row in rows] == [("Deep words", 4), ("Small and both ways", 3), ("Attend to see", 1)]
    assert [round(float(row[2]), 3) for row in rows] == [1.417, 0.917, 0.5]


def test_sentences_are_found_with_their_places(cookbook_graph, recipes):
    rows = list(sparql(cookbook_graph, recipes["13"]))
    assert [(row[0], row[1], row[2]) for row in rows] == [
        ("Attend", MENTIONS, "We say so."),
        ("Both ways", USES, "We say so."),
        ("Deep words", USES, "We say so."),
        ("Small and both ways", USES, "We say so."),
    ]
    for title, _, sentence, start, end, _ in rows:
        assert f"{title}\nWe say so. It works."[start:end] == sentence


@pytest.mark.parametrize("number", NUMBERS)
def test_rdflib_answers_as_oxigraph_does(cookbook_graph, recipes, number):
    """The queries hold to the standard: another engine finds as many rows."""
    found = cookbook_graph.to_rdf().query(recipes[number])
    assert len(found) == len(sparql(cookbook_graph, recipes[number]))
