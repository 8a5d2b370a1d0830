"""Identities from authorities: how files are read, what is asserted, and what is only proposed."""

import pytest

import kg
from kg.authorities import read_authority
from kg.resolution.authority import Concept, identify
from kg.summary import describe
from schemas.errors import InputError, UnknownFormat
from schemas.records import Alias, Entity, Paper

SKOS = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix mls: <http://www.w3.org/ns/mls#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix : <https://example.org/> .
:ner a skos:Concept, mls:Task ; skos:prefLabel "named entity recognition"@en, "Eigennamenerkennung"@de ;
    skos:altLabel "NER" ; skos:hiddenLabel "named-entity recognition" .
:parsing a skos:Concept ; skos:prefLabel "Parsing"@de .
:old a skos:Concept ; skos:prefLabel "old thing" ; owl:deprecated true .
:nameless a skos:Concept ; skos:altLabel "nothing" ; skos:prefLabel :noliteral .
"""


def concept(name, *others, types=(), source=""):
    return Concept(f"https://example.org/{name.replace(' ', '_')}", types, (name, *others), source)


def entity(name, *others, papers=1, type_="Method"):
    aliases = tuple(Alias(alias, papers) for alias in (name, *others))
    return Entity(id=name.lower(), type=type_, name=name, aliases=aliases, papers=papers)


def asserted(entities, concepts, **options):
    entities = [entities] if isinstance(entities, Entity) else entities
    found = identify(entities, concepts, **options)
    return {item.id: item.same_as for item in found.entities if item.same_as}


def proposed(entities, concepts):
    entities = [entities] if isinstance(entities, Entity) else entities
    return {(match.entity, match.other) for match in identify(entities, concepts).open_matches}


@pytest.mark.parametrize("suffix", ["ttl", "nt", "rdf", "jsonld", "nq", "trig"])
def test_skos_in_any_format_of_rdf(tmp_path, suffix):
    import pyoxigraph as ox

    formats = {"ttl": "TURTLE", "nt": "N_TRIPLES", "rdf": "RDF_XML", "jsonld": "JSON_LD", "nq": "N_QUADS"}
    quads = list(ox.parse(SKOS, format=ox.RdfFormat.TURTLE))
    path = tmp_path / f"thesaurus.{suffix}"
    ox.serialize(quads, str(path), format=getattr(ox.RdfFormat, formats.get(suffix, "TRIG")))
    assert read_authority(path) == [
        Concept(
            "https://example.org/ner",
            ("Task",),
            ("named entity recognition", "NER", "named-entity recognition"),
            path.name,
        ),
        Concept("https://example.org/parsing", (), ("Parsing",), path.name),
    ]


def test_types_for_a_file_without(tmp_path):
    path = tmp_path / "a=b.ttl"
    path.write_text(SKOS, encoding="utf-8")
    assert [item.types for item in read_authority(f"Method,Model={path}")] == [("Task",), ("Method", "Model")]
    assert [item.types for item in read_authority(path)] == [("Task",), ()]
    with pytest.raises(InputError, match="unknown type 'Models'; valid: Method"):
        read_authority(f"Models={path}")


def test_a_table_of_names(tmp_path):
    path = tmp_path / "names.tsv"
    path.write_text(
        "Name\tAliases\tType\tIRI\n"
        "ImageNet\tILSVRC | ImageNet-1k\tDataset\thttps://example.org/imagenet\n"
        "\t\t\thttps://example.org/x\nX\t\tThing\thttps://example.org/x\nY\t\t\tno iri\nZ\n",
        encoding="utf-8",
    )
    rejections = []
    assert read_authority(path, on_reject=rejections.append) == [
        Concept("https://example.org/imagenet", ("Dataset",), ("ImageNet", "ILSVRC", "ImageNet-1k"), "names.tsv")
    ]
    assert [rejection.source for rejection in rejections] == [f"names.tsv:{line}" for line in (3, 4, 5, 6)]
    assert [rejection.reason.split(";")[0] for rejection in rejections] == [
        *("no name", "unknown type 'Thing'", "'no iri' is no IRI", "'' is no IRI")
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.tsv", "label\turi\n", "no column name and iri"),
        ("a.tsv", "name\tiri\n", "no concept with a label"),
        ("a.ttl", "<urn:a> <urn:b> 'c' .", "no concept with a label"),
        ("a.ttl", "not turtle", "not Turtle"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path, name, text, message):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_authority(tmp_path / name)
    with pytest.raises(InputError, match="cannot be read"):
        read_authority(tmp_path / f"none{name}")
    with pytest.raises(UnknownFormat, match="available: .ttl"):
        read_authority(tmp_path / "a.docx")


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (entity("named entity recognition", "NER"), concept("Named Entity Recognition")),
        (entity("rumour detection"), concept("Rumor Detection")),
        (entity("DeBERTa"), concept("DeBERTa")),
        (entity("GPT-4"), concept("GPT-4")),
        (entity("DeBERTa"), concept("DeBERTa", "Decoding-enhanced BERT")),
        (entity("BERT", papers=50), concept("BERT")),
        (entity("GAN", "generative adversarial network"), concept("generative adversarial network", "GAN")),
    ],
)
def test_what_is_sure_is_asserted(mine, theirs):
    assert asserted(mine, [theirs]) == {mine.id: (theirs.iri,)}
    assert not proposed(mine, [theirs])


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (entity("APEX"), concept("APEX")),  # one paper's capitals
        (entity("SAM", papers=90), concept("SAM")),  # three letters
        (entity("QUEST"), concept("Quick Unbiased Estimation", "QUEST")),
        (entity("FoCus"), concept("Focus")),
    ],
)
def test_what_is_not_sure_is_proposed(mine, theirs):
    assert asserted(mine, [theirs]) == {}
    assert proposed(mine, [theirs]) == {(mine.id, theirs.iri)}


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (entity("SAM", "segment anything model", papers=90), concept("SAM", "sharpness-aware minimization")),
        (entity("MATH", type_="Dataset"), concept("MATH", types=("Task",))),
        (entity("BERT"), concept("RoBERTa")),
    ],
)
def test_what_is_something_else_is_not_even_proposed(mine, theirs):
    assert (asserted(mine, [theirs]), proposed(mine, [theirs])) == ({}, set())


def test_what_fits_twice_is_proposed_unless_one_has_its_first_name():
    two = [concept("graph network", source="x"), concept("graph neural net", "graph network", source="x")]
    assert asserted(entity("graph network"), two) == {"graph network": (two[0].iri,)}
    both = [concept("b", "graph network", source="x"), concept("a", "graph network", source="x")]
    assert asserted(entity("graph network"), both) == {}
    assert proposed(entity("graph network"), both) == {("graph network", item.iri) for item in both}
    sources = [item._replace(source=item.iri) for item in both]
    assert asserted(entity("graph network"), sources) == {"graph network": (both[1].iri, both[0].iri)}


def test_of_two_entities_that_fit_the_first_name_decides():
    known = [concept("image network", "picture network")]
    mine = [entity("image network"), entity("picture network")]
    assert asserted(mine, known) == {"image network": (known[0].iri,)}


def test_the_user_decides():
    mine, known = entity("DeBERTa"), concept("DeBERTa")
    assert asserted(mine, [known], decided={"deberta": None}) == {}
    assert asserted(mine, [known], decided={"deberta": "https://e.org/1"}) == {"deberta": ("https://e.org/1",)}


PAPERS = [Paper(id="a", title="BERT on SQuAD", abstract="We fine-tune BERT on SQuAD for question answering.")]


def test_a_build_with_an_authority_and_the_next_one_without(tmp_path):
    table = tmp_path / "names.tsv"
    table.write_text("name\tiri\nquestion answering\thttps://example.org/qa\n", encoding="utf-8")
    graph = kg.build(PAPERS, out=tmp_path / "g", authorities=[table])
    assert graph.entity("question answering").same_as == ("https://example.org/qa",)
    assert list(describe(graph))[-1] == "1 entities known to authorities"
    table.unlink()
    again = kg.build([Paper(id="b", title="More question answering")], out=tmp_path / "g")
    assert again.entity("question answering").same_as == ("https://example.org/qa",)
    assert kg.open(tmp_path / "g").matches == again.matches
    assert "authority" in {match.rule for match in again.matches}
    (tmp_path / "g" / "curation.yaml").write_text("identity: {question answering: none}", encoding="utf-8")
    assert kg.build([], out=tmp_path / "g").entity("question answering").same_as == ()
