"""Every IRI of the graph, minted in one place, and the form in which texts become literals.

All IRIs lie under the graph's base IRI; those of a paper's parts are fragments of the paper's own::

    {base}dataset                                the graph as a whole
    {base}graph/header|entities|paper/{paper}    the named graphs
    {base}entity/{entity}
    {base}paper/{paper}
    {base}paper/{paper}#author/{n}
                       #link/{role}/{entity}
                       #mention/{start}-{end}/{entity}
                       #text/{start}-{end}       a stretch of the text, with #position/… and #quote/… that select it
                       #result/{n}

Ids are percent-encoded as UTF-8 (RFC 3986, so that every IRI is also a URI), letters, digits and ``-._~:`` excepted,
and ``/`` in a path. This is injective: two ids never share an IRI.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

from schemas.errors import InputError
from schemas.vocabulary import NAMESPACES

__all__ = ["Iris", "absolute_iri", "arxiv_iri", "check_base", "doi_iri", "encode_id", "literal_text", "web_iri"]

# What no XML file can hold becomes its picture (U+0000 -> U+2400) or, where there is none, U+FFFD: one character for
# one, so that offsets into the text stay right. A carriage return goes too: XML parsers turn it into a line feed.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_KEPT_IN_FOREIGN = "!#$%&'()*+,/:;=?@~"  # reserved characters and the percent sign, beside letters, digits and -._~
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_ARXIV = re.compile(r"\d{4}\.\d{4,5}|[a-z][a-z.-]*(\.[A-Z]{2})?/\d{7}", re.ASCII)


class Iris:
    """Mints the IRIs of one graph.

    Parameters
    ----------
    base
        An absolute IRI; a ``/`` is added where it ends in a letter or digit.

    Raises
    ------
    InputError
        ``base`` is no absolute IRI, or one under which ours would not be valid.

    Examples
    --------
    >>> iris = Iris("https://example.org/id/")
    >>> iris.entity("c++")
    'https://example.org/id/entity/c%2B%2B'
    >>> iris.mention("doi:10.1/x y", 0, 4, "bert")
    'https://example.org/id/paper/doi:10.1/x%20y#mention/0-4/bert'
    """

    def __init__(self, base: str) -> None:
        self.base = check_base(base)
        self.dataset = f"{self.base}dataset"
        self.header_graph = f"{self.base}graph/header"
        self.entity_graph = f"{self.base}graph/entities"

    def entity(self, entity_id: str) -> str:
        """Return the IRI of an entity."""
        return f"{self.base}entity/{_path(entity_id)}"

    def paper(self, paper_id: str) -> str:
        """Return the IRI of a paper."""
        return f"{self.base}paper/{_path(paper_id)}"

    def paper_graph(self, paper_id: str) -> str:
        """Return the name of the graph that holds all that is said of and by a paper."""
        return f"{self.base}graph/paper/{_path(paper_id)}"

    def author(self, paper_id: str, number: int) -> str:
        """Return the IRI of the ``number``-th author (from 1) of a paper."""
        return f"{self.paper(paper_id)}#author/{number}"

    def link(self, paper_id: str, role: str, entity_id: str) -> str:
        """Return the IRI of the evidence for "paper role entity"."""
        return f"{self.paper(paper_id)}#link/{encode_id(role)}/{encode_id(entity_id)}"

    def mention(self, paper_id: str, start: int, end: int, entity_id: str) -> str:
        """Return the IRI of the annotation that says that the text at [start, end) names the entity."""
        return f"{self.paper(paper_id)}#mention/{start}-{end}/{encode_id(entity_id)}"

    def span(self, paper_id: str, kind: str, start: int, end: int) -> str:
        """Return the IRI of the text at [start, end) (``kind`` "text"), or of its selector ("position", "quote")."""
        return f"{self.paper(paper_id)}#{kind}/{start}-{end}"

    def result(self, paper_id: str, result_id: str) -> str:
        """Return the IRI of a result; its id is the paper's, "#result-" and a number."""
        prefix = f"{paper_id}#result-"
        # An id of another make is marked by "=", which no encoded id holds.
        name = encode_id(result_id[len(prefix) :]) if result_id.startswith(prefix) else f"={encode_id(result_id)}"
        return f"{self.paper(paper_id)}#result/{name}"


def check_base(base: str) -> str:
    """Return ``base`` if IRIs can be minted under it, with a ``/`` at its end where it needs one.

    >>> check_base("https://example.org/kg")
    'https://example.org/kg/'
    """
    problem = None
    if absolute_iri(base) != base:
        problem = "is no absolute IRI"
    elif "#" in base:
        problem = "holds a '#', but the parts of a paper are fragments of its IRI"
    elif {".", ".."} & set(re.split("[/:]", base)):
        problem = "holds '.' or '..' as a step of its path, which parsers resolve"
    if problem:
        raise InputError(f"base IRI {base!r} {problem}; give one such as https://example.org/id/")
    return base if base[-1] in "/:=" else f"{base}/"


@lru_cache(maxsize=1 << 15)
def encode_id(value: str) -> str:
    """Percent-encode all but letters, digits and ``-._~:``; a lone surrogate by its three bytes."""
    return quote(value, safe=":", errors="surrogatepass")


@lru_cache(maxsize=1 << 15)
def _path(value: str) -> str:
    """Encode each step of a path; steps that parsers would resolve away (empty, ".", "..") are marked by "="."""
    steps = (f"={step}" if step in ("", ".", "..") else encode_id(step) for step in value.split("/"))
    return "/".join(steps)


def absolute_iri(value: str) -> str | None:
    """Return ``value`` as a valid absolute IRI, what is not allowed in it percent-encoded; None if that is hopeless.

    A name with one of our prefixes is spelt out: some formats would read it so anyway.

    >>> absolute_iri("https://example.org/a b?q=<1>")
    'https://example.org/a%20b?q=%3C1%3E'
    >>> absolute_iri("schema:Dataset")
    'https://schema.org/Dataset'
    >>> absolute_iri("see the web") is None
    True
    """
    from pyoxigraph import NamedNode

    value = value.strip()
    prefix, _, local = value.partition(":")
    value = NAMESPACES[prefix] + local if prefix in NAMESPACES else value
    for candidate in (value, _repaired(value)):
        try:
            NamedNode(candidate)
        except ValueError:
            continue
        if candidate.isascii() or candidate.isprintable():
            return candidate
    return None


def _repaired(value: str) -> str:
    value = re.sub("%(?![0-9A-Fa-f]{2})", "%25", value)
    head, mark, fragment = value.partition("#")
    return quote(head + mark + fragment.replace("#", "%23"), safe=_KEPT_IN_FOREIGN, errors="surrogatepass")


def web_iri(value: str) -> str | None:
    """Return ``value`` as :func:`absolute_iri` does, if it is a web address with a host; None if it is not.

    >>> web_iri("javascript:alert(1)") is None
    True
    """
    iri = absolute_iri(value)
    return iri if iri and re.match("https?://[^/?#]", iri, re.IGNORECASE) else None


def doi_iri(doi: str) -> str | None:
    """Return the web address of a DOI, None if it is not one.

    >>> doi_iri("10.1002/(SICI)1099<1::AID>3.0")
    'https://doi.org/10.1002/(SICI)1099%3C1::AID%3E3.0'
    """
    if not _DOI.fullmatch(doi):
        return None
    return "https://doi.org/" + quote(doi, safe="/:;()!$&'*+,=@~", errors="surrogatepass")


def arxiv_iri(arxiv_id: str) -> str | None:
    """Return the web address of an arXiv id, None if it is not one.

    >>> arxiv_iri("1810.04805")
    'https://arxiv.org/abs/1810.04805'
    """
    return f"https://arxiv.org/abs/{arxiv_id}" if _ARXIV.fullmatch(arxiv_id) else None


def literal_text(value: str) -> str:
    """Return ``value`` as a literal that every RDF format can hold, of the same length.

    Control characters other than tab and line feed become their pictures (U+2400 and on); lone surrogates and
    non-characters become U+FFFD. Direction marks, emoji and everything else stay.

    >>> literal_text("a\\x00b\\ud800c")
    'a␀b\ufffdc'
    """
    return value if value.isprintable() else _UNPRINTABLE.sub(_picture, value)


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"
