"""What a paper does with each entity: on documents built by hand."""

import pytest
import spacy
from spacy.tokens import DocBin

import extractors.sentences  # noqa: F401  (registers kg_sentences)
from extractors.document import get_entities, set_entities
from extractors.layout import Layout
from extractors.linear import LinearModel, load_models, read_models, write_models
from extractors.role_features import features
from extractors.roles import RoleReader, predict_roles
from extractors.tokenizer import configure_tokenizer
from schemas.errors import InputError
from schemas.records import DocumentEntity, Mention
from schemas.vocabulary import ROLES


@pytest.fixture(scope="module")
def nlp():
    nlp = configure_tokenizer(spacy.blank("en"))
    nlp.add_pipe("kg_sentences")
    return nlp


@pytest.fixture(scope="module")
def shipped():
    return load_models("en", "roles")["roles"]


def entity(text, name, type_, *forms):
    """An entity with every occurrence of its forms."""
    mentions = []
    for form in forms or (name,):
        start = text.find(form)
        while start >= 0:
            mentions.append(Mention(start, start + len(form), form, type_))
            start = text.find(form, start + 1)
    return DocumentEntity(
        name=name, type=type_, role="mentions", mentions=tuple(sorted(mentions, key=lambda m: m.start))
    )


TEXT = (
    "FooNet: Faster Parsing of Invoices\n"
    "Recently, large language models have been popular in many fields, including machine translation. "
    "However, they are slow. In this paper, we propose FooNet, a novel network that reads invoices. "
    "We evaluate FooNet on the BarBench dataset and report accuracy. "
    "Experiments show that FooNet outperforms BazNet by 3 points."
)
NAMES = [
    ("FooNet", "Model", "introduces"),
    ("machine translation", "Task", "mentions"),
    ("BarBench", "Dataset", "uses"),
    ("accuracy", "Metric", "uses"),
    ("BazNet", "Model", "compares"),
]


def entities_of(text):
    return [entity(text, name, type_) for name, type_, _ in NAMES]


def test_roles_of_a_plain_abstract(nlp, shipped):
    found = predict_roles(nlp(TEXT), entities_of(TEXT), model=shipped)
    assert [(e.name, e.role) for e in found] == [(name, role) for name, _, role in NAMES]


def test_evidence_is_the_sentence_that_says_so(nlp, shipped):
    found = {e.name: e for e in predict_roles(nlp(TEXT), entities_of(TEXT), model=shipped)}
    said = {name: TEXT[slice(*e.evidence)] for name, e in found.items()}
    assert said["BazNet"].startswith("Experiments show")
    assert said["BarBench"].startswith("We evaluate")
    assert said["machine translation"].startswith("Recently")


def test_confidence_is_a_probability_and_nothing_else_changes(nlp, shipped):
    before = entities_of(TEXT)
    for old, new in zip(before, predict_roles(nlp(TEXT), before, model=shipped), strict=True):
        assert 0.25 <= new.role_confidence <= 1
        assert (old.name, old.type, old.mentions, old.confidence) == (new.name, new.type, new.mentions, new.confidence)
        assert new.role in ROLES


def test_roles_given_before_are_not_looked_at(nlp, shipped):
    once = predict_roles(nlp(TEXT), entities_of(TEXT), model=shipped)
    assert predict_roles(nlp(TEXT), once, model=shipped) == once


@pytest.mark.parametrize("text", ["", "\n", "FooNet", "FooNet\n", "\nFooNet", "FooNet FooNet:\n\nFooNet (FooNet)"])
def test_odd_documents(nlp, shipped, text):
    entities = [entity(text, "FooNet", "Model")] if "FooNet" in text else []
    assert len(predict_roles(nlp(text), entities, model=shipped)) == len(entities)


def test_an_entity_inside_another_has_a_role_without_evidence(nlp, shipped):
    text = "On X\nWe use graph networks."
    both = [entity(text, "graph networks", "Model"), entity(text, "graph", "Method")]
    assert predict_roles(nlp(text), both, model=shipped)[1].evidence is None


def test_a_mention_inside_a_token_is_an_item(nlp):
    text = "On X\nWe use theBERTmodel."
    layout = Layout(nlp(text), [entity(text, "BERT", "Model")])
    assert [item.text for item in layout.sentences[1].items] == ["we", "use", "<Model>", "."]


def test_features_do_not_depend_on_other_types_names(nlp):
    """Names of others are masked by their types, so that what is learned carries over."""
    names = []
    for other in ("BERT", "ZZZ9"):
        text = f"On X\nWe compare Foo with {other} here."
        both = [entity(text, "Foo", "Model"), entity(text, other, "Model")]
        names.append({f.name for f in features(Layout(nlp(text), both), 0)})
    assert names[0] == names[1]


def test_the_component_keeps_to_what_survives_serialisation(nlp, shipped):
    doc = nlp(TEXT)
    set_entities(doc, entities_of(TEXT))
    RoleReader(shipped)(doc)
    again = next(DocBin(docs=[doc], store_user_data=True).get_docs(nlp.vocab))
    assert get_entities(again) == get_entities(doc)
    assert get_entities(doc)[0].role == "introduces"


def test_models_come_back_from_disk(tmp_path):
    model = LinearModel(("a", "b"), {"bias": (0.1, -0.1), "x": (1.0, -1.0), "y": (-0.5, 0.5)})
    write_models(tmp_path, "m", {"first": model, "second": model})
    written = (tmp_path / "m.npz").read_bytes()
    back = read_models(tmp_path, "m")["second"]
    for names in ([], ["x"], ["x", "y", "unseen"]):
        assert back.probabilities(names) == pytest.approx(model.probabilities(names), abs=0.02)
    write_models(tmp_path, "m", read_models(tmp_path, "m"))
    assert read_models(tmp_path, "m")["first"].classify(["x"])[0] == "a"
    write_models(tmp_path, "m", {"first": model, "second": model})
    assert (tmp_path / "m.npz").read_bytes() == written


def test_damaged_weights_are_named(tmp_path):
    write_models(tmp_path, "m", {"first": LinearModel(("a", "b"), {"x": (1, 0)})})
    (tmp_path / "m.npz").write_bytes(b"nothing")
    with pytest.raises(InputError, match="m.npz"):
        read_models(tmp_path, "m")


def test_a_feature_counts_once():
    model = LinearModel(("a", "b"), {"x": (1, 0)})
    assert list(model.scores(["x", "x", "never seen"])) == [1, 0]
