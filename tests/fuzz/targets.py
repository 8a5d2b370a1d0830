"""What is fuzzed: functions that take any bytes or text and hold what must be true of it, whatever it is.

Hypothesis calls them from ``test_targets.py``, the coverage-guided fuzzer from ``fuzz.py``. An assertion or an exception
is a find; it goes into ``FINDS`` there, and stays a test.
"""

import io
import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pyoxigraph

from extractors import load
from kg.export.html import write_html
from kg.export.iris import Iris, absolute_iri, arxiv_iri, doi_iri, literal_text, web_iri
from kg.export.rdf import serialise
from kg.graph import KnowledgeGraph
from kg.names import normal_form
from kg.readers import FORMATS, read_stream
from schemas.errors import AbstractKGError, RecordError
from schemas.lines import dump_line, extraction_from_json, extraction_to_json
from schemas.records import Alias, Entity, Link, Mention, Paper, Rejection
from schemas.text import readable

IRIS = Iris("https://example.org/id/")
PAPER = Paper(id="a", title="On X")


def reader(name: str | None) -> Callable[[bytes], None]:
    """Return the target that reads bytes in a format: papers come out, and one-line rejections, and nothing else."""

    def read(data: bytes) -> None:
        for item in read_stream(io.BytesIO(data), "input", format=name):
            if isinstance(item, Rejection):
                assert "\n" not in item.reason
                assert len(item.reason) < 1000
            else:
                check_paper(item)

    return read


def check_paper(paper: Paper) -> None:
    """A paper has an id and a title, on one line, of characters that every export can write."""
    assert paper.id
    assert paper.title
    for text in (paper.id, paper.title, paper.abstract, *paper.authors, *paper.keywords, paper.venue or ""):
        assert text.encode().decode() == text
        assert text == " ".join(text.split())
        assert not set(text) & {"\x00", "\x1b", "\x7f"}
    assert paper.year is None or 1000 <= paper.year < 3000
    assert paper.url is None or paper.url.startswith(("http://", "https://")) or paper.url[:8].lower() == "https://"


def text(source: str) -> None:
    """Cleaned text leads back to the source, in order; names have a normal form that is its own."""
    found = readable(source)
    assert found.source == source
    previous = 0
    for at in range(0, len(found.text), max(1, len(found.text) // 50)):
        start, end = found.to_source(at, at + 1)
        assert 0 <= start <= end <= len(source)
        assert start >= previous or source[start:end]
        previous = start if start > previous else previous
    normal_form(source)


@cache
def pipeline():
    """The pipeline, without the weights that take most of the time."""
    return load("en-fast")


def results(source: str) -> None:
    """Whatever a text says, what is found in it stands in it."""
    nlp = pipeline()
    doc = nlp(readable(source[:2000]).text)
    for result in doc._.results:
        assert 0 <= result.start < result.end <= len(doc.text)
        assert result.value in doc.text[result.start : result.end]
        assert 0 <= result.confidence <= 1
        assert result.number is None or result.number == result.number  # no NaN
    for entity in doc.ents:
        assert doc.text[entity.start_char : entity.end_char].strip()


def lines(data: bytes) -> None:
    """A line of the extraction format is refused with a RecordError, or goes round."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    if not isinstance(value, dict):
        return
    try:
        pair = extraction_from_json(value)
    except RecordError:
        return
    line = dump_line(extraction_to_json(*pair))
    assert dump_line(extraction_to_json(*extraction_from_json(json.loads(line)))) == line


def iris(source: str) -> None:
    """Whatever an id, an address or a name is, what is minted of it is valid, and no two ids share one."""
    minted = {IRIS.paper(source), IRIS.entity(source), IRIS.paper_graph(source), IRIS.mention(source, 0, 1, source)}
    assert len(minted) == 4
    if source.encode("utf-8", "replace").decode() == source:
        assert IRIS.paper(source) != IRIS.paper(source + "/") != IRIS.paper(source.swapcase() + "%")
    foreign = {absolute_iri(source), web_iri(source), doi_iri(source), arxiv_iri(source)}
    for address in minted | {address for address in foreign if address}:
        pyoxigraph.NamedNode(address)
        assert not set(address) & set('<>"{}|^`\\ \n\r\t')
    assert not any({".", ".."} & set(address.partition("#")[0].split("/")) for address in minted)
    pyoxigraph.Literal(literal_text(source))


def graph_of(source: str) -> KnowledgeGraph:
    """A graph in which a text stands wherever a text can stand."""
    paper = Paper(
        id=source or "a", title=source or "x", abstract=source, authors=(source,), venue=source, keywords=(source,),
        url=source, doi=source, arxiv_id=source, source=source,
    )  # fmt: skip
    entity = Entity(id=source or "e", type="Model", name=source or "e", aliases=(Alias(source, 1),), same_as=(source,))
    size = min(len(paper.title), 5)
    link = Link(
        paper_id=paper.id, entity_id=entity.id, role="uses", confidence=0.5, evidence=(0, size),
        mentions=(Mention(0, size, paper.text[:size], "Model"),),
    )  # fmt: skip
    return KnowledgeGraph(papers=[paper], entities=[entity], links=[link])


def rdf(source: str) -> None:
    """Every syntax of RDF says the same of it, and independent parsers read it."""
    graph = graph_of(source)
    formats = {"nq": pyoxigraph.RdfFormat.N_QUADS, "trig": pyoxigraph.RdfFormat.TRIG}
    found = []
    for name, format_ in formats.items():
        found.append({str(quad) for quad in pyoxigraph.parse(b"".join(serialise(graph, name)), format=format_)})
    assert found[0] == found[1]
    assert found[0]


class _Tags(HTMLParser):
    """Collects the tags of a page, and what stands outside of scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag, attributes):
        self.tags.append(f"{tag} {' '.join(name for name, _ in attributes)}")


@cache
def _plain_tags() -> tuple[str, ...]:
    return _page_tags("x")


def _page_tags(source: str) -> tuple[str, ...]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        write_html(graph_of(source), path)
        parser = _Tags()
        parser.feed(path.read_text(encoding="utf-8"))
    return tuple(parser.tags)


def html(source: str) -> None:
    """A text never becomes markup: the page has the tags that it has with any other text."""
    assert _page_tags(source) == _plain_tags()


def curation(data: bytes) -> None:
    """A curation file is read, or refused with an error of ours."""
    import tempfile

    from kg.curation import read_curation

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "curation.yaml"
        path.write_bytes(data)
        with suppress(AbstractKGError):
            read_curation(path)


OF_BYTES: dict[str, Callable[[bytes], None]] = {
    **{f"read-{name}": reader(name) for name in FORMATS},
    "read-any": reader(None),
    "lines": lines,
    "curation": curation,
}
OF_TEXT: dict[str, Callable[[str], None]] = {
    "text": text, "results": results, "iris": iris, "rdf": rdf, "html": html,
}  # fmt: skip
