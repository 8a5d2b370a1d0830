"""Plain text, one paper a file: the title on the first line, the abstract in the rest; labels are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.readers.files import Input
from kg.readers.record import clean, to_paper
from schemas.errors import RecordError
from schemas.records import Paper, Rejection

__all__ = ["read_papers"]

MAX_TITLE = 500  # characters: a first line that is longer is no title
_LABEL = re.compile(r"^\s*(?:#+\s*)?(?:title|abstract)\s*(?:[:.—–-]+\s*|\s*$)", re.IGNORECASE)


def read_papers(opened: Input) -> Iterator[Paper | Rejection]:
    """Yield the one paper of a text file."""
    lines = [clean(_LABEL.sub("", line)) for line in opened.whole().split("\n")]
    lines = [line.removeprefix("# ") for line in lines if line]
    source = f"{opened.name}:1"
    if lines and len(lines[0]) > MAX_TITLE:
        yield Rejection(source, f"no title: the first line has {len(lines[0]):,} characters")
        return
    try:
        yield to_paper({"title": lines[0] if lines else "", "abstract": " ".join(lines[1:])}, source=source)
    except RecordError as error:
        yield Rejection(source, str(error))
