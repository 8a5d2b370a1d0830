"""abstractkg: knowledge graphs of what scientific abstracts share.

>>> import kg
>>> graph = kg.build(kg.sample_path())
>>> graph.entity("imagenet").type
'Dataset'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from schemas.errors import (
    AbstractKGError,
    CurationError,
    FetchError,
    InputError,
    RecordError,
    StoreError,
    UnknownEntity,
    UnknownFormat,
)
from schemas.records import Entity, Extraction, Link, Mention, Paper, Result

if TYPE_CHECKING:
    from kg.extraction import extract
    from kg.fetching import fetch
    from kg.graph import KnowledgeGraph
    from kg.opening import open
    from kg.readers import read
    from kg.run import build
    from kg.sample import sample_path

__version__ = "0.1.0"

__all__ = [
    "AbstractKGError",
    "CurationError",
    "Entity",
    "Extraction",
    "FetchError",
    "InputError",
    "KnowledgeGraph",
    "Link",
    "Mention",
    "Paper",
    "RecordError",
    "Result",
    "StoreError",
    "UnknownEntity",
    "UnknownFormat",
    "build",
    "extract",
    "fetch",
    "open",
    "read",
    "sample_path",
]

# Imported when first used, so that `import kg` loads neither spaCy nor the database.
_LAZY = {
    "KnowledgeGraph": "kg.graph",
    "build": "kg.run",
    "extract": "kg.extraction",
    "fetch": "kg.fetching",
    "open": "kg.opening",
    "read": "kg.readers",
    "sample_path": "kg.sample",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
