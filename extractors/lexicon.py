"""Known names as a second opinion: ``kg_lexicon`` weighs the recogniser's mentions against a curated list.

``lexicon.tsv`` beside this file holds names that researchers know without context: one a line, with its type, its other
spellings and abbreviations, and ``yes`` where its occurrences alone are to be believed. Names with capitals or digits
live by their case (``Adam``, ``GLUE``, ``COCO``); terms in lower case are found in any case, in singular and plural,
with hyphen or space.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.util import filter_spans
from spacy.vocab import Vocab

from extractors.document import get_mentions, set_mentions
from extractors.tokenizer import create_tokenizer
from schemas.records import Mention
from schemas.text import fold

__all__ = [
    "KnownName",
    "KnownSpan",
    "Lexicon",
    "LexiconVoter",
    "canonical_name",
    "create_lexicon",
    "is_term",
    "read_lexicon",
    "weigh",
]

PATH = Path(__file__).with_name("lexicon.tsv")
_ALIAS_SEPARATOR = " | "


@dataclass(frozen=True, slots=True)
class KnownName:
    """A row of ``lexicon.tsv``."""

    name: str  # as a reader would look it up
    type: str  # a key of schemas.vocabulary.ENTITY_TYPES
    aliases: tuple[str, ...] = ()  # other spellings, and abbreviations that stand for nothing else
    adds: bool = False  # whether its occurrences are mentions even where the recogniser saw none

    @property
    def forms(self) -> tuple[str, ...]:
        """Name and aliases."""
        return (self.name, *self.aliases)


class KnownSpan(NamedTuple):
    """An occurrence of a known name, in characters ``[start, end)``."""

    start: int
    end: int
    known: KnownName


@cache
def read_lexicon(path: Path = PATH) -> tuple[KnownName, ...]:
    """Return the rows of the lexicon, in their order.

    >>> next(row for row in read_lexicon() if row.name == "BERT").type
    'Model'
    """
    rows = []
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, type_, aliases, adds = line.split("\t")
            rows.append(KnownName(name, type_, tuple(filter(None, aliases.split(_ALIAS_SEPARATOR))), adds == "yes"))
    return tuple(rows)


def is_term(name: str) -> bool:
    """Return whether a name is a term, which may be written in any case, and no proper name.

    >>> [is_term(name) for name in ("language model", "hidden Markov model", "BERT", "mBERT", "Adam")]
    [True, True, False, False, False]
    """
    return name == name.lower() or (name[0].islower() and name.replace(" ", "").isalpha() and " " in name)


@cache
def _names_by_key() -> dict[tuple[str, str], str]:
    rows = reversed(read_lexicon())  # of rows that share a key the first holds
    return {(fold(form), row.type): row.name for row in rows for form in row.forms}


def canonical_name(surface: str, type_: str) -> str | None:
    """Return the name under which the lexicon knows ``surface`` as an entity of that type, None where it does not.

    >>> canonical_name("LLMs", "Model"), canonical_name("Cifar10", "Dataset"), canonical_name("our model", "Model")
    ('large language model', 'CIFAR-10', None)
    """
    return _names_by_key().get((fold(surface), type_))


@cache
def common_abbreviations() -> dict[str, str]:
    """Return the abbreviations that papers use without saying what they stand for, with their long forms.

    >>> common_abbreviations()["LLM"], common_abbreviations().get("BERT")
    ('large language model', None)
    """
    pairs = ((alias, row.name) for row in read_lexicon() if is_term(row.name) for alias in row.aliases)
    return {
        short: long
        for short, long in pairs
        if sum(char.isupper() for char in short) >= 2 and " " not in short and fold(short) != fold(long)
    }


def _spellings(form: str) -> Iterator[str]:
    """The spellings of a term in lower case, singular and plural, with hyphens and with spaces."""
    plural = form[:-1] + "ies" if form.endswith("y") and form[-2] not in "aeiou" else form + "s"
    for number in (form, form if form.endswith("s") else plural):
        yield from (number, number.replace("-", " "))


class Lexicon:
    """The known names, ready to be found in documents with the vocabulary ``vocab``."""

    def __init__(self, vocab: Vocab, rows: Sequence[KnownName] | None = None) -> None:
        self.rows = {str(i): row for i, row in enumerate(read_lexicon() if rows is None else rows)}
        self.cased = PhraseMatcher(vocab, attr="ORTH")
        self.uncased = PhraseMatcher(vocab, attr="LOWER")
        tokenize = create_tokenizer(Language(vocab))
        for key, row in self.rows.items():
            cased = [form for form in row.forms if not is_term(form)]
            plurals = [form + "s" for form in cased if form[-1].isupper() and row.type in ("Model", "Method")]
            self.cased.add(key, [tokenize(form) for form in cased + plurals])
            terms = dict.fromkeys(s for form in row.forms if is_term(form) for s in _spellings(form.lower()))
            self.uncased.add(key, [tokenize(form) for form in terms])

    def find(self, doc: Doc) -> list[KnownSpan]:
        """Return the known names in ``doc``, in text order; of overlapping ones the longest.

        >>> import spacy
        >>> nlp = spacy.blank("en")
        >>> [span.known.name for span in Lexicon(nlp.vocab).find(nlp("Adam trains BERT; adam trains on ImageNet"))]
        ['Adam', 'BERT', 'ImageNet']
        """
        found = []
        for matcher in (self.cased, self.uncased):
            for span in matcher(doc, as_spans=True):
                found.append(span)
        return [KnownSpan(s.start_char, s.end_char, self.rows[s.label_]) for s in sorted(filter_spans(found))]


# What the lexicon's word is worth, from its precision on annotated abstracts (see weigh()).
_AGREEMENT = 0.5  # share of the remaining doubt that agreement takes away
_ADDED = 0.8  # confidence of a mention that the lexicon adds
_OVERRULED = 0.7  # confidence below which a mention takes the type of the lexicon


def weigh(mentions: Sequence[Mention], known: Sequence[KnownSpan], text: str) -> list[Mention]:
    """Return ``mentions`` after the lexicon's opinion, in text order.

    A known name with the same borders and type raises the confidence; with another type it decides the type where the
    recogniser was unsure; where no mention stands it adds one, if the lexicon says that it may.

    Examples
    --------
    >>> bert = KnownName("BERT", "Model", adds=True)
    >>> found = [KnownSpan(0, 4, bert), KnownSpan(9, 13, bert)]
    >>> weighed = weigh([Mention(0, 4, "BERT", "Method", 0.5)], found, "BERT and BERT")
    >>> [(mention.start, mention.type, mention.confidence) for mention in weighed]
    [(0, 'Model', 0.5), (9, 'Model', 0.8)]
    """
    by_span = {(mention.start, mention.end): mention for mention in mentions}
    for start, end, name in known:
        mention = by_span.get((start, end))
        if mention is None:
            if name.adds and not any(m.start < end and start < m.end for m in mentions):
                by_span[start, end] = Mention(start, end, text[start:end], name.type, _ADDED)
        elif mention.type == name.type:
            confidence = 1 - (1 - mention.confidence) * (1 - _AGREEMENT)
            by_span[start, end] = replace(mention, confidence=round(confidence, 4))
        elif name.adds and mention.confidence < _OVERRULED:
            by_span[start, end] = replace(mention, type=name.type)
    return sorted(by_span.values(), key=lambda mention: mention.start)


class LexiconVoter:
    """The component around :func:`weigh`."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    def __call__(self, doc: Doc) -> Doc:
        """Set the mentions of ``doc`` after the lexicon's opinion."""
        known = self.lexicon.find(doc)
        if known:
            set_mentions(doc, weigh(get_mentions(doc), known, doc.text))
        return doc


@Language.factory("kg_lexicon", requires=["doc.ents"], assigns=["doc.ents"])
def create_lexicon(nlp: Language, name: str) -> LexiconVoter:
    """Return the component ``kg_lexicon``."""
    return LexiconVoter(Lexicon(nlp.vocab))
