"""The records that flow from the readers to the exports.

All are frozen and hold plain values, so that they can be hashed, compared, sent to another process and stored.
Offsets are ``[start, end)`` in characters of :attr:`Paper.text`; a confidence is a probability in [0, 1].
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = [
    "Abbreviation",
    "Alias",
    "DocumentEntity",
    "Duplicate",
    "Entity",
    "Extraction",
    "Link",
    "Mention",
    "Paper",
    "Rejection",
    "ReportedResult",
    "Result",
    "ResultKind",
    "text_hash",
]

ResultKind = Literal["absolute", "gain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper as it was read: identifiers, title and abstract, never changed after reading.

    Examples
    --------
    >>> Paper(id="a", title="On X", abstract="We study X.").text
    'On X\\nWe study X.'
    """

    id: str  # DOI, arXiv, ACL or OpenAlex id where given, else "title:" + hash of the normalised title
    title: str  # not empty, one line
    abstract: str = ""  # may be empty
    year: int | None = None  # of publication, four digits
    authors: tuple[str, ...] = ()  # in order, "Given Family"
    venue: str | None = None
    url: str | None = None  # http or https
    doi: str | None = None  # bare and lower case: "10.18653/v1/n19-1423"
    arxiv_id: str | None = None  # bare, without version: "1810.04805"
    keywords: tuple[str, ...] = ()
    source: str | None = None  # where it was read: "pages.txt:17" (file name and first line of the record)

    @property
    def text(self) -> str:
        """Title, line feed, abstract: the text that all offsets refer to."""
        return f"{self.title}\n{self.abstract}"


def text_hash(paper: Paper) -> str:
    """Return the SHA-256 (hex) of the text of ``paper``: the key under which its extraction is cached.

    >>> text_hash(Paper(id="a", title="On X"))[:12]
    '14974da856b4'
    """
    return hashlib.sha256(paper.text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record of an input that could not be used, and why."""

    source: str  # file name and line: "papers.jsonl:12"
    reason: str  # one line, with what to do


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A record that was recognised as a paper already present."""

    source: str  # where the repeated record was read
    title: str
    paper_id: str  # the paper that it repeats
    reason: str  # "id", "doi", "arxiv_id" or "title"


@dataclass(frozen=True, slots=True)
class Mention:
    """One occurrence of an entity's name in the text of a paper; ``text == paper.text[start:end]``."""

    start: int
    end: int
    text: str
    type: str  # a key of schemas.vocabulary.ENTITY_TYPES
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A short form and the long form that the same text gives for it."""

    short: str
    long: str
    start: int  # of the short form, where it is defined
    end: int
    long_start: int
    long_end: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntity:
    """An entity as one paper names it: all its mentions there, and what the paper does with it."""

    name: str  # the document's own best name, readable (no LaTeX)
    type: str  # a key of schemas.vocabulary.ENTITY_TYPES
    role: str  # a key of schemas.vocabulary.ROLES
    mentions: tuple[Mention, ...]  # in text order, at least one
    confidence: float = 1.0  # that this is an entity of this type
    role_confidence: float = 1.0  # that the role is right, given the entity
    evidence: tuple[int, int] | None = None  # the sentence that the role was read from


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A quantitative statement of a paper, under the names of the paper's own entities where it has them."""

    subject: str | None  # what has the result
    metric: str | None
    value: str  # as written: "76.5%"
    number: float | None = None  # 76.5; the first number of a range
    unit: str | None = None  # "%", "points", "x" (a factor), "ms", …
    kind: ResultKind = "absolute"  # or a difference or factor against something
    dataset: str | None = None
    task: str | None = None
    baseline: str | None = None
    start: int  # the sentence that states it
    end: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """Everything that was read from one paper by one version of the pipeline."""

    paper_id: str
    text_hash: str  # text_hash(paper)
    pipeline: str  # name and version: "abstractkg-en 0.1.0+3f2a9c1d"
    entities: tuple[DocumentEntity, ...] = ()
    results: tuple[Result, ...] = ()
    abbreviations: tuple[Abbreviation, ...] = ()


class Alias(NamedTuple):
    """A surface form of an entity and the number of papers that use it."""

    name: str
    papers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One method, model, data set, metric or task, shared by all papers that name it."""

    id: str  # readable slug, unique in the graph, stable over rebuilds
    type: str  # a key of schemas.vocabulary.ENTITY_TYPES
    name: str  # preferred label
    aliases: tuple[Alias, ...] = ()  # every surface form, most used first
    variant_of: str | None = None  # id of the family: "bert" for "bert-base"
    same_as: tuple[str, ...] = ()  # external IRIs
    papers: int = 0  # number of papers that name it


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A paper names an entity in some role; the mentions are the evidence."""

    paper_id: str
    entity_id: str
    role: str  # a key of schemas.vocabulary.ROLES: the strongest that holds
    confidence: float  # of the entity
    role_confidence: float = 1.0
    mentions: tuple[Mention, ...] = ()
    evidence: tuple[int, int] | None = None  # the sentence that the role was read from


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedResult(Result):
    """A :class:`Result` in the graph: which paper reports it, and the shared entities behind its names."""

    id: str  # paper id + "#result-" + number in the paper, from 1
    paper_id: str
    subject_id: str | None = None  # id of an Entity, None where the name stands for none
    metric_id: str | None = None
    dataset_id: str | None = None
    task_id: str | None = None
    baseline_id: str | None = None
