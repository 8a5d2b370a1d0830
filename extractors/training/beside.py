"""From the fast recogniser to the whole one: a transformer is trained, taught, quantised and set beside the network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from extractors.crf import TAGS, encode_spans, tag_probabilities
from extractors.pieces import Pieces
from extractors.recogniser import Recogniser
from extractors.training.encoder import Sizes
from extractors.training.gold import GoldDocument, token_spans
from extractors.training.pretrained import load_pretrained
from extractors.training.quantise import quantised, traced
from extractors.training.recogniser import UNCALIBRATED, fit_calibration, scored_candidates
from extractors.training.transformer import Reader, RoleSpans, Schedule, Text, Trained, beliefs, blank_tagger, fit
from extractors.vectors import WordVectors
from schemas.vocabulary import ROLES

__all__ = ["settings_of", "train_transformer"]

ALONE = Schedule(epochs=8)  # on annotated documents
TAUGHT = Schedule(epochs=1, learn_rate=1e-4)  # the transformer that is shipped, from that one on
N_TAUGHT = 8_000  # abstracts that both models have read
GOLD_TIMES = 2  # that the annotated documents are among them
SHARE = 0.5  # of the transformer in the sum of scores
THRESHOLD = 0.4  # of confidence
SENSITIVE = ("tags", "roles")  # layers that are not quantised


def train_transformer(
    network: Recogniser,
    train: Sequence[GoldDocument],
    held_out: Sequence[GoldDocument],
    chosen: Sequence[str],
    texts: Sequence[str],
    nlp: Language,
) -> Recogniser:
    """Return ``network`` with a transformer beside it.

    Parameters
    ----------
    train, held_out
        Annotated documents to learn from, and to calibrate by.
    chosen, texts
        Abstracts without annotation: those to be taught on, and all whose word pieces are kept.
    """
    print("7. MiniLM, with the word pieces of the abstracts")
    pretrained = load_pretrained(texts)
    rows = table_sizes(network)
    vectors = WordVectors.from_arrays(network.arrays)
    reader = Reader(Pieces(pretrained.vocabulary), network.extract_features, rows, vectors.table())
    gold = [gold_text(reader, document) for document in train]

    print("8. A transformer on the annotated documents")
    sizes = Sizes(len(pretrained.vocabulary), tuple(rows), tags=len(TAGS), roles=len(ROLES))
    alone = fit(gold, reader, blank_tagger(pretrained, sizes), ALONE)

    print("9. What it and the network together say of abstracts without annotation")
    taught = taught_texts(map(nlp.make_doc, chosen[:N_TAUGHT]), reader, alone, network)

    print("10. The transformer that learns it")
    trained = fit([*taught, *gold * GOLD_TIMES], reader, alone, TAUGHT)

    print("11. In eight bits, and how far the probabilities of both together can be believed")
    model = quantised(traced(trained.tagger), keep=SENSITIVE)
    shipped = Recogniser(network.settings, network.arrays, (model, settings_of(trained, pretrained.vocabulary, rows)))
    shipped.deciding["calibration"] = fit_calibration(scored_candidates(shipped, held_out))
    return shipped


def table_sizes(network: Recogniser) -> list[int]:
    """Return the sizes of the tables of features: those of the network, and that of the place, which is 1 or 2."""
    return [*network.settings["network"]["rows"].values(), 4]


def gold_text(reader: Reader, document: GoldDocument) -> Text:
    """Return an annotated document as a text, with its tags and the roles of its entities."""
    wanted = np.eye(len(TAGS), dtype=np.float16)[encode_spans(token_spans(document), len(document.doc))]
    return reader.text(document.doc, wanted, _role_words(document))


def _role_words(document: GoldDocument) -> RoleSpans:
    roles, order = [], list(ROLES)
    for mentions, role in document.roles:
        spans = [document.doc.char_span(start, end) for start, end, _ in mentions]
        words = [token.i for span in spans if span is not None for token in span]
        if words:
            roles.append((words, order.index(role)))
    return roles


def taught_texts(docs: Iterable[Doc], reader: Reader, trained: Trained, network: Recogniser) -> list[Text]:
    """Return documents that nobody has annotated, with the mean of what both models believe of their tags."""
    texts = []
    for doc in docs:
        [seen] = beliefs(trained, reader, [reader.text(doc)])  # of a very long one, the beginning
        other = tag_probabilities(network.emissions(doc), network.arrays["transitions"])
        other[: len(seen)] = (other[: len(seen)] + seen) / 2
        texts.append(reader.text(doc, other.astype(np.float16)))
    return texts


def settings_of(trained: Trained, vocabulary: Sequence[str], rows: Sequence[int]) -> dict[str, Any]:
    """Return what goes beside the ONNX file, uncalibrated."""
    return {
        "share": SHARE,
        "threshold": THRESHOLD,
        "calibration": dict(UNCALIBRATED),
        "rows": list(rows),
        "transitions": [[round(float(value), 4) for value in row] for row in trained.transitions],
        "vocabulary": list(vocabulary),
    }
