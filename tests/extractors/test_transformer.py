"""The shipped transformer: beside the network, without it, over long texts, and whole or not at all."""

import shutil

import numpy as np
import pytest
import spacy

import extractors
from extractors.crf import TAGS
from extractors.document import get_mentions, get_role_scores
from extractors.recogniser import MODELS, TRANSFORMER, Recogniser
from extractors.tokenizer import configure_tokenizer
from extractors.weights import read_checked
from schemas.errors import InputError
from schemas.records import Paper
from schemas.vocabulary import ROLES

TEXT = "Reading tables\nWe fine-tune BERT on SQuAD and compare it with RoBERTa in F1 score."
SENTENCE = " The results on ImageNet show that our method, TinyNet, improves accuracy over ResNet-50 by 2.3 points."


@pytest.fixture(scope="module")
def recogniser():
    return Recogniser.load("en")


@pytest.fixture(scope="module")
def nlp():
    return configure_tokenizer(spacy.blank("en"))


def test_every_word_has_scores_of_tags_and_roles(recogniser, nlp):
    doc = nlp(TEXT)
    words = recogniser.transformer(doc)
    assert words.tags.shape == (len(doc), len(TAGS))
    assert words.roles.shape == (len(doc), len(ROLES))
    assert np.isfinite(words.tags).all()


def test_a_text_longer_than_a_window_is_read_to_its_end(recogniser, nlp):
    doc = nlp(TEXT + SENTENCE * 60)
    assert len(recogniser.transformer.pieces.windows([token.text for token in doc])) > 2
    assert recogniser.transformer(doc).tags.shape == (len(doc), len(TAGS))
    found = {(span.start, span.type) for span in recogniser.read(doc).spans if span.probability > 0.5}
    every = [token.i for token in doc if token.text == "ImageNet"]
    assert len(every) == 60
    assert all((place, "Dataset") in found for place in every)


def test_an_empty_text_has_nothing(recogniser, nlp):
    assert recogniser.read(nlp("")).spans == []


def test_the_same_text_has_the_same_scores_whatever_was_read_before(recogniser, nlp):
    before = recogniser.transformer(nlp(TEXT))
    recogniser.transformer(nlp(SENTENCE * 9))
    assert np.array_equal(before.tags, recogniser.transformer(nlp(TEXT)).tags)


def test_the_fast_pipeline_does_without():
    fast = extractors.load("en-fast")
    assert fast.get_pipe("kg_entities").recogniser.transformer is None
    doc = fast(TEXT)
    assert get_role_scores(doc) is None
    assert {"BERT", "SQuAD"} <= {mention.text for mention in get_mentions(doc)}


def test_each_pipeline_signs_what_it_read():
    paper = Paper(id="a", title="Reading tables", abstract="We fine-tune BERT on SQuAD.")
    signed = {name: next(extractors.extract([paper], name=name)).pipeline for name in ("en", "en-fast")}
    assert signed == {name: extractors.pipeline_version(name) for name in signed}
    assert signed["en"] != signed["en-fast"]


def test_a_pipeline_taken_along_keeps_its_name_and_its_transformer(tmp_path):
    paper = Paper(id="a", title="Reading tables", abstract="We fine-tune BERT on SQuAD.")
    for name in ("en", "en-fast"):
        extractors.load(name).to_disk(tmp_path / name)
        again = spacy.load(tmp_path / name)
        assert list(extractors.extract([paper], nlp=again)) == list(extractors.extract([paper], name=name))


@pytest.mark.parametrize("name", ["transformer.onnx", "transformer.json"])
def test_damaged_files_are_named(tmp_path, name):
    for part in ("transformer.onnx", "transformer.json"):
        shutil.copy(MODELS / "en" / part, tmp_path)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="install again"):
        read_checked(tmp_path, TRANSFORMER)


def test_all_weights_are_within_their_limit():
    assert sum(path.stat().st_size for path in MODELS.rglob("*") if path.is_file()) < 30e6
