"""What the beginning of a text says of its format."""

from __future__ import annotations

import re

from kg.readers.pages import alternates

__all__ = ["looks_like"]

_BIBTEX = re.compile(r"^\s*@\w+\s*[{(]", re.MULTILINE)
_RIS = re.compile(r"^TY {1,2}- ", re.MULTILINE)


def looks_like(head: str) -> str | None:
    """Return the name of the format that a text begins like, None where nothing tells.

    >>> looks_like('{"title": "On X"}'), looks_like("@article{a,\\n title={On X}}"), looks_like("Dear all")
    ('jsonl', 'bibtex', None)
    """
    start = head.lstrip()
    if start.startswith("{") or (start.startswith("[") and start[1:].lstrip()[:1] in ("{", "]")):
        return "jsonl"
    if re.match(r"<\?xml|<!DOCTYPE|<[A-Za-z]\w*[\s>]", start):
        return "xml"
    if _RIS.search(head[:4000]):
        return "ris"
    if _BIBTEX.search(head):
        return "bibtex"
    first = start.partition("\n")[0].lower()
    columns = [column.strip(' "') for column in re.split(r"[,;\t]", first)]
    if "title" in columns and len(columns) > 1:
        return "csv"
    return "pages" if alternates(head) else None
