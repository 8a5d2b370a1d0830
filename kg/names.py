"""Surface strings as they are compared: pure functions from one string to its normal form.

Three grains, from fine to coarse. The *normal form* undoes what writers vary without meaning anything by it: case,
hyphens and spaces, plural, possessive, Greek letters, LaTeX, British spelling, the place of a size. The *key* is the
normal form without its spaces, so that ``CIFAR10``, ``CIFAR-10`` and ``Cifar 10`` meet. The *loose key* also undoes
word formation and filler words (``computation cost``, ``computational cost``); it only proposes, and what it proposes
needs the same type before it holds.

What makes a name is kept: digits and their order, ``+``, ``#``, ``*`` and ``@``, the point in ``C4.5``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from kg.resolution.inflection import american, stem, words
from schemas.inflection import singular
from schemas.text import readable

__all__ = [
    "GREEK",
    "HEADS",
    "WORD",
    "abbreviates",
    "is_initialism",
    "key",
    "loose_key",
    "model_form",
    "normal_form",
    "plain",
    "signature",
    "without_head",
]

GREEK: Final = {
    **{"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta"},
    **{"ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "ο": "omicron", "π": "pi"},
    **{"ρ": "rho", "σ": "sigma", "ς": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi"},
    **{"ω": "omega"},
}
GREEK_LETTER: Final = re.compile(r"(?<![\u0370-\u03ff])[Α-Ωα-ω](?![\u0370-\u03ff])")  # alone; Greek words stay
MARKS: Final = re.compile(r"[\u0300-\u036f]")
DASHES: Final = re.compile(r"[\u2010-\u2015\u2212\u00ad\ufe58\ufe63\uff0d]")
QUOTES: Final = str.maketrans(dict.fromkeys('"“”„«»`´', " ") | dict.fromkeys("’‘ʼ′", "'"))
POSSESSIVE: Final = re.compile(r"'s\b|(?<=s)'(?=\s|$)")
BRACKETED: Final = re.compile(r"(?:(?<!\s)\s++)?[(\[]([^()\[\]]{2,12})[)\]]")
GLUED_REST: Final = re.compile(r"(?<=[^\W_])\(([a-z]+)\)")  # GPT-4V(ision)
TOKEN: Final = re.compile(r"([@+#*]*+[^\W_](?:[^\W_]|(?<=\d)\.(?=\d))*[+#*]*)|[@+#*]++")  # or marks without a token
ACRONYM_PLURAL: Final = re.compile(r"^([^\WA-Z\d_]*+[A-Z0-9][^\W_]*[A-Z]|[A-Z]+)s$")
LEADING_SIZE: Final = re.compile(r"^(\d+(?:\.\d+)?[BM])[ _-](?:param(?:eter)?s? )?(?=.*[A-Z])(.+)$")
YEAR: Final = re.compile(r"^(?:19[89]|20[0-3])\d$")
GLUED_YEAR: Final = re.compile(r"^([a-z]{2,})(?:19([89]\d)|20([0-3]\d))$")
DIGITS_MEET: Final = re.compile(r"(?<=\d) (?=\d)")
WORD: Final = re.compile(r"^[^\W\d_]+$")
VERSION_PART: Final = re.compile(r"\d+(?:\.\d+)?[a-z]?|[+#*@]")
LONG_FORM: Final = 200  # characters before a bracket within which what it abbreviates begins
SHOUTED: Final = 12  # characters from which a text all in capitals is a heading, and its S may be a plural

# What people add to a name without changing it, by type: "the Adam optimizer", "the GLUE benchmark".
HEADS: Final = {
    "Method": words(
        "algorithm approach framework library mechanism method module optimizer procedure scheme strategy system "
        "technique tool toolkit"
    ),
    "Model": words("architecture model network"),
    "Dataset": words("benchmark challenge collection corpus data database dataset suite"),
    "Metric": words("measure metric score"),
    "Task": words("challenge problem task"),
}
SIZES: Final = {"t": "tiny", "s": "small", "b": "base", "l": "large", "h": "huge", "g": "giant"}
SIZE_LETTER: Final = re.compile(r"(?<=\w\w )([tsblhg])(?= \d+$|$)")
ARTICLES: Final = ("the", "a", "an")
FILLERS: Final = words("a an and level of the")
# Said or left out alike: (natural) language understanding, deep (neural) network, instruction (fine-)tuning.
NEURAL_NETWORK: Final = re.compile(r"(?<=\w) neural (?:network|net)\b")
NATURAL_LANGUAGE: Final = re.compile(r"\bnatural language\b")
# Words that say the same at the end of a term, by what stands before them.
SAME_ENDS: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?<=\w \w)(\w* )synthesis$", r"\1generation"),  # text-to-image synthesis; not data synthesis
        (r"(?<=\w )forecasting$", "prediction"),
        (r"\b(energy|memory|power|storage) (?:consumption|cost|footprint|requirement|usage)$", r"\1 use"),
        (r"\b(position\w*) embedding$", r"\1 encoding"),
        (r"\b(contrastive|end|\w*supervised) training$", r"\1 learning"),
        (r"(?<=\w )supervision$", "supervised learning"),
    )
)
FINE_TUNING: Final = re.compile(r"(?<=\w )fine ?(?=tun)")


def plain(surface: str) -> str:
    """Return ``surface`` as one would read it: LaTeX undone, one kind of dash and quote, white space single.

    >>> plain("T\\\\\\"ULU–3")
    'TÜLU-3'
    """
    text = readable(surface).text.replace("**", "")  # Markdown's bold
    if text.isascii() and '"' not in text and "`" not in text:
        return " ".join(text.split())
    return " ".join(unicodedata.normalize("NFKC", DASHES.sub("-", text)).translate(QUOTES).split())


def _letters(text: str) -> str:
    """Latin letters without their marks, single Greek letters by name."""
    if text.isascii():
        return text
    text = GREEK_LETTER.sub(lambda match: f"-{GREEK[match[0].lower()]}-", text)
    return unicodedata.normalize("NFC", MARKS.sub("", unicodedata.normalize("NFD", text)))


def _without_own_abbreviation(text: str) -> str:
    """Text-to-image (T2I) generation -> text-to-image generation; other brackets stay."""

    def replace(match: re.Match[str]) -> str:
        return "" if abbreviates(match[1], text[max(0, match.start() - LONG_FORM) : match.start()]) else match[0]

    return BRACKETED.sub(replace, text) if "(" in text or "[" in text else text


def _normal_word(token: str, *, shouted: bool) -> str:
    if match := ACRONYM_PLURAL.match(token):
        return match[1].casefold()
    word = token.casefold()
    if not WORD.match(word):
        return GLUED_YEAR.sub(lambda match: match[1] + (match[2] or match[3]), word)
    if token.isupper() and not shouted:  # GPS and GLUES are no plurals
        return word
    return american(singular(word))


def normal_form(surface: str) -> str:
    """Return the words of ``surface`` as they are compared, with single spaces.

    Nothing comes out empty: what has neither letters nor digits is its own normal form.

    >>> normal_form("Large Language Models"), normal_form("the BERT's"), normal_form("7B LLaMA-2")
    ('large language model', 'bert', 'llama 2 7b')
    >>> normal_form("β-VAEs"), normal_form("C++"), normal_form("R²"), normal_form("WMT 2014")
    ('beta vae', 'c++', 'r2', 'wmt 14')
    """
    text = _without_own_abbreviation(_letters(POSSESSIVE.sub("", plain(surface)))).replace("&", " and ")
    text = LEADING_SIZE.sub(r"\2 \1", GLUED_REST.sub(r"\1", text).strip("'- "))
    tokens = [token for token in TOKEN.findall(text) if token]
    if len(tokens) > 1 and tokens[0].casefold() in ARTICLES and tokens[0] != "A":
        del tokens[0]
    shouted = len(tokens) > 1 and text.isupper() and len(text) > SHOUTED
    normal = [_normal_word(token, shouted=shouted) for token in tokens]
    for i in range(1, len(normal)):
        if YEAR.match(normal[i]) and normal[i - 1].isalpha():
            normal[i] = normal[i][2:]
    return " ".join(normal) or " ".join(surface.casefold().split()) or "-"


def key(normal: str) -> str:
    """Return the key of a normal form: without spaces, but never so that two numbers run together.

    >>> [key(normal_form(name)) for name in ("CIFAR10", "CIFAR-10", "Cifar 10", "Llama-3 8B", "Llama 38B")]
    ['cifar10', 'cifar10', 'cifar10', 'llama3-8b', 'llama38b']
    """
    return DIGITS_MEET.sub("-", normal).replace(" ", "")


def loose_key(normal: str, *, expand: Mapping[str, str] | None = None, ordered: bool = True) -> str:
    """Return the key under which a term meets its other word formations.

    Parameters
    ----------
    normal
        A normal form.
    expand
        Short forms with the long forms (both normal) to put in their place.
    ordered
        False puts the words in alphabetical order, so that ``theorem proving`` meets ``proving theorems``.

    Examples
    --------
    >>> loose_key("computation cost") == loose_key("computational cost")
    True
    >>> loose_key("deep rl", expand={"rl": "reinforcement learning"}) == loose_key("deep reinforcement learning")
    True
    """
    if " " not in normal:
        return normal
    if expand:
        normal = " ".join(expand.get(word, word) for word in normal.split())
    for pattern, replacement in SAME_ENDS:
        normal = pattern.sub(replacement, normal)
    normal = NATURAL_LANGUAGE.sub("language", NEURAL_NETWORK.sub(" network", FINE_TUNING.sub("", normal)))
    first, *inner, last = normal.split()
    telling = [first, *(word for word in inner if word not in FILLERS), last]
    stems = [stem(word) if WORD.match(word) else word for word in telling]
    return key(" ".join(stems if ordered else sorted(stems)))


def without_head(normal: str, type_: str) -> str | None:
    """Return ``normal`` without its last words where these only say what it is, None where there are none.

    >>> without_head("bert model", "Model"), without_head("bert", "Model"), without_head("model", "Model")
    ('bert', None, None)
    """
    rest = normal.split()
    words_before = len(rest)
    while len(rest) > 1 and rest[-1] in HEADS.get(type_, ()):
        rest.pop()
        if len(rest) > 1 and rest[-1] == "neural":  # transformer neural network
            rest.pop()
    return " ".join(rest) if len(rest) < words_before else None


def model_form(normal: str) -> str:
    """Return the normal form of a model's name without what only models' names vary in: sizes in letters, "-based".

    Of methods it would be wrong: prompt-based learning is not prompt learning.

    >>> model_form("vit b 16"), model_form("transformer based language model"), model_form("b")
    ('vit base 16', 'transformer language model', 'b')
    """
    return SIZE_LETTER.sub(lambda match: SIZES[match[1]], normal.replace(" based ", " "))


def is_initialism(surface: str) -> bool:
    """Tell whether ``surface`` is built like an abbreviation: one token with two capitals, or a capital and a digit.

    >>> [is_initialism(name) for name in ("LLMs", "t-SNE", "LoRA", "F1", "Adam", "accuracy", "MS COCO")]
    [True, True, True, True, False, False, False]
    """
    token = plain(surface)
    if " " in token or not 2 <= len(token) <= 12:
        return False
    capitals = sum(char.isupper() for char in token)
    return capitals >= 2 or (capitals == 1 and any(char.isdigit() for char in token))


def abbreviates(short: str, long: str) -> bool:
    """Tell whether the letters of ``short`` stand in ``long`` in order, the first at the start of a word.

    The test of Schwartz and Hearst (2003), with ``2`` also read as *to*, and a plural s of the short form disregarded.

    >>> abbreviates("RLHF", "reinforcement learning from human feedback"), abbreviates("T2I", "text-to-image")
    (True, True)
    >>> abbreviates("LLMs", "large language models"), abbreviates("GLUE", "question answering")
    (True, False)
    """
    letters = [char for char in re.sub(r"(?<=[A-Z])s$", "", short).casefold() if char.isalnum()]
    text = re.sub(r"\bto\b", "2", long.casefold())
    at = len(text)
    for i in range(len(letters) - 1, -1, -1):
        at -= 1
        while at >= 0 and (text[at] != letters[i] or (i == 0 and at > 0 and text[at - 1].isalnum())):
            at -= 1
        if at < 0:
            return False
    return bool(letters) and len(text) > len(short) + 1


def signature(normal: str) -> tuple[str, ...]:
    """Return the parts of a normal form that tell versions, sizes and editions apart, sorted.

    >>> signature("gpt 3.5 turbo"), signature("defsent+"), signature("language model")
    (('3.5',), ('+',), ())
    """
    return tuple(sorted(VERSION_PART.findall(normal)))
