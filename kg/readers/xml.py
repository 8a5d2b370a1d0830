"""XML of arXiv's API (Atom), the ACL Anthology and PubMed, told apart by their elements.

Parsed as a stream by defusedxml: entities are not expanded, nothing is fetched. Markup inside titles and abstracts
becomes text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from kg.readers.files import Input
from kg.readers.record import to_paper
from schemas.errors import RecordError
from schemas.records import Paper, Rejection

__all__ = ["read_papers"]

Fields = dict[str, Any]
ATOM: Final = "{http://www.w3.org/2005/Atom}"
ARXIV: Final = "{http://arxiv.org/schemas/atom}"


def read_papers(opened: Input) -> Iterator[Paper | Rejection]:
    """Yield the papers of an XML file; one that breaks off gives those that came before."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    context: dict[str, Any] = {}
    number = 0
    try:
        for event, element in iterparse(opened.stream, events=("start", "end"), forbid_dtd=False):
            if event == "start":
                _enter(element, context)
                continue
            _leave(element, context)
            if element.tag in RECORDS:
                number += 1
                yield from _to_item(element, context, f"{opened.name}#{number}")
                element.clear()
    except (ParseError, ValueError, LookupError) as error:
        kind = "entities are not allowed" if isinstance(error, DefusedXmlException) else "not valid XML"
        yield Rejection(opened.name, f"{kind}: {str(error)[:200]}")
        return
    if number == 0:
        yield Rejection(opened.name, "no paper: known are arXiv Atom entries, ACL Anthology papers, PubMed articles")


def _enter(element: Element, context: dict[str, Any]) -> None:
    """Note what the elements around a paper say of it."""
    if element.tag in ("collection", "volume"):
        context[element.tag] = element.get("id")
        context.pop("booktitle", None) if element.tag == "volume" else None


def _leave(element: Element, context: dict[str, Any]) -> None:
    if element.tag in ("booktitle", "year") and "collection" in context:
        context[element.tag] = _text(element)


def _to_item(element: Element, context: dict[str, Any], source: str) -> Iterator[Paper | Rejection]:
    try:
        fields = RECORDS[element.tag](element, context)
        if fields:
            yield to_paper(fields, source=source)
    except RecordError as error:
        yield Rejection(source, str(error))


def _text(element: Element | None) -> str:
    """Return the text of an element, what is inside its markup included."""
    return "" if element is None else "".join(element.itertext())


def _atom(entry: Element, context: dict[str, Any]) -> Fields:
    return {
        "title": _text(entry.find(f"{ATOM}title")),
        "abstract": _text(entry.find(f"{ATOM}summary")),
        "year": _text(entry.find(f"{ATOM}published")),
        "authors": [_text(name) for name in entry.iterfind(f"{ATOM}author/{ATOM}name")],
        "venue": _text(entry.find(f"{ARXIV}journal_ref")),
        "url": _text(entry.find(f"{ATOM}id")),
        "doi": _text(entry.find(f"{ARXIV}doi")),
        "keywords": [term for c in entry.iterfind(f"{ATOM}category") if (term := c.get("term"))],
    }


def _acl(paper: Element, context: dict[str, Any]) -> Fields:
    """The Anthology's own format: one collection a file, with volumes of papers."""
    for math in paper.iter("tex-math"):
        math.text = f"${math.text or ''}$"
    anthology = _text(paper.find("url"))
    if "://" in anthology or not anthology:
        anthology = f"{context.get('collection')}-{context.get('volume')}.{paper.get('id')}"
    return {
        "title": _text(paper.find("title")),
        "abstract": _text(paper.find("abstract")),
        "year": _text(paper.find("year")) or context.get("year") or str(context.get("collection"))[:4],
        "authors": [f"{_text(a.find('first'))} {_text(a.find('last'))}" for a in paper.iterfind("author")],
        "venue": context.get("booktitle"),
        "url": f"https://aclanthology.org/{anthology}",
        "doi": _text(paper.find("doi")),
        "acl": anthology,
    }


def _pubmed(article: Element, context: dict[str, Any]) -> Fields:
    parts = [
        f"{label.capitalize()}: {_text(part)}" if (label := part.get("Label")) else _text(part)
        for part in article.iterfind(".//Abstract/AbstractText")
    ]
    doi = article.find(".//ArticleIdList/ArticleId[@IdType='doi']")
    pmid = _text(article.find(".//PMID"))
    return {
        "title": _text(article.find(".//ArticleTitle")),
        "abstract": " ".join(parts),
        "year": _text(article.find(".//JournalIssue/PubDate/Year")) or _text(article.find(".//PubDate/MedlineDate")),
        "authors": [
            {"given": _text(a.find("ForeName")), "family": _text(a.find("LastName"))}
            for a in article.iterfind(".//AuthorList/Author")
        ],
        "venue": _text(article.find(".//Journal/Title")),
        "url": f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/",
        "doi": _text(doi),
        "pmid": pmid,
        "keywords": [_text(keyword) for keyword in article.iterfind(".//KeywordList/Keyword")],
    }


RECORDS: Final[dict[str, Callable[[Element, dict[str, Any]], Fields]]] = {
    f"{ATOM}entry": _atom,
    "paper": _acl,
    "PubmedArticle": _pubmed,
}
