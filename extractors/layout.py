"""A document as the classifiers above mentions see it: sentences of words, each mention of an entity one word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from spacy.tokens import Doc

from schemas.records import DocumentEntity

__all__ = ["Item", "Layout", "Place", "Sentence", "beside", "stem"]

_OURS: Final = ("this paper", "this work", "this study", "this article", "this thesis", "this report", "proposed")
_SMALL: Final = frozenset({"of", "the", "for", "and", "in", "to", "a", "on", "with", "by"})
_WORD = re.compile(r"\w+")


class Item(NamedTuple):
    """A word, or a mention in its place."""

    text: str  # lower case; of a mention the type in angle brackets: "<Model>"
    start: int  # offsets in the document
    end: int
    entity: int = -1  # index of the entity that it mentions


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its items."""

    start: int  # offsets in the document
    end: int
    items: tuple[Item, ...]  # at least one
    is_title: bool
    words: frozenset[str]  # the texts of its items
    is_ours: bool  # whether it speaks of what this paper does


class Place(NamedTuple):
    """A mention: the number of its sentence, and of its item there."""

    sentence: int
    item: int


def stem(word: str) -> str:
    """Return a word without the s of the plural.

    >>> [stem(word) for word in ("models", "loss", "gas")]
    ['model', 'loss', 'gas']
    """
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _sentence(items: tuple[Item, ...], title_end: int) -> Sentence:
    texts = [item.text for item in items]
    running, words = " ".join(texts), frozenset(texts)
    is_ours = not words.isdisjoint(("we", "our")) or any(phrase in running for phrase in _OURS)
    return Sentence(items[0].start, items[-1].end, items, items[0].start < title_end, words, is_ours)


@lru_cache(maxsize=1)  # roles and results are read of the same one
def _sentences(
    text: str, borders: bytes, starts: tuple[int, ...], mentions: tuple[tuple[int, int, int, str], ...]
) -> tuple[Sentence, ...]:
    """The sentences of a text: ``borders`` of its tokens (offset and length), the first token of each sentence and its
    end, and mentions (offset, end below zero, index and type of the entity), the last one first.
    """
    tokens = np.frombuffer(borders, dtype=np.uint64).reshape(-1, 2).tolist()
    waiting, end_of_title = list(mentions), max(0, text.find("\n"))
    sentences = (_items(text, waiting, tokens[first:last]) for first, last in pairwise(starts))
    return tuple(_sentence(items, end_of_title) for items in sentences if items)


def _items(text: str, waiting: list[tuple[int, int, int, str]], tokens: Sequence[Sequence[int]]) -> tuple[Item, ...]:
    """The items of the tokens (offset, length); mentions are taken from the end of ``waiting``."""
    items: list[Item] = []
    covered = -1
    for start, length in tokens:
        end = start + length
        while waiting and (waiting[-1][0] < covered or -waiting[-1][1] <= start):
            waiting.pop()
        if waiting and waiting[-1][0] < end:
            begin, minus_end, entity, type_ = waiting.pop()
            items.append(Item(f"<{type_}>", begin, -minus_end, entity))
            covered = -minus_end
        elif start >= covered and (word := text[start:end].lower()).strip():
            items.append(Item(word, start, end))
    return tuple(items)


def _stems(text: str) -> list[str]:
    return [stem(word) for word in _WORD.findall(text.lower())]


@dataclass(frozen=True)
class Layout:
    """A document with its entities, and what is worked out once for all of them.

    Parameters
    ----------
    doc
        With sentences.
    entities
        Whose mentions are to be items; items refer to them by their index.

    Examples
    --------
    >>> import spacy
    >>> from schemas.records import Mention
    >>> nlp = spacy.blank("en")
    >>> _ = nlp.add_pipe("kg_sentences")
    >>> bert = Mention(12, 16, "BERT", "Model")
    >>> entity = DocumentEntity(name="BERT", type="Model", role="uses", mentions=(bert,))
    >>> layout = Layout(nlp("On X\\nWe use BERT."), [entity])
    >>> [item.text for item in layout.sentences[1].items]
    ['we', 'use', '<Model>', '.']
    >>> layout.places
    [[Place(sentence=1, item=2)]]
    """

    doc: Doc
    entities: Sequence[DocumentEntity]

    @cached_property
    def text(self) -> str:
        """The text of the document, which spaCy puts together anew each time."""
        return self.doc.text

    @cached_property
    def title_end(self) -> int:
        """Offset at which the title ends."""
        return max(0, self.text.find("\n"))

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences, mentions in their places.

        Where mentions overlap, the one that starts first counts, and of these the longest; a token that a mention
        covers in part belongs to the mention.
        """
        found = ((m.start, -m.end, i, entity.type) for i, entity in enumerate(self.entities) for m in entity.mentions)
        array = self.doc.to_array(["SENT_START", "IDX", "LENGTH"])  # several times as fast as tokens
        starts = (0, *np.flatnonzero(array[:, 0].view(np.int64) == 1).tolist(), len(array))
        return _sentences(self.text, array[:, 1:].tobytes(), starts, tuple(sorted(found, reverse=True)))

    @cached_property
    def places(self) -> list[list[Place]]:
        """Where each entity is mentioned."""
        found: list[list[Place]] = [[] for _ in self.entities]
        for number, sentence in enumerate(self.sentences):
            for i, item in enumerate(sentence.items):
                if item.entity >= 0:
                    found[item.entity].append(Place(number, i))
        return found

    @cached_property
    def contribution(self) -> int:
        """The first sentence after the title that speaks of what this paper does; their number where none does."""
        sentences = enumerate(self.sentences)
        return next((i for i, s in sentences if s.is_ours and not s.is_title), len(self.sentences))

    @cached_property
    def title_words(self) -> frozenset[str]:
        """Words of the title in singular."""
        return frozenset(_stems(self.text[: self.title_end]))

    @cached_property
    def word_counts(self) -> Counter[str]:
        """How often each word, in singular, stands in the abstract."""
        return Counter(_stems(self.text[self.title_end :]))

    @cached_property
    def name_words(self) -> list[frozenset[str]]:
        """The words of each entity's names, in singular."""
        return [frozenset(word for m in e.mentions for word in _stems(m.text)) - _SMALL for e in self.entities]

    @cached_property
    def rank(self) -> list[tuple[int, int]]:
        """Of each entity: how often it is named, and how early (the offset below zero)."""
        pairs = zip(self.places, self.entities, strict=True)
        return [(len(places), -entity.mentions[0].start) for places, entity in pairs]


def beside(left: Sequence[str], right: Sequence[str]) -> Iterator[str]:
    """Yield the one, two and three words next to a place on either side, as features.

    >>> list(beside(["we", "use"], ["on"]))
    ['left=use', 'right=on', 'left=we use']
    """
    for n in (1, 2, 3):
        if len(left) >= n:
            yield f"left={' '.join(left[-n:])}"
        if len(right) >= n:
            yield f"right={' '.join(right[:n])}"
