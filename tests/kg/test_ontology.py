import re
from html.parser import HTMLParser

import pytest
import rdflib
from rdflib import OWL, RDF, RDFS

from kg.ontology import ontology_page, write_ontology
from schemas.errors import InputError, UnknownFormat
from schemas.vocabulary import ONTOLOGY_IRI


class Reader(HTMLParser):
    """Notes ids and links, and that tags are closed in order."""

    def __init__(self):
        super().__init__()
        self.ids, self.links, self.open, self.text = [], [], [], ""

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.links += [attrs["href"]] if "href" in attrs else []
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def page():
    reader = Reader()
    reader.feed(ontology_page())
    assert reader.open == []
    return reader


def test_every_term_has_its_section_with_label_and_comment(page, tmp_path):
    write_ontology(tmp_path / "ontology.ttl")
    graph = rdflib.Graph().parse(tmp_path / "ontology.ttl")
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.NamedIndividual)
    terms = {t for kind in kinds for t in graph.subjects(RDF.type, kind) if t.startswith(ONTOLOGY_IRI)}
    assert sorted(page.ids) == sorted(t.removeprefix(ONTOLOGY_IRI) for t in terms)
    for term in terms:
        assert str(graph.value(term, RDFS.label)) in page.text
        assert str(graph.value(term, RDFS.comment)) in page.text


def test_links_within_the_page_lead_somewhere_and_alignments_are_there(page):
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert "https://schema.org/ScholarlyArticle" in page.links
    assert "https://linkedpaperswithcode.com/class/dataset" in page.links


def test_the_page_needs_nothing_else():
    assert not re.search(r"<script|<link|src=|@import|url\(", ontology_page())


def test_it_is_written_as_page_or_as_turtle(tmp_path):
    write_ontology(tmp_path / "ontology.html")
    assert (tmp_path / "ontology.html").read_text(encoding="utf-8") == ontology_page()
    with pytest.raises(UnknownFormat, match="written as .html or .ttl, not as '.pdf'"):
        write_ontology(tmp_path / "ontology.pdf")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_ontology(tmp_path / "file" / "ontology.html")
