"""The recipes of ``kg_roles`` and ``kg_results``, on a handful of sentences."""

import json

import numpy as np
import pytest

from extractors.linear import read_models
from extractors.results import FIELDS, KINDS
from extractors.training import results, roles
from extractors.training.annotated import blank, read_annotated
from extractors.training.linear import accuracy, expected_calibration_error, fit, fit_choice, folds, minimise
from extractors.training.misreading import misread
from schemas.vocabulary import ROLES


def gold_line(number, model, rival, dataset, value):
    title = f"{model}: Reading Faster"
    abstract = (
        f"Recently, parsing is popular. We propose {model}, a new model. "
        rf"{model} achieves {value}\% accuracy on {dataset} and beats {rival} with 12 layers."
    )
    text = f"{title}\n{abstract}"

    def entity(name, type_, role):
        mentions, start = [], text.find(name)
        while start >= 0:
            mentions.append({"start": start, "end": start + len(name), "text": name})
            start = text.find(name, start + 1)
        return {"name": name, "type": type_, "role": role, "mentions": mentions}

    return {
        "id": f"paper-{number}",
        "title": title,
        "abstract": abstract,
        "entities": [
            entity(model, "Model", "introduces"),
            entity(rival, "Model", "compares"),
            entity(dataset, "Dataset", "uses"),
            entity("accuracy", "Metric", "uses"),
            entity("parsing", "Task", "mentions"),
        ],
        "results": [
            {
                "subject": model,
                "metric": "accuracy",
                "value": rf"{value}\%",
                "dataset": dataset,
                "task": None,
                "kind": "absolute",
                "baseline": None,
            }
        ],
    }


@pytest.fixture(scope="module")
def gold(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gold")
    lines = [gold_line(i, f"{a}Net", f"{a}Old", f"{a}Bank", 70.5 + i) for i, a in enumerate("ABCDEFGHIJ")]
    for part in ("train", "dev"):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / f"{part}.jsonl").write_text(text, encoding="utf-8")
    return folder


def test_annotated_documents_are_readable(gold):
    document = next(read_annotated(gold / "train.jsonl", blank()))
    assert document.results[0].value == "70.5%"
    assert "70.5% accuracy" in document.doc.text
    for entity in document.entities:
        assert all(document.doc.text[m.start : m.end] == m.text for m in entity.mentions)


def test_roles_are_learned_and_written_the_same_each_time(gold, tmp_path, capsys):
    for name in ("one", "two"):
        roles.main([str(gold), "-o", str(tmp_path / name)])
    assert "dev: accuracy 1.000" in capsys.readouterr().out
    assert (tmp_path / "one/roles.npz").read_bytes() == (tmp_path / "two/roles.npz").read_bytes()
    assert read_models(tmp_path / "one", "roles")["roles"].labels == tuple(ROLES)


def test_results_are_learned_and_written_the_same_each_time(gold, tmp_path, capsys):
    for name in ("one", "two"):
        results.main([str(gold), "-o", str(tmp_path / name)])
    assert "dev, mentions given, metric+value+data set: precision 1.000, recall 1.000" in capsys.readouterr().out
    assert (tmp_path / "one/results.npz").read_bytes() == (tmp_path / "two/results.npz").read_bytes()
    models = read_models(tmp_path / "one", "results")
    assert set(models) == {"value", *FIELDS, "right"}
    assert models["value"].labels == KINDS


def test_the_same_mistakes_are_made_each_time(gold):
    kinds = set()
    for document in read_annotated(gold / "train.jsonl", blank()):
        text = document.doc.text
        for seed in "abcdefghij":
            entities = misread(text, document.entities, seed=seed)
            assert entities == misread(text, document.entities, seed=seed)
            assert all(text[m.start : m.end] == m.text and m.type == e.type for e in entities for m in e.mentions)
            starts = [entity.mentions[0].start for entity in entities]
            assert starts == sorted(starts)
            before = {(e.name, e.type) for e in document.entities}
            after = {(e.name, e.type) for e in entities}
            kinds |= {"missed" if len(after) < len(before) else "", "other" if after - before else ""}
    assert kinds == {"", "missed", "other"}


def test_a_choice_is_learned_from_what_is_chosen_among():
    groups = [[["near"], ["far"]], [["far"], ["near"], ["far"]], [["far"], ["far"]]]
    right = [[True, False], [False, True, False], [False, False]]  # the last has nothing to choose
    model = fit_choice(groups * 3, right * 3, min_count=3)
    assert model.log_odds(["near"], "yes") > 0.5 > -0.5 > model.log_odds(["far"], "yes")
    assert model.log_odds(["near"], "yes") == -model.log_odds(["near"], "no")


def test_documents_stay_together_in_folds():
    keys = ["a", "a", "b", "c", "b"]
    fold_of = dict(zip(keys, folds(keys, 2), strict=True))
    assert folds(keys, 2) == [fold_of[key] for key in keys]


def test_the_optimum_of_a_skewed_bowl_is_found():
    scale = np.array([1.0, 100.0, 0.01])
    found = minimise(lambda x: (float((scale * (x - 2) ** 2).sum()), 2 * scale * (x - 2)), np.zeros(3), tolerance=1e-12)
    assert found == pytest.approx([2, 2, 2], abs=1e-3)


def test_rare_features_are_left_out():
    model = fit([["x", "rare"], ["x"], ["y"], ["y"]], ["a", "a", "b", "b"], ["a", "b"], min_count=2)
    assert model.classify(["x"])[0] == "a"
    assert list(model.scores(["rare"])) == list(model.scores([]))


def test_accuracy_and_calibration():
    probabilities = np.array([[0.75, 0.25], [0.25, 0.75], [0.75, 0.25], [0.75, 0.25]])
    answers = ["a", "b", "a", "b"]
    assert accuracy(probabilities, answers, ["a", "b"]) == 0.75
    assert expected_calibration_error(probabilities, answers, ["a", "b"]) == pytest.approx(0)
