"""``paper.schema.json`` says what the record says."""

import json
from dataclasses import fields
from pathlib import Path

import jsonschema

import kg
import schemas
from schemas.lines import paper_to_json
from schemas.records import Paper

SCHEMA = json.loads((Path(schemas.__file__).parent / "paper.schema.json").read_text(encoding="utf-8"))


def test_the_schema_names_the_fields_of_the_record():
    assert list(SCHEMA["properties"]) == [field.name for field in fields(Paper)]


def test_every_paper_of_the_sample_fits():
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for paper in kg.read(kg.sample_path()):
        validator.validate(paper_to_json(paper))
