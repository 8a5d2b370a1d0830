"""The line format: one JSON object a paper, with what was extracted from it.

It is what ``kg extract`` writes and what gold files hold (there without confidences); ``paper.schema.json`` and
``extraction.schema.json`` beside this file describe it. A line without ``entities`` is a paper alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from schemas.errors import RecordError
from schemas.records import Abbreviation, DocumentEntity, Extraction, Mention, Paper, Result, text_hash
from schemas.vocabulary import ENTITY_TYPES, ROLES

__all__ = ["dump_line", "extraction_from_json", "extraction_to_json", "paper_from_json", "paper_to_json"]

PAPER_FIELDS = tuple(field.name for field in fields(Paper))
RESULT_FIELDS = tuple(field.name for field in fields(Result))


def dump_line(value: Mapping[str, Any]) -> str:
    """Return ``value`` as one line of JSON, keys in their order, lone surrogates escaped.

    >>> dump_line({"id": "a", "title": "Naïve"})
    '{"id": "a", "title": "Naïve"}'
    """
    line = json.dumps(value, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return line


def paper_to_json(paper: Paper) -> dict[str, Any]:
    """Return the fields of ``paper`` that hold something; id, title and abstract always.

    >>> paper_to_json(Paper(id="a", title="On X", year=2020))
    {'id': 'a', 'title': 'On X', 'abstract': '', 'year': 2020}
    """
    values = {name: getattr(paper, name) for name in PAPER_FIELDS}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if name in ("id", "title", "abstract") or value not in (None, ())
    }


def paper_from_json(value: Mapping[str, Any]) -> Paper:
    """Return the paper that :func:`paper_to_json` wrote. Nothing is cleaned here: see ``kg.readers`` for foreign input.

    >>> paper_from_json({"id": "a", "title": "On X", "authors": ["A. Author"]}).authors
    ('A. Author',)
    """
    known: dict[str, Any] = {name: value[name] for name in PAPER_FIELDS if name in value}
    for name, item in known.items():
        if isinstance(item, list):
            known[name] = tuple(item)
    return Paper(**known)


def _confidence(value: float) -> float:
    """Four digits are more than a confidence is worth, and keep lines short and the same everywhere."""
    return round(value, 4)


def _entity_to_json(entity: DocumentEntity) -> dict[str, Any]:
    value: dict[str, Any] = {
        "name": entity.name,
        "type": entity.type,
        "role": entity.role,
        "confidence": _confidence(entity.confidence),
        "role_confidence": _confidence(entity.role_confidence),
        "mentions": [
            {"start": m.start, "end": m.end, "text": m.text, "confidence": _confidence(m.confidence)}
            for m in entity.mentions
        ],
    }
    if entity.evidence is not None:
        value["evidence"] = {"start": entity.evidence[0], "end": entity.evidence[1]}
    return value


def extraction_to_json(paper: Paper, extraction: Extraction) -> dict[str, Any]:
    """Return the line of ``paper`` with its ``extraction``.

    >>> paper = Paper(id="a", title="BERT")
    >>> line = extraction_to_json(paper, Extraction(paper_id="a", text_hash=text_hash(paper), pipeline="p"))
    >>> list(line)
    ['id', 'title', 'abstract', 'entities', 'results', 'abbreviations', 'pipeline']
    """
    return {
        **paper_to_json(paper),
        "entities": [_entity_to_json(entity) for entity in extraction.entities],
        "results": [
            {name: getattr(result, name) for name in RESULT_FIELDS if name != "confidence"}
            | {"confidence": _confidence(result.confidence)}
            for result in extraction.results
        ],
        "abbreviations": [
            {
                "short": pair.short,
                "long": pair.long,
                "start": pair.start,
                "end": pair.end,
                "long_start": pair.long_start,
                "long_end": pair.long_end,
                "confidence": _confidence(pair.confidence),
            }
            for pair in extraction.abbreviations
        ],
        "pipeline": extraction.pipeline,
    }


def _checked(value: str, table: Mapping[str, object], what: str) -> str:
    if value not in table:
        raise RecordError(f"unknown {what} {value!r}; valid: {', '.join(table)}")
    return value


def _entity_from_json(value: Mapping[str, Any], text: str) -> DocumentEntity:
    type_ = _checked(value["type"], ENTITY_TYPES, "entity type")
    mentions = []
    for mention in value["mentions"]:
        start, end = mention["start"], mention["end"]
        if not 0 <= start < end <= len(text) or text[start:end] != mention.get("text", text[start:end]):
            raise RecordError(
                f"mention {mention.get('text')!r} does not stand at [{start}, {end}) of title and abstract"
            )
        mentions.append(Mention(start, end, text[start:end], type_, mention.get("confidence", 1.0)))
    evidence = value.get("evidence")
    return DocumentEntity(
        name=value["name"],
        type=type_,
        role=_checked(value.get("role", "mentions"), ROLES, "role"),
        mentions=tuple(mentions),
        confidence=value.get("confidence", 1.0),
        role_confidence=value.get("role_confidence", 1.0),
        evidence=(evidence["start"], evidence["end"]) if evidence else None,
    )


def extraction_from_json(value: Mapping[str, Any]) -> tuple[Paper, Extraction]:
    """Return the paper and the extraction of a line; a gold line, which gives no sentences for results, is read too.

    Raises
    ------
    RecordError
        An offset that does not fit the text, an unknown type or role, or a missing field; the message names it.

    Examples
    --------
    >>> paper, extraction = extraction_from_json(
    ...     {
    ...         "id": "a",
    ...         "title": "BERT",
    ...         "abstract": "",
    ...         "entities": [
    ...             {"name": "BERT", "type": "Model", "role": "introduces", "mentions": [{"start": 0, "end": 4}]}
    ...         ],
    ...     }
    ... )
    >>> extraction.entities[0].mentions[0].text
    'BERT'
    """
    try:
        paper = paper_from_json(value)
        results = tuple(
            Result(**({"start": 0, "end": 0} | {name: item[name] for name in RESULT_FIELDS if name in item}))
            for item in value.get("results", ())
        )
        extraction = Extraction(
            paper_id=paper.id,
            text_hash=text_hash(paper),
            pipeline=value.get("pipeline", "gold"),
            entities=tuple(_entity_from_json(item, paper.text) for item in value.get("entities", ())),
            results=results,
            abbreviations=tuple(Abbreviation(**item) for item in value.get("abbreviations", ())),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise RecordError(f"not a line of the extraction format: {type(error).__name__}: {error}") from error
    return paper, extraction
