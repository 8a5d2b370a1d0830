"""Annotated documents with their entities and results, for all that is learned above mentions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc

import extractors.sentences  # noqa: F401  (registers kg_sentences)
from extractors.tokenizer import configure_tokenizer
from extractors.training.gold import read_lines
from schemas.records import DocumentEntity, Mention, Result
from schemas.text import Readable, readable

__all__ = ["AnnotatedDocument", "blank", "read_annotated"]


@dataclass(frozen=True, slots=True)
class AnnotatedDocument:
    """A document in tokens and sentences, and the entities and results that it should give, in readable text."""

    id: str
    doc: Doc
    entities: tuple[DocumentEntity, ...]
    results: tuple[Result, ...]


def blank() -> Language:
    """Return a pipeline of tokenizer and sentences alone."""
    nlp = configure_tokenizer(spacy.blank("en"))
    nlp.add_pipe("kg_sentences")
    return nlp


def read_annotated(path: Path, nlp: Language) -> Iterator[AnnotatedDocument]:
    """Yield the documents of a gold file; raises what :func:`extractors.training.gold.read_lines` raises."""
    for extraction, text in read_lines(path):
        entities = (_readable_entity(entity, text) for entity in extraction.entities)
        results = tuple(replace(result, value=readable(result.value).text) for result in extraction.results)
        yield AnnotatedDocument(extraction.paper_id, nlp(text.text), tuple(e for e in entities if e.mentions), results)


def _readable_entity(entity: DocumentEntity, text: Readable) -> DocumentEntity:
    mentions = []
    for mention in entity.mentions:
        start, end = text.from_source(mention.start, mention.end)
        if start < end:
            mentions.append(Mention(start, end, text.text[start:end], mention.type))
    return replace(entity, mentions=tuple(mentions))
