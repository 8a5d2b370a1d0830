"""The fields of a paper in the elements of arXiv's Atom, the ACL Anthology's XML and PubMed's, under our names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final
from xml.etree.ElementTree import Element

__all__ = ["RECORDS", "Context", "text_of"]

_SPACED: Final = ("p", "br", "sec", "title", "list-item")  # elements that end a word


class Context:
    """What the elements around a record say of it: the Anthology's collection and volume, and its year and title."""

    def __init__(self) -> None:
        self.collection = self.volume = self.year = self.booktitle = ""

    def enter(self, name: str, attributes: dict[str, str]) -> None:
        """Note a start tag outside of any record."""
        if name == "collection":
            self.collection = attributes.get("id", "")
        elif name == "volume":
            self.volume, self.year, self.booktitle = attributes.get("id", ""), "", ""


def text_of(element: Element | None) -> str:
    """Return the text of an element, that of its markup included; formulas and powers stay recognisable.

    >>> from xml.etree.ElementTree import fromstring
    >>> text_of(
    ...     fromstring("<title><fixed-case>BERT</fixed-case> at 10<sup>3</sup> and <tex-math>x_1</tex-math></title>")
    ... )
    'BERT at 10^3 and $x_1$'
    """
    return "" if element is None else "".join(_pieces(element))


def _pieces(element: Element) -> Iterator[str]:
    """Yield the pieces of text in an element, at any depth, in their order."""
    stack: list[tuple[Element, bool]] = [(element, False)]
    while stack:
        node, is_left = stack.pop()
        if not is_left:
            yield {"sup": "^", "tex-math": "$"}.get(node.tag, "") + (node.text or "")
            stack.append((node, True))
            stack += [(child, False) for child in reversed(node)]
        elif node is not element:
            yield ("$" if node.tag == "tex-math" else " " if node.tag in _SPACED else "") + (node.tail or "")


def _of_atom(entry: Element, context: Context) -> dict[str, Any]:
    place = text_of(entry.find("id")).strip()
    return {
        "title": text_of(entry.find("title")),
        "abstract": text_of(entry.find("summary")),
        "year": text_of(entry.find("published")) or text_of(entry.find("updated")),
        "authors": [text_of(author.find("name")) for author in entry.iterfind("author")],
        "venue": text_of(entry.find("journal_ref")),
        "url": place,
        "doi": text_of(entry.find("doi")),
        "arxiv_id": place if "arxiv.org/" in place else None,
        "keywords": [category.get("term") for category in entry.iterfind("category")],
    }


def _of_meta(meta: Element, context: Context) -> None:
    """Note what a volume of the Anthology says of all its papers."""
    context.year, context.booktitle = text_of(meta.find("year")), text_of(meta.find("booktitle"))


def _of_anthology(paper: Element, context: Context) -> dict[str, Any]:
    place = text_of(paper.find("url")).strip()
    anthology = place if place and "/" not in place else _anthology_id(context, paper.get("id", ""))
    return {
        "title": text_of(paper.find("title")),
        "abstract": text_of(paper.find("abstract")),
        "year": text_of(paper.find("year")) or context.year,
        "authors": [
            {"given": text_of(author.find("first")), "family": text_of(author.find("last"))}
            for author in paper.iterfind("author")
        ],
        "venue": text_of(paper.find("booktitle")) or context.booktitle,
        "url": f"https://aclanthology.org/{anthology}" if anthology else place,
        "doi": text_of(paper.find("doi")),
        "acl": anthology,
    }


def _anthology_id(context: Context, paper: str) -> str:
    """Return the Anthology's id of a paper: 2020.acl-main.1, P19-1001, W18-5401."""
    collection, volume = context.collection, context.volume
    if not collection or not volume or not paper:
        return ""
    if not collection[0].isalpha():
        return f"{collection}-{volume}.{paper}"
    two = collection[0] == "W" or collection == "C69" or (collection == "D19" and volume >= "5")
    return f"{collection}-{volume:0>2}{paper:0>2}" if two else f"{collection}-{volume}{paper:0>3}"


def _of_pubmed(article: Element, context: Context) -> dict[str, Any]:
    ids = {
        str(place.get("IdType") or place.get("EIdType")): text_of(place)
        for path in ("PubmedData/ArticleIdList/ArticleId", "MedlineCitation/Article/ELocationID")
        for place in article.iterfind(path)
    }
    pmid = text_of(article.find("*/PMID")).strip()
    date = article.find(".//JournalIssue/PubDate")
    return {
        "title": text_of(article.find(".//ArticleTitle")) or text_of(article.find(".//VernacularTitle")),
        "abstract": " ".join(_labelled(part) for part in article.iterfind(".//Abstract/AbstractText")),
        "year": text_of(date) or text_of(article.find(".//PubDate")),
        "authors": [_of_author(author) for author in article.iterfind(".//AuthorList/Author")],
        "venue": text_of(article.find(".//Journal/Title")),
        "url": f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid else None,
        "doi": ids.get("doi"),
        "pmid": pmid,
        "keywords": [text_of(keyword) for keyword in article.iterfind(".//KeywordList/Keyword")],
    }


def _labelled(part: Element) -> str:
    """Return one part of a structured abstract, after its label."""
    label = part.get("Label", "")
    return text_of(part) if label in ("", "UNLABELLED") else f"{label.capitalize()}: {text_of(part)}"


def _of_author(author: Element) -> object:
    if (group := text_of(author.find("CollectiveName"))) != "":
        return {"name": group}
    given = text_of(author.find("ForeName")) or text_of(author.find("Initials"))
    return {"given": given, "family": text_of(author.find("LastName"))}


# Elements that are records, by local name; a function that returns None only notes what it is told.
RECORDS: Final[dict[str, Callable[[Element, Context], dict[str, Any] | None]]] = {
    "entry": _of_atom,
    "meta": _of_meta,
    "paper": _of_anthology,
    "PubmedArticle": _of_pubmed,
    "PubmedBookArticle": _of_pubmed,
}
