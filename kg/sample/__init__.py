"""The bundled sample: well-known papers of machine learning, to try everything with.

``papers.jsonl`` holds one paper a line, in the line format of :mod:`schemas.lines`, ordered by year. Titles, authors,
years, venues, identifiers and figures are those of the papers; the abstracts are summaries written for this project,
in its own words, with some of the roughness of real input: LaTeX, an HTML entity, abbreviations defined in passing.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["sample_path"]


def sample_path() -> Path:
    """Return the path of the bundled file of papers.

    >>> sample_path().name
    'papers.jsonl'
    """
    return Path(__file__).with_name("papers.jsonl")
