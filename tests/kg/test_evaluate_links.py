"""Scores of clusterings, and the file that they are computed from."""

import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kg.cli import cli
from kg.evaluate_links import ablate_links, evaluate_links_file, read_links, resolve_links, score_links
from schemas.errors import InputError

ROWS = """paper_id\ttype\tname\tsurface_forms\tcluster
a\tModel\tgraph transducer\tgraph transducers | GTs\tGT
b\tModel\tGT\tGT\tGT
b\tDataset\tXNLI\tXNLI\tXNLI
c\tModel\tgraph transducer\tGraph Transducer\tGT
c\tTask\t"quoted\t"quoted\tquoted
"""


@pytest.fixture
def gold(tmp_path):
    path = tmp_path / "gold.tsv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def test_scores_of_a_known_case():
    # the example of Amigó et al. (2009), figure 6: two clusters found for three categories
    gold, predicted = "aaaabbbc", "11112222"
    report = score_links(gold, predicted)
    assert report.b3_precision == pytest.approx((4 * 1 + 3 * 3 / 4 + 1 / 4) / 8)
    assert report.b3_recall == 1
    assert (report.pair_precision, report.pair_recall) == (9 / 12, 1)
    assert report.to_json()["clusters"] == {"gold": 3, "predicted": 2}
    assert any("pairwise" in line for line in report.lines())


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3))))
def test_exchanging_gold_and_prediction_exchanges_precision_and_recall(pairs):
    gold, predicted = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    there, back = score_links(gold, predicted), score_links(predicted, gold)
    assert (there.b3_precision, there.pair_precision) == pytest.approx((back.b3_recall, back.pair_recall))
    assert score_links(gold, gold).pair_f1 == 1
    assert 0 <= there.b3_f1 <= 1


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="1 gold and 2 predicted"):
        score_links("a", "ab")


def test_a_file_is_resolved_from_surface_forms_alone(gold, tmp_path):
    predicted = resolve_links(gold)
    assert predicted == ["graph-transducer", "graph-transducer", "xnli", "graph-transducer", "quoted"]
    blind = tmp_path / "blind.tsv"
    lines = [line.split("\t") for line in ROWS.splitlines()]
    blind.write_text("\n".join("\t".join([row[0], row[1], row[3]]) for row in lines), encoding="utf-8")
    assert resolve_links(blind) == predicted


def test_a_file_is_scored_and_the_prediction_written(gold, tmp_path):
    out = tmp_path / "predicted.tsv"
    report = evaluate_links_file(gold, out=out)
    assert (report.names, report.b3_f1, report.pair_f1) == (5, 1, 1)
    assert out.read_text(encoding="utf-8").splitlines()[:2] == [
        "paper_id\tname\tcluster",
        "a\tgraph transducer\tgraph-transducer",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column paper_id, type, surface_forms, cluster"),
        ("paper_id\ttype\tcluster\n", "no column surface_forms"),
        ("paper_id\ttype\tsurface_forms\tcluster\na\tModels\tx\ty\n", "unknown type 'Models'; valid: Method"),
        ("paper_id\ttype\tsurface_forms\tcluster\na\tModel\t\ty\n", ":2: a row must have"),
        ("paper_id\ttype\tsurface_forms\tcluster\na\tModel\n", ":2: a row must have"),
    ],
)
def test_a_file_of_another_shape(tmp_path, text, message):
    path = tmp_path / "bad.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_links(path)


def test_a_file_that_cannot_be_used(gold, tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_links(tmp_path / "none.tsv")
    with pytest.raises(InputError, match="cannot be written"):
        evaluate_links_file(gold, out=tmp_path / "none" / "x.tsv")


def test_each_rule_is_worth_what_is_lost_without_it(gold):
    reports = ablate_links(gold)
    assert {"", "long form", "context", "word forms", "alias table", "all of these"} <= reports.keys()
    assert not {"curation", "same paper", "authority"} & reports.keys()
    assert reports[""].b3_f1 == evaluate_links_file(gold).b3_f1
    assert reports["long form"].b3_recall < reports[""].b3_recall
    assert reports["all of these"].b3_recall <= reports["long form"].b3_recall
    shown = CliRunner().invoke(cli, ["evaluate", "--links", str(gold), "--ablate"])
    assert [line.split("  ")[0] for line in shown.output.splitlines()[1:]] == ["(nothing)", *list(reports)[1:]]
    as_json = CliRunner().invoke(cli, ["evaluate", "--links", str(gold), "--ablate", "--json"])
    assert json.loads(as_json.output).keys() == reports.keys()
