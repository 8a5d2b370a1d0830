"""The fast check says what pyshacl says; of every constraint broken, in ``test_validate.py``."""

import pytest

from kg.export.rdf import write_rdf
from kg.graph import KnowledgeGraph
from kg.store import Store
from kg.structure import check_structure
from kg.validate import validate
from schemas.errors import InputError
from schemas.records import Link


@pytest.mark.parametrize("suffix", ["ttl", "nq", "trig", "rdf", "nt.gz"])
def test_what_we_write_conforms(rich_graph, tmp_path, suffix):
    write_rdf(rich_graph, tmp_path / f"graph.{suffix}")
    assert check_structure(tmp_path / f"graph.{suffix}") == validate(rich_graph)


def test_folders_are_checked_and_what_is_described_nowhere_is_found(rich_graph, tmp_path):
    dangling = KnowledgeGraph(
        papers=rich_graph.papers,
        entities=rich_graph.entities[:2],
        links=[*rich_graph.links, Link(paper_id="b", entity_id="gone", role="uses", confidence=2.0)],
        info=rich_graph.info,
    )
    with Store(tmp_path / "graph") as store:
        store.put_graph(dangling)
    report = check_structure(tmp_path / "graph")
    assert report == validate(dangling)
    assert any("gone> akg:paperCount has fewer values" in line for line in report.violations)


def test_statements_that_stand_apart_are_refused(tmp_path):
    (tmp_path / "a.nt").write_text("<urn:a> <urn:p> <urn:b> .\n<urn:c> <urn:p> <urn:b> .\n<urn:a> <urn:q> <urn:b> .\n")
    with pytest.raises(InputError, match="statements of urn:a stand apart: check it without --fast"):
        check_structure(tmp_path / "a.nt")
