"""What a paper reports in figures: on documents built by hand."""

from dataclasses import replace

import pytest
import spacy
from spacy.tokens import DocBin

import extractors.sentences  # noqa: F401  (registers kg_sentences)
from extractors.document import get_results, set_entities, set_possible
from extractors.layout import Layout
from extractors.linear import LinearModel, load_models
from extractors.result_candidates import LONGEST, NOTHING, candidates, read
from extractors.result_phrases import find_phrases
from extractors.results import FIELDS, KINDS, ResultReader, find_results, possible_entities
from extractors.tokenizer import configure_tokenizer
from schemas.records import DocumentEntity, Mention


@pytest.fixture(scope="module")
def nlp():
    nlp = configure_tokenizer(spacy.blank("en"))
    nlp.add_pipe("kg_sentences")
    return nlp


@pytest.fixture(scope="module")
def shipped():
    return load_models("en", "results")


@pytest.fixture(scope="module")
def everything():
    """Classifiers that take every figure for a result and know nothing of links."""
    value = LinearModel(KINDS, {"bias": (0, 5, 0)})
    return {"value": value} | {field: LinearModel(("no", "yes"), {}) for field in (*FIELDS, "right")}


def document(nlp, body, *names):
    """A document about FooNet, and its entities: (name, type) or (name, type, role)."""
    text = f"FooNet: Fast Parsing\nWe propose FooNet, a new model. {body}"
    entities = []
    for name, type_, *role in [("FooNet", "Model", "introduces"), *names]:
        mentions, start = [], text.find(name)
        while start >= 0:
            mentions.append(Mention(start, start + len(name), name, type_))
            start = text.find(name, start + 1)
        entities.append(DocumentEntity(name=name, type=type_, role=(role or ["uses"])[0], mentions=tuple(mentions)))
    return nlp(text), entities


ACC, BLEU, FID = ("accuracy", "Metric"), ("BLEU", "Metric"), ("FID", "Metric")


@pytest.mark.parametrize(
    ("body", "names", "expected"),
    [
        (
            "FooNet achieves an accuracy of 76.5% on ImageNet.",
            [ACC, ("ImageNet", "Dataset")],
            [("76.5%", "accuracy", "ImageNet", "absolute")],
        ),
        (
            "FooNet achieves 28.4 BLEU on WMT14.",
            [BLEU, ("WMT14", "Dataset")],
            [("28.4", "BLEU", "WMT14", "absolute")],
        ),
        (
            "Experiments show that FooNet improves accuracy by 2.3% on CIFAR-10 over BarNet.",
            [ACC, ("CIFAR-10", "Dataset"), ("BarNet", "Model", "compares")],
            [("2.3%", "accuracy", "CIFAR-10", "gain")],
        ),
        (
            "FooNet improves the accuracy from 57.2% to 65.3% on GLUE.",
            [ACC, ("GLUE", "Dataset")],
            [("57.2%", "accuracy", "GLUE", "absolute"), ("65.3%", "accuracy", "GLUE", "absolute")],
        ),
        (
            "FooNet achieves FID of 3.1 and 4.2 on CIFAR-10 and ImageNet, respectively.",
            [FID, ("CIFAR-10", "Dataset"), ("ImageNet", "Dataset")],
            [("3.1", "FID", "CIFAR-10", "absolute"), ("4.2", "FID", "ImageNet", "absolute")],
        ),
        (
            "FooNet achieves an accuracy of 91.2% and an F1 score of 0.85 on SST-2.",
            [ACC, ("F1 score", "Metric"), ("SST-2", "Dataset")],
            [("91.2%", "accuracy", "SST-2", "absolute"), ("0.85", "F1 score", "SST-2", "absolute")],
        ),
    ],
)
def test_results_of_plain_sentences(nlp, shipped, body, names, expected):
    doc, entities = document(nlp, body, *names)
    found = find_results(doc, entities, models=shipped)
    assert [(r.value, r.metric, r.dataset, r.kind) for r in found] == expected


@pytest.mark.parametrize(
    ("body", "value", "unit"),
    [
        ("It is 2.4x faster than BarNet.", "2.4x", "x"),
        ("It outperforms BarNet by 3.5 points on average.", "3.5 points", "points"),
        (
            "It reduces inference time by up to two orders of magnitude.",
            "two orders of magnitude",
            "orders of magnitude",
        ),
    ],
)
def test_gains_in_other_units(nlp, shipped, body, value, unit):
    doc, entities = document(nlp, body, ("BarNet", "Model", "compares"))
    [result] = find_results(doc, [e for e in entities if e.mentions], models=shipped)
    assert (result.value, result.unit, result.kind) == (value, unit, "gain")


@pytest.mark.parametrize(
    ("body", "value", "metric"),
    [
        ("FooNet improves sample efficiency by 40% over BarNet.", "40%", "sample efficiency"),
        ("FooNet improves over BarNet by 2.3% in terms of UAS.", "2.3%", "UAS"),
        ("FooNet uses 40% fewer parameters than BarNet.", "40%", "parameters"),
    ],
)
def test_measures_that_no_entity_names(nlp, shipped, body, value, metric):
    doc, entities = document(nlp, body, ("BarNet", "Model", "compares"))
    [result] = find_results(doc, entities, models=shipped)
    assert (result.value, result.metric, result.kind) == (value, metric, "gain")


@pytest.mark.parametrize(
    ("body", "number", "unit"),
    [
        ("FooNet achieves an accuracy of 76.5% on GLUE.", 76.5, "%"),
        ("FooNet gains +2.3 points in accuracy on GLUE.", 2.3, "points"),
        ("FooNet runs 2.4x faster than BarNet on GLUE.", 2.4, "x"),
        ("FooNet achieves 39.6 mAP on GLUE.", 39.6, None),
        ("FooNet achieves a speedup of 1.9-3.3x over BarNet on GLUE.", 1.9, "x"),
    ],
)
def test_numbers_and_units_of_results(nlp, shipped, body, number, unit):
    names = [name for name in (ACC, ("BarNet", "Model", "compares"), ("GLUE", "Dataset")) if name[0] in body]
    doc, entities = document(nlp, body, *names)
    [result] = find_results(doc, entities, models=shipped)
    assert (result.number, result.unit) == (number, unit)


def test_five_figures_and_five_data_sets_go_in_order(nlp, shipped):
    sets = ["AData", "BData", "CData", "DData", "EData"]
    body = "FooNet achieves accuracies of 71.1%, 72.2%, 73.3%, 74.4% and 75.5% on AData, BData, CData, DData and EData."
    doc, entities = document(nlp, body.replace("accuracies", "accuracy"), ACC, *((name, "Dataset") for name in sets))
    assert [result.dataset for result in find_results(doc, entities, models=shipped)] == sets


def test_lists_go_in_order_over_abbreviations_and_pairs(nlp, shipped):
    body = "On Foo Treebank (FTB) and BData, FooNet achieves accuracy of 81.1% and 72.2%, respectively."
    doc, entities = document(nlp, body, ACC, ("Foo Treebank", "Dataset"), ("BData", "Dataset"))
    [treebank] = [entity for entity in entities if entity.name == "Foo Treebank"]
    start = doc.text.index("FTB")
    also = replace(treebank, mentions=(*treebank.mentions, Mention(start, start + 3, "FTB", "Dataset")))
    entities = [also if entity is treebank else entity for entity in entities]
    assert [r.dataset for r in find_results(doc, entities, models=shipped)] == ["Foo Treebank", "BData"]
    body = (
        "FooNet improves accuracy (96.3% vs. 90.6% and 96.9% vs. 88.0% on the AData and BData datasets, respectively)."
    )
    doc, entities = document(nlp, body, ACC, ("AData", "Dataset"), ("BData", "Dataset"))
    found = find_results(doc, entities, models=shipped)
    assert [r.dataset for r in found] == ["AData", "AData", "BData", "BData"]


def test_a_figure_lends_weight_to_an_improbable_measure(nlp, shipped):
    doc, entities = document(nlp, "FooNet achieves a zarnak distance of 76.5% on GLUE.", ("GLUE", "Dataset"))
    start = doc.text.index("zarnak")
    set_possible(doc, [Mention(start, start + 15, "zarnak distance", "Metric", 0.3)])
    [result] = find_results(doc, entities, models=shipped)
    assert (result.metric, result.value) == ("zarnak distance", "76.5%")
    [metric] = possible_entities(doc, entities)
    assert (metric.name, metric.type, metric.confidence) == ("zarnak distance", "Metric", 0.3)
    assert possible_entities(doc, [*entities, metric]) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it improves sample efficiency by", ["sample efficiency", "efficiency"]),
        ("fewer trainable parameters than", ["trainable parameters", "parameters"]),
        ("reduces the number of queries", ["number", "queries", "number of queries"]),
        ("speed-ups of", ["speedup"]),
        ("in terms of UAS and LAS", ["terms", "UAS", "LAS"]),
        ("the very same", []),
    ],
)
def test_phrases_that_may_be_measures(nlp, text, expected):
    [sentence] = Layout(nlp("\n" + text), []).sentences
    assert [phrase.text for phrase in find_phrases(sentence.items, "\n" + text)] == expected


def test_a_measure_may_be_longer_or_shorter_than_its_mention(nlp):
    doc, entities = document(nlp, "FooNet improves clean test accuracy scores by 3%.", ("test accuracy", "Metric"))
    layout = Layout(doc, entities)
    [reading] = read(layout)
    found = {(c.kind, c.name) for c in candidates(layout, reading, reading.figures[0], "metric")}
    assert {("mention", "test accuracy"), ("part", "accuracy"), ("phrase", "clean test accuracy scores")} <= found


@pytest.mark.parametrize(
    "body",
    [
        "It is trained on 2 million videos.",
        "FooNet has 7B parameters and 12 layers.",
        "We train it on 8 GPUs for 3 days.",
        "The corpus holds 1,200 documents in 14 languages from 2019.",
        "We run experiments on 15 datasets.",
        "See GPT-4, top-1 and 3D in Section 2.",
    ],
)
def test_counts_of_data_and_size_are_no_results(nlp, shipped, body):
    doc, entities = document(nlp, body)
    assert find_results(doc, entities, models=shipped) == ()


def test_subject_and_baseline(nlp, shipped):
    doc, entities = document(
        nlp,
        "FooNet outperforms BarNet by 2.1 BLEU on WMT14.",
        BLEU,
        ("BarNet", "Model", "compares"),
        ("WMT14", "Dataset"),
    )
    [result] = find_results(doc, entities, models=shipped)
    assert (result.subject, result.baseline, result.metric) == ("FooNet", "BarNet", "BLEU")


def test_a_value_stands_in_the_sentence_that_states_it(nlp, everything):
    doc, entities = document(nlp, "It reaches 76.5% here. Then 3x and half of it, +2.3 points more.")
    found = find_results(doc, entities, models=everything, least=0.0)
    assert [result.value for result in found] == ["76.5%", "3x", "half", "+2.3 points"]
    for result in found:
        assert result.value in doc.text[result.start : result.end]
        assert 0 < result.confidence < 1


def test_numbers_inside_names_are_no_figures(nlp, everything):
    doc, entities = document(nlp, "We use LLaMA 2 7B here.", ("LLaMA 2 7B", "Model"))
    assert find_results(doc, entities, models=everything, least=0.0) == ()


def test_threshold(nlp, everything):
    doc, entities = document(nlp, "It reaches 76.5% here.")
    assert find_results(doc, entities, models=everything, threshold=1.0, least=0.0) == ()
    assert find_results(doc, entities, models=everything, least=1.0) == ()


@pytest.mark.parametrize("text", ["", "\n", "5%", "5%\n", "\n5%", "5%\n\n5% 5%", "5" * 5000, "1 " * 3000])
def test_odd_documents(nlp, shipped, text):
    assert len(find_results(nlp(text), [], models=shipped)) <= 3


def test_tables_are_left_alone(nlp):
    doc = nlp("On X\n" + " ".join(f"{i}.5%" for i in range(LONGEST)))
    assert read(Layout(doc, [])) == []


def test_candidates_are_the_entities_of_the_type_and_nothing(nlp):
    doc, entities = document(
        nlp, "We use GLUE. On SST-2 it reaches 5%.", ("GLUE", "Dataset"), ("SST-2", "Dataset"), ACC
    )
    layout = Layout(doc, [e for e in entities if e.mentions])
    [reading] = read(layout)
    found = candidates(layout, reading, reading.figures[0], "dataset")
    assert [(c.name, c.kind) for c in found] == [("SST-2", "mention"), ("GLUE", "previous"), (None, "nothing")]
    assert found[-1] is NOTHING
    mistyped, nothing = candidates(layout, reading, reading.figures[0], "metric")
    assert (mistyped.name, mistyped.kind) == ("SST-2", "<Dataset>")
    assert nothing is NOTHING


def test_the_component_keeps_to_what_survives_serialisation(nlp, shipped):
    doc, entities = document(nlp, "FooNet achieves an accuracy of 76.5% on GLUE.", ACC, ("GLUE", "Dataset"))
    set_entities(doc, entities)
    ResultReader(shipped)(doc)
    again = next(DocBin(docs=[doc], store_user_data=True).get_docs(nlp.vocab))
    assert get_results(again) == get_results(doc) != ()
