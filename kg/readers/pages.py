"""Saved paper-search pages: the text of a page of results, some site debris, then titles and abstracts in turn.

There is no markup to go by, only shape: a title is the short line before a long one. Short lines before the first title
are debris (navigation, dates, an invitation to subscribe, at times glued to the title); a second long line in a row
goes on with the abstract.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, pairwise

from kg.readers.files import MAX_LINE, Input
from kg.readers.record import clean, to_paper
from schemas.errors import RecordError
from schemas.records import Paper, Rejection

__all__ = ["alternates", "is_abstract", "read_papers"]

LONG = 250  # characters: no title is longer, hardly an abstract shorter
SHORT_ABSTRACT = 100  # from here on, a line that ends like a sentence and holds enough words may be one
MIN_TITLE_WORDS = 3  # fewer, between two papers, is a button or a date
_GLUED = re.compile(r"^(?:Subscribe|Sign [Uu]p|Sign [Ii]n|Log [Ii]n)(?=[A-Z0-9\"'“‘(\[])")


def is_abstract(line: str, *, after_title: bool = False, before_abstract: bool = False) -> bool:
    """Whether a line is an abstract by its shape: long, or of middle length and like a sentence where one is expected.

    >>> is_abstract("Attention Is All You Need"), is_abstract("We study this. " * 20)
    (False, True)
    """
    if len(line) >= LONG:
        return True
    like_a_sentence = len(line) >= SHORT_ABSTRACT and line[-1] in ".!?…" and line.count(" ") >= 15
    return like_a_sentence and after_title and not before_abstract


def alternates(head: str) -> bool:
    """Whether a text begins like a page of results: at least two abstracts, each after a short line."""
    shapes = [is_abstract(line) for text in head.split("\n") if (line := clean(text))]
    places = [i for i, shape in enumerate(shapes) if shape]
    after_short = sum(i > 0 and not shapes[i - 1] for i in places)
    return len(places) >= 2 and after_short >= 0.8 * len(places)


def read_papers(opened: Input) -> Iterator[Paper | Rejection]:
    """Yield the papers of a saved page."""
    title: tuple[int, str] | None = None  # a short line that may turn out to be one
    paper: tuple[int, str] | None = None  # the title whose abstract is being read
    abstract: list[str] = []
    for number, line, following in _with_next(_usable_lines(opened)):
        if line is None:
            yield Rejection(f"{opened.name}:{number}", f"a line of more than {MAX_LINE:,} characters")
        elif not is_abstract(line, after_title=title is not None, before_abstract=is_abstract(following or "")):
            if paper is not None and title is not None and title[1].count(" ") >= MIN_TITLE_WORDS - 1:
                yield Rejection(f"{opened.name}:{title[0]}", f"a title without an abstract: {title[1][:80]!r}")
            title = (number, line)
        elif title is not None:
            if paper is not None:
                yield from _paper(opened.name, paper, abstract)
            paper = (title[0], _GLUED.sub("", title[1])) if paper is None else title
            title, abstract = None, [line]
        elif paper is not None:
            abstract.append(line)
        else:
            yield Rejection(f"{opened.name}:{number}", f"an abstract without a title: {line[:80]!r}")
    if paper is not None:
        yield from _paper(opened.name, paper, abstract)


def _usable_lines(opened: Input) -> Iterator[tuple[int, str | None]]:
    """Yield the lines that hold anything, cleaned; None for one that is too long."""
    for number, text in opened.lines():
        line = None if text is None else clean(text)
        if line != "":
            yield number, line


def _with_next(lines: Iterator[tuple[int, str | None]]) -> Iterator[tuple[int, str | None, str | None]]:
    """Yield each line's number and text, and the text of the one after it."""
    for (number, line), (_, following) in pairwise(chain(lines, [(0, None)])):
        yield number, line, following


def _paper(name: str, title: tuple[int, str], abstract: list[str]) -> Iterator[Paper | Rejection]:
    source = f"{name}:{title[0]}"
    try:
        yield to_paper({"title": title[1], "abstract": " ".join(abstract)}, source=source)
    except RecordError as error:
        yield Rejection(source, str(error))
