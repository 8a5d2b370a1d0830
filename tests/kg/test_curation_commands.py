"""kg explain, review, merge, split and rename, as a user calls them."""

import json

import click
import pytest

import kg
from kg.curation import Curation, read_curation
from kg.explanation import explain
from kg.graph import KnowledgeGraph
from kg.resolution.matches import Match
from kg.review import answer, questions
from schemas.records import Alias, Entity, Paper

TITLES = {
    "a": "BERT and RoBERTa on SQuAD",
    "b": "RoBERTa for question answering (QA)",
    "c": "BERT for QA on SQuAD",
}


@pytest.fixture
def folder(tmp_path):
    kg.build([Paper(id=id_, title=title) for id_, title in TITLES.items()], out=tmp_path / "g")
    return tmp_path / "g"


def test_explain_tells_forms_papers_and_decisions(call, folder):
    code, out, _ = call("explain", folder, "QA")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "question answering  (task, id question-answering, 2 papers)"
    assert "  QA  [qa]  2 papers" in lines
    assert "      c  BERT for QA on SQuAD" in lines
    assert any(line.startswith("  qa = question answering: ") for line in lines)
    shown = json.loads(call("explain", folder, "question-answering", "--json")[1])
    assert shown["forms"][0] == {"name": "QA", "normal": "qa", "papers": ["b", "c"]}
    assert {match["left"] for match in shown["matches"]} == {"qa"}
    code, _, err = call("explain", folder, "question answerin")
    assert (code, "nearest: question answering" in err) == (2, True)


def test_merge_is_written_and_the_graph_follows(call, folder):
    code, out, _ = call("merge", folder, "BERT", "RoBERTa", "--quiet")
    assert (code, read_curation(folder / "curation.yaml").same) == (0, (("BERT", "RoBERTa"),))
    assert "BERT: BERT (id bert, 3 papers): BERT, RoBERTa" in out
    graph = kg.open(folder)
    assert graph.entity("roberta").id == "bert"
    assert '"roberta"' not in (folder / "graph.ttl").read_text(encoding="utf-8")
    assert "once also roberta" in call("explain", folder, "roberta")[1]


def test_split_takes_a_merge_back(call, folder):
    call("merge", folder, "BERT", "RoBERTa", "--quiet")
    code, out, _ = call("split", folder, "BERT", "RoBERTa", "--quiet")
    curation = read_curation(folder / "curation.yaml")
    assert (code, curation.same, curation.different) == (0, (), (("BERT", "RoBERTa"),))
    assert "RoBERTa: RoBERTa (id roberta, 2 papers): RoBERTa" in out
    assert kg.open(folder).replaced == {}


def test_split_says_where_papers_themselves_use_both_names(call, folder):
    out = call("split", folder, "question answering", "QA", "--quiet")[1]
    ids = {kg.open(folder).entity(name).id for name in ("question answering", "QA")}
    assert ("still one" in out) == (len(ids) == 1)


def test_rename_keeps_the_id(call, folder):
    code, out, _ = call("rename", folder, "squad", "SQuAD 1.1", "--quiet")
    assert (code, "SQuAD 1.1: SQuAD 1.1 (id squad, 2 papers): SQuAD" in out) == (0, True)
    assert kg.open(folder).entity("squad").name == "SQuAD 1.1"


@pytest.mark.parametrize("verb", [("merge", "BERT", "BART"), ("split", "BERT", "BART"), ("rename", "BART", "x")])
def test_an_unknown_name_changes_nothing(call, folder, verb):
    before = (folder / "graph.ttl").read_bytes()
    code, _, err = call(verb[0], folder, *verb[1:], "--quiet")
    assert (code, len(err.splitlines())) == (2, 1)
    assert "no entity 'BART' in this graph; nearest: " in err
    assert not (folder / "curation.yaml").exists()
    assert (folder / "graph.ttl").read_bytes() == before


def test_calls_that_make_no_sense(call, folder, tmp_path):
    assert call("merge", folder, "BERT")[0] == call("split", folder, "BERT", "BERT")[0] == 2
    code, _, err = call("merge", tmp_path / "none", "a", "b")
    assert (code, err.startswith("kg: no graph in ")) == (2, True)
    assert not (tmp_path / "none").exists()


def test_a_folder_is_built_anew_without_input(call, folder, tmp_path):
    (folder / "curation.yaml").write_text("drop: [BERT]", encoding="utf-8")
    assert call("build", "-o", folder, "--quiet")[0] == 0
    assert "bert" not in {entity.id for entity in kg.open(folder).entities}
    code, _, err = call("build", "-o", tmp_path / "none")
    assert (code, "there is no graph in the folder yet" in err) == (2, True)


def thing(name, papers, *aliases, type_="Method"):
    forms = tuple(Alias(alias, papers) for alias in (name, *aliases))
    return Entity(id=name.replace(" ", "-"), type=type_, name=name, aliases=forms, papers=papers)


GRAPH = KnowledgeGraph(
    papers=[],
    entities=[thing("graph mixing", 40, "graph mixers"), thing("sets", 30), thing("set", 9), thing("SAM", 200)],
    links=[],
    matches=[
        Match("graph mixer", "graph mixing", "word forms", 10, 1.0, "graph-mixing"),
        Match("gm", "graph mixing", "same paper", 3, 1.0, "graph-mixing"),
    ],
    open_matches=[
        Match("sets", "set", "word forms", 9, 1.0, "sets", "set"),
        Match("sam", "sharpness", "authority", 200, 0.9, "SAM", "https://example.org/sharp"),
        Match("sam", "segment", "authority", 200, 0.5, "SAM", "https://example.org/seg"),
    ],
)


def test_the_most_uncertain_and_consequential_come_first():
    asked = questions(GRAPH)
    assert [(question.kind, question.entity.id) for question in asked] == [
        *(("identity", "SAM"), ("apart", "sets"), ("merged", "graph-mixing"))
    ]
    weights = [question.weight for question in asked]
    assert weights == sorted(weights, reverse=True)
    assert [match.other for match in asked[0].matches] == ["https://example.org/sharp", "https://example.org/seg"]


def test_questions_of_one_weight_have_an_order():
    twins = [Match(left, "graph mixing", "word forms", 10, 1.0, "graph-mixing") for left in "ba"]
    graph = KnowledgeGraph(papers=[], entities=GRAPH.entities, links=[], matches=twins)
    assert [question.matches[0].left for question in questions(graph)] == ["a", "b"]


@pytest.mark.parametrize(
    ("number", "key", "expected"),
    [
        (0, "2", {"identity": {"SAM": "https://example.org/seg"}}),
        (0, "n", {"identity": {"SAM": "none"}}),
        (1, "y", {"same": (("sets", "set"),)}),
        (1, "n", {"different": (("sets", "set"),)}),
        (2, "y", {"same": (("graph mixing", "graph mixers"),)}),
        (2, "n", {"different": (("graph mixing", "graph mixers"),)}),
    ],
)
def test_answers_become_corrections_and_are_not_asked_again(number, key, expected):
    question = questions(GRAPH)[number]
    answered = answer(Curation(), question, key, GRAPH)
    assert answered == Curation(**expected)
    assert question not in questions(GRAPH, answered)
    assert len(questions(GRAPH, answered)) == 2


def test_review_lists_where_nobody_is_at_the_keyboard(call, folder):
    code, out, _ = call("review", folder)
    assert (code, "question answering" in out) == (0, True)
    assert json.loads(call("review", folder, "--json")[1])[0]["kind"] in ("merged", "apart", "identity")
    assert len(json.loads(call("review", folder, "--json", "--limit", "1")[1])) == 1


def test_review_asks_and_writes(call, folder, monkeypatch):
    number = len(json.loads(call("review", folder, "--json")[1]))
    keys = iter(["?", "y", "s", "q"])
    monkeypatch.setattr(click, "getchar", lambda: next(keys))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    code, out, _ = call("review", folder, "--quiet")
    assert (code, "one of y n s q" in out) == (0, True)
    assert f"1/{number}" in out
    assert len(read_curation(folder / "curation.yaml").same) == 1
    assert len(json.loads(call("review", folder, "--json")[1])) == number - 1


def test_explanations_of_what_was_not_followed():
    found = explain(GRAPH, "set")
    assert [match.left for match in found.open_matches] == ["sets"]
    assert any("proposed and not followed" in line for line in found.lines())
