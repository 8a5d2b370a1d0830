"""What ``spacy.load("abstractkg")`` finds: the pipeline under the name of the distribution.

spaCy takes the name of an installed distribution for a package of the same name that has ``load``. The build of the
wheel puts this folder there, as ``abstractkg``: ``meta.json`` is what ``spacy info abstractkg`` shows, with the figures
of the model card.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["load"]


def load(**overrides: Any) -> Language:
    """Return the pipeline ``en``; see :func:`extractors.load` for ``vocab``, ``disable``, ``enable`` and the like."""
    from extractors import load as load_pipeline

    nlp = load_pipeline("en", **overrides)
    meta = json.loads(Path(__file__).with_name("meta.json").read_text(encoding="utf-8"))
    nlp.meta.update({key: meta[key] for key in ("description", "author", "license", "sources", "performance")})
    return nlp
