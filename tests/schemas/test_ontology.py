import json
from pathlib import Path

import pytest
import rdflib
from rdflib import OWL, RDF, RDFS, SH, SKOS, XSD, URIRef

import schemas
from kg.export.quads import quads
from kg.export.terms import Literal
from schemas.vocabulary import ENTITY_TYPES, NAMESPACES, ONTOLOGY_IRI, ROLES

FOLDER = Path(schemas.__path__[0])
AKG = rdflib.Namespace(ONTOLOGY_IRI)
KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.NamedIndividual)


@pytest.fixture(scope="module")
def ontology():
    return rdflib.Graph().parse(FOLDER / "ontology.ttl")


@pytest.fixture(scope="module")
def shapes():
    return rdflib.Graph().parse(FOLDER / "shapes.ttl")


@pytest.fixture(scope="module")
def context():
    return json.loads((FOLDER / "context.jsonld").read_text(encoding="utf-8"))["@context"]


@pytest.fixture(scope="module")
def emitted(rich_graph):
    """What is written for a graph in which every field of every record holds something."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "0")
        return list(quads(rich_graph))


def declared(ontology, *kinds):
    return {term for kind in kinds for term in ontology.subjects(RDF.type, kind) if term.startswith(AKG)}


def classes_of(emitted):
    return {URIRef(quad.object) for quad in emitted if quad.predicate == str(RDF.type)}


def properties_of(emitted):
    return {URIRef(quad.predicate) for quad in emitted}


def test_every_term_says_what_it_is(ontology):
    (document,) = ontology.subjects(RDF.type, OWL.Ontology)
    assert f"{document}#" == ONTOLOGY_IRI
    terms = {subject for subject in ontology.subjects() if subject.startswith(AKG)}
    assert terms == declared(ontology, *KINDS)
    for term in terms:
        assert len(list(ontology.objects(term, RDFS.label))) == 1, term
        (comment,) = ontology.objects(term, RDFS.comment)
        assert comment.endswith("."), term
        assert ontology.value(term, RDFS.isDefinedBy) == document, term


def test_every_property_has_a_range_or_says_why_not(ontology):
    for term in declared(ontology, OWL.ObjectProperty, OWL.DatatypeProperty) - {
        AKG.role
    }:  # whose values are properties
        assert ontology.value(term, RDFS.range), term


def test_types_and_roles_are_those_of_the_vocabulary(ontology):
    assert {str(term) for term in ontology.subjects(RDFS.subClassOf, AKG.Entity)} == {
        row.iri for row in ENTITY_TYPES.values()
    }
    schema_mentions = URIRef(NAMESPACES["schema"] + "mentions")
    assert {str(term) for term in ontology.subjects(RDFS.subPropertyOf, schema_mentions)} == {
        row.iri for row in ROLES.values()
    }
    for row in (*ENTITY_TYPES.values(), *ROLES.values()):
        assert str(ontology.value(URIRef(row.iri), RDFS.label)) == row.label
        assert str(ontology.value(URIRef(row.iri), RDFS.comment)) == row.definition
    for row in ENTITY_TYPES.values():
        assert {str(of) for of in ontology.objects(URIRef(row.iri), RDFS.subClassOf)} == {
            ONTOLOGY_IRI + "Entity",
            *row.also,
        }


@pytest.mark.parametrize(
    ("term", "relation", "others"),
    [
        ("Paper", RDFS.subClassOf, "https://schema.org/ScholarlyArticle http://purl.org/spar/fabio/ResearchPaper"),
        ("Paper", SKOS.closeMatch, "https://linkedpaperswithcode.com/class/paper"),
        (
            "Method",
            SKOS.closeMatch,
            "https://linkedpaperswithcode.com/class/method http://scholkg.kmi.open.ac.uk/cskg/ontology#Method",
        ),
        ("Model", SKOS.closeMatch, "https://linkedpaperswithcode.com/class/model https://w3id.org/fair4ml#MLModel"),
        ("Dataset", SKOS.closeMatch, "https://linkedpaperswithcode.com/class/dataset"),
        ("Dataset", SKOS.broadMatch, "http://scholkg.kmi.open.ac.uk/cskg/ontology#Material"),
        (
            "Metric",
            SKOS.closeMatch,
            "http://scholkg.kmi.open.ac.uk/cskg/ontology#Metric http://orkg.org/orkg/class/Metric",
        ),
        (
            "Task",
            SKOS.closeMatch,
            "https://linkedpaperswithcode.com/class/task http://scholkg.kmi.open.ac.uk/cskg/ontology#Task",
        ),
        ("Result", SKOS.closeMatch, "https://linkedpaperswithcode.com/class/evaluationresult"),
        ("metric", RDFS.subPropertyOf, "http://www.w3.org/ns/mls#specifiedBy"),
        ("number", RDFS.subPropertyOf, "http://www.w3.org/ns/mls#hasValue"),
        ("paper", RDFS.subPropertyOf, "http://www.w3.org/ns/prov#wasDerivedFrom"),
        ("variantOf", RDFS.subPropertyOf, "http://www.w3.org/2004/02/skos/core#broader"),
    ],
)
def test_alignments(ontology, term, relation, others):
    assert {str(other) for other in ontology.objects(AKG[term], relation)} == set(others.split())


def test_what_is_written_is_declared_and_what_is_declared_is_written(ontology, emitted):
    ours = {term for term in classes_of(emitted) | properties_of(emitted) if term.startswith(AKG)}
    values = {URIRef(quad.object) for quad in emitted if isinstance(quad.object, str) and quad.object.startswith(AKG)}
    terms = declared(ontology, *KINDS)
    assert ours | (values - {URIRef(ONTOLOGY_IRI)}) <= terms
    written_elsewhere = {AKG.Entity, AKG.ResultKind}  # the class of all types, and that of two individuals
    assert terms - ours - values == written_elsewhere


def test_ranges_are_those_of_the_values_written(ontology, emitted):
    for quad in emitted:
        wanted = ontology.value(URIRef(quad.predicate), RDFS.range)
        if isinstance(quad.object, Literal) and wanted is not None:
            assert quad.object.datatype == str(wanted), quad.predicate
        kinds = set(ontology.objects(URIRef(quad.predicate), RDF.type))
        if quad.predicate.startswith(AKG):
            assert kinds == {OWL.DatatypeProperty if isinstance(quad.object, Literal) else OWL.ObjectProperty}


def test_every_class_and_property_that_is_written_has_a_shape(shapes, emitted, ontology):
    targets = set(shapes.objects(None, SH.targetClass))
    reached = set(shapes.objects(None, SH.targetObjectsOf))
    selectors = {URIRef(row) for entity in ENTITY_TYPES.values() for row in entity.also}
    also = {URIRef(NAMESPACES["schema"] + "ScholarlyArticle"), URIRef(NAMESPACES["fabio"] + "ResearchPaper")}
    also |= {URIRef(NAMESPACES["mls"] + "ModelEvaluation")} | selectors  # stated beside ours, which have the shape
    assert classes_of(emitted) - also <= targets
    assert declared(ontology, OWL.Class) <= targets
    paths = set(shapes.objects(None, SH.path))
    assert properties_of(emitted) == paths
    assert reached <= paths


def shape_paths(shapes, shape):
    return {path for part in shapes.objects(shape, SH.property) for path in shapes.objects(part, SH.path)}


def test_shapes_look_for_properties_where_they_are_written(shapes, emitted):
    """A shape that speaks of a property under another name, or of another class, would never fire."""
    types, said = {}, {}
    for quad in emitted:
        said.setdefault(quad.subject, set()).add(URIRef(quad.predicate))
        if quad.predicate == str(RDF.type):
            types.setdefault(quad.subject, set()).add(URIRef(quad.object))
    for shape in shapes.subjects(RDF.type, SH.NodeShape):
        targets = set(shapes.objects(shape, SH.targetClass)) or {
            kind
            for quad in emitted
            if URIRef(quad.predicate) in set(shapes.objects(shape, SH.targetObjectsOf))
            for kind in types.get(quad.object, ())
        }
        reached = set(shapes.objects(shape, SH.targetObjectsOf))
        nodes = [node for node, kinds in types.items() if kinds & targets]
        nodes += [quad.object for quad in emitted if URIRef(quad.predicate) in reached]
        assert nodes or shape.endswith("ResultKind"), shape
        written = set().union(*(said.get(node, set()) for node in nodes))
        assert shape_paths(shapes, shape) <= written, shape
        if (shape, SH.closed, None) in shapes:
            assert written <= shape_paths(shapes, shape) | {RDF.type}, shape


def test_the_context_names_every_property_once_with_the_type_it_has(context, emitted):
    graph = rdflib.Graph()
    for prefix, namespace in NAMESPACES.items():
        graph.bind(prefix, namespace, override=True, replace=True)
    terms = {name: term for name, term in context.items() if isinstance(term, dict)}
    prefixes = {name: term for name, term in context.items() if isinstance(term, str)}
    assert all(NAMESPACES[prefix] == namespace for prefix, namespace in prefixes.items())
    iris = {name: str(graph.namespace_manager.expand_curie(term["@id"])) for name, term in terms.items()}
    assert len(set(iris.values())) == len(iris)
    assert set(iris.values()) == {str(path) for path in properties_of(emitted) - {RDF.type}}
    by_iri = {iri: terms[name].get("@type") for name, iri in iris.items()}
    for quad in emitted:
        if quad.predicate != str(RDF.type):
            kind = by_iri[quad.predicate]
            datatype = quad.object.datatype if isinstance(quad.object, Literal) else "@id"
            plain = {str(XSD.string): None, str(XSD.integer): None, "@id": "@id"}
            assert kind == plain.get(datatype, datatype.replace(str(XSD), "xsd:")), quad.predicate
