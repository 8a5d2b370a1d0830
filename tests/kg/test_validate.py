import re

import pytest
import rdflib
from pyshacl import validate as check
from rdflib import RDF, SH, BNode, Literal, URIRef

from kg import validate as module
from kg.export.rdf import quads, rdflib_terms, to_rdf, write_rdf
from kg.export.terms import iri
from kg.export.turtle import prefixed
from kg.graph import GraphInfo, KnowledgeGraph
from kg.store import Store
from kg.structure import check_structure
from kg.validate import shapes, validate
from schemas.errors import InputError, StoreError, UnknownFormat
from schemas.records import Alias, Entity, Link, Mention, Paper, ReportedResult

OTHER = URIRef("urn:other")


def test_what_we_write_conforms(rich_graph):
    report = validate(rich_graph)
    assert report.violations == ()
    assert report.conforms
    assert report.statements == len(list(quads(rich_graph)))


def test_the_sample_conforms(sample_graph):
    assert validate(sample_graph).violations == ()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert('x')</script> \"quoted\" \\ & ]]>",
        "\u202eright to left\u200f",
        "\x00\x0b\x1b\ud800\uffff",
        "x" * 10_000,
        "%zz {} | ^ ` # ? /../ 😀",
    ],
    ids=["markup", "direction", "controls", "length", "signs"],
)
def test_hostile_strings_conform(text):
    graph = KnowledgeGraph(
        papers=[
            Paper(id=text, title=text, abstract=text, authors=(text,), venue=text, url=text, doi=text, keywords=(text,))
        ],
        entities=[Entity(id=text, type="Task", name=text, aliases=(Alias(f"{text}s", 1),), same_as=(text,), papers=1)],
        links=[
            Link(
                paper_id=text,
                entity_id=text,
                role="uses",
                confidence=1.0,
                mentions=(Mention(0, 2, text[:2], "Task"),),
                evidence=(0, len(text)),
            )
        ],
        results=[ReportedResult(id=text, paper_id=text, subject=text, metric=None, value=text, start=0, end=1)],
        info=GraphInfo(pipeline=text, title=text),
    )
    assert validate(graph).violations == ()


def test_files_folders_and_rdflib_graphs_are_checked_alike(rich_graph, tmp_path):
    for suffix in (".ttl", ".nt", ".nq", ".trig", ".jsonld", ".rdf"):
        write_rdf(rich_graph, tmp_path / f"graph{suffix}")
        assert validate(tmp_path / f"graph{suffix}") == validate(rich_graph)
    with Store(tmp_path / "folder") as store:
        store.put_graph(rich_graph)
    assert validate(tmp_path / "folder") == validate(rich_graph)
    assert validate(to_rdf(rich_graph)) == validate(rich_graph)
    assert validate(module.load(rich_graph)) == validate(rich_graph)


def test_a_given_graph_is_not_changed(rich_graph):
    data = module.load(rich_graph)
    before = set(data)
    validate(data)
    assert set(data) == before


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("graph.ttl", "<a> <b>", "not Turtle: Parser error at line 1"),
        ("graph.nt", "<urn:a> <urn:b c> <urn:d> .", "not N-Triples: Parser error at line 1"),
        ("graph.rdf", "text", "not RDF/XML"),
        ("graph.jsonld", '{"@context": "https://example.org/context", "@id": "urn:a"}', "not JSON-LD"),
        ("graph.ttl", "<< <urn:a> <urn:b> <urn:c> >> <urn:d> <urn:e> .", "more than rdflib can hold"),
        ("papers.jsonl", "{}", "no RDF format has the suffix '.jsonl'; available: .ttl"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        validate(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_what_is_not_there(tmp_path):
    with pytest.raises(InputError, match="gone.ttl: cannot be read: No such file"):
        validate(tmp_path / "gone.ttl")
    with pytest.raises(StoreError):
        validate(tmp_path)
    with pytest.raises(UnknownFormat):
        validate(tmp_path / "gone")


def test_violations_are_lines_that_name_node_property_and_fault(rich_graph):
    broken = KnowledgeGraph(
        papers=rich_graph.papers,
        entities=[entity for entity in rich_graph.entities if entity.id != "f1"],
        links=[Link(paper_id="b", entity_id="squad", role="uses", confidence=1.5)],
    )
    report = validate(broken)
    assert not report.conforms
    base = rich_graph.info.base_iri
    assert report.violations == (f"<{base}paper/b#link/uses/squad> itsrdf:taConfidence 1.5 is more than 1.0",)
    broken = KnowledgeGraph(papers=rich_graph.papers, entities=[], links=rich_graph.links[-1:])
    assert f"<{base}entity/squad> rdf:type has fewer than 1 of the types of entities" in validate(broken).violations


# Every constraint of every shape fires: a copy of a node that conforms is made for each, and broken in that one way.


def setter(make):
    """A way to break a constraint: the values of the property become what ``make`` returns for its limit."""

    def set_(data, node, path, limit):
        values = make(data, node, limit)
        data.remove((node, path, None))
        for value in values:
            data.add((node, path, value))

    return set_


def more(data, node, path, limit):
    for n in range(int(limit)):
        value = data.value(node, path)
        other = Literal(f"{value}{n}", datatype=value.datatype) if isinstance(value, Literal) else URIRef(f"{OTHER}{n}")
        data.add((node, path, other))


def another_type(data, node, path, limit):
    for class_ in ("Method", "Model"):
        data.add((node, path, URIRef(iri(f"akg:{class_}"))))


def shifted(by):
    return setter(lambda data, node, limit: [Literal(limit.toPython() + by, datatype=limit.datatype)])


BREAKS = {  # constraint: how to violate it, what must be said then
    SH.minCount: (setter(lambda data, node, limit: [OTHER] * (int(limit) - 1)), "has fewer values than"),
    SH.maxCount: (more, "has more values than"),
    SH.hasValue: (lambda data, node, path, limit: data.remove((node, path, limit)), "lacks the value"),
    SH.datatype: (setter(lambda data, node, limit: [Literal("x", lang="en")]), "is no xsd:"),
    SH.nodeKind: (setter(lambda data, node, limit: [Literal("x")]), "is no sh:IRI"),
    SH.minLength: (setter(lambda data, node, limit: [Literal("")]), "is shorter than 1"),
    SH.minInclusive: (shifted(-1), "is less than"),
    SH.maxInclusive: (shifted(1), "is more than"),
    SH.lessThan: (setter(lambda data, node, limit: [data.value(node, limit)]), "is not less than"),
    SH["in"]: (setter(lambda data, node, limit: [OTHER]), "is none of"),
    SH.qualifiedMinCount: (setter(lambda data, node, limit: []), "has fewer than 1 of the types"),
    SH.qualifiedMaxCount: (another_type, "has more than 1 of the types"),
}


def example(data, shape, paths):
    """Return a node that the shape speaks of and that has all of ``paths``."""
    nodes = {node for of in shapes().objects(shape, SH.targetClass) for node in data.subjects(RDF.type, of)}
    nodes |= {node for of in shapes().objects(shape, SH.targetObjectsOf) for node in data.objects(None, of)}
    return min(node for node in nodes if all((node, path, None) in data for path in paths))


def copy(data, shape, node, name):
    """Add a copy of ``node``, which the shape still reaches when its type is gone."""
    for _, path, value in list(data.triples((node, None, None))):
        data.add((name, path, value))
    for path in shapes().objects(shape, SH.targetObjectsOf):
        data.add((URIRef("urn:points"), path, name))
    return name


@pytest.fixture(scope="module")
def broken(rich_graph):
    """A graph with a broken copy for each constraint, and for each copy what must be said of it."""
    data, expected = rdflib.Graph(), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "0")
        term = rdflib_terms(data)
        for quad in quads(rich_graph):
            data.add((term(quad.subject), term(quad.predicate), term(quad.object)))
    whole = rdflib.Graph() + data
    names = (URIRef(f"urn:copy:{n}") for n in range(10_000))
    for shape in sorted(shapes().subjects(RDF.type, SH.NodeShape)):
        for part in shapes().objects(shape, SH.property):
            path = shapes().value(part, SH.path)
            for constraint, limit in shapes().predicate_objects(part):
                if constraint not in (SH.path, SH.qualifiedValueShape):
                    node = copy(data, shape, example(whole, shape, [path]), next(names))
                    break_, saying = BREAKS[constraint]
                    break_(data, node, path, limit)
                    expected[node] = (prefixed(path), saying)
        if (shape, SH.closed, None) in shapes():
            node = copy(data, shape, example(whole, shape, []), next(names))
            data.add((node, URIRef("urn:unforeseen"), Literal("x")))
            expected[node] = ("<urn:unforeseen>", "is not foreseen here")
        if (shape, SH.nodeKind, None) in shapes():
            node = copy(data, shape, example(whole, shape, []), BNode(f"copy{len(expected)}"))
            expected[node] = (None, "is no sh:IRI")
        if (shape, SH["in"], None) in shapes():
            node = copy(data, shape, example(whole, shape, []), next(names))
            expected[node] = (None, "is none of akg:absolute akg:gain")
    return data, expected


def test_every_constraint_of_every_shape_fires(broken):
    data, expected = broken
    lines = validate(data).violations
    assert len(expected) > 200
    for node, (path, saying) in expected.items():
        name = f"_:{node}" if isinstance(node, BNode) else f"<{node}>"
        start = f"{name} {path} " if path else f"{name} {saying}"
        assert any(line.startswith(start) and saying in line for line in lines), (name, path, saying)


def test_the_fast_check_finds_the_same_in_the_same_words(broken, tmp_path):
    data, _ = broken
    lines = data.serialize(format="nt", encoding="utf-8").decode().splitlines()
    (tmp_path / "broken.nt").write_text("\n".join(sorted(filter(None, lines))), encoding="utf-8")
    fast, full = check_structure(tmp_path / "broken.nt"), validate(tmp_path / "broken.nt")

    def lines_of(report):  # a blank node has another name in each reading
        return {re.sub(r"_:\w+", "_:", line) for line in report.violations}

    assert lines_of(fast) == lines_of(full)
    assert len(lines_of(fast)) > 200
    assert fast.statements == full.statements


def test_a_copy_that_is_not_broken_conforms(rich_graph):
    data = module.load(rich_graph)
    for n, shape in enumerate(sorted(shapes().subjects(RDF.type, SH.NodeShape))):
        if (shape, SH["in"], None) not in shapes():  # a copy is never in a list
            copy(data, shape, example(data, shape, []), URIRef(f"urn:copy:{n}"))
    assert not [line for line in validate(data).violations if line.startswith("<urn:copy")]


def test_hoisting_changes_no_answer(broken):
    data, _ = broken
    _, results, _ = check(rdflib.Graph() + data, shacl_graph=shapes(), inplace=True)
    assert tuple(sorted(set(module._lines(results)))) == validate(data).violations


def test_shapes_are_small_and_fast_ones():
    """SPARQL constraints and inference would take minutes on a graph of some hundred papers."""
    assert not list(shapes().subject_objects(SH.sparql))
    assert {part for _, part in shapes().subject_objects(SH.property) if not isinstance(part, BNode)} == set()
    assert all(
        shape.startswith("https://w3id.org/abstractkg/shapes#") for shape in shapes().subjects(RDF.type, SH.NodeShape)
    )
