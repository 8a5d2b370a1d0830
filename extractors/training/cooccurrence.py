"""Word vectors from the neighbours of words in unlabelled abstracts.

Words that stand in the same places between the same words mean similar things: the counts of neighbours, weighted by
pointwise mutual information, are reduced to a few dimensions by a singular value decomposition (Levy, Goldberg and
Dagan 2015; the decomposition by random projection, Halko, Martinsson and Tropp 2011). Plain numpy, minutes.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from spacy.tokens import Doc

from extractors.vectors import WordVectors
from schemas.text import readable

__all__ = ["learn_vectors", "read_abstracts"]

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

NEAR = (-2, -1, 1, 2)  # neighbours whose place is told apart
FAR = range(3, 9)  # neighbours on either side that count as one bag of words
_NONE = -1


def read_abstracts(paths: Iterable[Path], *, since: int) -> Iterator[str]:
    """Yield the readable title and abstract of papers in English from ``since`` (a year) on, each title once.

    Parameters
    ----------
    paths
        Files of one JSON object a line (``title``, ``abstract``, ``year``, maybe ``language``), maybe with gzip.
    """
    seen = set()
    for path in paths:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                paper = json.loads(line)
                title, abstract = paper["title"], paper.get("abstract") or ""
                english = paper.get("language") in (None, "en", "eng")
                if english and len(abstract) >= 200 and int(paper.get("year") or 0) >= since and title not in seen:
                    seen.add(title)
                    yield readable(f"{title}\n{abstract[:4000]}").text


def _as_ids(docs: Iterable[Doc]) -> tuple[list[str], Ids]:
    """Words, the most frequent first, and the running text in their numbers, with ``_NONE`` between documents."""
    numbers: dict[str, int] = {}
    running: list[int] = []
    for doc in docs:
        running.extend(numbers.setdefault(token.text, len(numbers)) for token in doc)
        running.append(_NONE)
    ids = np.array(running, dtype=np.int64)
    order = np.argsort(-np.bincount(ids[ids >= 0]), kind="stable")
    place = np.append(np.argsort(order, kind="stable"), _NONE)
    words = list(numbers)
    return [words[i] for i in order], place[ids]


def _contexts(words: Sequence[str], ids: Ids, n: int) -> Ids:
    """The running text in numbers of the ``n`` most frequent words without regard to case, ``_NONE`` for all others."""
    counts: Counter[str] = Counter()
    for word, count in zip(words, np.bincount(ids[ids >= 0], minlength=len(words)), strict=True):
        counts[word.lower()] += int(count)
    chosen = {word: i for i, (word, _) in enumerate(counts.most_common(n))}
    return np.array([*(chosen.get(word.lower(), _NONE) for word in words), _NONE])[ids]


def _mutual_information(counts: Floats) -> Floats:
    """Positive pointwise mutual information of words (rows) with contexts (columns), rare contexts smoothed."""
    share = counts.sum(axis=0) ** 0.75
    expected = counts.sum(axis=1, keepdims=True) * (share / share.sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        information = np.log(counts / expected)
    return np.where(np.isfinite(information) & (information > 0), information, 0).astype(np.float32)


def _neighbours(ids: Ids, contexts: Ids, distance: int, shape: tuple[int, int]) -> Floats:
    """How often each context stands ``distance`` words after each word; a document's end is not looked past."""
    near, far = (ids[-distance:], contexts[:distance]) if distance < 0 else (ids[:-distance], contexts[distance:])
    documents = np.cumsum(ids == _NONE)
    same = documents[abs(distance) :] == documents[: -abs(distance)]
    known = (near >= 0) & (near < shape[0]) & (far >= 0) & same
    return np.bincount(near[known] * shape[1] + far[known], minlength=shape[0] * shape[1]).reshape(shape).astype("f")


def _reduce(matrix: Floats, size: int, *, seed: int) -> Floats:
    """The ``size`` strongest left singular vectors, each times the root of its singular value."""
    projection = np.random.default_rng(seed).normal(size=(matrix.shape[1], size + 30)).astype(np.float32)
    for _ in range(4):
        projection = np.linalg.qr(matrix.T @ np.linalg.qr(matrix @ projection)[0])[0]
    left, values, _ = np.linalg.svd(matrix @ projection, full_matrices=False)
    vectors: Floats = left[:, :size] * np.sqrt(values[:size])
    return vectors


def learn_vectors(
    texts: Iterable[str],
    nlp: Language,
    *,
    n_words: int = 30_000,
    n_contexts: int = 2_000,
    size: int = 128,
    seed: int = 0,
) -> WordVectors:
    """Return vectors of the ``n_words`` most frequent words of ``texts``, tokenised by ``nlp``.

    Memory: some 40 bytes for each pair of ``n_words`` and ``n_contexts``.
    """
    words, ids = _as_ids(map(nlp.make_doc, texts))
    contexts = _contexts(words, ids, n_contexts)
    words = words[:n_words]
    shape = (len(words), n_contexts)
    blocks = [_mutual_information(_neighbours(ids, contexts, distance, shape)) for distance in NEAR]
    bag = np.zeros(shape, dtype=np.float32)
    for distance in (sign * d for d in FAR for sign in (-1, 1)):
        bag += _neighbours(ids, contexts, distance, shape)
    matrix = np.hstack([*blocks, _mutual_information(bag)])
    return WordVectors.of(words, _reduce(matrix, size, seed=seed))
