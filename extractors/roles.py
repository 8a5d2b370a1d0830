"""What a paper does with each entity that it names: ``kg_roles`` sets introduces, uses, compares or mentions.

A linear classifier over the features of :mod:`extractors.role_features`, trained on annotated abstracts by
``python -m extractors.training.roles``, and, where a transformer has read the text, what it says of the words of the
entity's names: the scores of both are added with weights learned on documents that neither had seen (logistic
regression over the scores of models, "stacking", Wolpert 1992).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from spacy.tokens import Doc

from extractors.document import get_entities, get_role_scores, set_entities
from extractors.layout import Layout
from extractors.linear import LinearModel, load_models, load_settings
from extractors.role_features import NOWHERE, Feature, features
from schemas.records import DocumentEntity

__all__ = ["Blend", "RoleReader", "create_roles", "predict_roles", "word_opinion"]

Floats = npt.NDArray[np.float64]


class Blend(NamedTuple):
    """Weights of the two scores of each role, for entities of which the transformer has an opinion."""

    linear: float
    transformer: float


def predict_roles(
    doc: Doc, entities: Sequence[DocumentEntity], *, model: LinearModel, blend: Blend | None = None
) -> tuple[DocumentEntity, ...]:
    """Return ``entities`` with the role of each, how sure it is, and the sentence that says most for it.

    Parameters
    ----------
    doc
        With sentences; its title ends at the first line feed.
    entities
        All entities of the document: each also says something of the others. Their roles are not looked at.
    model
        Its labels are roles.
    blend
        How to add what the transformer says, if it has read the text and is to be heard.

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
    layout, words = Layout(doc, entities), get_role_scores(doc)
    table = None if words is None else np.array(words)
    spoken = [None if table is None else word_opinion(doc, entity, table) for entity in entities]
    return tuple(_with_role(layout, index, model, spoken[index], blend) for index in range(len(entities)))


def word_opinion(doc: Doc, entity: DocumentEntity, words: npt.NDArray[np.floating[Any]]) -> Floats | None:
    """Return the scores of roles that the words of an entity's mentions have on average, shape (n_roles,).

    Parameters
    ----------
    words : array of shape (n_tokens, n_roles)
        Of each token of ``doc``.
    """
    spans = [doc.char_span(m.start, m.end, alignment_mode="expand") for m in entity.mentions]
    own = [i for span in spans if span is not None for i in range(span.start, span.end)]
    return words[own].sum(axis=0, dtype=np.float64) / len(own) if own else None


def _with_role(
    layout: Layout, index: int, model: LinearModel, opinion: Floats | None, blend: Blend | None
) -> DocumentEntity:
    found = list(features(layout, index))
    scores = model.scores([feature.name for feature in found])
    if opinion is not None and blend is not None:
        scores = blend.linear * scores + blend.transformer * opinion
    chances = np.exp(scores - scores.max())
    best = int(chances.argmax())
    role, confidence = model.labels[best], float(chances[best] / chances.sum())
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

    def __init__(self, model: LinearModel, blend: Blend | None = None) -> None:
        self.model = model
        self.blend = blend

    def __call__(self, doc: Doc) -> Doc:
        """Set the role of each entity of ``doc``."""
        entities = get_entities(doc)
        if entities:
            set_entities(doc, predict_roles(doc, entities, model=self.model, blend=self.blend))
        return doc


@Language.factory(
    "kg_roles",
    default_config={"model": "en"},
    requires=["doc.sents", "doc._.models"],
    assigns=["doc._.models"],
)
def create_roles(nlp: Language, name: str, model: str) -> RoleReader:
    """Return the component ``kg_roles`` with the shipped classifier of the pipeline ``model``."""
    blend = load_settings(model, "roles").get("blend")
    return RoleReader(load_models(model, "roles")["roles"], None if blend is None else Blend(*blend))
