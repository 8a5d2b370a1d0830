"""The command line: each verb as a user calls it, its exit codes and its one-line errors."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

import kg
from kg.cli import cli

PAPERS = [
    {"id": "a", "title": "BERT on SQuAD", "abstract": "We fine-tune BERT on SQuAD."},
    {"id": "b", "title": "Reading with BERT", "abstract": "BERT reads SQuAD and reaches an F1 score of 93.2%."},
]


@pytest.fixture
def papers(tmp_path):
    path = tmp_path / "papers.jsonl"
    path.write_text("".join(json.dumps(paper) + "\n" for paper in PAPERS), encoding="utf-8")
    return path


def test_every_verb_has_help_with_a_sentence():
    for name, command in cli.commands.items():
        shown = CliRunner().invoke(cli, [name, "--help"])
        assert shown.exit_code == 0
        assert command.help.strip().endswith((".", "violates them."))


def test_help_teaches_the_first_steps(call):
    code, out, _ = call("--help")
    assert code == 0
    assert "kg demo" in out


def test_demo_says_what_it_found_and_where(call, tmp_path):
    code, out, err = call("demo", "-o", tmp_path / "demo", "--quiet")
    assert (code, err) == (0, "")
    assert "What do these two share?" in out
    assert "graph.html" in out
    assert (tmp_path / "demo" / "graph.html").is_file()


def test_extract_writes_a_line_a_paper_in_input_order(call, papers):
    code, out, _ = call("extract", papers)
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [line["id"] for line in lines] == ["a", "b"]
    assert {"BERT", "SQuAD"} <= {entity["name"] for entity in lines[0]["entities"]}


def test_extract_reads_standard_input(papers):
    command = [sys.executable, "-m", "kg", "extract", "-", "--quiet"]
    run = subprocess.run(command, input=papers.read_bytes(), capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
    assert len(run.stdout.splitlines()) == 2


def test_build_info_query_export_validate(call, papers, tmp_path):
    folder = tmp_path / "g"
    code, out, _ = call("build", papers, "-o", folder, "--quiet")
    assert code == 0
    assert "2 papers" in out
    code, out, _ = call("info", folder)
    assert code == 0
    assert "BERT (2)" in out
    assert json.loads(call("info", folder, "--json")[1])["papers"] == 2
    code, out, _ = call("query", folder, "--csv", "SELECT ?n WHERE { ?d a akg:Dataset ; skos:prefLabel ?n }")
    assert (code, out.splitlines()) == (0, ["n", "SQuAD"])
    code, out, _ = call("query", folder, "--sql", "--json", "SELECT count(*) AS n FROM papers")
    assert code == 0
    assert "2" in out
    files = [tmp_path / f"out{s}" for s in (".ttl", ".nt", ".jsonld", ".rdf", ".graphml", ".html", ".jsonl", "")]
    assert call("export", folder, *files)[0] == 0
    assert all(path.exists() for path in files)
    code, out, _ = call("export", folder, "-", "--format", "nt")
    assert code == 0
    assert len(out.splitlines()) > 20
    assert call("validate", folder)[:2] == (0, "conforms\n")
    assert call("validate", tmp_path / "out.ttl")[:2] == (0, "conforms\n")


def test_rejected_records_give_exit_code_1_and_lose_nothing_else(call, papers, tmp_path):
    with papers.open("a", encoding="utf-8") as file:
        file.write('{"id": "c"\n{"id": "d", "abstract": "No title."}\n')
    code, out, err = call("build", papers, "-o", tmp_path / "g", "--quiet")
    assert code == 1
    assert "2 papers" in out
    assert "papers.jsonl:3" in err
    assert "papers.jsonl:4" in err
    assert "rejected" in call("info", tmp_path / "g", "--skipped")[1]
    code, out, err = call("extract", papers, "--quiet")
    assert (code, len(out.splitlines())) == (1, 2)


@pytest.mark.parametrize(
    "arguments",
    [
        ("build", "missing.jsonl", "-o", "g"),
        ("build", "nothing-*.txt", "-o", "g"),
        ("build", "papers.jsonl", "-o", "g", "--format", "docx"),
        ("build", "papers.jsonl", "-o", "papers.jsonl"),
        ("build", "papers.jsonl", "-o", "g", "--curation", "missing.yaml"),
        ("build", "papers.jsonl"),
        ("extract", "papers.jsonl", "-o", "out.docx"),
        ("extract", "papers.jsonl", "-o", "papers.jsonl/out.jsonl"),
        ("info", "nowhere"),
        ("info", "papers.jsonl"),
        ("query", "built", "SELECT"),
        ("query", "built", "--sql", "SELECT nothing FROM nowhere"),
        ("query", "nowhere", "SELECT * WHERE {}"),
        ("export", "built", "out.docx"),
        ("export", "built", "-"),
        ("export", "built", "papers.jsonl/out.ttl"),
        ("validate", "missing.ttl"),
        ("validate", "papers.jsonl"),
        ("evaluate", "missing.jsonl"),
        ("evaluate",),
        ("evaluate", "--links", "missing.tsv"),
        ("frobnicate",),
    ],
    ids=" ".join,
)
def test_unusable_calls_end_with_code_2_and_one_line(call, papers, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    if "built" in arguments:
        kg.build(papers, out="built")
    code, _, err = call(*arguments)
    assert code == 2
    assert "Traceback" not in err
    message = [line for line in err.splitlines() if not line.startswith(("Usage:", "Try ")) and line]
    assert len(message) == 1, err


def test_evaluate_prints_figures(call, tmp_path):
    gold = tmp_path / "gold.jsonl"
    entity = {"name": "BERT", "type": "Model", "role": "uses", "mentions": [{"start": 0, "end": 4}]}
    gold.write_text(json.dumps(PAPERS[0] | {"entities": [entity], "results": []}) + "\n", encoding="utf-8")
    code, out, _ = call("evaluate", gold, "--quiet")
    assert code == 0
    assert "strict mentions" in out
    report = json.loads(call("evaluate", gold, "--json", "--quiet", "-o", tmp_path / "pred.jsonl")[1])
    assert report["mentions"]["gold"] == 1
    assert len((tmp_path / "pred.jsonl").read_text(encoding="utf-8").splitlines()) == 1
