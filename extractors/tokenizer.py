"""Tokens fit for names: ``GPT-3.5``, ``ViT-B/16``, ``top-1`` stay whole, ``BERT-based`` and ``CLIP/DINO`` come apart.

spaCy's own ``Tokenizer`` with other rules, so that ``nlp.to_disk`` and ``spacy.load`` keep it without code of ours.
Where the English rules split at every hyphen between letters and cut units off numbers (``ImageNet-22`` + ``K``),
these keep a compound whole unless a name ends inside it. Addresses come apart at their slashes: a name in
``https://github.com/someone/BERT`` is a mention like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from spacy.lang.char_classes import CONCAT_QUOTES, LIST_ELLIPSES, LIST_ICONS, LIST_PUNCT, LIST_QUOTES
from spacy.lang.en.tokenizer_exceptions import TOKENIZER_EXCEPTIONS
from spacy.language import Language
from spacy.symbols import ORTH  # type: ignore[import-not-found]
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex, registry

__all__ = ["ABBREVIATED_WORDS", "configure_tokenizer", "create_tokenizer", "tokenizer_factory"]

# Words whose full stop belongs to them.
ABBREVIATED_WORDS = [
    *("e.g.", "i.e.", "etc.", "vs.", "cf.", "al.", "viz.", "resp.", "approx.", "ca.", "w.r.t.", "a.k.a."),
    *("Fig.", "Figs.", "Eq.", "Eqs.", "Sec.", "Tab.", "Ref.", "Refs.", "Prof.", "Dr.", "Mr.", "Mrs.", "Ms.", "St."),
    *("Inc.", "Ltd.", "Vol.", "U.S.", "U.K.", "Ph.D."),
]

# What follows the hyphen after a name, whatever the name looks like ("transformer-based") ...
_AFTER_ANY = "based|like|style|styled|generated|derived|pretrained|trained|powered|family|type|series"
# ... and after one that ends in capitals or digits ("OCR-free", "GPT-4-level"), where any participle counts too.
_AFTER_CAPITALS = (
    r"specific|only|free|aware|agnostic|guided|driven|heavy|compatible|centric|native|level|inspired|dependent|[a-z]+ed"
)
_HYPHEN = r"[-‐‑]"
_WORD_END = r"(?![^\W_])"

_PREFIXES = ["§", "%", "=", "~", "—", "–", r"\\(?=[%&$#_{}])", r"\+(?![0-9])", r"-{2,}", r"\$", "£", "€", "¥"]
_SUFFIXES = [
    *("'s", "'S", "’s", "’S", "—", "–", "-", "~", "=", "/"),
    *(r"\\?%", r"\$", "€", r"-{2,}", r"(?<=[0-9])\+"),
    r"(?<=[^\W_A-Z])\.",
    rf"(?<=[%²\-\+$}})\]*{CONCAT_QUOTES}])\.",
    r"(?<=[^\s.][A-Z])\.",  # "7B." and "ViT-B.", not "U.S." nor an initial
]
_LONGEST_SUFFIX = 64  # characters, with those before it that some suffixes look at
_INFIXES = [
    r"(?<=[a-z0-9)])\.(?=[A-Z][A-Za-z])",
    r"(?<=[^\W\d_])[,;](?=[^\W\d_])",
    r"(?<=[^\W_])[:<>=](?=[^\W\d_])",
    r"(?<=[^\W_]{2})[(\[]|(?<=[^\W_]{2})[)\]]|[)\]](?=[-.,:;/][^\W_])|(?<=[)\]])[.,:;/]",
    r"[—–~“”\"{}$&]|-{2,}|\*{2,}|''|``",
    r"(?<=[^\W\d_])/(?![0-9]{1,2}(?![\w.]))|(?<=[^\w\s]|[0-9])/",  # not "ViT-B/16"
    rf"(?<=[\w)\]}}$]){_HYPHEN}(?=(?i:{_AFTER_ANY}){_WORD_END})",
    rf"(?<=[A-Z0-9][A-Z0-9]){_HYPHEN}(?=(?i:{_AFTER_CAPITALS}){_WORD_END})",
    rf"(?<=[A-Z0-9][a-z]){_HYPHEN}(?=(?i:{_AFTER_CAPITALS}){_WORD_END})",
    rf"(?:(?<=\b(?i:non|pre))|(?<=\b(?i:inter|intra|human))){_HYPHEN}(?=[A-Z]{{2}})",
    r"(?<=[^\W\d_])@(?=[A-Z][^\W_]{2})",  # "team@SharedTask", not "recall@10" nor "NDCG@K"
]


def _rules() -> dict[str, list[dict[int, str]]]:
    """English contractions and words that end in a full stop; no emoticons, which would swallow "8)" of "(top 8)"."""
    contractions = {text: pieces for text, pieces in TOKENIZER_EXCEPTIONS.items() if re.search(r"[a-z]['’][a-z]", text)}
    variants = {form for word in ABBREVIATED_WORDS for form in (word, word[0].upper() + word[1:])}
    return contractions | {word: [{ORTH: word}] for word in sorted(variants)}


class _AtTheEnd:
    """Searches the end of a token: spaCy cuts off one suffix after the other, each time searched for from the start."""

    def __init__(self, expression: re.Pattern[str]) -> None:
        self._search, self.pattern = expression.search, expression.pattern  # spaCy writes to disk what is the pattern

    def search(self, token: str) -> re.Match[str] | None:
        """Find the suffix of a token; only its length tells."""
        return self._search(token[-_LONGEST_SUFFIX:])


def create_tokenizer(nlp: Language) -> Tokenizer:
    """Return a tokenizer for scholarly text that shares the vocabulary of ``nlp``.

    >>> import spacy
    >>> tokenizer = create_tokenizer(spacy.blank("en"))
    >>> [token.text for token in tokenizer("BERT-based ViT-B/16 (GPT-3.5) beats LLaMA-2-7B's 93%.")]
    ['BERT', '-', 'based', 'ViT-B/16', '(', 'GPT-3.5', ')', 'beats', 'LLaMA-2-7B', "'s", '93', '%', '.']
    """
    affixes: list[str] = [*LIST_PUNCT, *LIST_ELLIPSES, *LIST_QUOTES, *LIST_ICONS]
    return Tokenizer(
        nlp.vocab,
        rules=_rules(),
        prefix_search=compile_prefix_regex([*_PREFIXES, *affixes]).search,
        suffix_search=_AtTheEnd(compile_suffix_regex([*_SUFFIXES, *affixes])).search,
        infix_finditer=compile_infix_regex([*_INFIXES, *LIST_ELLIPSES, *LIST_ICONS]).finditer,
    )


@registry.tokenizers("kg_tokenizer")  # type: ignore[untyped-decorator]
def tokenizer_factory() -> Callable[[Language], Tokenizer]:
    """Return what makes our tokenizer, for ``[nlp.tokenizer] @tokenizers = "kg_tokenizer"`` in spaCy's configurations.

    >>> import spacy
    >>> nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "kg_tokenizer"}}})
    >>> [token.text for token in nlp("GPT-3.5-based")]
    ['GPT-3.5', '-', 'based']
    """
    return create_tokenizer


def configure_tokenizer(nlp: Language) -> Language:
    """Give ``nlp`` our tokenizer, and return it.

    >>> import spacy
    >>> [token.text for token in configure_tokenizer(spacy.blank("en"))("top-1 CLIP/DINO")]
    ['top-1', 'CLIP', '/', 'DINO']
    """
    nlp.tokenizer = create_tokenizer(nlp)
    return nlp
