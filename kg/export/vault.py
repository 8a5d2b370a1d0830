"""An Obsidian vault: a folder of Markdown notes, one a paper and one an entity, linked with ``[[…]]``.

========================  =========================================================================================
``papers/*.md``           front matter (id, title, year, authors, venue, url, doi, arxiv_id, tags), the abstract, what
                          the paper introduces, uses, compares with and mentions, and the results that it reports
``entities/*.md``         front matter (id, aliases, type, papers, same_as, tags), its family and variants, and the
                          papers that name it, by what they do with it, newest first
``.obsidian/graph.json``  the colours of the types in Obsidian's graph; left alone where it is there
``.abstractkg.json``      the notes that were written, so that those of papers that are gone are removed next time
========================  =========================================================================================

Written anew, a note is replaced: keep notes of your own in files of your own, and link to these. The name of a note
follows from its own paper or entity alone, so that links from other notes stay: the id of an entity, which lasts, and
the title of a paper with a digest of its id. Names are in lower case, of letters, digits, ``.`` and ``-``, and
differ also where a file system does not tell capitals.

Text of papers is escaped, so that nothing in it is a link, a tag, an embedded note, HTML or a formula.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kg.export import replacing
from kg.frames import whole
from kg.resolution.labels import RESERVED, digest, slug
from schemas.records import Entity, Link, Paper, ReportedResult
from schemas.text import readable
from schemas.vocabulary import ENTITY_TYPES, PAPER_COLOURS, ROLES

if TYPE_CHECKING:
    from kg.graph import KnowledgeGraph

__all__ = ["write_vault"]

MANIFEST: Final = ".abstractkg.json"
LONGEST: Final = 120  # bytes of a name; file systems take 255, and synchronisation adds some
_SAFE: Final = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
_NOTE: Final = re.compile(r"(papers|entities)/[^/\\]+\.md")  # what a manifest may name
_SPECIAL: Final = re.compile(r"[\\`*_\[\]<#$^~]|(?<=%)%|(?<==)=|&(?=#?\w+;)")  # a sign, or the second of two
_AT_START: Final = re.compile(r"^(?:([-+>:])|(\d+)([.)]))(?=\s|$)")
_YAML_HIDDEN: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")  # besides what JSON escapes


def write_vault(graph: KnowledgeGraph, folder: Path) -> None:
    """Write ``graph`` into ``folder`` as notes; other files there stay.

    Raises
    ------
    OSError
        A file cannot be written there; one that was there is then untouched.

    Examples
    --------
    >>> import tempfile
    >>> from kg.graph import KnowledgeGraph
    >>> folder = Path(tempfile.mkdtemp())
    >>> link = Link(paper_id="a", entity_id="bert", role="uses", confidence=0.9)
    >>> entity = Entity(id="bert", type="Model", name="BERT", papers=1)
    >>> write_vault(KnowledgeGraph(papers=[Paper(id="a", title="On X")], entities=[entity], links=[link]), folder)
    >>> print((folder / "entities" / "bert.md").read_text().split("## ")[1].strip())
    Used by
    - [[papers/on-x-ca978112ca|On X]]
    """
    vault = _Vault(graph)
    written = []
    for name, text in vault.notes():
        with replacing(folder / name) as file:
            file.write(whole(text).encode())
        written.append(name)
    _remove_old(folder, set(written))
    if not (folder / ".obsidian" / "graph.json").exists():
        with replacing(folder / ".obsidian" / "graph.json") as file:
            file.write(_dump(_colours()).encode())
    with replacing(folder / MANIFEST) as file:
        file.write(_dump({"notes": written}).encode())


def _dump(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _remove_old(folder: Path, kept: set[str]) -> None:
    """Remove notes that an earlier export wrote and this one did not."""
    try:
        earlier = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["notes"]
    except (OSError, ValueError, TypeError, KeyError):
        return
    for name in earlier if isinstance(earlier, list) else ():
        if isinstance(name, str) and _NOTE.fullmatch(name) and name not in kept:
            (folder / name).unlink(missing_ok=True)


def _colours() -> dict[str, Any]:
    """Return settings of Obsidian's graph view that colour notes by their tag."""
    colours = {f"entity/{row.name.lower()}": row.colour for row in ENTITY_TYPES.values()} | {"paper": PAPER_COLOURS[0]}
    groups = [
        {"query": f"tag:#{tag}", "color": {"a": 1, "rgb": int(colour[1:], 16)}} for tag, colour in colours.items()
    ]
    return {"colorGroups": groups}


def note_name(id_: str, text: str) -> str:
    """Return the name of the note of a paper or entity, without folder and suffix; different ids, different names.

    >>> note_name("c4.5", "C4.5"), note_name("../CON", "CON"), note_name("nul", "nul")
    ('c4.5', 'con-d1d3a74734', 'nul-99e6242759')
    """
    if _SAFE.fullmatch(id_) and id_.split(".")[0] not in RESERVED and len(id_) <= LONGEST:
        return id_
    return _digested(id_, text)


def _digested(id_: str, text: str) -> str:
    start = whole(slug(text)).replace(".", "-").encode()[: LONGEST - 11].decode(errors="ignore").strip("-")
    return f"{start}-{digest(id_, 10)}"


class _Vault:
    """The notes of a graph, and the names under which they link to each other."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self.graph = graph
        self.papers = {paper.id: paper for paper in graph.papers}
        self.entities = {entity.id: entity for entity in graph.entities}
        self.titles = {paper.id: " ".join(readable(paper.title).text.split()) for paper in graph.papers}
        self.paths = {("paper", id_): f"papers/{_digested(id_, title)}" for id_, title in self.titles.items()}
        self.paths |= {("entity", e.id): f"entities/{note_name(e.id, e.name)}" for e in graph.entities}
        self.results: dict[str, list[ReportedResult]] = {}
        for result in graph.results:
            self.results.setdefault(result.paper_id, []).append(result)
        self.variants: dict[str, list[Entity]] = {}
        for entity in graph.entities:
            if entity.variant_of is not None:
                self.variants.setdefault(entity.variant_of, []).append(entity)

    def notes(self) -> Iterator[tuple[str, str]]:
        """Yield path and text of each note."""
        for paper in self.graph.papers:
            yield f"{self.paths['paper', paper.id]}.md", "\n".join(self._paper(paper)) + "\n"
        for entity in self.graph.entities:
            yield f"{self.paths['entity', entity.id]}.md", "\n".join(self._entity(entity)) + "\n"

    def _paper(self, paper: Paper) -> Iterator[str]:
        title = self.titles[paper.id]
        yield from _front_matter(
            title=title,
            aliases=[title],
            id=paper.id,
            year=paper.year,
            authors=list(paper.authors),
            venue=paper.venue,
            url=paper.url,
            doi=paper.doi,
            arxiv_id=paper.arxiv_id,
            keywords=list(paper.keywords),
            tags=["paper"],
        )
        yield f"# {_markdown(title)}"
        if paper.abstract:
            yield from ("", _markdown(readable(paper.abstract).text))
        links = self.graph.links_from(paper.id)
        for role in ROLES.values():
            named = sorted((link for link in links if link.role == role.name), key=self._by_name)
            if named:
                yield from ("", f"## {role.label.capitalize()}")
            for link in named:
                kind = ENTITY_TYPES[self.entities[link.entity_id].type].label.lower()
                yield f"- {self._to_entity(link.entity_id)} ({kind})"
        if results := self.results.get(paper.id):
            yield from ("", "## Reports")
            yield from (f"- {self._result(result)}" for result in results)

    def _entity(self, entity: Entity) -> Iterator[str]:
        yield from _front_matter(
            aliases=list(dict.fromkeys([entity.name, *(alias.name for alias in entity.aliases)])),
            id=entity.id,
            type=entity.type,
            papers=entity.papers,
            same_as=list(entity.same_as),
            tags=[f"entity/{entity.type.lower()}"],
        )
        yield f"# {_markdown(entity.name)}"
        if entity.variant_of in self.entities:
            yield from ("", f"A variant of {self._to_entity(str(entity.variant_of))}.")
        if variants := self.variants.get(entity.id):
            yield from ("", f"Variants: {', '.join(self._to_entity(variant.id) for variant in variants)}.")
        links = self.graph.links_of(entity.id)
        headings = {"introduces": "Introduced", "uses": "Used", "compares": "Compared with", "mentions": "Mentioned"}
        for role in ROLES:
            named = sorted((link.paper_id for link in links if link.role == role), key=self._newest)
            if named:
                yield from ("", f"## {headings[role]} by")
            for paper_id in named:
                year = self.papers[paper_id].year
                yield f"- {self._to_paper(paper_id)}" + (f" ({year})" if year else "")

    def _by_name(self, link: Link) -> tuple[int, str, str]:
        entity = self.entities[link.entity_id]
        return list(ENTITY_TYPES).index(entity.type), entity.name.casefold(), entity.id

    def _newest(self, paper_id: str) -> tuple[int, str]:
        return -(self.papers[paper_id].year or 0), paper_id

    def _to_entity(self, entity_id: str) -> str:
        return _link(self.paths["entity", entity_id], self.entities[entity_id].name)

    def _to_paper(self, paper_id: str) -> str:
        return _link(self.paths["paper", paper_id], self.titles[paper_id])

    def _result(self, result: ReportedResult) -> str:
        value = " ".join(readable(result.value).text.split())
        parts = [f"**{_markdown(value)}**"]
        for before, part in (
            ("", "metric"),
            ("of ", "subject"),
            ("on ", "dataset"),
            ("in ", "task"),
            ("over ", "baseline"),
        ):
            entity_id, name = getattr(result, f"{part}_id"), getattr(result, part)
            if entity_id in self.entities:
                parts.append(before + self._to_entity(entity_id))
            elif name:
                parts.append(before + _markdown(name))
        return " ".join(parts)


def _link(path: str, shown: str) -> str:
    """Return a link; what is shown cannot end it, and Obsidian shows it as it stands, without escapes."""
    shown = " ".join(re.sub(r"[\[\]|#^\\`<>*_~=$%]", " ", shown).split())
    return f"[[{path}|{shown}]]" if shown else f"[[{path}]]"


def _markdown(text: str) -> str:
    """Return text on one line in which nothing is markup.

    >>> print(_markdown("1. See [[a]] <b>"))
    1\\. See \\[\\[a\\]\\] \\<b>
    """
    line = _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))
    return _AT_START.sub(lambda match: f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}", line)


def _front_matter(**values: Any) -> Iterator[str]:
    """Yield YAML with each value as JSON, which YAML includes, on a line; what is absent is left out."""
    yield "---"
    for name, value in values.items():
        if value not in (None, "", []):
            yield f"{name}: {_YAML_HIDDEN.sub(_escaped, json.dumps(whole(value), ensure_ascii=False))}"
    yield from ("---", "")


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
