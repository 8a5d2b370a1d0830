"""English word forms: singular, American spelling, stem. Small rules and their exceptions, no dictionary.

They serve comparison, not display: what matters is that the forms of one word come out the same, and that words that
are not the same stay apart.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

__all__ = ["american", "singular", "stem", "words"]


def words(text: str) -> frozenset[str]:
    """Return the words of ``text`` as a set: a way to write long lists of words that can be read."""
    return frozenset(text.split())


IRREGULAR: Final = {
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
SINGULAR: Final = words(
    "alias always atlas bayes bias canvas chaos cosmos gas gibbs keras kudos lens means movielens news pandas pathos "
    "series species texas"
)
COUNTED_ICS: Final = words("basics characteristics comics critics graphics heuristics metrics topics")
PLURAL_ES: Final = ("sses", "shes", "ches", "xes", "zzes", "biases", "aliases", "lenses", "viruses", "buses")

DOUBLED_L: Final = re.compile(r"^(cance|chann|counse|lab|lev|mod|parall|sign|tot|trav|tunn)(a|e)?ll(ing|ed|er)$")
OUR: Final = re.compile(r"(arm|behavi|col|endeav|fav|flav|harb|hon|hum|lab|neighb|od|rig|rum|tum|vap|vig)our(?!ce|se)")
ISE: Final = re.compile(
    r"(al|an|ar|at|ct|en|er|et|gn|ic|im|in|iv|nt|om|on|or|tr|ur)is(e|ed|es|ing|er|ers|able|ation|ations)$"
)
# Words that end as if by -ise and are not; the rest of the word follows.
ISE_KEPT: Final = re.compile(
    r"^(advert|apprais|aris|chast|comprom|dem|enterpr|expert|franch|garn|improv|mortis|parad|praise|prem|prom|"
    r"raise|surmis|televis|treat|uprais)is?"
)
ENDINGS: Final = {
    "ageing": "aging",
    "analogue": "analog",
    "artefact": "artifact",
    "catalogue": "catalog",
    "centre": "center",
    "defence": "defense",
    "dialogue": "dialog",
    "fibre": "fiber",
    "grey": "gray",
    "judgement": "judgment",
    "licence": "license",
    "metre": "meter",
    "offence": "offense",
    "programme": "program",
    "yse": "yze",
    "ysed": "yzed",
    "ysing": "yzing",
}

UNSTEMMED: Final = words("general natural normal universal")  # not generative, nature, norm, universe
MIN_STEM: Final = 4  # letters that must be left when a suffix goes
SUFFIXES: Final = sorted(
    words(
        "age al ally ant ary ate ated ating ation ational ations ative ator ators e ed ent er ers ic ical ically icate "
        "icating ication ier ifier ing ings ion ional ionally ition itive ive ivity ly ment or ous ously ure y"
    ),
    key=lambda suffix: (-len(suffix), suffix),
)


@cache
def singular(word: str) -> str:
    """Return the singular of a lower-case English word; a word that is singular comes back as it is.

    >>> [singular(word) for word in ("models", "losses", "accuracies", "analysis", "bias", "corpora", "news")]
    ['model', 'loss', 'accuracy', 'analysis', 'bias', 'corpus', 'news']
    """
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word in SINGULAR or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ics"):
        return word[:-1] if word in COUNTED_ICS else word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(PLURAL_ES) else word[:-1]


@cache
def american(word: str) -> str:
    """Return the American spelling of a lower-case word, for the words that papers in the field use.

    >>> [american(word) for word in ("optimisation", "behaviour", "modelling", "denoising", "dialogue", "four")]
    ['optimization', 'behavior', 'modeling', 'denoising', 'dialog', 'four']
    """
    word = OUR.sub(r"\1or", DOUBLED_L.sub(lambda match: f"{match[1]}{match[2] or ''}l{match[3]}", word))
    if not ISE_KEPT.match(word):
        word = ISE.sub(r"\1iz\2", word)
    for british, ours in ENDINGS.items():
        if word.endswith(british):
            return word.removesuffix(british) + ours
    return word


@cache
def stem(word: str) -> str:
    """Return what the forms of one word have in common: a light suffix stripper in the manner of Porter (1980).

    >>> [stem(word) for word in ("computational", "computation", "compute", "adapter", "adaptation", "continual")]
    ['comput', 'comput', 'comput', 'adapt', 'adapt', 'continu']
    """
    if word.startswith("mathemat"):
        return "math"
    if word in UNSTEMMED:
        return word
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= MIN_STEM:
            return _undoubled(word.removesuffix(suffix))
    return word


def _undoubled(stem: str) -> str:
    """Embedd -> embed, but distill and process keep their l and s."""
    return stem[:-1] if stem[-1] == stem[-2] and stem[-1] not in "aeiouls" else stem
