"""BibTeX, in UTF-8, with the entities of each paper as its keywords: for JabRef, Zotero, biblatex and BibTeX.

Keywords are the paper's own, then the entities that it introduces, uses or compares with (not those that it merely
mentions), each once, with commas between. A key is the paper's id, with ``_`` for what no key may hold. Texts are made
readable (:mod:`schemas.text`) and the signs that TeX gives a meaning are escaped, so that no text ends its field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.export import replacing
from kg.frames import whole
from kg.resolution.labels import digest
from schemas.records import Paper
from schemas.text import fold, readable
from schemas.vocabulary import ROLES

if TYPE_CHECKING:
    from kg.graph import KnowledgeGraph

__all__ = ["write_bibtex"]

_IN_KEY: Final = re.compile(r"[^A-Za-z0-9:./_+-]")
_ESCAPES: Final = {character: f"\\{character}" for character in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_CONTROL: Final = re.compile("[\x00-\x1f\x7f]+")
KEYWORD_ROLES: Final = tuple(role for role in ROLES if role != "mentions")


def write_bibtex(graph: KnowledgeGraph, path: Path) -> None:
    """Write the papers of ``graph`` to ``path``, one entry a paper.

    Raises
    ------
    OSError
        The file cannot be written there; a file that was there is then untouched.

    Examples
    --------
    >>> import tempfile
    >>> from kg.graph import KnowledgeGraph
    >>> path = Path(tempfile.mkdtemp()) / "papers.bib"
    >>> write_bibtex(KnowledgeGraph(papers=[Paper(id="a", title="R & D", year=2020)], entities=[], links=[]), path)
    >>> print(path.read_text().strip())
    @misc{a,
      title = {{R \\& D}},
      year = {2020},
    }
    """
    names = {entity.id: entity.name for entity in graph.entities}
    with replacing(path) as file:
        for paper in graph.papers:
            links = [link for link in graph.links_from(paper.id) if link.role in KEYWORD_ROLES]
            links.sort(key=lambda link: (KEYWORD_ROLES.index(link.role), link.entity_id))
            keywords = _keywords([*paper.keywords, *(names[link.entity_id] for link in links)])
            file.write("\n".join(_entry(paper, keywords)).encode() + b"\n\n")


def _keywords(names: list[str]) -> list[str]:
    """Return names without commas, which stand between keywords, each once."""
    plain = (re.sub(r"(?:(?<!\s)\s++)?[,;]\s*", " ", name).strip() for name in names)
    return list({fold(name): name for name in reversed([name for name in plain if name])}.values())[::-1]


def _entry(paper: Paper, keywords: list[str]) -> Iterator[str]:
    yield f"@{'article' if paper.venue else 'misc'}{{{_key(paper.id)},"
    fields = {
        "title": f"{{{_tex(paper.title)}}}",  # in braces of its own: no style may change its capitals
        "author": " and ".join(_author(author) for author in paper.authors),
        "year": "" if paper.year is None else str(paper.year),
        "journal": _tex(paper.venue or ""),
        "doi": _tex(paper.doi or ""),
        "eprint": _tex(paper.arxiv_id or ""),
        "archiveprefix": "arXiv" if paper.arxiv_id else "",
        "url": _tex(paper.url or ""),
        "keywords": ", ".join(map(_tex, keywords)),
        "abstract": _tex(paper.abstract),
    }
    for name, value in fields.items():
        if value:
            yield f"  {name} = {{{value}}},"
    yield "}"


def _key(id_: str) -> str:
    """Return an id as a key; where that changes it, with a digest, so that no two are alike."""
    key = _IN_KEY.sub("_", id_)
    return key if key == id_ else f"{key}-{digest(id_)}"


def _author(name: str) -> str:
    """Return a name; one that holds a comma or " and " is in braces, so that it is not taken for two."""
    return f"{{{_tex(name)}}}" if "," in name or re.search(r"\band\b", name, re.IGNORECASE) else _tex(name)


def _tex(text: str) -> str:
    """Return ``text`` readable, on one line and with the signs escaped that TeX gives a meaning.

    >>> _tex("50% of $F_1$")
    '50\\\\% of F1'
    """
    line = " ".join(_CONTROL.sub(" ", readable(whole(text)).text).split())
    return "".join(_ESCAPES.get(character, character) for character in line)
