"""Training of the recogniser: fit a network, calibrate it on documents that it has not seen, say how good it is."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
from thinc.api import Adam, fix_random_seed, set_dropout_rate

from extractors.crf import TAGS, batch_gradients, encode_spans
from extractors.entities import Recogniser
from extractors.network import FeatureExtractor, NetworkSettings, build_network, get_weights
from extractors.training.gold import GoldDocument, token_spans
from schemas.vocabulary import ENTITY_TYPES

__all__ = ["Schedule", "calibration_error", "fit", "fit_calibration", "fit_line", "scored_candidates"]

Candidate = tuple[float, bool, str]  # probability, whether it is right, type
UNCALIBRATED = {type_: [1.0, 0.0] for type_ in ENTITY_TYPES}


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how hard to train."""

    epochs: int = 8
    batch: int = 8  # documents
    learn_rate: float = 0.002  # the highest, after the warm-up; falls to 2 % of it along a straight line
    warm_up: int = 200  # batches
    dropout: float = 0.2
    word_dropout: float = 0.0  # share of tokens whose word is hidden, so that affixes, shape and context must do
    weight_decay: float = 0.01
    seed: int = 0


def _hide_words(ids: npt.NDArray[np.uint64], share: float, generator: np.random.Generator) -> npt.NDArray[np.uint64]:
    """The first feature, the word itself, becomes that of the unknown word for a share of the tokens."""
    if not share:
        return ids
    hidden = ids.copy()
    hidden[generator.random(len(ids)) < share, 0] = 0
    return hidden


def fit(
    documents: Sequence[GoldDocument],
    sizes: NetworkSettings,
    schedule: Schedule,
    *,
    report: Callable[[str], None] = print,
) -> Recogniser:
    """Return a recogniser, uncalibrated, with weights averaged over the training steps (Ruppert 1988)."""
    fix_random_seed(schedule.seed)
    order, generator = random.Random(schedule.seed), np.random.default_rng(schedule.seed)
    extract = FeatureExtractor(list(sizes.rows))
    pairs = [(extract(d.doc), encode_spans(token_spans(d), len(d.doc))) for d in documents]
    network = build_network(sizes)
    network.initialize(X=[pairs[0][0]])
    set_dropout_rate(network, schedule.dropout)
    optimizer = Adam(
        schedule.learn_rate, L2=schedule.weight_decay, L2_is_weight_decay=True, grad_clip=1.0, use_averages=True
    )
    transitions = np.zeros((len(TAGS), len(TAGS)), dtype=np.float32)
    n_steps, step = schedule.epochs * math.ceil(len(pairs) / schedule.batch), 0
    for epoch in range(schedule.epochs):
        order.shuffle(pairs)
        loss = 0.0
        for first in range(0, len(pairs), schedule.batch):
            optimizer.learn_rate = schedule.learn_rate * min(1.0, (step + 1) / schedule.warm_up)
            optimizer.learn_rate *= max(0.02, 1 - step / n_steps)
            step += 1
            batch = pairs[first : first + schedule.batch]
            scores, backpropagate = network.begin_update(
                [_hide_words(ids, schedule.word_dropout, generator) for ids, _ in batch]
            )
            batch_loss, d_scores, d_transitions = batch_gradients(
                scores, [tags for _, tags in batch], transitions.astype(np.float64)
            )
            backpropagate([gradient / len(batch) for gradient in d_scores])
            network.finish_update(optimizer)
            transitions, _ = optimizer((0, "transitions"), transitions, (d_transitions / len(batch)).astype(np.float32))
            loss += batch_loss
        report(f"  epoch {epoch + 1:2} of {schedule.epochs}: loss {loss / len(pairs):.2f} a document")
    with network.use_params(optimizer.averages):
        arrays = {key: value.copy() for key, value in get_weights(network).items()}
    arrays["transitions"] = optimizer.averages[(0, "transitions")]
    return Recogniser({"network": asdict(sizes), "calibration": UNCALIBRATED, "threshold": 0.5}, arrays)


def scored_candidates(recogniser: Recogniser, documents: Iterable[GoldDocument]) -> list[Candidate]:
    """Return every span that the recogniser considers in ``documents``, with whether it is right."""
    candidates = []
    for document in documents:
        wanted = set(token_spans(document))
        for span in recogniser.score(document.doc):
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
