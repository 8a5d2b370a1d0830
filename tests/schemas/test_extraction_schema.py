"""``extraction.schema.json`` says what the records and the vocabulary say."""

import json
from dataclasses import fields
from pathlib import Path
from typing import get_args

import jsonschema
import pytest

import schemas
from schemas.lines import extraction_to_json
from schemas.records import (
    Abbreviation,
    DocumentEntity,
    Extraction,
    Mention,
    Paper,
    Result,
    ResultKind,
    text_hash,
)
from schemas.vocabulary import ENTITY_TYPES, ROLES

FOLDER = Path(schemas.__file__).parent
SCHEMA = json.loads((FOLDER / "extraction.schema.json").read_text(encoding="utf-8"))
PARTS = SCHEMA["$defs"]


def names(record):
    return {field.name for field in fields(record)}


@pytest.fixture(scope="module")
def validator():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    return jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture
def line():
    paper = Paper(id="a", title="BERT", abstract="It has 80.5% on GLUE.", year=2019)
    bert = DocumentEntity(
        name="BERT", type="Model", role="uses", mentions=(Mention(0, 4, "BERT", "Model"),), evidence=(0, 4)
    )
    result = Result(subject="BERT", metric=None, value="80.5%", number=80.5, unit="%", dataset="GLUE", start=5, end=26)
    pair = Abbreviation("B", "BERT", 0, 1, 0, 4, 0.9)
    extraction = Extraction(
        paper_id="a",
        text_hash=text_hash(paper),
        pipeline="p 1",
        entities=(bert,),
        results=(result,),
        abbreviations=(pair,),
    )
    return json.loads(json.dumps(extraction_to_json(paper, extraction)))


def test_a_line_fits_and_every_field_is_described(validator, line):
    validator.validate(line)
    assert set(line) <= set(SCHEMA["properties"])
    for part, values in (("entity", line["entities"]), ("result", line["results"])):
        assert set(values[0]) <= set(PARTS[part]["properties"])


def test_a_line_without_anything_found_fits(validator):
    validator.validate({"id": "a", "title": "BERT", "abstract": "", "entities": [], "results": []})


def test_paper_fields_are_those_of_the_paper():
    paper = json.loads((FOLDER / "paper.schema.json").read_text(encoding="utf-8"))["properties"]
    assert {name: SCHEMA["properties"][name] for name in paper} == paper


def test_fields_are_those_of_the_records():
    added = {"entity"}  # of resolved lines
    assert set(PARTS["entity"]["properties"]) == names(DocumentEntity) | added
    assert set(PARTS["result"]["properties"]) == names(Result) | added
    assert set(PARTS["mention"]["properties"]) == names(Mention) - {"type"}  # it is the entity's
    assert set(PARTS["abbreviation"]["properties"]) == names(Abbreviation)


def test_values_are_those_of_the_vocabulary():
    assert PARTS["entity"]["properties"]["type"]["enum"] == list(ENTITY_TYPES)
    assert PARTS["entity"]["properties"]["role"]["enum"] == list(ROLES)
    assert PARTS["result"]["properties"]["kind"]["enum"] == list(get_args(ResultKind))


def test_a_gold_line_fits(validator):
    validator.validate(
        {
            "id": "a",
            "title": "BERT",
            "abstract": "",
            "entities": [
                {"name": "BERT", "type": "Model", "role": "uses", "mentions": [{"start": 0, "end": 4, "text": "BERT"}]}
            ],
            "results": [
                {
                    **dict.fromkeys(("subject", "metric", "dataset", "task", "baseline")),
                    "value": "5%",
                    "kind": "gain",
                }
            ],
        }
    )


def test_a_resolved_line_fits(validator, line):
    line["entities"][0]["entity"] = "bert"
    line["results"][0]["entity"] = {
        "subject": "bert",
        "metric": None,
        "dataset": "glue",
        "task": None,
        "baseline": None,
    }
    validator.validate(line)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("id",), ""),
        (("title",), None),
        (("entities", 0, "type"), "Software"),
        (("entities", 0, "role"), "cites"),
        (("entities", 0, "confidence"), 1.1),
        (("entities", 0, "mentions"), []),
        (("entities", 0, "mentions", 0, "start"), -1),
        (("entities", 0, "mentions", 0, "start"), 0.5),
        (("entities", 0, "other"), 1),
        (("results", 0, "kind"), "loss"),
        (("results", 0, "value"), 80.5),
        (("results", 0, "number"), "80.5"),
        (("abbreviations", 0, "long"), None),
    ],
)
def test_what_does_not_fit(validator, line, path, value):
    place = line
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not validator.is_valid(line)


@pytest.mark.parametrize("name", ["id", "title", "abstract", "entities", "results"])
def test_what_must_be_there(validator, line, name):
    del line[name]
    assert not validator.is_valid(line)
