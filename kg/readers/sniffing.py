"""What the beginning of a text says of its format."""

from __future__ import annotations

import re
from typing import Final

from kg.readers.pages import alternates

__all__ = ["looks_like", "looks_like_prose"]

_XML: Final = re.compile(r"<\?xml\b|<!DOCTYPE\b|<!--|<[A-Za-z][\w:.-]*[\s>]")
_BIBTEX: Final = re.compile(r"^[ \t]*@[A-Za-z]+[ \t]*[{(]", re.MULTILINE)
_RIS: Final = re.compile(r"^TY {1,2}- ?\w", re.MULTILINE)
_COLUMN: Final = re.compile(r"(?:(?:article|document|paper)[ _]?)?title")


def looks_like(head: str) -> str | None:
    """Return the name of the format that a text begins like, None where nothing tells.

    >>> looks_like('{"title": "On X"}'), looks_like("@article{a,\\n title={On X}}"), looks_like("Dear all")
    ('jsonl', 'bibtex', None)
    """
    start = head.lstrip("\ufeff \t\r\n")
    if re.match(r'\{\s*["}]|\[\s*[\[{\]]', start):
        return "jsonl"
    if _XML.match(start):
        return "xml"
    if _RIS.search(start[:4000]):
        return "ris"
    if _BIBTEX.search(start):
        return "bibtex"
    columns = [column.strip(' "').casefold() for column in re.split(r"[,;\t]", start.partition("\n")[0])]
    if len(columns) > 1 and any(_COLUMN.fullmatch(column) for column in columns):
        return "csv"
    return "pages" if alternates(head) else None


def looks_like_prose(head: str) -> bool:
    """Whether a text begins like a paper in plain text: a line of words that may be a title, and more after it.

    >>> looks_like_prose("On the study of X\\n\\nWe study X."), looks_like_prose("{broken\\n")
    (True, False)
    """
    lines = [line.strip() for line in head.split("\n") if line.strip()]
    return len(lines) > 1 and len(lines[0]) <= 300 and re.match(r"[\w\"'“‘(¿#]+:?\s+\w", lines[0]) is not None
