"""Saved paper-search pages: the text of a page of results, some site debris, then titles and abstracts in turn.

There is no markup to go by, only shape and order. A block is *prose* (long, or of several sentences), a *sentence* (one
that ends with a full stop) or a *title* (neither). Titles and abstracts alternate; where they do not, the block after
decides, and a second block of prose in a row goes on with the abstract. What stands before the first title is debris
(navigation, dates, an invitation to subscribe) and left out, also where it is glued to that title; so are the site's
usual words further down. Any other line that looks like a title but has no abstract is rejected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Final, Literal, NamedTuple

from kg.readers.files import BREAKS, MAX_LINE, Input
from schemas.records import Paper, Rejection

__all__ = ["alternates", "read_papers", "shape", "without_debris"]

LONG: Final = 300  # characters: a title is shorter; of 126,577 real ones 5 are longer
WIDE: Final = 200  # characters: no line that a program has wrapped is longer
SHORT_ABSTRACT: Final = 120  # characters: from here on, a line that might be both is rather an abstract without an end
MIN_TITLE_WORDS: Final = 3  # fewer, without an abstract, are a button or a label
MAX_WRAPPED: Final = 200  # lines of a wrapped paragraph; more are taken apart, so that memory stays flat

_SENTENCE_END: Final = re.compile(
    r"(?<!\b[A-Z]\.)(?<!\bvs\.)(?<!\bal\.)(?<!\bcf\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<=[\w%)\]\"'”’}$][.!?])[\"')\]”’]*\s+"
    r"(?=[\"'(\[“‘]?[A-Z0-9])|[。！？]"
)
_FINAL: Final = (".", "!", "?", "…", "。", "！", "？")
# Phrases that only a site writes, whatever follows; and words that are debris only alone, or glued to what follows.
_PHRASE: Final = re.compile(
    r"(?:get trending papers in your email inbox(?: once a day)?!?|by ?AK and the research community|back to top)",
    re.IGNORECASE,
)
_DATE: Final = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.? \d{1,2}(?:, \d{4})?"
_WORD: Final = re.compile(rf"(?:Subscribe|new(?=Get )|Sign [Uu]p|Sign [Ii]n|Log [Ii]n|{_DATE})")
_GLUED: Final = re.compile(r"[A-Z0-9\"'“‘(\[]")
_ALONE: Final = re.compile(
    rf"new|trending|daily papers|search|next|previous|more|upvotes?|{_DATE}|\W*"
    r"|(?:· ?)?\d[\d.,]*[kKM]?(?: (?:authors?|comments?|upvotes?|likes?|citations?|results?|papers?|views?))?"
    r"|submitted by .*|published on .*|(?:view|read|open) (?:paper|pdf|on \w+)|pdf|code|github(?: [\d.]+k?)?",
    re.IGNORECASE,
)

Shape = Literal["prose", "sentence", "title"]


class Block(NamedTuple):
    """A line, or a paragraph of wrapped lines."""

    line: int
    text: str
    shape: Shape


def shape(text: str) -> Shape:
    """Return what a text looks like by itself.

    >>> shape("Attention is what we need"), shape("Code is online."), shape("We study it. It works. We say why.")
    ('title', 'sentence', 'prose')
    """
    ends = sum(1 for _ in _SENTENCE_END.finditer(text))
    closed = text.rstrip("\"')]”’}").endswith(_FINAL)
    is_long_enough = len(text) >= SHORT_ABSTRACT
    if len(text) > LONG or (ends >= 2 and (closed or is_long_enough)) or (ends and closed and is_long_enough):
        return "prose"
    return "sentence" if text.endswith((".", "。")) and len(text.split()) >= 3 else "title"


def without_debris(text: str) -> str:
    """Return a line without the site's words, "" where nothing else is left.

    >>> without_debris("SubscribeOn the Study of X"), without_debris("Mar 11"), without_debris("Subscribe to X")
    ('On the Study of X', '', 'Subscribe to X')
    """
    if len(text) < WIDE and _ALONE.fullmatch(text):
        return ""
    stripped = False
    while match := _PHRASE.match(text) or _WORD.match(text):
        rest = text[match.end() :]
        is_phrase = match.re is _PHRASE
        if not (is_phrase or not rest or _GLUED.match(rest) or (stripped and rest[0] == " ")):
            break
        text, stripped = rest.lstrip(), True
    return text


def alternates(head: str) -> bool:
    """Whether a text begins like a page of results: at least two abstracts, most of them after a title.

    >>> alternates("On X\\nWe study it. It works. We say why.\\n\\nOn Y\\nWe do not. It works. Who knows why.\\n")
    True
    """
    lines = ((number, text) for number, text in enumerate(BREAKS.sub("\n", head).split("\n"), start=1))
    shapes = [block.shape for block in _blocks(lines)]
    abstracts = shapes.count("prose")
    after_title = sum(pair == ("title", "prose") for pair in pairwise(shapes))
    return abstracts >= 2 and after_title >= max(2, 0.6 * abstracts)


def read_papers(opened: Input) -> Iterator[Paper | Rejection]:
    """Yield the papers of a saved page."""
    rejected: list[Rejection] = []
    title: Block | None = None
    abstract: list[str] = []
    at_top = True
    blocks = _blocks(_lines(opened, rejected))
    for block, following in pairwise(chain(blocks, [None])):
        yield from _drained(rejected)
        assert block is not None
        if _is_title(block, following, title, abstract):
            if title is not None:
                yield from _paper(opened, title, abstract, at_top=at_top)
                at_top = at_top and not abstract
            title, abstract = block, []
        elif title is not None:
            abstract.append(block.text)
        else:
            yield opened.reject(block.line, f"an abstract without a title before it: {block.text[:60]!r}")
    yield from _drained(rejected)
    if title is not None:
        yield from _paper(opened, title, abstract, at_top=at_top)


def _drained(rejected: list[Rejection]) -> Iterator[Rejection]:
    while rejected:
        yield rejected.pop(0)


def _lines(opened: Input, rejected: list[Rejection]) -> Iterator[tuple[int, str]]:
    for number, line in opened.lines(breaks=True):
        if line is None:
            rejected.append(opened.reject(number, f"a line of more than {MAX_LINE:,} characters"))
        else:
            yield number, line


def _paper(opened: Input, title: Block, abstract: list[str], *, at_top: bool) -> Iterator[Paper | Rejection]:
    if abstract:
        yield opened.paper({"title": title.text, "abstract": " ".join(abstract)}, title.line)
    elif not at_top and len(title.text.split()) >= MIN_TITLE_WORDS:
        yield opened.reject(title.line, f"a title without an abstract, or a line of the site: {title.text[:80]!r}")


def _is_title(block: Block, following: Block | None, title: Block | None, abstract: list[str]) -> bool:
    """Whether a block is the title of the next paper, given what stands before and after it."""
    before_prose = following is not None and following.shape == "prose"
    if block.shape == "prose":
        return False
    if title is None:
        return True
    if abstract:  # an abstract may go on: "Code is available at …"
        return before_prose or (block.shape == "title" and "://" not in block.text)
    if block.shape == "sentence":
        return False
    is_unended_abstract = len(block.text) >= SHORT_ABSTRACT and len(block.text) > len(title.text)
    return before_prose or not is_unended_abstract


def _blocks(lines: Iterator[tuple[int, str]]) -> Iterator[Block]:
    """Yield the blocks of a page: its lines, or where a program has wrapped these, its paragraphs."""
    short: list[tuple[int, str]] = []  # lines that stand together and may be wrapped ones
    is_open = False  # whether the last block was a title, whose abstract is to come
    for number, line in chain(lines, [(0, "")]):
        text = without_debris(" ".join(line.split()))
        if 0 < len(text) <= WIDE and len(short) < MAX_WRAPPED:
            short.append((number, text))
            continue
        for block in _joined(short, is_open=is_open, alone=not text):
            is_open = block.shape == "title"
            yield block
        short = []
        if text:
            block = Block(number, text, shape(text))
            is_open = block.shape == "title"
            yield block


def _joined(lines: list[tuple[int, str]], *, is_open: bool, alone: bool) -> Iterator[Block]:
    """Yield the blocks of short lines in a row: one abstract if they are wrapped prose, else each for itself.

    ``alone`` says that nothing but white space follows: then they may be wrapped. The first line of such a paragraph is
    a title, unless one stands before it (``is_open``).
    """
    head = 0 if is_open else 1
    wrapped = " ".join(text for _, text in lines[head:])
    if alone and len(lines) - head >= 2 and shape(wrapped) == "prose" and not _is_list(lines[head:]):
        for number, text in lines[:head]:
            yield Block(number, text, "title")
        yield Block(lines[head][0], wrapped, "prose")
    elif alone and 2 <= len(lines) <= 3 and lines[1][1][:1].islower():  # a wrapped title
        yield Block(lines[0][0], whole := " ".join(text for _, text in lines), shape(whole))
    else:
        for number, text in lines:
            yield Block(number, text, shape(text))


def _is_list(lines: list[tuple[int, str]]) -> bool:
    """Whether lines stand for themselves: none of them goes on in lower case in the next one."""
    return not any(text[:1].islower() for _, text in lines[1:])
