"""The recipe of the recogniser on a handful of sentences: it runs from end to end, and its parts say what they should."""

import json

import numpy as np
import pytest
import spacy

from extractors.network import NetworkSettings
from extractors.recogniser import Recogniser
from extractors.tokenizer import configure_tokenizer
from extractors.training import __main__ as recipe
from extractors.training.cooccurrence import learn_vectors, read_abstracts
from extractors.training.gold import read_gold, score_spans, token_spans
from extractors.training.recogniser import (
    Schedule,
    calibration_error,
    fit,
    fit_calibration,
    fit_line,
    gold_examples,
)
from extractors.vectors import WordVectors
from extractors.weights import read_weights

TITLES = [f"{model} for {task}" for model in ("BERT", "GPT-2", "ELMo") for task in ("parsing", "translation")]


def gold_line(number, title):
    model, task = title.split(" for ")
    mentions = {"Model": (0, len(model)), "Task": (len(title) - len(task), len(title))}
    entities = [
        {"name": title[start:end], "type": type_, "role": "uses", "mentions": [{"start": start, "end": end}]}
        for type_, (start, end) in mentions.items()
    ]
    return json.dumps({"id": str(number), "title": title, "abstract": "We try it.", "entities": entities})


@pytest.fixture
def gold(tmp_path):
    lines = "\n".join(gold_line(number, title) for number, title in enumerate(TITLES))
    for part in ("train", "dev"):
        (tmp_path / f"{part}.jsonl").write_text(lines)
    return tmp_path


@pytest.fixture(scope="module")
def nlp():
    return configure_tokenizer(spacy.blank("en"))


def abstracts(tmp_path):
    path = tmp_path / "abstracts.jsonl"
    text = "The model is trained and the parser is tested on new data . " * 5
    papers = [{"title": f"On {title}", "abstract": text + title, "year": 2020} for title in TITLES]
    papers += [papers[0], papers[1] | {"year": 1999, "title": "Old"}, papers[2] | {"title": "Short", "abstract": ""}]
    papers.append(papers[3] | {"title": "Sur la traduction", "language": "fra"})
    path.write_text("\n".join(json.dumps(paper) for paper in papers))
    return path


def test_the_recipe_ends_with_weights_that_load(gold, capsys, monkeypatch):
    monkeypatch.setattr(recipe, "VECTOR_SIZE", 2)
    recipe.main([str(gold), "--abstracts", str(abstracts(gold)), "--fast-only", "-o", str(gold / "out")])
    printed = capsys.readouterr().out
    assert "from the neighbours of words in 6 abstracts" in printed
    assert printed.count("F1") == 6 * (recipe.N_TEACHERS + 1)
    arrays, settings = read_weights(gold / "out", "recogniser")
    recogniser = Recogniser(settings, arrays)
    assert (settings["network"]["vector_size"], settings["threshold"]) == (2, recipe.THRESHOLD)
    assert recogniser.arrays["vector_codes"].dtype == np.int8


def test_gold_spans_stand_on_tokens(gold, nlp):
    documents = list(read_gold(gold / "train.jsonl", nlp))
    assert [document.id for document in documents] == [str(number) for number in range(len(TITLES))]
    assert token_spans(documents[0]) == [(0, 1, "Model"), (2, 3, "Task")]


def test_abstracts_are_english_recent_and_distinct(tmp_path):
    texts = list(read_abstracts([abstracts(tmp_path)], since=2016))
    assert [text.split("\n")[0] for text in texts] == [f"On {title}" for title in TITLES]


def test_words_in_the_same_places_have_similar_vectors(nlp):
    places = ("We train {} on images .", "A deep {} has many layers .", "The {} of Smith wins .")
    others = ("They reach {} of ninety percent .", "High {} is reported here .", "Its {} on tests drops .")
    texts = [place.format(word) for word in ("ResNet", "LSTM", "GPT") for place in places]
    texts += [place.format(word) for word in ("accuracy", "recall", "precision") for place in others]
    vectors = learn_vectors(texts * 3, nlp, n_words=60, n_contexts=30, size=5)
    table = vectors.table()

    def similarity(one, two):
        return float(table[vectors.row(one)] @ table[vectors.row(two)])

    assert similarity("ResNet", "LSTM") > 0.9 > similarity("ResNet", "accuracy")
    assert similarity("recall", "precision") > 0.9


def test_strict_scores_by_type():
    gold = [{(0, 4, "Model"), (9, 12, "Task")}, {(0, 3, "Task")}]
    scores = score_spans(gold, [[(0, 4, "Model"), (9, 12, "Model")], []])
    assert scores["all"] == pytest.approx((1 / 2, 1 / 3, 0.4))
    assert scores["Model"] == pytest.approx((1 / 2, 1, 2 / 3))
    assert scores["Metric"] == (0, 0, 0)


def test_calibration_finds_the_line_that_distorted_the_truth():
    generator = np.random.default_rng(3)
    truth = generator.uniform(0.05, 0.95, size=20_000)
    right = generator.random(20_000) < truth
    odds = np.log(truth / (1 - truth))
    distorted = 1 / (1 + np.exp(-(odds - 0.5) / 0.4))
    assert fit_line(distorted, right) == pytest.approx([0.4, 0.5], abs=0.05)
    assert calibration_error(truth, right) < 0.02 < calibration_error(distorted, right)


def test_types_that_are_rarely_seen_keep_their_probabilities():
    candidates = [(0.9, True, "Model")] * 60 + [(0.9, False, "Model")] * 60 + [(0.9, True, "Task")] * 49
    lines = fit_calibration(candidates)
    assert lines["Task"] == [1.0, 0.0]
    assert lines["Model"] != [1.0, 0.0]


def test_going_on_from_a_recogniser_leaves_it_as_it_is(gold, nlp):
    shipped = Recogniser.load("en", fast=True)
    before = {name: array.copy() for name, array in shipped.arrays.items()}
    sizes, vectors = NetworkSettings(**shipped.settings["network"]), WordVectors.from_arrays(shipped.arrays)
    examples = gold_examples(read_gold(gold / "train.jsonl", nlp), shipped.extract_features)
    schedule = Schedule(epochs=2, batch=2, learn_rate=0.01, warm_up=1)
    trained = fit(examples, sizes, schedule, vectors=vectors, start=shipped, report=lambda line: None)
    assert all(np.array_equal(array, shipped.arrays[name]) for name, array in before.items())
    assert any(not np.array_equal(array, trained.arrays[name]) for name, array in before.items())
