import pytest
import spacy

from extractors.document import get_mentions, set_mentions
from extractors.lexicon import (
    KnownName,
    KnownSpan,
    Lexicon,
    canonical_name,
    common_abbreviations,
    read_lexicon,
    weigh,
)
from extractors.tokenizer import configure_tokenizer
from schemas.records import Mention
from schemas.text import fold
from schemas.vocabulary import ENTITY_TYPES

ROWS = [
    KnownName("BERT", "Model", adds=True),
    KnownName("BERT-base", "Model", ("BERT base",), adds=True),
    KnownName("Adam", "Method"),
    KnownName("large language model", "Model", ("LLM",), adds=True),
    KnownName("fine-grained classification", "Task"),
    KnownName("query expansion study", "Task"),
]


@pytest.fixture(scope="module")
def nlp():
    return configure_tokenizer(spacy.blank("en"))


@pytest.fixture(scope="module")
def lexicon(nlp):
    return Lexicon(nlp.vocab, ROWS)


def test_every_row_is_sound():
    rows = read_lexicon()
    assert 800 <= len(rows) <= 1500
    assert {row.type for row in rows} == set(ENTITY_TYPES)
    assert len({(row.name, row.type) for row in rows}) == len(rows)
    assert all(form == form.strip() and form for row in rows for form in row.forms)
    assert all(len(set(row.forms)) == len(row.forms) for row in rows)


def test_no_form_is_believed_under_two_types():
    believed = [(form, row.type) for row in read_lexicon() if row.adds for form in row.forms]
    assert len({form for form, _ in believed}) == len(set(believed))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("BERT-based, BERT's, (BERT)", ["BERT", "BERT", "BERT"]),
        ("bert or Bert", []),
        ("BERT base and BERT-base", ["BERT-base", "BERT-base"]),
        ("Adam met adam", ["Adam"]),
        ("Large Language Models, large-language model", ["large language model"]),
        ("LLM, LLMs, llm", ["large language model", "large language model"]),
        ("fine grained classification; Fine-Grained Classifications", ["fine-grained classification"] * 2),
        ("query expansion studies", ["query expansion study"]),
    ],
)
def test_find(nlp, lexicon, text, found):
    assert [span.known.name for span in lexicon.find(nlp(text))] == found


def test_find_gives_characters(nlp, lexicon):
    (span,) = lexicon.find(nlp("Our BERT."))
    assert (span.start, span.end) == (4, 8)


@pytest.mark.parametrize(
    ("mention", "type_", "confidence"),
    [
        (Mention(0, 4, "BERT", "Model", 0.6), "Model", 0.8),  # agreement raises
        (Mention(0, 4, "BERT", "Method", 0.5), "Model", 0.5),  # doubt gives way
        (Mention(0, 4, "BERT", "Method", 0.9), "Method", 0.9),  # certainty does not
    ],
)
def test_weigh(mention, type_, confidence):
    (weighed,) = weigh([mention], [KnownSpan(0, 4, ROWS[0])], "BERT")
    assert (weighed.type, weighed.confidence) == (type_, confidence)


def test_weigh_adds_only_what_it_may_and_where_nothing_stands():
    known = [KnownSpan(0, 4, ROWS[0]), KnownSpan(5, 9, ROWS[2]), KnownSpan(10, 14, ROWS[0])]
    there = Mention(10, 19, "BERT tree", "Model", 0.5)
    assert [(m.start, m.end) for m in weigh([there], known, "BERT Adam BERT tree")] == [(0, 4), (10, 19)]


def test_canonical_names():
    assert canonical_name("Large Language Models", "Model") == "large language model"
    assert canonical_name("Large Language Models", "Dataset") is None
    assert canonical_name("CIFAR10", "Dataset") == "CIFAR-10"


def test_common_abbreviations_lead_to_terms():
    table = common_abbreviations()
    assert table["NLP"] == "natural language processing"
    assert "BERT" not in table
    assert all(fold(long) != fold(short) for short, long in table.items())


def test_component():
    nlp = configure_tokenizer(spacy.blank("en"))
    nlp.add_pipe("kg_lexicon")
    doc = nlp("We train on ImageNet.")
    assert [(m.text, m.type) for m in get_mentions(doc)] == [("ImageNet", "Dataset")]
    assert [ent.text for ent in doc.ents] == ["ImageNet"]


def test_component_leaves_mentions_that_it_does_not_know():
    nlp = configure_tokenizer(spacy.blank("en"))
    voter = nlp.add_pipe("kg_lexicon")
    doc = nlp.make_doc("Zorglub trains on ImageNet.")
    set_mentions(doc, [Mention(0, 7, "Zorglub", "Model", 0.4)])
    assert [(m.text, m.confidence) for m in get_mentions(voter(doc))] == [("Zorglub", 0.4), ("ImageNet", 0.8)]
