"""What our components read and write on a spaCy ``Doc``.

Everything is kept as plain rows in ``doc.user_data`` (the values of a record in the order of its fields), never as live
spans, so that a ``Doc`` goes through ``DocBin``, ``to_bytes`` and ``nlp.pipe(n_process=2)`` unharmed; ``doc._.methods``
and the like give it out as records.
Offsets are in characters of ``doc.text``. By our convention a document's title ends at the first line feed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from functools import partial
from operator import attrgetter
from typing import Any

from spacy.tokens import Doc
from spacy.util import filter_spans

from schemas.records import Abbreviation, DocumentEntity, Mention, Result
from schemas.vocabulary import ENTITY_TYPES

__all__ = [
    "get_abbreviations",
    "get_entities",
    "get_mentions",
    "get_possible",
    "get_results",
    "get_role_scores",
    "register_extensions",
    "set_abbreviations",
    "set_entities",
    "set_mentions",
    "set_possible",
    "set_results",
    "set_role_scores",
    "title_end",
]


def title_end(doc: Doc) -> int:
    """Return the offset at which the title ends: of the first line feed, 0 where there is none.

    >>> import spacy
    >>> title_end(spacy.blank("en")("On X\\nWe study X."))
    4
    """
    for token in doc:  # the text itself would be put together of all tokens
        if "\n" in token.text:
            return int(token.idx) + token.text.index("\n")
    return 0


_mention_row = attrgetter(*(field.name for field in fields(Mention)))
_abbreviation_row = attrgetter(*(field.name for field in fields(Abbreviation)))
_ENTITY = tuple(field.name for field in fields(DocumentEntity))
_entity_row = attrgetter(*_ENTITY)
_RESULT = tuple(field.name for field in fields(Result))
_result_row = attrgetter(*_RESULT)


def get_mentions(doc: Doc) -> tuple[Mention, ...]:
    """Return the mentions found so far, in text order: the entities of ``doc.ents`` that are of our types.

    So every spaCy component can add some, take some away or give them another label. What another component has set
    has the confidence 1.

    >>> import spacy
    >>> nlp = spacy.blank("en")
    >>> _ = nlp.add_pipe("entity_ruler").add_patterns([{"label": "Dataset", "pattern": "GLUE"}])
    >>> get_mentions(nlp("On GLUE"))
    (Mention(start=3, end=7, text='GLUE', type='Dataset', confidence=1.0),)
    """
    ours = [Mention(*row) for row in doc.user_data.get("kg_mentions", ())]
    known = {(mention.start, mention.end, mention.type): mention for mention in ours}
    spans = [span for span in doc.ents if span.label_ in ENTITY_TYPES]
    keys = ((span.start_char, span.end_char, span.label_) for span in spans)
    return tuple(
        known.get(key) or Mention(key[0], key[1], span.text, key[2]) for span, key in zip(spans, keys, strict=True)
    )


def set_mentions(doc: Doc, mentions: Iterable[Mention]) -> None:
    """Replace the mentions of ``doc``, and with them its ``doc.ents`` of our types; entities of other types stay.

    Mentions must stand on token borders and not overlap each other; an entity of another component's type that
    overlaps one of them gives way.
    """
    ordered = sorted(mentions, key=lambda mention: mention.start)
    doc.user_data["kg_mentions"] = [_mention_row(mention) for mention in ordered]
    spans = [doc.char_span(m.start, m.end, label=m.type, alignment_mode="expand") for m in ordered]
    foreign = [span for span in doc.ents if span.label_ not in ENTITY_TYPES]
    ours = [span for span in spans if span is not None]
    if foreign:
        taken = {i for span in ours for i in range(span.start, span.end)}
        ours += [span for span in foreign if taken.isdisjoint(range(span.start, span.end))]
    doc.set_ents(filter_spans(ours))


def get_possible(doc: Doc) -> tuple[Mention, ...]:
    """Return what the recogniser found too improbable for a mention, but which may be a measure beside a figure."""
    return tuple(Mention(*row) for row in doc.user_data.get("kg_possible", ()))


def set_possible(doc: Doc, mentions: Iterable[Mention]) -> None:
    """Keep spans that may be mentions after all, with their probabilities as confidences."""
    doc.user_data["kg_possible"] = [_mention_row(mention) for mention in mentions]


def get_abbreviations(doc: Doc) -> tuple[Abbreviation, ...]:
    """Return the abbreviations that the document defines, in text order."""
    return tuple(Abbreviation(*row) for row in doc.user_data.get("kg_abbreviations", ()))


def set_abbreviations(doc: Doc, abbreviations: Iterable[Abbreviation]) -> None:
    """Replace the abbreviations of ``doc``."""
    doc.user_data["kg_abbreviations"] = [
        _abbreviation_row(pair) for pair in sorted(abbreviations, key=lambda pair: pair.start)
    ]


def get_role_scores(doc: Doc) -> list[list[float]] | None:
    """Return what the transformer says of the role of each token, shape (n_tokens, n_roles), if it read the text."""
    scores: list[list[float]] | None = doc.user_data.get("kg_role_scores")
    return scores


def set_role_scores(doc: Doc, scores: list[list[float]]) -> None:
    """Keep what the transformer says of the role of each token; see :data:`schemas.vocabulary.ROLES` for the order."""
    doc.user_data["kg_role_scores"] = scores


def get_entities(doc: Doc) -> tuple[DocumentEntity, ...]:
    """Return the document's entities, each with all its mentions, in the order of their first mentions."""
    return tuple(_entity(row) for row in doc.user_data.get("kg_entities", ()))


def _entity(row: Sequence[Any]) -> DocumentEntity:
    value = dict(zip(_ENTITY, row, strict=True))
    value["mentions"] = tuple(Mention(*mention) for mention in value["mentions"])
    value["evidence"] = None if value["evidence"] is None else tuple(value["evidence"])
    return DocumentEntity(**value)


def set_entities(doc: Doc, entities: Iterable[DocumentEntity]) -> None:
    """Replace the entities of ``doc``."""
    rows = []
    for entity in sorted(entities, key=lambda entity: entity.mentions[0].start):
        value = dict(zip(_ENTITY, _entity_row(entity), strict=True))
        value["mentions"] = [_mention_row(mention) for mention in entity.mentions]
        rows.append(tuple(value.values()))
    doc.user_data["kg_entities"] = rows


def get_results(doc: Doc) -> tuple[Result, ...]:
    """Return the results that the document reports, in text order."""
    return tuple(Result(**dict(zip(_RESULT, row, strict=True))) for row in doc.user_data.get("kg_results", ()))


def set_results(doc: Doc, results: Iterable[Result]) -> None:
    """Replace the results of ``doc``."""
    doc.user_data["kg_results"] = [_result_row(result) for result in results]


def _get_plain(doc: Doc) -> dict[str, Any]:
    parts: tuple[Iterable[Any], ...] = (get_mentions(doc), get_entities(doc), get_abbreviations(doc), get_results(doc))
    return {name: [asdict(record) for record in part] for name, part in zip(PARTS, parts, strict=True)}


def _set_plain(doc: Doc, value: Mapping[str, Any]) -> None:
    mentions, entities, abbreviations, results = (value.get(part, ()) for part in PARTS)
    set_mentions(doc, (Mention(**plain) for plain in mentions))
    set_entities(doc, (_entity_of(plain) for plain in entities))
    set_abbreviations(doc, (Abbreviation(**plain) for plain in abbreviations))
    set_results(doc, (Result(**plain) for plain in results))


def _entity_of(plain: Mapping[str, Any]) -> DocumentEntity:
    mentions = tuple(Mention(**mention) for mention in plain["mentions"])
    evidence = None if plain["evidence"] is None else (plain["evidence"][0], plain["evidence"][1])
    return DocumentEntity(**{**plain, "mentions": mentions, "evidence": evidence})


PARTS = ("mentions", "entities", "abbreviations", "results")  # of doc._.kg


def _of_type(doc: Doc, *, type_: str) -> tuple[DocumentEntity, ...]:
    return tuple(entity for entity in get_entities(doc) if entity.type == type_)


def register_extensions() -> None:
    """Register ``doc._.methods`` and so on for each entity type, ``doc._.abbreviations`` and ``doc._.results``.

    ``doc._.kg`` is all of these as plain values, for ``doc.to_json(underscore=["kg"])``; it can be set, which is what
    ``Doc.from_json`` does.
    """
    getters: dict[str, Callable[[Doc], object]] = {"abbreviations": get_abbreviations, "results": get_results}
    getters |= {row.plural: partial(_of_type, type_=row.name) for row in ENTITY_TYPES.values()}
    for name, getter in getters.items():
        Doc.set_extension(name, getter=getter, force=True)
    Doc.set_extension("kg", getter=_get_plain, setter=_set_plain, force=True)
