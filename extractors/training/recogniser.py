"""Training of the recogniser: fit a network, teach it by others, calibrate it on documents that it has not seen."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.tokens import Doc
from thinc.api import Adam, fix_random_seed, set_dropout_rate

from extractors.crf import TAGS, encode_spans, gradients, tag_probabilities
from extractors.network import (
    FeatureExtractor,
    Network,
    NetworkSettings,
    build_network,
    get_weights,
    one_thread,
    set_weights,
)
from extractors.recogniser import Recogniser
from extractors.training.gold import GoldDocument, token_spans
from extractors.vectors import WordVectors
from schemas.vocabulary import ENTITY_TYPES

__all__ = [
    "Example",
    "Schedule",
    "calibration_error",
    "fit",
    "fit_calibration",
    "fit_line",
    "gold_examples",
    "scored_candidates",
    "taught_examples",
]

Candidate = tuple[float, bool, str]  # probability, whether it is right, type
UNCALIBRATED = {type_: [1.0, 0.0] for type_ in ENTITY_TYPES}
_TRANSITIONS = (0, "transitions")  # their name among the optimizer's parameters


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how hard to train."""

    epochs: int
    batch: int = 8  # documents
    learn_rate: float = 0.002  # the highest, after the warm-up; falls to 2 % of it along a straight line
    warm_up: int = 200  # batches
    dropout: float = 0.2
    weight_decay: float = 0.01
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Example:
    """A document as the network sees it, and the wanted probabilities of the tags, shape (n_tokens, n_tags)."""

    ids: npt.NDArray[np.uint64]
    wanted: npt.NDArray[np.float16]


def gold_examples(documents: Iterable[GoldDocument], extract_features: FeatureExtractor) -> list[Example]:
    """Return the annotated documents as examples; mentions off the token borders are left out."""
    one_hot = np.eye(len(TAGS), dtype=np.float16)
    return [Example(extract_features(d.doc), one_hot[encode_spans(token_spans(d), len(d.doc))]) for d in documents]


def taught_examples(docs: Iterable[Doc], teachers: Sequence[Recogniser]) -> list[Example]:
    """Return documents that nobody has annotated, with what ``teachers`` of the same features believe of them."""
    examples = []
    for doc in docs:
        beliefs = [tag_probabilities(teacher.emissions(doc), teacher.arrays["transitions"]) for teacher in teachers]
        examples.append(Example(teachers[0].extract_features(doc), np.mean(beliefs, axis=0).astype(np.float16)))
    return examples


def fit(
    examples: Sequence[Example],
    sizes: NetworkSettings,
    schedule: Schedule,
    *,
    vectors: WordVectors | None = None,
    start: Recogniser | None = None,
    report: Callable[[str], None] = print,
) -> Recogniser:
    """Return a recogniser, uncalibrated, with weights averaged over the training steps (Ruppert 1988).

    Parameters
    ----------
    start
        A recogniser of the same sizes to go on from; it stays as it is.
    """
    fix_random_seed(schedule.seed)
    order = random.Random(schedule.seed)
    network = build_network(sizes, vectors)
    network.initialize(X=[examples[0].ids])
    transitions = np.zeros((len(TAGS), len(TAGS)), dtype=np.float32)
    if start is not None:
        set_weights(network, {name: array.copy() for name, array in start.arrays.items()})  # it keeps its own
        transitions = start.arrays["transitions"].copy()
    set_dropout_rate(network, schedule.dropout)
    optimizer = Adam(0.0, L2=schedule.weight_decay, L2_is_weight_decay=True, grad_clip=1.0, use_averages=True)
    shuffled, step = list(examples), 0
    n_steps = schedule.epochs * math.ceil(len(shuffled) / schedule.batch)
    for epoch in range(schedule.epochs):
        order.shuffle(shuffled)
        loss = 0.0
        for first in range(0, len(shuffled), schedule.batch):
            optimizer.learn_rate = _learn_rate(schedule, step, n_steps)
            step += 1
            with one_thread():
                batch_loss, d_transitions = _backpropagate(
                    network, shuffled[first : first + schedule.batch], transitions
                )
                network.finish_update(optimizer)
                transitions, _ = optimizer(_TRANSITIONS, transitions, d_transitions)
            loss += batch_loss
        report(f"  epoch {epoch + 1:2} of {schedule.epochs}: loss {loss / len(shuffled):.2f} a document")
    with network.use_params(optimizer.averages):
        arrays: dict[str, Any] = {key: value.copy() for key, value in get_weights(network).items()}
    arrays["transitions"] = optimizer.averages[_TRANSITIONS]
    arrays |= vectors.to_arrays() if vectors is not None else {}
    return Recogniser({"network": asdict(sizes), "calibration": UNCALIBRATED, "threshold": 0.5}, arrays)


def _backpropagate(
    network: Network, batch: Sequence[Example], transitions: npt.NDArray[np.float32]
) -> tuple[float, npt.NDArray[np.float32]]:
    """Add the gradients of ``batch`` to the network's; return the loss and the gradient of the transitions."""
    scores, backpropagate = network.begin_update([example.ids for example in batch])
    pairs = zip(scores, batch, strict=True)
    parts = [gradients(own, example.wanted.astype(float), transitions) for own, example in pairs]
    backpropagate([(d_scores / len(batch)).astype(np.float32) for _, d_scores, _ in parts])
    return sum(loss for loss, _, _ in parts), np.mean([part[2] for part in parts], axis=0).astype(np.float32)


def _learn_rate(schedule: Schedule, step: int, n_steps: int) -> float:
    return schedule.learn_rate * min(1.0, (step + 1) / schedule.warm_up) * max(0.02, 1 - step / n_steps)


def scored_candidates(recogniser: Recogniser, documents: Iterable[GoldDocument]) -> list[Candidate]:
    """Return every span that the recogniser considers in ``documents``, with whether it is right."""
    candidates = []
    for document in documents:
        wanted = set(token_spans(document))
        for span in recogniser.read(document.doc).spans:
            candidates.append((span.probability, span[:3] in wanted, span.type))
    return candidates


def fit_line(probabilities: Sequence[float], right: Sequence[bool]) -> list[float]:
    """Return slope and offset of the line over log-odds under which ``right`` is most likely (Platt 1999), by Newton.

    >>> fit_line([0.9, 0.9, 0.1, 0.1], [True, False, True, False])
    [0.0, 0.0]
    """
    clipped = np.clip(np.asarray(probabilities, dtype=np.float64), 1e-9, 1 - 1e-9)
    x = np.stack([np.log(clipped / (1 - clipped)), np.ones(len(clipped))], axis=1)
    y, line = np.asarray(right, dtype=np.float64), np.zeros(2)
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ line))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(2)
        step = np.linalg.solve(hessian, x.T @ (p - y))
        line -= step / max(1.0, float(np.abs(step).max()))  # shortened, or it may overshoot and diverge
    return [round(float(value), 4) + 0.0 for value in line]


def fit_calibration(candidates: Sequence[Candidate]) -> dict[str, list[float]]:
    """Return the line of each type, of those that are seen at least 50 times; the others keep what they have."""
    lines = dict(UNCALIBRATED)
    for type_ in ENTITY_TYPES:
        own = [candidate for candidate in candidates if candidate[2] == type_]
        if len(own) >= 50:
            lines[type_] = fit_line([p for p, _, _ in own], [is_right for _, is_right, _ in own])
    return lines


def calibration_error(confidences: Sequence[float], right: Sequence[bool], *, bins: int = 10) -> float:
    """Return the expected calibration error: mean distance of confidence and accuracy over bins of equal width.

    >>> calibration_error([0.9, 0.9, 0.9, 0.9], [True, True, True, False])
    0.15
    """
    values, hits = np.asarray(confidences), np.asarray(right, dtype=np.float64)
    places = np.minimum((values * bins).astype(int), bins - 1)
    gaps = [abs((values[places == b] - hits[places == b]).sum()) for b in range(bins)]
    return round(float(sum(gaps)) / max(1, len(values)), 6)
