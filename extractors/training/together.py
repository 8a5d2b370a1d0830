"""The transformer and the fast network, each taught by both: they err differently, and learn from the other's view.

A transformer is trained on the annotated documents; what it and the network believe of abstracts without annotation, on
average, is what it then learns (Hinton et al. 2015; Blum and Mitchell 1998), and once more from its better beliefs of
others. The network learns all of these. Last, the transformer is quantised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from spacy.tokens import Doc

from extractors.crf import TAGS, encode_spans, tag_probabilities
from extractors.pieces import Pieces
from extractors.recogniser import Recogniser
from extractors.training.encoder import Sizes
from extractors.training.gold import GoldDocument, token_spans
from extractors.training.pretrained import load_pretrained
from extractors.training.quantise import quantised, traced
from extractors.training.recogniser import UNCALIBRATED, Example
from extractors.training.transformer import Reader, RoleSpans, Schedule, Text, Trained, beliefs, blank_tagger, fit
from extractors.vectors import WordVectors
from schemas.vocabulary import ROLES

__all__ = ["gold_text", "settings_of", "table_sizes", "teach_each_other"]

ALONE = Schedule(epochs=8)  # a transformer on annotated documents
ROUNDS = (  # from that one on: abstracts that both models have read, and how often annotated documents are among them
    (10_000, 2, Schedule(epochs=1, learn_rate=1e-4)),
    (7_000, 1, Schedule(epochs=1, learn_rate=8e-5)),
)
THRESHOLD = 0.5  # of confidence: F1 of the pipeline on the development documents is 0.784 here, 0.776 at 0.4
SENSITIVE = ("tags", "roles")  # layers that are not quantised


def teach_each_other(
    network: Recogniser,
    train: Sequence[GoldDocument],
    chosen: Sequence[str],
    texts: Sequence[str],
    nlp: Language,
    fit_network: Callable[[Sequence[Example]], Recogniser],
) -> Recogniser:
    """Return a network and a transformer that have learned from each other, uncalibrated.

    Parameters
    ----------
    network
        Trained already, with word vectors.
    train
        Annotated documents.
    chosen, texts
        Abstracts without annotation: those to be taught on, and all whose word pieces are kept.
    fit_network
        Trains a network of the same features on taught examples.
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

    trained, docs, wanted = alone, list(map(nlp.make_doc, chosen)), list[npt.NDArray[np.float16]]()
    for size, gold_times, schedule in ROUNDS:
        print("9. What it and the network together say of abstracts without annotation")
        some = docs[len(wanted) :][:size]
        beliefs_ = list(believed(some, reader, trained, network))
        print("10. The transformer that learns it")
        taught = [reader.text(doc, own) for doc, own in zip(some, beliefs_, strict=True)]
        trained = fit([*taught, *gold * gold_times], reader, trained, schedule)
        wanted += beliefs_
    model = quantised(traced(trained.tagger), keep=SENSITIVE)

    print("11. The network that learns it")
    examples = [Example(network.extract_features(doc), own) for doc, own in zip(docs, wanted, strict=False)]
    fast = fit_network(examples)
    return Recogniser(fast.settings, fast.arrays, (model, settings_of(trained, pretrained.vocabulary, rows)))


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


def believed(
    docs: Iterable[Doc], reader: Reader, trained: Trained, network: Recogniser
) -> Iterator[npt.NDArray[np.float16]]:
    """Yield for each document the mean of what both models believe of its tags, shape (n_tokens, n_tags)."""
    for doc in docs:
        [seen] = beliefs(trained, reader, [reader.text(doc)])  # of a very long one, the beginning
        both = tag_probabilities(network.emissions(doc), network.arrays["transitions"])
        both[: len(seen)] = (both[: len(seen)] + seen) / 2
        yield both.astype(np.float16)


def settings_of(trained: Trained, vocabulary: Sequence[str], rows: Sequence[int]) -> dict[str, Any]:
    """Return what goes beside the ONNX file, uncalibrated."""
    return {
        "threshold": THRESHOLD,
        "calibration": dict(UNCALIBRATED),
        "rows": list(rows),
        "transitions": [[round(float(value), 4) for value in row] for row in trained.transitions],
        "vocabulary": list(vocabulary),
    }
