"""kg doctor: what it says of a whole installation, and that it notices a broken one."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import extractors
from kg import doctor
from kg.cli import cli
from kg.doctor import Check, diagnose, optional_extras, self_test, weights

MODELS = Path(extractors.__file__).parent / "models"


def test_a_whole_installation_is_well():
    checks = list(diagnose(with_self_test=False))
    assert {check.part for check in checks} == {"Python", "dependencies", "weights", "processor", "extras"}
    assert [check for check in checks if check.status == "wrong"] == []


def test_the_self_test_tries_both_pipelines():
    assert [(check.status, check.says.split(":")[0]) for check in self_test()] == [("ok", "en-fast"), ("ok", "en")]


def test_the_self_test_says_what_goes_wrong(monkeypatch):
    import kg

    def fail(*sources, **options):
        raise RuntimeError("no\nmemory")

    monkeypatch.setattr(kg, "build", fail)
    assert [check.says for check in self_test()] == ["en-fast: RuntimeError: no memory", "en: RuntimeError: no memory"]
    assert all(check.status == "wrong" for check in self_test())


@pytest.fixture
def models(tmp_path):
    return shutil.copytree(MODELS, tmp_path / "models")


def statuses(folder):
    return {check.says.split(" ")[0].rstrip(","): check.status for check in weights(folder)}


def test_damaged_weights_are_noticed(models):
    path = models / "en/roles.npz"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert statuses(models)["roles.npz"] == "wrong"
    assert statuses(models)["results.npz"] == "ok"


def test_missing_weights_and_unreadable_settings_are_noticed(models):
    (models / "en/roles.npz").unlink()
    (models / "en/results.json").write_text("{")
    found = statuses(models)
    assert (found["roles"], found["results.json"]) == ("wrong", "wrong")


def test_a_package_without_weights_is_wrong(tmp_path):
    assert [check.status for check in weights(tmp_path)] == ["wrong"]


def test_missing_and_old_dependencies_are_wrong(monkeypatch):
    monkeypatch.setattr(doctor, "requires", lambda name: ["spacy>=99", "no-such-package>=1", "click>=8; extra == 'x'"])
    wrong = [check for check in doctor._dependencies() if check.status == "wrong"]
    assert len(wrong) == 1
    assert "no-such-package is missing" in wrong[0].says
    assert "is not >=99" in wrong[0].says


def test_an_extra_that_is_not_there_is_a_note(monkeypatch):
    monkeypatch.setattr(doctor, "requires", lambda name: ["no-such-package>=1; extra == 'pandas'"])
    notes = {check.says.split(" ")[0]: check for check in optional_extras()}
    assert notes["[pandas]"].status == "note"
    assert "pip install 'abstractkg[pandas]'" in notes["[pandas]"].line()
    assert notes["[train]"].status == "ok"  # as nothing is asked for


def test_a_processor_without_the_instructions_is_told_to_be_fast(monkeypatch):
    monkeypatch.setattr(doctor, "_flags", lambda: {"sse2"})
    assert "--fast" in next(iter(doctor._processor())).advice
    monkeypatch.setattr(doctor, "_flags", lambda: {"avx2"})
    assert next(iter(doctor._processor())).status == "ok"


def test_the_command_says_all_in_lines_and_in_json():
    runner = CliRunner()
    lines = runner.invoke(cli, ["doctor", "--quick"])
    assert lines.output.endswith("all is well\n")
    found = json.loads(runner.invoke(cli, ["doctor", "--quick", "--json"]).output)
    assert found["ok"] is True
    assert {"part", "status", "says", "advice"} == set(found["checks"][0])


def test_the_exit_code_says_that_something_is_wrong(monkeypatch, capsys):
    from kg.cli import main

    monkeypatch.setattr(doctor, "diagnose", lambda with_self_test: iter([Check("weights", "wrong", "damaged", "mend")]))
    with pytest.raises(SystemExit) as ended:
        main(["doctor"])
    assert ended.value.code == 1
    assert "wrong  weights: damaged; mend" in capsys.readouterr().out
