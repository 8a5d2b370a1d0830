"""What ``spacy.load("abstractkg")`` finds: the pipeline under the name of the distribution.

spaCy takes the name of an installed distribution for a package of the same name that has ``load``. The build of the
wheel puts this module there, as ``abstractkg``, with ``models/meta.json`` beside it for ``spacy info abstractkg``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["load"]


def load(**overrides: Any) -> Language:
    """Return the pipeline ``en``; see :func:`extractors.load` for ``vocab``, ``disable``, ``enable`` and the like."""
    from extractors import load as load_pipeline

    return load_pipeline("en", **overrides)
