"""Annotations without texts, and joined with them again."""

import gzip
import json

import pytest

from extractors.training import standoff

PAPERS = [
    {"id": "a-1", "title": "Über BERT", "abstract": "BERT reads.", "year": 2020},
    {"id": "a-2", "title": "Nothing here", "abstract": ""},
]
GOLD = {
    "id": "x-a-1",
    "title": "Über BERT",
    "abstract": "BERT reads.",
    "entities": [
        {
            "name": "BERT",
            "type": "Model",
            "role": "uses",
            "mentions": [{"start": 5, "end": 9, "text": "BERT"}, {"start": 10, "end": 14, "text": "BERT"}],
        }
    ],
    "results": [],
}


def written(path, lines):
    with (gzip.open if path.suffix == ".gz" else open)(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    return str(path)


@pytest.mark.parametrize("abstracts", ["papers.jsonl", "papers.jsonl.gz"])
def test_what_is_taken_apart_joins_again(tmp_path, abstracts):
    apart, whole = tmp_path / "annotations.jsonl", tmp_path / "more.jsonl"
    standoff.main([written(tmp_path / "gold.jsonl", [GOLD]), "--take", "-o", str(apart)])
    assert "Über" not in apart.read_text(encoding="utf-8")
    standoff.main([written(tmp_path / abstracts, PAPERS), "--annotations", str(apart), "-o", str(whole)])
    assert [json.loads(line) for line in whole.read_text(encoding="utf-8").splitlines()] == [GOLD]


def test_a_text_that_has_changed_is_left_out():
    assert not list(standoff.joined([standoff.taken(GOLD)], [PAPERS[0] | {"abstract": "BERT reads on."}]))
