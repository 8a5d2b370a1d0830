"""Our colours in displaCy: ``displacy.render(doc, style="ent", options=displacy_options())``.

Where abstractkg is installed, displaCy has the colours of our types without options too (entry point
``spacy_displacy_colors``); options leave the entities of other components out.
"""

from __future__ import annotations

from typing import Any

from schemas.vocabulary import ENTITY_TYPES

__all__ = ["colours", "displacy_options"]


def colours() -> dict[str, str]:
    """Return the colour of each type: the bright ones, on which displaCy's dark text can be read.

    >>> colours()["Model"]
    '#c58bff'
    """
    return {row.name: row.colour_dark for row in ENTITY_TYPES.values()}


def displacy_options() -> dict[str, Any]:
    """Return the options of displaCy that show entities of our types in their colours, and no others.

    >>> displacy_options()["ents"]
    ['Method', 'Model', 'Dataset', 'Metric', 'Task']
    """
    return {"ents": list(ENTITY_TYPES), "colors": colours()}
