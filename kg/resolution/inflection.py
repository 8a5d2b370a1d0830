"""English word forms: American spelling, stem. Small rules and their exceptions, no dictionary.

They serve comparison, not display: what matters is that the forms of one word come out the same, and that words that
are not the same stay apart.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

__all__ = ["american", "stem", "words"]


def words(text: str) -> frozenset[str]:
    """Return the words of ``text`` as a set: a way to write long lists of words that can be read."""
    return frozenset(text.split())


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

# Not generative, modular, nature, norm, relation, transformer, universe.
UNSTEMMED: Final = words("general modulation natural normal relative transformation universal")
MIN_STEM: Final = 4  # letters that must be left when a suffix goes
SUFFIXES: Final = sorted(
    words(
        "age al ally ant ary ate ated ating ation ational ations ative ator ators e ed ent er ers ic ical ically icate "
        "icating ication ier ifier ing ings ion ional ionally ition itive ive ivity ly ment or ous ously ure y"
    ),
    key=lambda suffix: (-len(suffix), suffix),
)


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
    once = _without_suffix(word, MIN_STEM)
    return _without_suffix(once, MIN_STEM + 1)  # behavioral, behavior


def _without_suffix(word: str, shortest: int) -> str:
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= shortest:
            return _undoubled(word.removesuffix(suffix))
    return word


def _undoubled(stem: str) -> str:
    """Embedd -> embed, but distill and process keep their l and s."""
    return stem[:-1] if stem[-1] == stem[-2] and stem[-1] not in "aeiouls" else stem
