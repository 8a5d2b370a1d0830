"""Fit a :class:`extractors.linear.LinearModel`: L2-regularised maximum likelihood by L-BFGS, in numpy alone."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from extractors.linear import BIAS, LinearModel

__all__ = ["accuracy", "cross_validated", "expected_calibration_error", "fit", "fit_choice", "folds"]

Floats = npt.NDArray[np.float64]
Objective = Callable[[Floats], tuple[float, Floats]]


def folds(keys: Sequence[str], n: int) -> list[int]:
    """Return for each key (a document's id) the fold, below ``n``, that it falls into: equal keys into the same one.

    >>> folds(["a", "b", "a", "c"], 2)
    [0, 1, 0, 0]
    """
    number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    return [number[key] % n for key in keys]


def fit(
    examples: Sequence[Sequence[str]],
    answers: Sequence[str],
    labels: Sequence[str],
    *,
    penalty: float = 1.0,
    min_count: int = 3,
) -> LinearModel:
    """Return the classifier that makes the answers most likely.

    Parameters
    ----------
    examples, answers
        Features of each example, and its label.
    labels
        All labels, in the order in which the classifier is to have them.
    penalty
        Of the squared weights; larger is smoother.
    min_count
        A feature that fewer examples have is left out.

    Examples
    --------
    >>> model = fit([["x"], ["y"], ["x", "y"]], ["a", "b", "a"], ["a", "b"], min_count=1)
    >>> model.classify(["x"])[0]
    'a'
    """
    counts = Counter(name for example in examples for name in set(example))
    names = sorted(name for name, n in counts.items() if n >= min_count and name != BIAS)
    weights = _fit_names(examples, answers, labels, names, penalty)
    centred = weights - weights.mean(axis=1, keepdims=True)
    return LinearModel(tuple(labels), {name: tuple(row) for name, row in zip([BIAS, *names], centred, strict=True)})


def _fit_names(
    examples: Sequence[Sequence[str]], answers: Sequence[str], labels: Sequence[str], names: list[str], penalty: float
) -> Floats:
    """Weights of the bias and of ``names``, shape (1 + names, labels)."""
    column = {name: i + 1 for i, name in enumerate(names)}
    rows = [[0, *sorted(column[name] for name in set(example) if name in column)] for example in examples]
    columns = np.array([i for row in rows for i in row])
    starts = np.cumsum([0, *(len(row) for row in rows[:-1])])
    owners = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    target = np.array([labels.index(answer) for answer in answers])
    shape = (len(names) + 1, len(labels))

    def objective(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(shape)
        scores = np.add.reduceat(weights[columns], starts, axis=0)
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        chances /= chances.sum(axis=1, keepdims=True)
        loss = -np.log(np.maximum(chances[np.arange(len(rows)), target], 1e-300)).sum()
        chances[np.arange(len(rows)), target] -= 1
        slope = np.stack(
            [np.bincount(columns, weights=chances[owners, i], minlength=shape[0]) for i in range(shape[1])], axis=1
        )
        free = weights.copy()
        free[0] = 0  # the bias is not penalised
        return loss + penalty / 2 * float((free**2).sum()), (slope + penalty * free).ravel()

    return minimise(objective, np.zeros(shape).ravel()).reshape(shape)


def fit_choice(
    groups: Sequence[Sequence[Sequence[str]]],
    right: Sequence[Sequence[bool]],
    *,
    penalty: float = 1.0,
    min_count: int = 3,
) -> LinearModel:
    """Return the classifier of labels "no" and "yes" by which the right one of each group is likeliest to be chosen.

    The conditional logit (McFadden 1974): a member is chosen with a probability in proportion to the odds that the
    classifier gives to "yes". Where several are right, any of them will do; a group in which none is teaches nothing.

    Parameters
    ----------
    groups
        Of each group, of each of its members the features.
    right
        Of each group, whether each of its members is right.

    Examples
    --------
    >>> model = fit_choice([[["x"], ["y"]], [["y"], ["x"], ["z"]]], [[True, False], [False, True, False]], min_count=1)
    >>> model.probability(["x"], "yes") > model.probability(["y"], "yes")
    True
    """
    kept = [(group, answers) for group, answers in zip(groups, right, strict=True) if any(answers)]
    counts = Counter(name for group, _ in kept for example in group for name in set(example))
    names = sorted(name for name, n in counts.items() if n >= min_count and name != BIAS)
    column = {name: i for i, name in enumerate(names)}
    rows = [[column[name] for name in sorted(set(example)) if name in column] for group, _ in kept for example in group]
    columns = np.array([i for row in rows for i in row], dtype=np.int64)
    owners = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    sizes = np.array([len(group) for group, _ in kept])
    starts = np.cumsum([0, *sizes[:-1]])
    is_wrong = np.array([0.0 if answer else -1e9 for _, answers in kept for answer in answers])

    def shares(scores: Floats) -> tuple[Floats, Floats]:
        """The share of each member in its group, and the logarithm of each group's sum."""
        top = np.maximum.reduceat(scores, starts)
        powers = np.exp(scores - np.repeat(top, sizes))
        total = np.add.reduceat(powers, starts)
        return powers / np.repeat(total, sizes), np.log(total) + top

    def objective(weights: Floats) -> tuple[float, Floats]:
        scores = np.bincount(owners, weights=weights[columns], minlength=len(rows)).astype(np.float64)
        every, of_all = shares(scores)
        wanted, of_right = shares(scores + is_wrong)
        slope = np.bincount(columns, weights=(every - wanted)[owners], minlength=len(names))
        return float((of_all - of_right).sum() + penalty / 2 * (weights**2).sum()), slope + penalty * weights

    weights = minimise(objective, np.zeros(len(names)))
    return LinearModel(("no", "yes"), {name: (-w / 2, w / 2) for name, w in zip(names, weights.tolist(), strict=True)})


def minimise(
    objective: Objective, start: Floats, *, steps: int = 200, memory: int = 10, tolerance: float = 1e-4
) -> Floats:
    """Return where a smooth convex function is least: L-BFGS (Nocedal 1980) with halved steps.

    >>> minimise(lambda x: (float(((x - 3) ** 2).sum()), 2 * (x - 3)), np.zeros(2)).round(3)
    array([3., 3.])
    """
    point = start
    value, slope = objective(point)
    history: deque[tuple[Floats, Floats]] = deque(maxlen=memory)
    for _ in range(steps):
        direction = _direction(slope, history)
        step, descent = 1.0 if history else 1.0 / max(1.0, float(np.abs(slope).sum())), float(direction @ slope)
        while True:
            there = point + step * direction
            new_value, new_slope = objective(there)
            if new_value <= value + 1e-4 * step * descent or step < 1e-10:
                break
            step /= 2
        moved, bent = there - point, new_slope - slope
        if float(moved @ bent) > 1e-12:
            history.append((moved, bent))
        gained = value - new_value
        point, value, slope = there, new_value, new_slope
        if gained < tolerance * max(1.0, abs(value)) * 1e-2:
            break
    return point


def _direction(slope: Floats, history: deque[tuple[Floats, Floats]]) -> Floats:
    """Minus the slope times what the history says of the inverse curvature (the two-loop recursion)."""
    direction = -slope
    factors = []
    for moved, bent in reversed(history):
        factor = float(moved @ direction) / float(moved @ bent)
        factors.append(factor)
        direction = direction - factor * bent
    if history:
        moved, bent = history[-1]
        direction = direction * (float(moved @ bent) / float(bent @ bent))
    for (moved, bent), factor in zip(history, reversed(factors), strict=True):
        direction = direction + (factor - float(bent @ direction) / float(moved @ bent)) * moved
    return direction


def cross_validated(
    examples: Sequence[Sequence[str]],
    answers: Sequence[str],
    labels: Sequence[str],
    keys: Sequence[str],
    *,
    n: int,
    penalty: float = 1.0,
    min_count: int = 3,
) -> Floats:
    """Return the probabilities of each example, shape (examples, labels), by a classifier fitted to other documents.

    Parameters
    ----------
    keys
        Of each example, the document that it is from.
    n
        Number of folds.
    """
    fold = folds(keys, n)
    probabilities = np.zeros((len(examples), len(labels)))
    for held_out in range(n):
        inside = [i for i, own in enumerate(fold) if own != held_out]
        model = fit(
            [examples[i] for i in inside],
            [answers[i] for i in inside],
            labels,
            penalty=penalty,
            min_count=min_count,
        )
        for i, own in enumerate(fold):
            if own == held_out:
                probabilities[i] = model.probabilities(examples[i])
    return probabilities


def accuracy(probabilities: Floats, answers: Sequence[str], labels: Sequence[str]) -> float:
    """Return the share of examples whose most probable label is the answer.

    >>> accuracy(np.array([[0.9, 0.1], [0.6, 0.4]]), ["a", "b"], ["a", "b"])
    0.5
    """
    best = probabilities.argmax(axis=1)
    return float(np.mean([labels[i] == answer for i, answer in zip(best, answers, strict=True)]))


def expected_calibration_error(
    probabilities: Floats, answers: Sequence[str], labels: Sequence[str], *, bins: int = 10
) -> float:
    """Return how far the probability of the best label is from the share that is right (Guo et al. 2017), in [0, 1].

    >>> round(expected_calibration_error(np.array([[0.9, 0.1], [0.6, 0.4]]), ["a", "b"], ["a", "b"]), 2)
    0.35
    """
    best = probabilities.argmax(axis=1)
    right = np.array([labels[i] == answer for i, answer in zip(best, answers, strict=True)])
    sure = probabilities.max(axis=1)
    bin_of = np.minimum((sure * bins).astype(int), bins - 1)
    errors = [abs(float((right[bin_of == b] - sure[bin_of == b]).sum())) for b in range(bins)]
    return sum(errors) / len(answers)
