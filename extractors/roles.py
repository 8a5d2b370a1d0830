"""What a paper does with each entity that it names: ``kg_roles`` sets introduces, uses, compares or mentions.

A linear classifier over the features of :mod:`extractors.role_features`, trained on annotated abstracts by
``python -m extractors.training.roles``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from spacy.language import Language
from spacy.tokens import Doc

from extractors.document import get_entities, set_entities
from extractors.layout import Layout
from extractors.linear import LinearModel, load_models
from extractors.role_features import NOWHERE, Feature, features
from schemas.records import DocumentEntity

__all__ = ["RoleReader", "create_roles", "predict_roles"]


def predict_roles(doc: Doc, entities: Sequence[DocumentEntity], *, model: LinearModel) -> tuple[DocumentEntity, ...]:
    """Return ``entities`` with the role of each, how sure it is, and the sentence that says most for it.

    Parameters
    ----------
    doc
        With sentences; its title ends at the first line feed.
    entities
        All entities of the document: each also says something of the others. Their roles are not looked at.
    model
        Its labels are roles.

    Examples
    --------
    >>> import spacy
    >>> from schemas.records import Mention
    >>> nlp = spacy.blank("en")
    >>> _ = nlp.add_pipe("kg_sentences")
    >>> bert = Mention(12, 16, "BERT", "Model")
    >>> entity = DocumentEntity(name="BERT", type="Model", role="mentions", mentions=(bert,))
    >>> model = LinearModel(("uses", "mentions"), {"left=we use": (2, 0)})
    >>> [entity] = predict_roles(nlp("On X\\nWe use BERT."), [entity], model=model)
    >>> entity.role, round(entity.role_confidence, 2), entity.evidence
    ('uses', 0.88, (5, 17))
    """
    layout = Layout(doc, entities)
    return tuple(_with_role(layout, index, model) for index in range(len(entities)))


def _with_role(layout: Layout, index: int, model: LinearModel) -> DocumentEntity:
    found = list(features(layout, index))
    role, confidence = model.classify(feature.name for feature in found)
    evidence = _evidence(layout, index, found, model, role)
    return replace(layout.entities[index], role=role, role_confidence=confidence, evidence=evidence)


def _evidence(
    layout: Layout, index: int, found: Sequence[Feature], model: LinearModel, role: str
) -> tuple[int, int] | None:
    """The sentence whose features say most for ``role``; of equals the first."""
    numbers = sorted({place.sentence for place in layout.places[index]})
    if not numbers:  # its mentions lie inside those of others
        return None
    support = dict.fromkeys(numbers, 0.0)
    if len(numbers) > 1:
        seen = sorted({feature for feature in found if feature.sentence != NOWHERE})
        weights = model.weights([feature.name for feature in seen], role)  # they sum to 0 over the roles
        for feature, weight in zip(seen, weights.tolist(), strict=True):
            support[feature.sentence] += weight
    best = layout.sentences[max(numbers, key=support.__getitem__)]
    return best.start, best.end


class RoleReader:
    """The component around :func:`predict_roles`."""

    def __init__(self, model: LinearModel) -> None:
        self.model = model

    def __call__(self, doc: Doc) -> Doc:
        """Set the role of each entity of ``doc``."""
        entities = get_entities(doc)
        if entities:
            set_entities(doc, predict_roles(doc, entities, model=self.model))
        return doc


@Language.factory("kg_roles", default_config={"model": "en"}, requires=["doc.sents"])
def create_roles(nlp: Language, name: str, model: str) -> RoleReader:
    """Return the component ``kg_roles`` with the shipped classifier of the pipeline ``model``."""
    return RoleReader(load_models(model, "roles")["roles"])
