"""Scores of extraction, on cases whose figures can be worked out by hand."""

import json

import pytest

from kg.evaluate import Score, evaluate, evaluate_file
from schemas.errors import InputError
from schemas.lines import extraction_from_json

TITLE = "BERT on GLUE"
ABSTRACT = "BERT gets 80.5% accuracy."


def line(entities, results=()):
    spans = {"BERT": [(0, 4), (13, 17)], "GLUE": [(8, 12)], "accuracy": [(29, 37)]}
    return extraction_from_json(
        {
            "id": "a",
            "title": TITLE,
            "abstract": ABSTRACT,
            "entities": [
                {
                    "name": name,
                    "type": type_,
                    "role": role,
                    "mentions": [{"start": s, "end": e, "confidence": confidence} for s, e in spans[name]],
                }
                for name, type_, role, confidence in entities
            ],
            "results": list(results),
        }
    )


GOLD_ENTITIES = [("BERT", "Model", "uses", 1.0), ("GLUE", "Dataset", "uses", 1.0), ("accuracy", "Metric", "uses", 1.0)]
RESULT = {"subject": "BERT", "metric": "accuracy", "value": "80.5%", "dataset": "GLUE", "task": None, "baseline": None}


def report(entities, results=()):
    paper, gold = line(GOLD_ENTITIES, [RESULT])
    return evaluate([(paper, gold, line(entities, results)[1])])


def test_gold_against_itself_is_perfect():
    perfect = report(GOLD_ENTITIES, [RESULT])
    assert (perfect.mentions.f1, perfect.role_accuracy, perfect.results.f1) == (1.0, 1.0, 1.0)
    assert perfect.calibration_error == 0.0


def test_a_wrong_type_counts_as_missed_and_as_wrong():
    wrong = report([("BERT", "Method", "uses", 1.0)])
    assert (wrong.mentions.gold, wrong.mentions.predicted, wrong.mentions.right) == (4, 2, 0)
    assert (wrong.spans.right, wrong.by_type["Model"].recall, wrong.by_type["Method"].precision) == (2, 0.0, 0.0)


def test_roles_count_on_entities_that_were_found():
    found = report([("BERT", "Model", "introduces", 1.0), ("GLUE", "Dataset", "uses", 1.0)])
    assert found.roles == {("uses", "introduces"): 1, ("uses", "uses"): 1}
    assert found.role_accuracy == 0.5


def test_results_compare_values_as_written_but_for_spaces_and_latex():
    assert report(GOLD_ENTITIES, [RESULT | {"value": r"80.5\%"}]).results.f1 == 1.0
    assert report(GOLD_ENTITIES, [RESULT | {"dataset": None}]).results.f1 == 0.0
    assert report(GOLD_ENTITIES, [RESULT | {"dataset": None}]).values.f1 == 1.0


def test_calibration_is_the_distance_of_confidence_and_precision():
    half = report([("BERT", "Model", "uses", 0.8), ("GLUE", "Task", "uses", 0.8)])
    assert half.calibration_error == pytest.approx(abs(0.8 - 2 / 3))


def test_results_are_calibrated_as_a_whole():
    right, wrong = RESULT | {"confidence": 0.7}, RESULT | {"value": "3%", "confidence": 0.2}
    assert report(GOLD_ENTITIES, [right, wrong]).result_calibration_error == pytest.approx((0.3 + 0.2) / 2)
    again = report(GOLD_ENTITIES, [right, right])  # the gold has it once
    assert again.result_calibration_error == pytest.approx(abs(0.7 - 1 / 2))
    assert again.to_json()["result_calibration_error"] == pytest.approx(0.2)


def test_nothing_at_all_scores_zero():
    assert (Score().precision, Score().recall, Score().f1) == (0.0, 0.0, 0.0)


def test_a_broken_gold_line_is_named(tmp_path):
    path = tmp_path / "gold.jsonl"
    bad = {"id": "a", "title": "T", "entities": [{"name": "x", "type": "Person", "mentions": []}]}
    path.write_text(json.dumps({"id": "a", "title": "T"}) + "\n" + json.dumps(bad) + "\n")
    with pytest.raises(InputError, match="gold.jsonl:2: not a gold line: unknown entity type 'Person'"):
        evaluate_file(path)
    with pytest.raises(InputError, match="cannot be read"):
        evaluate_file(tmp_path / "missing.jsonl")
