"""The recogniser's network: hashed features of each token, a convolution over its neighbours, a score for each tag.

The embedding by feature hashing and the windowed maxout convolution are spaCy's (Honnibal 2016, "Embed, encode,
attend, predict"); the features are chosen for names in scholarly text, and their last layer gives the emission scores
of :mod:`extractors.crf`. It is built with all its sizes known, so that weights can be put in without initialisation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.ml.models.tok2vec import MaxoutWindowEncoder
from spacy.strings import get_string_id
from spacy.tokens import Doc
from thinc.api import (
    HashEmbed,
    Linear,
    Maxout,
    Model,
    NumpyOps,
    chain,
    concatenate,
    list2ragged,
    ragged2list,
    with_array,
    zero_init,
)
from threadpoolctl import ThreadpoolController

from extractors.crf import TAGS
from extractors.document import title_end
from extractors.vectors import WordVectors, last_part
from schemas.errors import InputError

__all__ = [
    "FEATURES",
    "FeatureExtractor",
    "Network",
    "NetworkSettings",
    "build_network",
    "get_weights",
    "one_thread",
    "set_weights",
]

Ids = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float32]
Layer = Model[Any, Any]
Network = Model[list[Any], list[Any]]  # arrays of feature ids (n_tokens, n_features) -> of scores (n_tokens, n_tags)

# Each turns the text of a token into the string whose hash is the feature.
FEATURES: dict[str, Callable[[str], str]] = {
    "norm": str.lower,
    "prefix": lambda text: text[:1],
    "suffix": lambda text: text[-3:],
    "shape": lambda text: _shape(text),
    "prefix3": lambda text: text[:3],
    "suffix4": lambda text: text[-4:].lower(),
    "tail": lambda text: last_part(text).lower(),
}
_CACHE_SIZE = 100_000  # words whose features are kept; a million abstracts hold more, so the oldest must go


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """Sizes of a network; ``rows`` gives the features used, with the rows of their embedding tables."""

    rows: dict[str, int]
    place_rows: int = 8  # of the table of the one feature that is the token's place: in the title or not
    vector_size: int = 0  # of the word vectors that are looked up beside the features, 0 for none
    width: int = 96
    embed_width: int = 96  # of the tables
    depth: int = 4  # layers of convolution, each of which sees `window` neighbours on both sides
    window: int = 1
    pieces: int = 3  # of each maxout unit


def _shape(text: str) -> str:
    """Capitals, small letters and digits as X, x and d; runs longer than three are cut to three.

    >>> _shape("ResNet-50"), _shape("transformers")
    ('XxxXxx-dd', 'xxx')
    """
    shape = ""
    for character in text[:60]:
        if character.isalpha():
            kind = "X" if character.isupper() else "x"
        else:
            kind = "d" if character.isdigit() else character
        if not shape.endswith(kind * 3):
            shape += kind
    return shape


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController().select(user_api="blas")


def one_thread() -> AbstractContextManager[object]:
    """Keep numpy's matrix products to one thread: they are small here, and threads that wait for each other cost more.

    Two threads on two busy cores took ten times as long; several processes are the way to use several cores.
    """
    limit: AbstractContextManager[object] = _blas().limit(limits=1)
    return limit


class FeatureExtractor:
    """Hashed features of tokens, remembered by word in one array, from which a text takes its rows."""

    def __init__(self, names: Iterable[str], vectors: WordVectors | None = None) -> None:
        self._functions = [FEATURES[name] for name in names]
        self._vectors = vectors
        self._numbers: dict[int, int] = {}  # hash of a word -> its row
        self._rows: Ids = np.empty((1024, len(self._functions) + 1 + (vectors is not None)), dtype=np.uint64)

    def _add(self, word: int, text: str) -> int:
        number = self._numbers[word] = len(self._numbers)
        if number == len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
        vector = () if self._vectors is None else (self._vectors.row(text),)
        self._rows[number] = [*(get_string_id(function(text)) for function in self._functions), 2, *vector]
        return number

    def __call__(self, doc: Doc) -> Ids:
        """Return an array of shape (n_tokens, n_columns).

        First the features, then 1 in the title and 2 after it, then the row of the word's vector if there are any.
        """
        words = doc.to_array("ORTH").tolist()
        if len(self._numbers) > _CACHE_SIZE:
            self._numbers.clear()
        known, strings = self._numbers.get, doc.vocab.strings
        numbers = [known(word, -1) for word in words]
        for i, number in enumerate(numbers):
            if number < 0:  # it may have come before in this text
                numbers[i] = known(words[i], -1) if known(words[i], -1) >= 0 else self._add(words[i], strings[words[i]])
        ids = self._rows[numbers]
        ids[: np.searchsorted(doc.to_array("IDX"), title_end(doc)), len(self._functions)] = 1
        return ids


def _look_up(table: Floats, *, column: int) -> Layer:
    """A layer that gives the rows of a fixed ``table`` whose numbers stand in ``column`` of its input."""

    def forward(_: Layer, ids: Ids, is_train: bool) -> tuple[Floats, Callable[[Floats], Ids]]:
        return table[ids[:, column]], lambda _: np.zeros_like(ids)

    return Model("look_up", forward)


def build_network(settings: NetworkSettings, vectors: WordVectors | None = None) -> Network:
    """Return the network without weights: :func:`set_weights` or ``initialize()`` gives it some.

    Parameters
    ----------
    vectors
        Of the size of the settings; they are looked up and never changed.

    Raises
    ------
    InputError
        A feature of the settings that is not one of :data:`FEATURES`.
    """
    if unknown := sorted(set(settings.rows) - set(FEATURES)):
        raise InputError(f"unknown features of the recogniser: {', '.join(unknown)}; valid: {', '.join(FEATURES)}")
    width = settings.width
    tables: list[Layer] = [
        HashEmbed(settings.embed_width, rows, column=column, seed=column + 1, dropout=0.0)
        for column, rows in enumerate([*settings.rows.values(), settings.place_rows])
    ]
    n_inputs = settings.embed_width * len(tables) + settings.vector_size
    if vectors is not None:
        tables.append(_look_up(vectors.table(), column=len(tables)))
    embed: Layer = chain(concatenate(*tables), Maxout(width, n_inputs, nP=3, dropout=0.0, normalize=True))
    convolve = MaxoutWindowEncoder(
        width=width, depth=settings.depth, window_size=settings.window, maxout_pieces=settings.pieces
    )
    score: Layer = with_array(Linear(len(TAGS), width, init_W=zero_init))
    network: Network = chain(list2ragged(), with_array(embed), ragged2list(), convolve, score)
    ops = NumpyOps(use_blis=False)  # numpy's own matrix product: 75 GFLOP/s a core where thinc's default has 17
    for node in network.walk():
        node.ops = ops
    return network


def _parameters(network: Network) -> Iterator[tuple[str, Layer, str]]:
    """Every parameter under a name that is the same for every network of the same settings."""
    for number, node in enumerate(network.walk()):
        for name in node.param_names:
            yield f"{number:02}.{node.name}.{name}".replace(">", "_"), node, name


def get_weights(network: Network) -> dict[str, Floats]:
    """Return the weights of ``network`` by name."""
    return {key: np.asarray(node.get_param(name)) for key, node, name in _parameters(network)}


def set_weights(network: Network, weights: Mapping[str, Any]) -> None:
    """Put ``weights``, as :func:`get_weights` gave them, into a network of the same settings.

    Raises
    ------
    KeyError
        The weights are of a network of other settings.
    """
    for key, node, name in _parameters(network):
        node.set_param(name, weights[key])
