import json
import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from kg.sample import sample_path
from schemas.lines import paper_from_json, paper_to_json
from schemas.records import Paper


def read_sample() -> list[Paper]:
    lines = sample_path().read_text(encoding="utf-8").splitlines()
    return [paper_from_json(json.loads(line)) for line in lines]


PAPERS = read_sample()


def test_some_forty_papers_each_once():
    assert 40 <= len(PAPERS) <= 50
    assert len({paper.id for paper in PAPERS}) == len(PAPERS)
    assert len({paper.title.casefold() for paper in PAPERS}) == len(PAPERS)


@given(st.sampled_from(PAPERS))
def test_a_paper_is_complete_and_of_an_abstract_s_length(paper):
    assert 80 <= len(paper.abstract.split()) <= 170
    assert 1990 <= paper.year <= 2030
    assert paper.authors
    assert all(name == name.strip() and " " in name for name in paper.authors)
    assert paper.venue
    assert paper.url.startswith("https://")
    assert "\n" not in paper.text.replace("\n", "", 1)


@given(st.sampled_from(PAPERS))
def test_ids_follow_from_the_identifiers(paper):
    if paper.arxiv_id:
        assert re.fullmatch(r"\d{4}\.\d{4,5}", paper.arxiv_id)
        assert paper.id == f"arxiv:{paper.arxiv_id}"
        assert paper.url == f"https://arxiv.org/abs/{paper.arxiv_id}"
    if paper.doi:
        assert paper.doi == paper.doi.lower()
        assert paper.doi.startswith("10.")
    assert " " not in paper.id


@given(st.sampled_from(PAPERS))
def test_lines_hold_known_fields_alone(paper):
    lines = sample_path().read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[PAPERS.index(paper)]) == paper_to_json(paper)


def test_papers_share_what_they_name():
    shared = ["BERT", "ImageNet", "GLUE", "SQuAD", "COCO", "Transformer", "masked language modeling", "top-1 accuracy"]
    shared += ["machine translation", "question answering", "object detection", "ResNet", "Adam", "dropout"]
    counts = Counter(name for name in shared for paper in PAPERS if name in paper.text)
    assert {name: count for name, count in counts.items() if count < 3} == {}
    assert counts["ImageNet"] >= 15
    assert counts["BERT"] >= 15


def test_some_of_the_roughness_of_real_abstracts_is_there():
    text = "\n".join(paper.text for paper in PAPERS)
    assert r"$3\times 3$" in text
    assert r"6.7\%" in text
    assert "&amp;" in text
    assert "masked language modeling (MLM)" in text
