"""The user's corrections: what ``curation.yaml`` says, read strictly and written back.

::

    same:                     # these are one; the first keeps its id and its name
      - [MS COCO, Microsoft COCO]
    different:                # these are not one, whatever the papers suggest
      - [ADAM, Adam]
    rename:                   # the name that is shown; ids stay
      large-language-model: LLM
    type:                     # what it is, whatever the papers suggest
      GLUE: Dataset
    drop: [method, approach]  # no entity at all
    identity:                 # what it is elsewhere, whatever authorities suggest
      BERT: http://www.wikidata.org/entity/Q61726893
      SAM: none

Everywhere a name stands for any of an entity's surface forms, or for its id. Ids are those of the graph without the
corrections; an entity that ``same`` extends keeps its id, so that the ids one sees in a graph can be used too.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from kg.export import replacing
from kg.export.iris import absolute_iri
from schemas.errors import CurationError
from schemas.vocabulary import ENTITY_TYPES

__all__ = [
    "NO_IDENTITY",
    "Curation",
    "dump_curation",
    "merge",
    "nearest",
    "parse_curation",
    "read_curation",
    "split",
    "write_curation",
]


NO_IDENTITY: Final = "none"
LONGEST_LINE: Final = 1 << 16  # names are not broken over lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Curation:
    """Corrections; names are surface forms or ids."""

    same: tuple[tuple[str, ...], ...] = ()
    different: tuple[tuple[str, ...], ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    type: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    identity: Mapping[str, str] = field(default_factory=dict)  # name -> IRI, or NO_IDENTITY
    source: str = field(default="curation.yaml", compare=False)  # the file, for messages

    def __bool__(self) -> bool:
        return any(getattr(self, key) for key in KEYS)


KEYS = tuple(field.name for field in fields(Curation) if field.name != "source")


def _yaml() -> YAML:
    """Return a reader and writer of YAML 1.2 that keeps comments, builds plain values and refuses a key twice."""
    yaml = YAML()
    yaml.width = LONGEST_LINE
    yaml.preserve_quotes = True
    return yaml


def _problem(error: YAMLError) -> str:
    """What is wrong and where, in one line, without the parser's advice to programmers."""
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    where = f", line {mark.line + 1}" if mark is not None else ""
    return " ".join(f"{problem or error}{where}".split())


def merge(curation: Curation, *names: str) -> Curation:
    """Return the corrections with the word that ``names`` are one entity; the first keeps its id and its name.

    What was said to the contrary is taken back.

    >>> before = Curation(same=(("COCO", "MSCOCO"),), different=(("COCO", "MS COCO", "LVIS"),))
    >>> after = merge(before, "MS COCO", "COCO")
    >>> after.same, after.different
    ((('MS COCO', 'COCO', 'MSCOCO'),), (('COCO', 'LVIS'), ('MS COCO', 'LVIS')))
    """
    group, others = list(names), []
    for same in curation.same:
        if set(same) & set(group):
            group += [name for name in same if name not in group]
        else:
            others.append(same)
    return replace(curation, same=(*others, tuple(group)), different=_without_pairs(curation.different, set(group)))


def split(curation: Curation, *names: str) -> Curation:
    """Return the corrections with the word that each two of ``names`` are two entities.

    What was said to the contrary is taken back.

    >>> after = split(Curation(same=(("Adam", "ADAM", "AdamW"),)), "Adam", "AdamW")
    >>> after.same, after.different
    ((('Adam', 'ADAM'),), (('Adam', 'AdamW'),))
    """
    same = []
    for group in curation.same:
        first = next((name for name in group if name in names), None)
        kept = tuple(name for name in group if name == first or name not in names)
        same += [kept] if len(kept) > 1 else []
    different = curation.different if names in curation.different else (*curation.different, names)
    return replace(curation, same=tuple(same), different=different)


def _without_pairs(groups: Iterable[tuple[str, ...]], names: set[str]) -> tuple[tuple[str, ...], ...]:
    """The groups with no two of ``names`` in one, and else with all pairs that they had."""
    left: list[tuple[str, ...]] = []
    for group in groups:
        inside = [name for name in group if name in names]
        parts = [tuple(n for n in group if n == one or n not in names) for one in inside] if inside[1:] else [group]
        left += [part for part in parts if len(part) > 1]
    return tuple(left)


def read_curation(path: str | Path) -> Curation:
    """Read a curation file.

    Raises
    ------
    CurationError
        It cannot be read, is no YAML, or says something impossible; the message names the file and the place.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CurationError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return parse_curation(text, source=str(path))


def parse_curation(text: str, *, source: str = "curation.yaml") -> Curation:
    """Return the corrections that a YAML text makes.

    Raises
    ------
    CurationError
        As :func:`read_curation`.

    Examples
    --------
    >>> parse_curation("same: [[MS COCO, COCO]]").same
    (('MS COCO', 'COCO'),)
    """
    try:
        value = _yaml().load(text)
    except YAMLError as error:
        raise CurationError(f"{source}: no YAML: {_problem(error)}") from error
    if value is None:
        return Curation(source=source)
    if not isinstance(value, dict):
        raise CurationError(f"{source}: must hold the keys {', '.join(KEYS)}, not a {type(value).__name__}")
    for key in value:
        if key not in KEYS:
            raise CurationError(f"{source}: unknown key {key!r}{nearest(str(key), KEYS)}; valid: {', '.join(KEYS)}")
    curation = Curation(
        same=_groups(value, "same", source),
        different=_groups(value, "different", source),
        rename=_mapping(value, "rename", source),
        type=_mapping(value, "type", source),
        drop=_names(value.get("drop"), "drop", source),
        identity=_mapping(value, "identity", source),
        source=source,
    )
    _check(curation)
    return curation


def _name(value: object, key: str, source: str) -> str:
    if not isinstance(value, str):
        raise CurationError(f"{source}: {key}: {value!r} is read as a {type(value).__name__}: put quotes around it")
    if not value.strip():
        raise CurationError(f"{source}: {key}: an empty name")
    return " ".join(value.split())


def _names(value: object, key: str, source: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise CurationError(f"{source}: {key}: must be a list of names, is {value!r}")
    return tuple(_name(item, key, source) for item in value)


def _groups(value: Mapping[str, object], key: str, source: str) -> tuple[tuple[str, ...], ...]:
    groups = value.get(key) or []
    if not isinstance(groups, list) or not all(isinstance(group, list) for group in groups):
        raise CurationError(f"{source}: {key}: must be a list of lists of names, as in `- [MS COCO, Microsoft COCO]`")
    read = tuple(_names(group, key, source) for group in groups)
    for group in read:
        if len(set(group)) < max(2, len(group)):
            raise CurationError(f"{source}: {key}: {list(group)} must be two or more names, each once")
    return read


def _mapping(value: Mapping[str, object], key: str, source: str) -> dict[str, str]:
    mapping = value.get(key) or {}
    if not isinstance(mapping, dict):
        raise CurationError(f"{source}: {key}: must be lines of `name: value`, is {mapping!r}")
    return {_name(name, key, source): _name(item, f"{key}: {name}", source) for name, item in mapping.items()}


def _check(curation: Curation) -> None:
    for name, type_ in curation.type.items():
        if type_ not in ENTITY_TYPES:
            hint = nearest(type_, ENTITY_TYPES)
            valid = ", ".join(ENTITY_TYPES)
            raise CurationError(f"{curation.source}: type: {name}: unknown type {type_!r}{hint}; valid: {valid}")
    for name, iri in curation.identity.items():
        if iri != NO_IDENTITY and not absolute_iri(iri):
            raise CurationError(f"{curation.source}: identity: {name}: {iri!r} is no IRI; or say {NO_IDENTITY}")
    for same in curation.same:
        for different in curation.different:
            for one, other in combinations(different, 2):
                if one in same and other in same:
                    raise CurationError(f"{curation.source}: {one!r} and {other!r} are both same and different")


def nearest(name: str, names: Iterable[str], *, limit: int = 3) -> str:
    """Return "; nearest: …" with the names most like ``name``, or nothing where none is.

    >>> nearest("difrent", ["same", "different"])
    '; nearest: different'
    """
    from rapidfuzz import fuzz, process, utils

    found = process.extract(
        name, list(names), scorer=fuzz.WRatio, processor=utils.default_process, limit=limit, score_cutoff=60
    )
    return f"; nearest: {', '.join(match[0] for match in found)}" if found else ""


def dump_curation(curation: Curation, *, over: str = "") -> str:
    """Return a YAML text that :func:`parse_curation` reads as ``curation``.

    Parameters
    ----------
    over
        A text of which all is kept that need not change, comments too.

    Examples
    --------
    >>> print(dump_curation(Curation(same=(("MS COCO", "COCO"),), drop=("yes",)), over="# mine"), end="")
    # mine
    same:
    - [MS COCO, COCO]
    drop: [yes]
    """
    yaml = _yaml()
    if re.search(r"^ +- ", over, re.MULTILINE):  # lists are set in there: so they stay
        yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(over)
    head = "" if document is not None else over.strip() and f"{over.rstrip()}\n"  # nothing but comments
    document = CommentedMap() if document is None else document
    for key in KEYS:
        _update(document, key, getattr(curation, key))
    if not document:
        return head
    out = io.StringIO()
    yaml.dump(document, out)
    return head + out.getvalue()


def _update(document: CommentedMap, key: str, value: Mapping[str, str] | tuple[Any, ...]) -> None:
    """Make ``document`` say ``value``, touching nothing that it says already."""
    if not value:
        document.pop(key, None)
    elif isinstance(value, Mapping):
        lines = document.get(key) or document.setdefault(key, CommentedMap()) or CommentedMap()
        document[key] = lines
        for name in [name for name in lines if " ".join(name.split()) not in value]:
            del lines[name]
        changed = {name: item for name, item in value.items() if lines.get(name) != item}
        lines.update({_scalar(name): _scalar(item) for name, item in changed.items()})
    else:
        items = document.get(key) or CommentedSeq()
        document[key] = items
        for place in range(len(items) - 1, -1, -1):
            if _plain(items[place]) not in value:
                del items[place]
        said = [_plain(item) for item in items]
        items.extend(_in_line(item) for item in value if item not in said)
        if not said and all(isinstance(item, str) for item in value):
            items.fa.set_flow_style()


def _plain(item: Any) -> Any:
    return tuple(_plain(part) for part in item) if isinstance(item, list) else " ".join(item.split())


def _in_line(item: str | tuple[str, ...]) -> str | CommentedSeq:
    if isinstance(item, str):
        return _scalar(item)
    group = CommentedSeq(_scalar(name) for name in item)
    group.fa.set_flow_style()
    return group


def _scalar(name: str) -> str:
    """``name`` in quotes where a plain scalar would not be read as it was (ruamel writes ``[?x]``, a key)."""
    return name if name[0].isalnum() else DoubleQuotedScalarString(name)


def write_curation(curation: Curation, path: str | Path) -> None:
    """Write a curation file; what the one that is there says in comments stays.

    Raises
    ------
    CurationError
        It cannot be written.
    """
    path = Path(path)
    try:
        over = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
        text = dump_curation(curation, over=over)
        with replacing(path) as file:
            file.write(text.encode())
    except OSError as error:
        raise CurationError(f"{path}: cannot be written: {error.strerror}") from error
    except YAMLError as error:
        raise CurationError(f"{path}: no YAML: {_problem(error)}") from error
