"""The trained recogniser: what it finds in plain sentences, its confidences, and that it is kept whole."""

import pytest
import spacy

from extractors.crf import ScoredSpan
from extractors.document import get_mentions, set_mentions
from extractors.entities import EntityRecogniser, possible_measures
from extractors.recogniser import Recogniser, find_mentions
from extractors.tokenizer import configure_tokenizer
from schemas.errors import InputError
from schemas.records import Mention
from schemas.vocabulary import ENTITY_TYPES

TEXT = (
    "Distilling BERT for question answering\n"
    "We compress BERT with knowledge distillation. Our model is evaluated on SQuAD and GLUE, where it reaches an "
    "accuracy of 91.3% and loses 0.4 F1 score points against RoBERTa. We also report results for machine translation."
)


@pytest.fixture(scope="module")
def nlp():
    nlp = configure_tokenizer(spacy.blank("en"))
    nlp.add_pipe("kg_entities")
    return nlp


@pytest.fixture(scope="module")
def recogniser(nlp):
    return nlp.get_pipe("kg_entities").recogniser


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("BERT", "Model"),
        ("RoBERTa", "Model"),
        ("knowledge distillation", "Method"),
        ("SQuAD", "Dataset"),
        ("GLUE", "Dataset"),
        ("accuracy", "Metric"),
        ("question answering", "Task"),
        ("machine translation", "Task"),
    ],
)
def test_finds_well_known_names(nlp, name, type_):
    assert (name, type_) in {(mention.text, mention.type) for mention in get_mentions(nlp(TEXT))}


def test_mentions_are_spans_of_the_text_with_confidences(nlp):
    doc = nlp(TEXT)
    mentions = get_mentions(doc)
    assert [(ent.text, ent.label_) for ent in doc.ents] == [(m.text, m.type) for m in mentions]
    for mention in mentions:
        assert TEXT[mention.start : mention.end] == mention.text
        assert mention.type in ENTITY_TYPES
        assert 0 < mention.confidence <= 1


def test_every_occurrence_of_a_sure_name_is_found(nlp):
    assert [m.start for m in get_mentions(nlp(TEXT)) if m.text == "BERT"] == [11, 51]


def test_a_higher_threshold_finds_a_subset(nlp, recogniser):
    doc = nlp.make_doc(TEXT)
    many, few = (set(find_mentions(doc, recogniser.read(doc).spans, threshold=threshold)) for threshold in (0.3, 0.9))
    assert few < many


def test_threshold_of_the_component():
    nlp = configure_tokenizer(spacy.blank("en"))
    nlp.add_pipe("kg_entities", config={"threshold": 1.0})
    assert nlp(TEXT).ents == ()


@pytest.mark.parametrize("text", ["", "\n", " \n ", "A", "On\nOn", "🙂 漢字 \u202eabc\n" + "x" * 3000])
def test_odd_texts(nlp, text):
    doc = nlp(text)
    assert all(doc.text[m.start : m.end] == m.text for m in get_mentions(doc))


def test_measures_too_improbable_for_a_mention_are_kept_aside(nlp):
    doc = nlp.make_doc("a zarnak distance of GLUE")
    spans = [ScoredSpan(1, 3, "Metric", 0.4), ScoredSpan(2, 3, "Metric", 0.3), ScoredSpan(4, 5, "Metric", 0.2)]
    assert [m.text for m in possible_measures(doc, spans, below=0.5)] == ["zarnak distance"]
    assert possible_measures(doc, [ScoredSpan(1, 3, "Metric", 0.6)], below=0.5) == []
    assert possible_measures(doc, [ScoredSpan(1, 3, "Task", 0.4)], below=0.5) == []


def test_no_name_goes_over_the_end_of_the_title(nlp):
    doc = nlp("Neural machine\ntranslation with attention")
    assert not any("\n" in mention.text for mention in get_mentions(doc))


def test_entities_of_other_components_stay(nlp):
    doc = nlp.make_doc("Jane Doe tunes BERT")
    doc.ents = [doc.char_span(0, 8, label="PERSON")]
    set_mentions(doc, [Mention(15, 19, "BERT", "Model", 0.9)])
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("Jane Doe", "PERSON"), ("BERT", "Model")]


def test_bytes_and_folders_keep_the_recogniser(nlp, recogniser, tmp_path):
    component = nlp.get_pipe("kg_entities")
    component.to_disk(tmp_path / "kg_entities")
    empty = Recogniser(recogniser.settings, {name: array * 0 for name, array in recogniser.arrays.items()})
    for copy in (
        EntityRecogniser(empty).from_bytes(component.to_bytes()),
        EntityRecogniser(empty).from_disk(tmp_path / "kg_entities"),
    ):
        assert get_mentions(copy(nlp.make_doc(TEXT))) == get_mentions(nlp(TEXT))


def test_unknown_recogniser_names_the_valid_ones():
    with pytest.raises(InputError, match="valid: en"):
        Recogniser.load("xx")
