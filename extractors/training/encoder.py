"""The transformer in torch, as it is trained: MiniLM over word pieces, then words, their forms and their neighbours.

The encoder is BERT's (Devlin et al. 2019) in the sizes of MiniLM (Wang et al. 2020). A word is its first and its last
piece, beside hashed features of its letters and a static vector, since the pieces know no capitals. Convolutions mix
neighbours; one head scores the tags of the conditional random field, another the role of the entity that a word names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Batch", "Encoder", "Sizes", "Tagger"]


@dataclass(frozen=True)
class Sizes:
    """Sizes of the transformer; what belongs to the encoder is MiniLM's."""

    pieces: int  # of the vocabulary
    rows: tuple[int, ...]  # of the table of each feature of a word
    tags: int
    roles: int
    width: int = 384
    layers: int = 6
    heads: int = 12
    inner: int = 1536
    places: int = 512
    feature_width: int = 48
    vector_width: int = 128
    word_width: int = 256
    convolutions: int = 2
    dropout: float = 0.1  # twice that above the encoder


class Batch(NamedTuple):
    """Texts side by side, filled up to the longest: B texts, T pieces, W words, F features."""

    ids: Tensor  # (B, T)
    mask: Tensor | None  # (B, 1, 1, T), true where there is a piece; none where all are full
    first: Tensor  # (B, W), place of each word's first piece
    last: Tensor  # (B, W)
    features: Tensor  # (B, W, 2 F), two rows a feature
    vectors: Tensor  # (B, W, V)
    real: Tensor  # (B, W, 1), 1 where there is a word and 0 where there is none


class _Dropout(nn.Module):
    """Dropout from a pool of random masks: on a CPU, drawing new ones takes half the time of a step."""

    POOL = 1 << 24

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share
        self._pools: dict[torch.dtype, Tensor] = {}

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not self.share:
            return x
        if x.dtype not in self._pools:
            kept = (torch.rand(self.POOL, device=x.device) >= self.share).to(x.dtype)
            self._pools[x.dtype] = kept / (1 - self.share)
        start = int(torch.randint(0, self.POOL - x.numel(), ()))
        return x * self._pools[x.dtype][start : start + x.numel()].view_as(x)


class _Layer(nn.Module):
    def __init__(self, sizes: Sizes, dropout: _Dropout) -> None:
        super().__init__()
        width = sizes.width
        self.heads, self.dropout = sizes.heads, dropout
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, sizes.inner), nn.Linear(sizes.inner, width)
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-12), nn.LayerNorm(width, eps=1e-12)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        texts, pieces, width = x.shape
        q, k, v = self.qkv(x).view(texts, pieces, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-1, -2)) * (width // self.heads) ** -0.5
        if mask is not None:
            weights = weights.masked_fill(~mask, -3e4)
        seen = (torch.softmax(weights, -1, dtype=weights.dtype) @ v).transpose(1, 2).reshape(texts, pieces, width)
        x = self.norm1(x + self.dropout(self.out(seen)))
        return self.norm2(x + self.dropout(self.down(functional.gelu(self.up(x)))))


class Encoder(nn.Module):
    """BERT without its pooling: pieces (B, T) -> states (B, T, width)."""

    def __init__(self, sizes: Sizes, dropout: _Dropout) -> None:
        super().__init__()
        self.pieces, self.places = nn.Embedding(sizes.pieces, sizes.width), nn.Embedding(sizes.places, sizes.width)
        self.norm, self.dropout = nn.LayerNorm(sizes.width, eps=1e-12), dropout
        self.layers = nn.ModuleList(_Layer(sizes, dropout) for _ in range(sizes.layers))

    def forward(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the states of pieces; ``mask`` as in :class:`Batch`."""
        x = self.dropout(self.norm(self.pieces(ids) + self.places.weight[: ids.shape[1]]))
        for layer in self.layers:
            x = layer(x, mask)
        return x

    def take(self, state: Mapping[str, Tensor], kept: Sequence[int]) -> None:
        """Take the weights of a BERT as they are published, of the vocabulary the ``kept`` pieces alone."""
        own = {
            "pieces.weight": state["embeddings.word_embeddings.weight"][list(kept)],
            "places.weight": state["embeddings.position_embeddings.weight"]
            + state["embeddings.token_type_embeddings.weight"][0],
        }
        for part in ("weight", "bias"):
            own[f"norm.{part}"] = state[f"embeddings.LayerNorm.{part}"]
            for i in range(len(self.layers)):
                there, here = f"encoder.layer.{i}", f"layers.{i}"
                qkv = [state[f"{there}.attention.self.{name}.{part}"] for name in ("query", "key", "value")]
                own[f"{here}.qkv.{part}"] = torch.cat(qkv)
                own[f"{here}.out.{part}"] = state[f"{there}.attention.output.dense.{part}"]
                own[f"{here}.norm1.{part}"] = state[f"{there}.attention.output.LayerNorm.{part}"]
                own[f"{here}.up.{part}"] = state[f"{there}.intermediate.dense.{part}"]
                own[f"{here}.down.{part}"] = state[f"{there}.output.dense.{part}"]
                own[f"{here}.norm2.{part}"] = state[f"{there}.output.LayerNorm.{part}"]
        self.load_state_dict(own)


class _Maxout(nn.Module):
    PIECES = 3

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.linear, self.norm = nn.Linear(n_in, n_out * self.PIECES), nn.LayerNorm(n_out)
        self.shape = (n_out, self.PIECES)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.linear(x).unflatten(-1, self.shape).amax(-1))


class Tagger(nn.Module):
    """The whole transformer: a batch -> scores of tags (B, W, tags) and of roles (B, W, roles)."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.encoder = Encoder(sizes, _Dropout(sizes.dropout))
        self.dropout = _Dropout(2 * sizes.dropout)
        self.tables = nn.ModuleList(nn.Embedding(rows, sizes.feature_width) for rows in sizes.rows)
        word = 2 * sizes.width + sizes.feature_width * len(sizes.rows) + sizes.vector_width
        self.merge = _Maxout(word, sizes.word_width)
        self.mix = nn.ModuleList(_Maxout(3 * sizes.word_width, sizes.word_width) for _ in range(sizes.convolutions))
        self.tags = nn.Linear(sizes.word_width, sizes.tags)
        self.roles = nn.Linear(sizes.word_width + sizes.width, sizes.roles)
        for table in self.tables:
            nn.init.uniform_(table.weight, -0.1, 0.1)
        nn.init.zeros_(self.tags.weight)
        nn.init.zeros_(self.roles.weight)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the scores; where there is no word they mean nothing."""
        hidden = self.encoder(batch.ids, batch.mask).float()
        begin, end = (
            torch.gather(hidden, 1, places[:, :, None].expand(-1, -1, hidden.shape[-1]))
            for places in (batch.first, batch.last)
        )
        forms = [
            table(batch.features[:, :, 2 * i]) + table(batch.features[:, :, 2 * i + 1])
            for i, table in enumerate(self.tables)
        ]
        x = self.dropout(self.merge(torch.cat([begin, end, *forms, batch.vectors], -1))) * batch.real
        for layer in self.mix:
            left = functional.pad(x, (0, 0, 1, 0))[:, :-1]
            right = functional.pad(x, (0, 0, 0, 1))[:, 1:]
            x = (x + self.dropout(layer(torch.cat([left, x, right], -1)))) * batch.real
        return self.tags(x), self.roles(torch.cat([x, begin], -1))
