"""What an entity is called and the id it goes by: preferred labels from usage, readable slugs from labels."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

from kg.names import GREEK, LEADING_SIZE
from kg.resolution.forms import Form, Speller
from schemas.inflection import singular

__all__ = ["Labelled", "assign_ids", "digest", "preferred_label", "slug"]

LONG_SHARE: Final = 0.2  # of an entity's uses, from which a term's long form is its label, and not the abbreviation
NAME_SHARE: Final = 0.6  # the same for names that are no terms: Penn Treebank, but MultiWOZ and DenseNet
REST_SHARE: Final = 0.4  # uses of the whole term beside those of its last words, from which the whole is the label
SMALL_SHARE: Final = 0.25  # of its uses in lower case, from which a long form is a common noun: not that of CLIP
COINED: Final = 2  # lower-case letters that make an abbreviation a coined name: DenseNet, against LLMs and ViT
MINOR_SHARE: Final = (
    0.1  # from which the lower case, or the singular, is the label: capitals may come from titles alone
)
MEANT_SHARE: Final = 0.9  # of the papers that use a label, from which what they mean has its plain slug as id
COINED_SHARE: Final = 0.1  # of the uses of the short forms, from which coined names among them count
MAX_SLUG: Final = 80  # characters; far below what file systems allow, with room for suffixes
SPELLED: Final = str.maketrans(
    {"+": "-plus-", "#": "-sharp-", "*": "-star-", "@": "-at-", "&": "-and-", "%": "-percent-"}
    | {"²": "2", "³": "3", "ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
    | {letter: f"-{name}-" for letter, name in GREEK.items()}
)
SHARP: Final = re.compile(r"(?<=[a-z])#")
# No file of Windows may have these names.
RESERVED: Final = frozenset({"aux", "con", "nul", "prn", *(f"{port}{i}" for port in ("com", "lpt") for i in range(10))})


def slug(label: str) -> str:
    """Return ``label`` as a part of an IRI and of a file name: lower case, with hyphens, ASCII as far as it goes.

    Not injective by itself (``A B`` and ``A-B`` meet): :func:`assign_ids` keeps entities apart.

    >>> [slug(label) for label in ("ImageNet", "C++", "C#", "C4.5", "β-VAE", "Fréchet distance", "pass@1", "数据集")]
    ['imagenet', 'c-plus-plus', 'c-sharp', 'c4.5', 'beta-vae', 'frechet-distance', 'pass-at-1', '数据集']
    """
    label_ = LEADING_SIZE.sub(r"\2 \1", label)
    text = unicodedata.normalize("NFD", label_.casefold().translate(SPELLED))
    text = unicodedata.normalize("NFKC", re.sub(r"[\u0300-\u036f]", "", text)).casefold()
    text = re.sub(r"(?<!\d)\.|\.(?!\d)|[^\w.]|_", "-", re.sub("['’]", "", text))
    text = re.sub(r"-{2,}", "-", text).strip("-")
    if len(text) > MAX_SLUG:
        text = f"{text[: MAX_SLUG - 9].rstrip('-.')}-{digest(label)}"
    return text or f"x-{digest(label)}"


def digest(text: str, size: int = 8) -> str:
    """Return ``size`` hexadecimal digits of the SHA-256 of a text, any text: what tells names apart that look alike.

    >>> digest("BERT"), digest("BERT", 4)
    ('f10cc888', 'f10c')
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:size]


Spellings = list[tuple[Form, int]]  # forms of one key, with the papers that use each


class Labelled(NamedTuple):
    """An entity that needs an id."""

    label: str
    type: str
    anchor: str  # what no other entity has
    papers: int = 1


def assign_ids(entities: Iterable[Labelled], *, taken: Collection[str] = ()) -> dict[Labelled, str]:
    """Return an id for each entity: its label's slug, made unique where several share it or it is ``taken``.

    Of several that share it, one that nearly all papers mean has it as it is. The others get their type as suffix; what
    is still the same then, again but for one that nearly all mean, gets its anchor, and at last a number in the order
    of the anchors.

    >>> math = [
    ...     Labelled("MATH", "Dataset", "math"),
    ...     Labelled("math", "Task", "math"),
    ...     Labelled("GLUE", "Dataset", "glue"),
    ... ]
    >>> list(assign_ids(math).values())
    ['math-dataset', 'math-task', 'glue']
    """
    ids = {entity: slug(entity.label) for entity in entities}
    for suffix in (lambda entity: entity.type.lower(), lambda entity: slug(entity.anchor)):
        sharing: dict[str, list[Labelled]] = defaultdict(list)
        for entity, id_ in ids.items():
            sharing[id_].append(entity)
        for id_, homonyms in sharing.items():
            is_free = id_ not in RESERVED and id_ not in taken
            papers = sum(entity.papers for entity in homonyms)
            for entity in homonyms:
                if not is_free or entity.papers < MEANT_SHARE * papers:
                    ids[entity] = f"{id_}-{suffix(entity)}"
    return _numbered(ids, taken)


def _numbered(ids: Mapping[Labelled, str], taken: Collection[str]) -> dict[Labelled, str]:
    given = set(taken)
    final: dict[Labelled, str] = {}
    counts = Counter(ids.values())
    for entity in sorted(ids, key=lambda entity: (counts[ids[entity]] > 1, entity.type, entity.anchor, entity.label)):
        id_, number = ids[entity], 1
        while id_ in given:
            number += 1
            id_ = f"{ids[entity]}-{number}"
        given.add(id_)
        final[entity] = id_
    return {entity: final[entity] for entity in ids}


def preferred_label(aliases: Mapping[str, int], type_: str, speller: Speller) -> str:
    """Return the name of an entity: the most used one, within what readers expect of a label.

    A term with an abbreviation goes by its long form unless hardly anyone writes it; a proper name by its short form
    unless most write the long one. Singular before plural, lower case before the capitals of titles.

    Parameters
    ----------
    aliases
        Readable surface forms with the number of papers that use them.
    """
    forms: dict[str, Spellings] = defaultdict(list)
    for surface, papers in aliases.items():
        form = speller(surface)
        forms[form.key].append((form, papers))
    uses = {key: _papers(spellings) for key, spellings in forms.items()}
    short = {key for key in forms if 2 * _papers([item for item in forms[key] if item[0].short]) >= uses[key]}
    full = set(forms) - short
    candidates = set(forms)
    if short and full:
        written = [[item for key in sorted(keys) for item in forms[key]] for keys in (full, short)]
        is_term = _is_term(written[0], written[1], type_)
        share = sum(uses[key] for key in full) / sum(uses.values())
        candidates = full if share >= (LONG_SHARE if is_term else NAME_SHARE) else short
    candidates = {key for key in candidates if not _is_rest_of_another(key, candidates, forms, uses)}
    best = min(candidates, key=lambda key: (-uses[key], key))
    return _best_spelling(forms[best], type_)


def _is_term(full: Spellings, short: Spellings, type_: str) -> bool:
    """Whether the long form is a common noun: a task, or often in lower case and of no coined name (DenseNet)."""
    names = [(re.sub(r"s$", "", form.surface), papers) for form, papers in short if not form.surface.islower()]
    coins = sum(papers for name, papers in names if sum(map(str.islower, name)) >= COINED)
    coined = coins > 0 and coins >= COINED_SHARE * _papers(short)
    small = _papers([item for item in full if item[0].surface.islower()])
    if type_ == "Task":
        return True
    return type_ != "Dataset" and not (type_ == "Model" and coined) and small >= SMALL_SHARE * _papers(full)


def _is_rest_of_another(key: str, keys: set[str], forms: Mapping[str, Spellings], uses: Mapping[str, int]) -> bool:
    """Distillation is a poor name for what many call knowledge distillation."""
    end = " " + forms[key][0][0].normal
    return any(forms[other][0][0].normal.endswith(end) and uses[other] >= REST_SHARE * uses[key] for other in keys)


def _best_spelling(spellings: Spellings, type_: str) -> str:
    singulars = [(form, papers) for form, papers in spellings if not _is_plural(form)]
    counted = type_ != "Dataset" and not any(" of " in form.normal for form, _ in spellings)  # not mixtures of experts
    if type_ == "Metric" and any(form.surface[-2:-1].isupper() for form, _ in spellings if _is_plural(form)):
        counted = False  # units: FLOPs, never one
    pool = singulars if singulars and counted else _unless_rare(singulars, spellings)
    pool = _unless_rare([(form, papers) for form, papers in pool if _letters(form.surface) == _letters(form.key)], pool)
    if type_ != "Dataset" and any(" " in form.normal for form, _ in pool):
        pool = _unless_rare([(form, papers) for form, papers in pool if not _has_title_case(form.surface)], pool)
    surface = min(pool, key=lambda item: (-item[1], len(item[0].surface), item[0].surface))[0].surface
    return _singular_surface(surface) if counted and not singulars else surface


def _unless_rare(some: Spellings, of: Spellings) -> Spellings:
    return some if some and _papers(some) >= MINOR_SHARE * _papers(of) else of


def _papers(spellings: Spellings) -> int:
    return sum(papers for _, papers in spellings)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _is_plural(form: Form) -> bool:
    return form.surface.rstrip("'’").endswith("s") and not form.normal.endswith("s")


def _has_title_case(surface: str) -> bool:
    return any(part.istitle() and len(part) > 1 and part.isalpha() for part in re.split(r"[\s-]+", surface))


def _singular_surface(surface: str) -> str:
    """Where only plurals occur, the last word in the singular: LLMs -> LLM, neural fields -> neural field."""
    head, space, last = surface.rpartition(" ")
    if len(last) > 2 and last[-1] == "s" and last[-2].isupper():
        return f"{head}{space}{last[:-1]}"
    one = singular(last.casefold())
    if one == last.casefold() or not last.casefold().startswith(one):
        return f"{head}{space}{one}" if last.islower() else surface
    return f"{head}{space}{last[: len(one)]}"
