"""The singular of English words: small rules and their exceptions, no dictionary.

It serves comparison first: the forms of one word must come out the same, and words that differ stay apart.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

__all__ = ["singular"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_IRREGULAR: Final = {
    "analyses": "analysis",
    "appendices": "appendix",
    "axes": "axis",
    "bases": "basis",
    "caches": "cache",
    "cookies": "cookie",
    "corpora": "corpus",
    "criteria": "criterion",
    "diagnoses": "diagnosis",
    "formulae": "formula",
    "hypotheses": "hypothesis",
    "indices": "index",
    "maths": "math",
    "matrices": "matrix",
    "movies": "movie",
    "niches": "niche",
    "phenomena": "phenomenon",
    "syntheses": "synthesis",
    "theses": "thesis",
    "vertices": "vertex",
}
# Singular in spite of their end, beside -ss, -us and -is; in -ics all are but a few that are counted.
_SINGULAR: Final = _words(
    "alias always atlas bayes bias canvas chaos cosmos gas gibbs keras kudos lens means movielens news pandas pathos "
    "series species texas https"
)
_COUNTED_ICS: Final = _words("basics characteristics comics critics graphics heuristics metrics topics")
_PLURAL_ES: Final = ("sses", "shes", "ches", "xes", "zzes", "biases", "aliases", "lenses", "viruses", "buses")


@lru_cache(maxsize=1 << 16)  # a million abstracts hold more words than memory should
def singular(word: str) -> str:
    """Return the singular of an English word, its case kept; a word that is no plural comes back as it is.

    >>> [singular(word) for word in ("LLMs", "Networks", "queries", "batches", "matrices", "loss", "analysis", "SGD")]
    ['LLM', 'Network', 'query', 'batch', 'matrix', 'loss', 'analysis', 'SGD']
    """
    lower = word.casefold()
    if word.endswith("(s)"):
        return word[:-3]
    if lower in _IRREGULAR:
        return word[0] + _IRREGULAR[lower][1:]
    if len(word) < 4 or not word.endswith("s") or lower in _SINGULAR:
        return word
    if word[-2].isupper() or word[-2].isdigit():  # "LLMs", "GPUs"
        return word[:-1]
    if lower.endswith("ics"):
        return word[:-1] if lower in _COUNTED_ICS else word
    if lower.endswith(("ss", "us", "is", "'s", "’s")):
        return word
    if lower.endswith("ies") and len(lower) > 4:
        return word[:-3] + "y"
    return word[:-2] if lower.endswith(_PLURAL_ES) else word[:-1]
