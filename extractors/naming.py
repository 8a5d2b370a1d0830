"""The best name that a document has for an entity: what a reader would look up.

Singular, lower case unless it is a proper name; the long form of a technique, task or class of model, the short form of
what goes by it as a proper name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from extractors.lexicon import canonical_name, common_abbreviations, is_term
from schemas.inflection import singular
from schemas.records import Abbreviation, Mention
from schemas.text import fold
from schemas.vocabulary import OWN_TYPES

__all__ = ["IMPLIED", "best_name"]

IMPLIED = 0.5  # confidence of an abbreviation that the document uses without defining it

# Words that keep their capital inside a term in lower case: they are someone's or some language's name.
_PROPER = frozenset(
    {
        *("Bayes", "Bayesian", "Bernoulli", "Bellman", "Boltzmann", "Cauchy", "Dirichlet", "Euclidean", "Fisher"),
        *("Fourier", "Frank", "Gabor", "Gauss", "Gaussian", "Gibbs", "Hamiltonian", "Hausdorff", "Hebbian", "Hessian"),
        *("Hilbert", "Hopfield", "Jacobian", "Jensen", "Kalman", "Kolmogorov", "Kullback", "Lagrangian", "Langevin"),
        *("Laplace", "Leibler", "Lipschitz", "Markov", "Monte", "Carlo", "Nash", "Newton", "Nesterov", "Pareto"),
        *("Pearson", "Poisson", "Riemannian", "Shannon", "Shapley", "Siamese", "Sinkhorn", "Spearman", "Stein"),
        *("Thompson", "Turing", "Wasserstein", "Wiener", "Winograd", "Arabic", "Chinese", "Dutch", "English", "French"),
        *("German", "Greek", "Hindi", "Indian", "Italian", "Japanese", "Korean", "Persian", "Polish", "Portuguese"),
        *("Russian", "Spanish", "Turkish", "Vietnamese", "Python", "Java", "Wikipedia", "Twitter", "Transformer"),
    }
)
_COINED = re.compile(
    r"\b(?:propos|introduc|present|develop|call|nam|dub|term|novel|new|design|creat|releas|our)",
    re.IGNORECASE,
)
_SMALL = frozenset({"and", "for", "from", "in", "of", "on", "the", "to", "via", "with"})
_EXPLAINED = re.compile(r"(?<=\w)\s?\([\w-]{1,8}\)(?=\s)")  # "Monte Carlo (MC) dropout"
_SENTENCE_START = re.compile(r"(?:\A|[.!?:\n]|[\"'“‘(])\s{0,3}\Z")


def _singular_phrase(surface: str) -> str:
    """The name in singular; lists ("mixture of experts") and names such as ``FLOPs`` stay."""
    plain = _EXPLAINED.sub("", surface)
    head, _, last = plain.rpartition(" ")
    if re.search(r"[ -]of[ -]", plain) or last == "FLOPs":
        return plain
    return f"{head} {singular(last)}" if head else singular(last)


def _lower(surface: str) -> str:
    """Lower case, but for proper names and for words with capitals or digits inside."""
    if re.search(r"\w[A-Z]|\d", surface) and " " not in surface:
        return surface
    words = re.split(r"([\s-]+)", surface)
    keep = [word in _PROPER or len(word) == 1 or bool(re.match(r"\W*+\w.*[A-Z0-9]", word)) for word in words]
    return "".join(word if kept else word.lower() for word, kept in zip(words, keep, strict=True))


def _in_running_text(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions whose capitals mean something: not in the title nor at the start of a sentence."""
    border = text.find("\n")
    return [m for m in mentions if m.start > border and not _SENTENCE_START.search(text[max(0, m.start - 3) : m.start])]


def _is_coined(text: str, mention: Mention) -> bool:
    before = text[max(0, mention.start - 100) : mention.start]
    return bool(_COINED.search(before, before.rfind(".") + 1))


def _is_name(name: str, type_: str, *, running: bool) -> bool:
    """Whether a name that is never written in lower case is a proper one, by its form."""
    words = re.split(r"[\s-]+", name)
    if type_ not in OWN_TYPES:
        return True  # of a registered type nothing is known that would speak for lower case
    if running and any(word[:1].islower() and word not in _SMALL for word in words):
        return True  # "Dirichlet prior": the capital is there on purpose
    if type_ == "Model" and re.search(r"\d", words[-1]):
        return True  # "Gemini 1.5"
    return type_ in ("Dataset", "Model") and (len(name.split()) == 1 or (type_ == "Dataset" and running))


def _spelled(text: str, mentions: Sequence[Mention], type_: str) -> str:
    """The name in singular and in the case that it deserves, from mentions that differ in spelling only."""
    running = _in_running_text(text, mentions)
    counts = Counter(
        mention.text
        if type_ == "Dataset" and mention.text[:-1] != mention.text[:-1].lower()
        else _singular_phrase(mention.text)
        for mention in running or mentions
    )
    lower = [form for form in counts if form[0].islower()]
    name = min(lower or counts, key=lambda form: (-counts[form], form))
    if lower or _is_name(name, type_, running=bool(running)):
        return name
    if running and " " in name and any(_is_coined(text, mention) for mention in mentions):
        return name
    return _lower(name)


def _prefers_short(text: str, pair: Abbreviation, type_: str) -> bool:
    """Whether an entity with this abbreviation goes by the short form."""
    if type_ in ("Task", "Metric"):
        return False
    known = canonical_name(pair.short, type_)
    if known is not None:
        return not is_term(known)
    if text.startswith((pair.short + ":", pair.short + " –", pair.short + " -")):
        return True
    if pair.confidence > IMPLIED and pair.start < pair.long_start:
        return True  # what is named first, and explained after, is a proper name
    fancy = not re.fullmatch(r"[A-Z]+s?", pair.short)
    capitals = pair.long.split()[-1][0].isupper()
    if type_ == "Dataset":
        return fancy or pair.short in text.partition("\n")[0]
    return type_ == "Model" and fancy and capitals


def _spell_out(name: str, type_: str, abbreviations: Sequence[Abbreviation]) -> str:
    """The name with its last word spelled out, where readers would look for that: "multilingual LLM"."""
    head, _, last = name.rpartition(" ")
    if not head or not (type_ == "Task" or singular(last).endswith("LM")):
        return name
    longs = {singular(pair.short): _lower(_singular_phrase(pair.long)) for pair in abbreviations}
    long = (common_abbreviations() | longs).get(singular(last))
    return f"{head} {long}" if long and long.islower() and head.islower() else name


def _as_known(name: str, type_: str) -> str:
    """The spelling of the lexicon: of terms always, of data sets where they differ by more than case."""
    known = canonical_name(name, type_)
    if known is None or (type_ == "Metric" and name in common_abbreviations()):
        return name  # metrics go by their abbreviation where it stands alone
    if is_term(known):
        return known
    return known if type_ == "Dataset" and known.casefold() != name.casefold() and fold(known) == fold(name) else name


def best_name(text: str, mentions: Sequence[Mention], *, abbreviations: Sequence[Abbreviation] = ()) -> str:
    """Return the name of the entity that ``mentions`` (at least one, of one type) are mentions of.

    Examples
    --------
    >>> text = "Graph Networks; our graph networks win."
    >>> best_name(text, [Mention(0, 14, "Graph Networks", "Model"), Mention(20, 34, "graph networks", "Model")])
    'graph network'
    """
    type_ = mentions[0].type
    by_form = {singular(mention.text) for mention in mentions}
    folded = {fold(form) for form in by_form}
    for pair in abbreviations:
        short = singular(pair.short)
        if short in by_form or fold(pair.long) in folded:
            longs = [mention for mention in mentions if fold(mention.text) == fold(pair.long)]
            if short in by_form and _prefers_short(text, pair, type_):
                return short
            name = _spelled(text, longs, type_) if longs else _lower(_singular_phrase(pair.long))
            return _as_known(name, type_)
    full = [mention for mention in mentions if _spell_out(mention.text, type_, abbreviations) == mention.text]
    name = _spelled(text, full or mentions, type_)
    return _as_known(_spell_out(name, type_, abbreviations), type_)
