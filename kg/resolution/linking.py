"""What one paper says, in terms of shared entities: its links and its results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

from kg.names import key, normal_form
from schemas.records import DocumentEntity, Extraction, Link, Mention, ReportedResult, Result
from schemas.text import fold
from schemas.vocabulary import strongest

__all__ = ["link_entities", "link_results"]

# The fields of a result that name entities, with the types that are looked for first.
NAMED_FIELDS = {
    "subject": ("Model", "Method"),
    "metric": ("Metric",),
    "dataset": ("Dataset",),
    "task": ("Task",),
    "baseline": ("Model", "Method"),
}
RESULT_FIELDS = tuple(field.name for field in fields(Result))


def link_entities(extraction: Extraction, entity_ids: Sequence[str | None]) -> list[Link]:
    """Return one link for each entity of a paper, in the order of ids.

    Where several entities of the paper are one, the link has all their mentions, the strongest role with its own
    evidence, and the highest confidence: the extractor saw one text each time, so that the confidences are no
    independent evidence that could be combined.

    Parameters
    ----------
    entity_ids
        For each of ``extraction.entities`` the id of the shared entity, None where it is to have no link.
    """
    groups: dict[str, list[DocumentEntity]] = defaultdict(list)
    for entity, id_ in zip(extraction.entities, entity_ids, strict=True):
        if id_ is not None:
            groups[id_].append(entity)
    return [_link(extraction.paper_id, id_, entities) for id_, entities in sorted(groups.items())]


def _link(paper_id: str, entity_id: str, entities: Sequence[DocumentEntity]) -> Link:
    role = strongest(*(entity.role for entity in entities))
    telling = max((entity for entity in entities if entity.role == role), key=lambda entity: entity.role_confidence)
    mentions = {mention for entity in entities for mention in entity.mentions}
    return Link(
        paper_id=paper_id,
        entity_id=entity_id,
        role=role,
        confidence=max(entity.confidence for entity in entities),
        role_confidence=telling.role_confidence,
        mentions=tuple(sorted(mentions, key=_place)),
        evidence=telling.evidence,
    )


def _place(mention: Mention) -> tuple[int, int, str, str, float]:
    return mention.start, mention.end, mention.type, mention.text, mention.confidence


def _exact(name: str) -> str:
    return name


def _form(name: str) -> str:
    return key(normal_form(name))


GRAINS: tuple[Callable[[str], str], ...] = (_exact, fold, _form)  # the finest that knows a name decides


class _Names:
    """The names of one paper, and the shared entities that it means by them."""

    def __init__(self, extraction: Extraction, entity_ids: Sequence[str | None]) -> None:
        self._ids: list[dict[str, dict[str, str]]] = [{} for _ in GRAINS]  # grain -> name -> type -> entity id
        for entity, id_ in zip(extraction.entities, entity_ids, strict=True):
            if id_ is not None:
                for surface in (entity.name, *(mention.text for mention in entity.mentions)):
                    for ids, grain in zip(self._ids, GRAINS, strict=True):
                        ids.setdefault(grain(surface), {}).setdefault(entity.type, id_)

    def find(self, name: str | None, types: Sequence[str]) -> str | None:
        for ids, grain in zip(self._ids, GRAINS, strict=True):
            if name and (found := ids.get(grain(name))):
                return next((found[type_] for type_ in types if type_ in found), None) or next(iter(found.values()))
        return None


def link_results(extraction: Extraction, entity_ids: Sequence[str | None]) -> list[ReportedResult]:
    """Return the results of a paper in their order, each name with the entity that the paper means by it.

    A name is looked up among the paper's own entities: as it is written, then by :func:`schemas.text.fold`, then by its
    normal form; of several entities of one name, the one whose type fits the field.
    """
    if not extraction.results:
        return []
    names = _Names(extraction, entity_ids)
    reported = []
    for number, result in enumerate(extraction.results, start=1):
        ids: dict[str, Any] = {
            f"{field}_id": names.find(getattr(result, field), types) for field, types in NAMED_FIELDS.items()
        }
        values = {name: getattr(result, name) for name in RESULT_FIELDS}
        id_ = f"{extraction.paper_id}#result-{number}"
        reported.append(ReportedResult(**values, **ids, id=id_, paper_id=extraction.paper_id))
    return reported
