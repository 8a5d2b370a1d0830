"""An entity type of one's own, end to end: component, graph, folder, RDF, shapes, page; and what is refused."""

import subprocess
import sys
from dataclasses import replace

import pytest

import extractors
import kg
from kg.structure import check_structure
from kg.validate import validate
from schemas.errors import InputError
from schemas.vocabulary import ENTITY_TYPES, OWN_TYPES, EntityType, register_type, registered_types

SOFTWARE = EntityType(
    "Software",
    "software",
    "Software",
    "A program or library.",
    "#0e7490",
    "#22d3ee",
    ("https://schema.org/SoftwareApplication",),
    "https://example.org/onto#Software",
)
PAPERS = [
    kg.Paper(id="a", title="BERT in PyTorch", abstract="We implement BERT in PyTorch and evaluate it on SQuAD."),
    kg.Paper(id="b", title="On GLUE", abstract="Our experiments on GLUE use pytorch and scikit-learn."),
]


@pytest.fixture
def software():
    register_type(SOFTWARE)
    yield SOFTWARE
    ENTITY_TYPES.pop("Software")


def with_ruler(**position):
    nlp = extractors.load("en-fast")
    ruler = nlp.add_pipe("entity_ruler", config={"overwrite_ents": True}, **position)
    ruler.add_patterns(
        [{"label": "Software", "pattern": [{"LOWER": name}]} for name in ("pytorch", "tensorflow")]
        + [{"label": "Software", "pattern": "scikit-learn"}]
    )
    return nlp


@pytest.fixture
def graph(software, tmp_path):
    return kg.build(PAPERS, out=tmp_path / "graph", nlp=with_ruler(after="kg_lexicon"))


def test_entities_of_the_type_are_found_and_shared(graph):
    found = {entity.name: entity.papers for entity in graph.entities if entity.type == "Software"}
    assert found == {"PyTorch": 2, "scikit-learn": 1}
    assert {entity.type for entity in graph.entities} > {"Software", "Dataset"}
    assert graph.top(1, type="Software")[0][1] == 2
    assert graph.project("Software").edges["pytorch", "scikit-learn"]["weight"] == 1


def test_a_document_gives_them_out(software):
    doc = with_ruler(after="kg_lexicon")("On PyTorch\nWe use PyTorch to train BERT.")
    assert [entity.name for entity in doc._.software] == ["PyTorch"]
    assert {ent.label_ for ent in doc.ents} >= {"Software", "Model"}


def test_what_a_component_before_the_recogniser_has_set_stays(software):
    doc = with_ruler(before="kg_entities")("On PyTorch\nWe train BERT with PyTorch.")
    assert {(entity.name, entity.type) for entity in (*doc._.software, *doc._.models)} >= {("PyTorch", "Software")}


def test_what_a_later_component_takes_away_is_gone():
    from spacy.language import Language

    @Language.component("tests_no_models")
    def drop(doc):
        doc.ents = [ent for ent in doc.ents if ent.label_ != "Model"]
        return doc

    nlp = extractors.load("en-fast")
    assert nlp("We tune BERT on SQuAD.")._.models
    nlp.add_pipe("tests_no_models", after="kg_lexicon")
    assert not nlp("We tune BERT on SQuAD.")._.models


def test_rdf_says_what_the_type_is_and_conforms(graph, tmp_path):
    row = "a <https://example.org/onto#Software>"
    names = graph.query(f"SELECT ?name {{ ?s {row} ; a schema:SoftwareApplication ; skos:prefLabel ?name }}")
    assert {str(name) for (name,) in names} == {"PyTorch", "scikit-learn"}
    assert bool(graph.query("ASK { <https://example.org/onto#Software> rdfs:subClassOf akg:Entity }"))
    for name in ("g.ttl", "g.nq", "g.jsonld", "g.rdf"):
        graph.write(tmp_path / name)
        assert validate(tmp_path / name).violations == ()
    assert check_structure(tmp_path / "graph").violations == ()


def test_shapes_know_the_type_only_while_it_is_registered(graph):
    ENTITY_TYPES.pop("Software")
    assert not validate(replace_types_as_rdf(graph)).conforms
    register_type(SOFTWARE)


def replace_types_as_rdf(graph):
    register_type(SOFTWARE)
    data = graph.to_rdf()
    ENTITY_TYPES.pop("Software")
    return data


def test_every_writer_takes_the_type(graph, tmp_path):
    for name in ("g.html", "g.graphml", "g.gexf", "g.jsonl", "tables"):
        graph.write(tmp_path / name)
    page = (tmp_path / "g.html").read_text(encoding="utf-8")
    assert '["Software","Software","software","A program or library.","#0e7490","#22d3ee"]' in page


def test_another_process_opens_the_folder_without_being_told(graph, tmp_path):
    run = [sys.executable, "-m", "kg", "info", str(tmp_path / "graph")]
    shown = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    assert "2 software" in shown
    assert "Software: PyTorch (2)" in " ".join(shown.split())


def test_corrections_and_explanations_know_the_type(graph, tmp_path):
    run = [sys.executable, "-m", "kg", "explain", str(tmp_path / "graph"), "PyTorch"]
    assert "software" in subprocess.run(run, check=True, capture_output=True, text=True).stdout


def test_a_pipeline_of_ones_own_is_read_again_only_when_it_changed(software, tmp_path):
    from kg.run import build_folder

    def build(nlp):
        return build_folder([PAPERS], out=tmp_path, nlp=nlp, progress=lambda *_: None)

    first = build(with_ruler(after="kg_lexicon"))
    again = build(with_ruler(after="kg_lexicon"))
    changed = with_ruler(after="kg_lexicon")
    changed.get_pipe("entity_ruler").add_patterns([{"label": "Software", "pattern": "SQuAD"}])
    assert (first.extracted, again.extracted, build(changed).extracted) == (2, 0, 2)
    assert first.graph.info.pipeline == again.graph.info.pipeline != extractors.pipeline_version("en-fast")


def test_processes_read_with_it_too(software):
    nlp = with_ruler(after="kg_lexicon")
    alone = list(kg.extract(PAPERS, nlp=nlp))
    assert [e.entities for e in alone] == [e.entities for e in extractors.extract(PAPERS, nlp=nlp)]
    assert {e.pipeline for e in alone} == {extractors.version_of(nlp)}


def test_a_graph_of_our_types_alone_names_no_other(software, sample_graph):
    assert sample_graph.info.types == ()
    assert registered_types() == (software,)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "soft ware"},
        {"name": "Paper"},
        {"plural": "models"},
        {"plural": "No"},
        {"colour": "red"},
        {"colour_dark": '"><script>'},
        {"colour": "#1d4ed8"},
        {"class_iri": ""},
        {"class_iri": "https://example.org/a b"},
        {"class_iri": "https://w3id.org/abstractkg/ontology#Software"},
        {"also": ("javascript:alert(1)",)},
    ],
    ids=str,
)
def test_what_would_clash_or_break_a_file_is_refused(change):
    with pytest.raises(InputError, match="entity type"):
        register_type(replace(SOFTWARE, **change))
    assert tuple(ENTITY_TYPES) == OWN_TYPES


def test_the_same_row_again_changes_nothing_and_another_of_its_name_is_refused(software):
    register_type(SOFTWARE)
    with pytest.raises(InputError, match="taken"):
        register_type(replace(SOFTWARE, definition="Something else."))
