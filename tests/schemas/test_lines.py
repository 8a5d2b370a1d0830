"""The line format: records to JSON and back, and gold lines with less in them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import RecordError
from schemas.lines import dump_line, extraction_from_json, extraction_to_json, paper_from_json, paper_to_json
from schemas.records import Paper

texts = st.text(max_size=40)
papers = st.builds(
    Paper,
    id=texts,
    title=texts,
    abstract=texts,
    year=st.none() | st.integers(1000, 2999),
    authors=st.lists(texts, max_size=3).map(tuple),
    venue=st.none() | texts,
    keywords=st.lists(texts, max_size=2).map(tuple),
)


@given(papers)
def test_a_paper_comes_back_equal(paper):
    assert paper_from_json(json.loads(dump_line(paper_to_json(paper)))) == paper


@given(st.text(st.characters(exclude_categories=()), max_size=20))
def test_a_line_is_one_line_and_can_be_encoded(text):
    line = dump_line({"id": text})
    assert line.encode()
    assert "\n" not in line


def gold(**changes):
    mention = {"start": 0, "end": 4, "text": "BERT"}
    entity = {"name": "BERT", "type": "Model", "role": "uses", "mentions": [mention]}
    result = {"subject": "BERT", "metric": None, "value": "80", "dataset": None, "task": None, "baseline": None}
    return {"id": "a", "title": "BERT", "abstract": "", "entities": [entity | changes], "results": [result]}


def test_a_gold_line_is_read_with_full_confidence():
    _, extraction = extraction_from_json(gold())
    assert extraction.entities[0].confidence == 1.0
    assert (extraction.results[0].start, extraction.pipeline) == (0, "gold")


def test_what_was_read_can_be_written_and_read_again():
    paper, extraction = extraction_from_json(gold())
    assert extraction_from_json(extraction_to_json(paper, extraction)) == (paper, extraction)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"type": "Person"}, "unknown entity type 'Person'; valid: Method, Model, Dataset, Metric, Task"),
        ({"role": "owns"}, "unknown role 'owns'; valid: introduces, uses, compares, mentions"),
        ({"mentions": [{"start": 1, "end": 4, "text": "BERT"}]}, "mention 'BERT' does not stand at [1, 4)"),
        ({"mentions": [{"start": 2, "end": 2}]}, "does not stand at [2, 2)"),
        ({"mentions": [{"start": 0, "end": 99}]}, "does not stand at [0, 99)"),
        ({"mentions": [{"start": 0}]}, "KeyError: 'end'"),
        ({"mentions": 7}, "TypeError"),
    ],
)
def test_a_line_that_does_not_fit_says_why(changes, message):
    with pytest.raises(RecordError) as error:
        extraction_from_json(gold(**changes))
    assert message in str(error.value)
