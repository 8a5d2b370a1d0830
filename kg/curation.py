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

Everywhere a name stands for any of an entity's surface forms, or for its id. Ids are those of the graph without the
corrections; an entity that ``same`` extends keeps its id, so that the ids one sees in a graph can be used too.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from schemas.errors import CurationError
from schemas.vocabulary import ENTITY_TYPES

__all__ = ["Curation", "dump_curation", "nearest", "parse_curation", "read_curation", "write_curation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curation:
    """Corrections; names are surface forms or ids."""

    same: tuple[tuple[str, ...], ...] = ()
    different: tuple[tuple[str, ...], ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    type: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    source: str = field(default="curation.yaml", compare=False)  # the file, for messages

    def __bool__(self) -> bool:
        return any(getattr(self, key) for key in KEYS)


KEYS = tuple(field.name for field in fields(Curation) if field.name != "source")


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, where YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


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
        value = yaml.load(text, Loader=_Loader)  # a SafeLoader
    except yaml.YAMLError as error:
        raise CurationError(f"{source}: no YAML: {' '.join(str(error).split())}") from error
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


def dump_curation(curation: Curation) -> str:
    """Return the YAML text that :func:`parse_curation` reads as ``curation``.

    >>> print(dump_curation(Curation(same=(("MS COCO", "COCO"),), drop=("yes",))), end="")
    same:
    - [MS COCO, COCO]
    drop: ['yes']
    """
    value = {
        "same": [list(group) for group in curation.same],
        "different": [list(group) for group in curation.different],
        "rename": dict(curation.rename),
        "type": dict(curation.type),
        "drop": list(curation.drop),
    }
    kept = {key: item for key, item in value.items() if item}
    return (
        yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, default_flow_style=None, width=1000) if kept else ""
    )


def write_curation(curation: Curation, path: str | Path) -> None:
    """Write a curation file, over the one that is there.

    Raises
    ------
    CurationError
        It cannot be written.
    """
    try:
        Path(path).write_text(dump_curation(curation), encoding="utf-8")
    except OSError as error:
        raise CurationError(f"{path}: cannot be written: {error.strerror}") from error
