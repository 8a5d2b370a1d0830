"""Sentences of a title and abstract by rule: the title is one, and full stops of abbreviations and names end none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from extractors.document import title_end

__all__ = ["SentenceSplitter", "create_sentences", "sentence_starts"]

_ENDS = frozenset({".", "!", "?", "…", "...", "。"})
_CLOSERS = frozenset({")", "]", "}", '"', "'", "''", "”", "’", "»"})
_CLOSE = _CLOSERS | _ENDS
_OPENERS = frozenset({"(", "[", "{", '"', "'", "``", "`", "“", "‘", "«", "*", "$", "_", "\\"})
_NAMES_WITH_MARK = frozenset({"Yahoo", "Jeopardy"})
# Words that open a sentence after an abbreviation ("et al. We"), or in lower case where the writer was careless.
_STARTERS = frozenset(
    {
        *("a", "an", "although", "as", "at", "because", "but", "by", "extensive", "finally", "first", "for", "from"),
        *("further", "furthermore", "here", "how", "however", "if", "in", "it", "its", "moreover", "most", "of", "on"),
        *("our", "second", "since", "such", "that", "the", "then", "there", "these", "they", "this", "thus", "to"),
        *("unlike", "we", "what", "when", "while", "with"),
    }
)


def _opens(text: str) -> bool:
    """Whether a sentence may start with this token: a capital, a digit, an opener, or a name such as ``mT5``."""
    if text in _OPENERS:
        return True
    return not text[0].islower() or not text.islower() or any(c.isdigit() for c in text) or text in _STARTERS


def _ends_sentence(words: Sequence[str], i: int, following: str) -> bool:
    """Whether token ``i`` ends a sentence that is followed by the token ``following``."""
    text = words[i]
    if text in _ENDS:
        is_name = text == "!" and i > 0 and words[i - 1] in _NAMES_WITH_MARK
        return _opens(following) and not is_name
    # "et al.", "U.S.", an initial or the last letter of a name ("Command A."): only before a word that opens sentences.
    if text.endswith(".") and len(text) > 1:
        return following[0].isupper() and following.casefold() in _STARTERS
    return False


def _sentence_ends(words: Sequence[str], spaces: Sequence[int], first: int) -> Iterator[int]:
    """Token indices after which a sentence starts, from token ``first`` on; ``spaces`` says which a space follows."""
    i = first
    while i < len(words) - 1:
        last = i
        if words[i] in _ENDS:
            while last + 1 < len(words) and not spaces[last] and words[last + 1] in _CLOSE:
                last += 1
        elif not words[i].endswith(".") and not words[i + 1].isspace():  # as most words
            i += 1
            continue
        if last + 1 == len(words):
            return
        following = words[last + 1]
        if following.isspace():
            if following.count("\n") > 1:
                yield last + 1
        elif (spaces[last] or following[0].isupper()) and _ends_sentence(words, i, following):
            yield last
        i = last + 1


def sentence_starts(doc: Doc) -> list[int]:
    """Return the indices of the tokens that start a sentence.

    What stands before the first line feed is the title and one sentence, whatever marks are in it.

    Examples
    --------
    >>> import spacy
    >>> from extractors.tokenizer import configure_tokenizer
    >>> nlp = configure_tokenizer(spacy.blank("en"))
    >>> doc = nlp("Why BERT? A Study\\nIt beats Li et al. by 2.5 points, e.g. on GLUE. mT5 fails.")
    >>> [doc[i].text for i in sentence_starts(doc)]
    ['Why', 'It', 'mT5']
    """
    if not len(doc):
        return []
    border = title_end(doc)
    words, spaces = [token.text for token in doc], doc.to_array("SPACY").tolist()
    first = next((token.i for token in doc if token.idx >= border and not token.is_space), 0) if border else 0
    starts = {0, first} | {end + 1 for end in _sentence_ends(words, spaces, first) if end + 1 < len(words)}
    return sorted(starts)


class SentenceSplitter:
    """The component around :func:`sentence_starts`."""

    def __call__(self, doc: Doc) -> Doc:
        """Set ``is_sent_start`` of every token."""
        marks: Any = np.full((len(doc), 1), -1, dtype=np.int64)
        marks[sentence_starts(doc)] = 1
        return doc.from_array(["SENT_START"], marks.astype(np.uint64))  # one by one would be quadratic


@Language.factory("kg_sentences", assigns=["token.is_sent_start", "doc.sents"], requires=[])
def create_sentences(nlp: Language, name: str) -> SentenceSplitter:
    """Return the component ``kg_sentences``.

    >>> import spacy
    >>> nlp = spacy.blank("en")
    >>> _ = nlp.add_pipe("kg_sentences")
    >>> len(list(nlp("On X\\nWe study X. It works.").sents))
    3
    """
    return SentenceSplitter()
