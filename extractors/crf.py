"""A linear-chain conditional random field over BILUO tags: training gradients, span probabilities, decoding.

Every row of tags says of each type ``B`` (first token of a name), ``I`` (inside), ``L`` (last), ``U`` (the only one),
and of all others ``O``. Transitions that would make an ill-formed span have weight 0, so that none can come out, and
the probability of a span is a sum over all ways of tagging the rest of the text (Lafferty et al. 2001; forward-backward
with scaling as in Rabiner 1989). Plain numpy in float64, one document at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.vocabulary import OWN_TYPES

__all__ = [
    "TAGS",
    "TYPES",
    "ScoredSpan",
    "decode",
    "encode_spans",
    "gradients",
    "masks",
    "span_probabilities",
    "tag_probabilities",
    "tags_of",
]

Floats = npt.NDArray[np.float64]
AnyFloats = npt.NDArray[np.floating[Any]]

TYPES = OWN_TYPES


def tags_of(types: Sequence[str]) -> tuple[str, ...]:
    """Return the tags of entity types: ``O`` and four of each.

    >>> tags_of(["Task"])
    ('O', 'B-Task', 'I-Task', 'L-Task', 'U-Task')
    """
    return ("O", *(f"{prefix}-{type_}" for type_ in types for prefix in "BILU"))


TAGS = tags_of(TYPES)
_SCALED_EVERY = 8  # tokens: the product of as many of the smallest potentials is far from underflow
_MAX_GAP = (
    60.0  # emissions further below their row's best are raised to it: exp(-60) is zero enough and never underflows
)


class ScoredSpan(NamedTuple):
    """A span of tokens ``[start, end)`` with its type and probability."""

    start: int
    end: int
    type: str
    probability: float


def _tag(prefix: str, type_index: int) -> int:
    return 1 + 4 * type_index + "BILU".index(prefix)


@cache
def masks(n_tags: int) -> tuple[Floats, Floats, Floats]:
    """Allowed transitions, first tags and last tags, as 0 and 1."""
    prefixes = "O" + "BILU" * (n_tags // 4)
    closed = np.array([prefix in "OLU" for prefix in prefixes])
    opening = np.array([prefix in "OBU" for prefix in prefixes])
    allowed = np.outer(closed, opening).astype(np.float64)
    for k in range(n_tags // 4):
        for left in "BI":
            for right in "IL":
                allowed[_tag(left, k), _tag(right, k)] = 1.0
    return allowed, opening.astype(np.float64), closed.astype(np.float64)


def encode_spans(
    spans: Iterable[tuple[int, int, str]], length: int, types: Sequence[str] = TYPES
) -> npt.NDArray[np.int64]:
    """Return the row of tags for spans ``(start, end, type)`` of tokens, which must not overlap.

    >>> [TAGS[tag] for tag in encode_spans([(0, 1, "Model"), (2, 4, "Task")], 5)]
    ['U-Model', 'O', 'B-Task', 'L-Task', 'O']
    """
    tags = np.zeros(length, dtype=np.int64)
    for start, end, type_ in spans:
        k = types.index(type_)
        if end - start == 1:
            tags[start] = _tag("U", k)
        else:
            tags[start] = _tag("B", k)
            tags[start + 1 : end - 1] = _tag("I", k)
            tags[end - 1] = _tag("L", k)
    return tags


class _Lattice(NamedTuple):
    """Scaled forward and backward weights of one document, ``(n_tokens, n_tags)``, and what they were made of."""

    psi: Floats
    weights: Floats  # of transitions, (n_tags, n_tags)
    alpha: Floats
    beta: Floats
    scale: Floats  # (n_tokens,)
    last: Floats  # (n_tags,), 1 for the tags that may come last


def _potentials(scores: Floats) -> Floats:
    potentials: Floats = np.exp(np.maximum(scores - scores.max(axis=-1, keepdims=True), -_MAX_GAP))
    return potentials


def _go(row: Floats, steps: list[Floats], rows: list[Floats]) -> None:
    """Put into ``rows`` what becomes of ``row`` step by step: one product each, scaled only now and then."""
    for start in range(0, len(steps), _SCALED_EVERY):
        part = slice(start, start + _SCALED_EVERY)
        for step, out in zip(steps[part], rows[part], strict=True):
            row = row.dot(step, out)  # half the overhead of np.dot
        row /= row.sum()


def _lattice(scores: AnyFloats, transitions: AnyFloats) -> _Lattice:
    psi = _potentials(scores.astype(np.float64))
    allowed, first, last = masks(psi.shape[1])
    weights = np.exp(transitions.astype(np.float64)) * allowed
    steps = list((weights * psi[:, None, :])[1:])  # from each tag to each of the next token
    alpha, beta = np.empty_like(psi), np.empty_like(psi)
    alpha[0], beta[-1] = first * psi[0], last
    _go(alpha[0], steps, list(alpha[1:]))
    _go(beta[-1], [step.T for step in reversed(steps)], list(beta[-2::-1]))
    alpha /= alpha.sum(axis=1, keepdims=True)
    beta /= (alpha * beta).sum(axis=1, keepdims=True)
    scale = np.array([(first * psi[0]).sum(), *((alpha[:-1] @ weights) * psi[1:]).sum(axis=1)])
    return _Lattice(psi, weights, alpha, beta, scale, last)


def span_probabilities(
    scores: AnyFloats, transitions: AnyFloats, *, floor: float = 0.05, types: Sequence[str] = TYPES
) -> list[ScoredSpan]:
    """Return every span whose probability is at least ``floor``; their types and borders may conflict.

    Parameters
    ----------
    scores : array of shape (n_tokens, n_tags)
        Emission scores, any real numbers.
    transitions : array of shape (n_tags, n_tags)
        Scores of going from one tag to the next; those that make ill-formed spans are ignored.
    floor : float
        In (0, 1]: smaller is slower.
    types
        Of entities, in the order of the tags.

    Examples
    --------
    >>> scores = np.zeros((2, len(TAGS)))
    >>> scores[0, TAGS.index("U-Model")] = 9.0
    >>> [(span.start, span.end, span.type) for span in span_probabilities(scores, np.zeros((21, 21)), floor=0.5)]
    [(0, 1, 'Model')]
    """
    if not len(scores):
        return []
    lattice = _lattice(scores, transitions)
    marginals = lattice.alpha * lattice.beta
    spans = []
    for k, type_ in enumerate(types):
        alone, begin = _tag("U", k), _tag("B", k)
        for start in np.flatnonzero(marginals[:, alone] >= floor):
            spans.append(ScoredSpan(int(start), int(start) + 1, type_, float(marginals[start, alone])))
        for start in np.flatnonzero(marginals[:, begin] >= floor):
            longer = _longer_spans(lattice, k, int(start), floor)
            spans.extend(ScoredSpan(begin, end, type_, probability) for begin, end, probability in longer)
    return sorted(spans)


def _longer_spans(lattice: _Lattice, k: int, start: int, floor: float) -> Iterator[tuple[int, int, float]]:
    """Spans of type ``k`` of two tokens and more from ``start`` on, with their probabilities."""
    inside, last = _tag("I", k), _tag("L", k)
    tag, prefix = _tag("B", k), lattice.alpha[start, _tag("B", k)]
    for t in range(start + 1, len(lattice.psi)):
        step = prefix / lattice.scale[t]
        whole = step * lattice.weights[tag, last] * lattice.psi[t, last] * lattice.beta[t, last]
        if whole >= floor:
            yield start, t + 1, float(whole)
        prefix = step * lattice.weights[tag, inside] * lattice.psi[t, inside]
        tag = inside
        if prefix * lattice.beta[t, inside] < floor:
            break


def decode(spans: Sequence[ScoredSpan], *, threshold: float = 0.5) -> list[ScoredSpan]:
    """Return the most probable spans that do not overlap, of at least ``threshold``, in text order.

    >>> decode([ScoredSpan(0, 2, "Task", 0.6), ScoredSpan(1, 2, "Task", 0.3)], threshold=0.2)
    [ScoredSpan(start=0, end=2, type='Task', probability=0.6)]
    """
    taken: set[int] = set()
    chosen = []
    for span in sorted(spans, key=lambda span: (-span.probability, span.start, span.end, span.type)):
        tokens = range(span.start, span.end)
        if span.probability >= threshold and taken.isdisjoint(tokens):
            taken.update(tokens)
            chosen.append(span)
    return sorted(chosen)


def tag_probabilities(scores: AnyFloats, transitions: AnyFloats) -> Floats:
    """Return the probability of each tag at each token, shape (n_tokens, n_tags); see :func:`span_probabilities`."""
    lattice = _lattice(scores, transitions)
    return lattice.alpha * lattice.beta


def gradients(scores: AnyFloats, wanted: AnyFloats, transitions: AnyFloats) -> tuple[float, Floats, Floats]:
    """Return the loss of one document and its gradients to scores and to transitions.

    Parameters
    ----------
    scores : array of shape (n_tokens, n_tags)
        Emission scores; at least one token.
    wanted : array of shape (n_tokens, n_tags)
        Wanted probabilities of the tags: 0 and 1 of a true row of tags, or what a teacher believes.
    transitions : array of shape (n_tags, n_tags)

    Returns
    -------
    loss : float
        Negative log-likelihood of the true tags where ``wanted`` is 0 and 1.
    d_scores, d_transitions
        For the transitions, the tags of two neighbours are wanted independently of each other: exact for 0 and 1 only.
    """
    lattice = _lattice(scores, transitions)
    ahead = lattice.psi[1:] * lattice.beta[1:] / lattice.scale[1:, None]
    wanted_pairs = wanted[:-1].T @ wanted[1:]
    wide = scores.astype(np.float64)
    log_total = np.log(lattice.scale).sum() + np.log(lattice.alpha[-1] @ lattice.last) + wide.max(axis=1).sum()
    loss = float(log_total - (wanted * wide).sum() - (wanted_pairs * transitions).sum())
    return loss, lattice.alpha * lattice.beta - wanted, lattice.weights * (lattice.alpha[:-1].T @ ahead) - wanted_pairs
