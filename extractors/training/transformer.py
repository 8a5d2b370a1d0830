"""Training of the transformer: annotated texts and texts that others have read, a schedule, and what comes out.

It runs on the CPU in bfloat16 (some six abstracts a second and core), and on a GPU where torch sees one.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from spacy.tokens import Doc

from extractors.crf import gradients, tag_probabilities
from extractors.network import FeatureExtractor, one_thread
from extractors.pieces import Pieces, Window
from extractors.training.encoder import Batch, Sizes, Tagger
from extractors.training.pretrained import Pretrained
from extractors.transformer import hashed_rows

__all__ = ["Reader", "Schedule", "Text", "Trained", "beliefs", "blank_tagger", "fit", "scores"]

Floats = npt.NDArray[np.float64]
RoleSpans = Sequence[tuple[Sequence[int], int]]  # words of an entity's mentions, number of its role


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how hard to train."""

    epochs: int
    batch: int = 8  # texts
    learn_rate: float = (
        1.5e-4  # the highest, of the encoder's last layer; rises for a tenth of the steps, then falls to 0
    )
    decay: float = 0.85  # of the learning rate from each layer of the encoder to the one below it
    head_rate: float = 1e-3  # the highest, of all above the encoder
    masked: float = 0.05  # share of the pieces that are hidden
    role_weight: float = 0.3
    averaged: float = 0.15  # of the steps, the last ones, whose weights are averaged (Izmailov et al. 2018)
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """A text as the transformer sees it; of one too long for a window, the beginning."""

    window: Window
    features: npt.NDArray[np.int64]  # (n_words, 2 * n_features)
    vectors: npt.NDArray[np.int64]  # (n_words,), rows of the table
    wanted: npt.NDArray[np.float16] | None = None  # (n_words, n_tags), probabilities of the tags
    roles: RoleSpans = ()


@dataclass(frozen=True, slots=True)
class Trained:
    """A transformer with the transitions of its random field, (n_tags, n_tags)."""

    tagger: Tagger
    transitions: npt.NDArray[np.float32]


class Reader:
    """Makes texts and batches of them; ``table`` holds the word vectors, row 0 that of no word."""

    def __init__(
        self, pieces: Pieces, extract_features: FeatureExtractor, rows: Sequence[int], table: npt.NDArray[np.float32]
    ) -> None:
        self._pieces, self._extract_features, self._table = pieces, extract_features, table
        self._rows = np.array(rows, dtype=np.uint64)

    def text(self, doc: Doc, wanted: npt.NDArray[np.float16] | None = None, roles: RoleSpans = ()) -> Text:
        """Return ``doc``, which must not be empty, with what is wanted of it."""
        window = self._pieces.windows([token.text for token in doc])[0]
        ids = self._extract_features(doc)[: window.end]
        inside = [([word for word in words if word < window.end], role) for words, role in roles]
        return Text(
            window,
            hashed_rows(ids[:, :-1], self._rows),
            ids[:, -1].astype(np.int64),
            None if wanted is None else wanted[: window.end],
            [(words, role) for words, role in inside if words],
        )

    def batch(self, texts: Sequence[Text], *, masked: float = 0.0, rng: np.random.Generator | None = None) -> Batch:
        """Return ``texts`` side by side, with a share of the pieces hidden."""
        n_pieces = max(len(text.window.ids) for text in texts)
        n_words = max(text.window.end for text in texts)
        ids = np.full((len(texts), n_pieces), self._pieces.pad, dtype=np.int64)
        mask = np.zeros((len(texts), n_pieces), dtype=bool)
        first, last, rows = (np.zeros((len(texts), n_words), dtype=np.int64) for _ in range(3))
        features = np.zeros((len(texts), n_words, texts[0].features.shape[1]), dtype=np.int64)
        real = np.zeros((len(texts), n_words, 1), dtype=np.float32)
        for i, text in enumerate(texts):
            own, n = text.window.ids.copy(), text.window.end
            if masked and rng is not None:
                own[1:-1][rng.random(len(own) - 2) < masked] = self._pieces.mask
            ids[i, : len(own)], mask[i, : len(own)] = own, True
            first[i, :n], last[i, :n], rows[i, :n], real[i, :n] = text.window.first, text.window.last, text.vectors, 1
            features[i, :n] = text.features
        hidden = None if mask.all() else torch.from_numpy(mask)[:, None, None, :]
        arrays = (ids, first, last, features, self._table[rows], real)
        tensors = [torch.from_numpy(array) for array in arrays]
        return Batch(tensors[0], hidden, *tensors[1:])


def blank_tagger(pretrained: Pretrained, sizes: Sizes, *, seed: int = 0) -> Trained:
    """Return MiniLM with heads that know nothing yet."""
    torch.manual_seed(seed)
    tagger = Tagger(sizes)
    tagger.encoder.take(pretrained.state, pretrained.kept)
    return Trained(tagger, np.zeros((sizes.tags, sizes.tags), dtype=np.float32))


def fit(
    texts: Sequence[Text],
    reader: Reader,
    start: Trained,
    schedule: Schedule,
    *,
    report: Callable[[str], None] = print,
) -> Trained:
    """Return ``start`` trained further, in place; every text must say what is wanted of it.

    The loss is that of the random field, plus the cross-entropy of the roles of entities.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    tagger = start.tagger.to(device)
    transitions = torch.nn.Parameter(torch.from_numpy(start.transitions.copy()))
    optimizer = torch.optim.AdamW(_groups(tagger, transitions, schedule), betas=(0.9, 0.98), fused=True)
    order, rng = random.Random(schedule.seed), np.random.default_rng(schedule.seed)
    torch.manual_seed(schedule.seed)
    n_steps = schedule.epochs * math.ceil(len(texts) / schedule.batch)
    parameters = [*tagger.parameters(), transitions]
    mean, n_averaged, step = [torch.zeros_like(p) for p in parameters], 0, 0
    for epoch in range(schedule.epochs):
        tagger.train()
        loss = 0.0
        for batch in _shuffled(texts, schedule.batch, order):
            factor = min(1.0, 10 * (step + 1) / n_steps) * (1 - step / n_steps)
            for group in optimizer.param_groups:
                group["lr"] = group["highest"] * factor
            step += 1
            optimizer.zero_grad()
            hidden = reader.batch(batch, masked=schedule.masked, rng=rng)
            loss += _backpropagate(tagger, transitions, batch, _to(hidden, device), schedule.role_weight)
            torch.nn.utils.clip_grad_norm_(parameters, 5.0)
            optimizer.step()
            if step > n_steps * (1 - schedule.averaged):
                n_averaged += 1
                for own, parameter in zip(mean, parameters, strict=True):
                    own.lerp_(parameter.detach(), 1 / n_averaged)
        report(f"  epoch {epoch + 1:2} of {schedule.epochs}: loss {loss / len(texts):.2f} a text")
    with torch.no_grad():
        for own, parameter in zip(mean, parameters, strict=True):
            parameter.copy_(own)
    return Trained(tagger.cpu(), transitions.detach().cpu().numpy())


def _groups(tagger: Tagger, transitions: torch.nn.Parameter, schedule: Schedule) -> list[dict[str, Any]]:
    """Parameters with their highest learning rates: lower layers, which know more that is general, change less."""
    encoder = tagger.encoder
    n = len(encoder.layers)
    below = [*encoder.pieces.parameters(), *encoder.places.parameters(), *encoder.norm.parameters()]
    groups = [(below, schedule.learn_rate * schedule.decay**n, 0.01)]
    for i, layer in enumerate(encoder.layers):
        groups.append((list(layer.parameters()), schedule.learn_rate * schedule.decay ** (n - 1 - i), 0.01))
    inside = {id(parameter) for parameter in encoder.parameters()}
    groups.append(([p for p in tagger.parameters() if id(p) not in inside], schedule.head_rate, 0.01))
    groups.append(([transitions], schedule.head_rate, 0.0))
    return [{"params": own, "lr": rate, "highest": rate, "weight_decay": decay} for own, rate, decay in groups]


def _shuffled(texts: Sequence[Text], size: int, order: random.Random) -> Iterator[list[Text]]:
    """Batches of texts of like length, in random order."""
    numbers = list(range(len(texts)))
    order.shuffle(numbers)
    batches = []
    for first in range(0, len(numbers), 32 * size):
        alike = sorted(numbers[first : first + 32 * size], key=lambda number: len(texts[number].window.ids))
        batches += [alike[i : i + size] for i in range(0, len(alike), size)]
    order.shuffle(batches)
    for batch in batches:
        yield [texts[number] for number in batch]


def _to(batch: Batch, device: str) -> Batch:
    return Batch(*(None if tensor is None else tensor.to(device) for tensor in batch))


def _backpropagate(
    tagger: Tagger, transitions: torch.nn.Parameter, texts: Sequence[Text], batch: Batch, role_weight: float
) -> float:
    """Set the gradients of a batch; return its loss."""
    with torch.autocast(batch.ids.device.type, torch.bfloat16):
        tags, roles = tagger(batch)
    tags, roles = tags.float(), roles.float()
    scores, wide = tags.detach().cpu().numpy(), transitions.detach().numpy()
    d_scores, d_transitions, loss = np.zeros_like(scores), np.zeros(wide.shape), 0.0
    with one_thread():
        for i, text in enumerate(texts):
            n = text.window.end
            assert text.wanted is not None
            own, d_own, d_pairs = gradients(scores[i, :n], text.wanted.astype(np.float64), wide)
            loss += own
            d_scores[i, :n] = d_own / len(texts)
            d_transitions += d_pairs / len(texts)
    transitions.grad = torch.from_numpy(d_transitions.astype(np.float32))
    terms = [
        -torch.log_softmax(roles[i, list(words)].mean(0), -1)[role]
        for i, text in enumerate(texts)
        for words, role in text.roles
    ]
    ends, starts = [tags], [torch.from_numpy(d_scores).to(tags.device)]
    if terms:
        ends.append(torch.stack(terms).sum() * (role_weight / len(texts)))
        starts.append(torch.ones_like(ends[1]))
        loss += float(ends[1].detach()) * len(texts)
    torch.autograd.backward(ends, starts)
    return loss


def scores(tagger: Tagger, reader: Reader, texts: Sequence[Text]) -> Iterator[tuple[Floats, Floats]]:
    """Yield the scores of tags and of roles of the words of each text, in their order."""
    tagger.eval()
    for text in texts:
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            tags, roles = tagger(reader.batch([text]))
        yield tags[0].double().numpy(), roles[0].double().numpy()


def beliefs(trained: Trained, reader: Reader, texts: Iterable[Text]) -> Iterator[Floats]:
    """Yield the probability of each tag at each word of each text, shape (n_words, n_tags)."""
    for tags, _ in scores(trained.tagger, reader, list(texts)):
        yield tag_probabilities(tags, trained.transitions)
