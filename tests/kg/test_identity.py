"""Ids that last: through rebuilds, new papers, better names, merges, splits and corrections."""

from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import kg
from kg.curation import Curation, parse_curation
from kg.resolve import resolve
from kg.run import build_folder
from kg.store import Store
from schemas.records import DocumentEntity, Extraction, Mention, Paper
from schemas.vocabulary import ENTITY_TYPES


def paper(id_, *entities):
    """A paper from (type, surface forms...)."""
    return Extraction(
        paper_id=id_,
        text_hash="",
        pipeline="",
        entities=tuple(
            DocumentEntity(name=n[0], type=t, role="uses", mentions=tuple(Mention(0, len(f), f, t) for f in n))
            for t, *n in entities
        ),
    )


def papers(prefix, *names, type_="Method"):
    """One paper for each name, or tuple of names of one thing."""
    return [
        paper(f"{prefix}{i}", (type_, *((name,) if isinstance(name, str) else name))) for i, name in enumerate(names)
    ]


def ids(resolution, *papers_):
    """The id of the only entity of each paper."""
    return [resolution.assigned[paper_.paper_id][0] for paper_ in papers_]


def replaced(resolution):
    return {item.id: item.current for item in resolution.identities if item.current != item.id}


BEFORE = papers("a", "LLMs", "LLMs", "LLM")


def test_an_id_survives_a_better_name():
    first = resolve(BEFORE)
    assert [(item.id, item.name) for item in first.entities] == [("llm", "LLM")]
    more = [*BEFORE, *papers("b", *[("large language model", "LLM")] * 5)]
    second = resolve(more, known=first.identities)
    assert [(item.id, item.name) for item in second.entities] == [("llm", "large language model")]
    assert resolve(more).entities[0].id == "large-language-model"  # as a graph that begins here calls it


def test_of_merged_entities_one_id_stays_and_the_other_leads_to_it():
    apart = [*papers("a", *["zonal tree search"] * 3), *papers("b", "ZTS", "ZTS")]
    first = resolve(apart, aliases=())
    assert {item.id for item in first.entities} == {"zonal-tree-search", "zts"}
    joined = resolve([*apart, *papers("c", *[("zonal tree search", "ZTS")] * 4)], aliases=(), known=first.identities)
    assert [item.id for item in joined.entities] == ["zonal-tree-search"]
    assert replaced(joined) == {"zts": "zonal-tree-search"}
    again = resolve(apart, aliases=(), known=joined.identities)
    assert ids(again, apart[0], apart[3]) == ["zonal-tree-search", "zts"]
    assert replaced(again) == {}


def test_a_former_id_is_never_given_to_anything_else():
    curation = parse_curation("same: [[ImageNet, ILSVRC-2012]]")
    sets = papers("a", "ImageNet", "ILSVRC-2012", type_="Dataset")
    first = resolve(sets)
    merged = resolve(sets, curation=curation, known=first.identities)
    assert replaced(merged) == {"ilsvrc-2012": "imagenet"}
    gone = resolve(papers("b", "something else"), known=merged.identities)
    assert replaced(gone) == {"ilsvrc-2012": None, "imagenet": None}
    back = resolve([*papers("c", "IMAGENET", type_="Dataset"), *papers("d", "imagenet")], known=gone.identities)
    assert ids(back, *papers("c", "x"), *papers("d", "x"))[0] == "imagenet"


def test_an_id_goes_where_its_name_goes():
    both = papers("a", *[("ranked list pruning", "pruned ranking")] * 2)
    first = resolve(both)
    (old,) = (item.id for item in first.entities)
    one, other = papers("b", *["ranked list pruning"] * 2), papers("c", *["pruned ranking"] * 5)
    second = resolve([*one, *other], known=first.identities, aliases=())
    named = {item.id: item.name for item in second.entities}
    assert named[old].replace(" ", "-") == old  # though more papers use the other name
    assert len(named) == 2


def test_homonyms_keep_their_ids_whichever_is_used_more():
    few = [*papers("a", *["FIBRE"] * 6, type_="Dataset"), *papers("b", *["FIBRE"] * 4, type_="Model")]
    first = resolve(few)
    assert {item.id for item in first.entities} == {"fibre-dataset", "fibre-model"}
    second = resolve([*few, *papers("c", *["FIBRE"] * 9, type_="Model")], known=first.identities)
    assert ids(second, few[0], few[6]) == ["fibre-dataset", "fibre-model"]
    alone = resolve(few[:6], known=first.identities)
    assert [item.id for item in alone.entities] == ["fibre-dataset"]


def test_corrections_by_id_hold_when_the_graph_follows_them():
    split = parse_curation("different: [[Adam, ADAM]]")
    names = papers("a", "Adam", "Adam", "ADAM")
    first = resolve(names, curation=split, known=resolve(names).identities)
    one, other = ids(first, names[0], names[2])
    assert one == "adam"
    renamed = Curation(different=((one, other),), rename={other: "ADAM, the other"})
    second = resolve(names, curation=renamed, known=first.identities)
    assert ids(second, names[0], names[2]) == [one, other]
    assert {item.id: item.name for item in second.entities}[other] == "ADAM, the other"


def test_a_correction_of_an_entity_that_was_merged_reaches_the_one_it_is_in():
    apart = [*papers("a", *["zonal tree search"] * 3), *papers("b", "ZTS", "ZTS")]
    known = resolve(apart, aliases=()).identities
    more = [*apart, *papers("c", *[("zonal tree search", "ZTS")] * 4)]
    found = resolve(more, aliases=(), known=known, curation=Curation(rename={"zts": "ZTS*"}))
    assert [(item.id, item.name) for item in found.entities] == [("zonal-tree-search", "ZTS*")]


def test_what_is_dropped_and_taken_back_has_its_id_again():
    first = resolve(BEFORE)
    dropped = resolve(BEFORE, curation=Curation(drop=("llm",)), known=first.identities)
    assert replaced(dropped) == {"llm": None}
    assert [item.id for item in resolve(BEFORE, known=dropped.identities).entities] == ["llm"]


NAMES = ["CL", "continual learning", "contrastive learning", "BERT", "BERT-base", "Bert model", "ADAM", "Adam", "GLUE"]
surfaces = st.lists(st.sampled_from([*NAMES, "translation", "machine translation"]), min_size=1, max_size=3)
documents = st.lists(st.tuples(st.sampled_from(list(ENTITY_TYPES)), surfaces), max_size=4)
corpora = st.lists(documents, max_size=8)


def corpus(drawn):
    return [paper(f"p{i}", *((type_, *names) for type_, names in document)) for i, document in enumerate(drawn)]


@settings(max_examples=100, deadline=None)
@given(corpora)
def test_the_same_papers_give_the_same_ids(drawn):
    first = resolve(corpus(drawn))
    second = resolve(corpus(drawn), known=first.identities)
    assert second.entities == first.entities
    assert second.identities == first.identities


@settings(max_examples=100, deadline=None)
@given(corpora, corpora, st.randoms(use_true_random=False))
@example(  # the id "bert", coined from a data set, is a method's, while another method is called BERT as well
    [[("Method", ["CL", "Bert model"]), ("Method", ["CL", "GLUE"]), ("Dataset", ["BERT", "Adam"])]],
    [
        [("Method", ["CL", "Bert model"]), ("Method", ["continual learning", "ADAM"]), ("Method", ["ADAM"])],
        [("Method", ["ADAM"]), ("Method", ["ADAM"]), ("Method", ["ADAM", "GLUE"])],
    ],
    Random(0),
)
def test_ids_are_unique_and_each_old_one_leads_somewhere_once(drawn, more, random):
    first = resolve(corpus(drawn))
    known = list(first.identities)
    random.shuffle(known)
    second = resolve(corpus([*more, *drawn]), known=known)
    now = {item.id for item in second.entities}
    assert len(now) == len(second.entities)
    register = {item.id: item for item in second.identities}
    assert {item.id for item in first.identities} <= register.keys()
    assert now == {id_ for id_, item in register.items() if item.current == id_}
    assert {item.current for item in register.values()} <= now | {None}
    assert resolve(corpus([*more, *drawn]), known=second.identities).entities == second.entities


GRAPH = [
    Paper(id="a", title="LoRA for LLMs", abstract="We fine-tune LLMs on GLUE."),
    Paper(id="b", title="LLMs on GLUE", abstract="We prompt LLMs."),
]


def test_a_folder_remembers_its_ids_and_their_successors(tmp_path):
    def build(papers_):
        return build_folder([papers_], out=tmp_path / "g", progress=lambda *_: None).graph

    first = build(GRAPH)
    old = first.entity("LLM").id
    more = [Paper(id=f"n{i}", title="A large language model (LLM)", abstract="LLMs are models.") for i in range(8)]
    assert build(more).entity("LLM").id == old
    (tmp_path / "g" / "curation.yaml").write_text(f"same: [[GLUE, {old}]]", encoding="utf-8")
    merged = build([])
    assert merged.replaced == {old: "glue"}
    assert merged.entity(old).id == "glue"
    opened = kg.open(tmp_path / "g")
    assert opened.replaced == {old: "glue"}
    assert "dcterms:isReplacedBy" in (tmp_path / "g" / "graph.ttl").read_text(encoding="utf-8")
    (tmp_path / "g" / "curation.yaml").unlink()
    assert build([]).replaced == {}
    with Store(tmp_path / "g", read_only=True) as store:
        assert {item.id for item in store.identities()} >= {old, "glue"}


def test_a_part_of_a_graph_keeps_the_former_ids_of_its_entities():
    graph = kg.build(GRAPH)
    whole = kg.KnowledgeGraph(
        papers=graph.papers, entities=graph.entities, links=graph.links, replaced={"x": "glue", "y": "lora"}
    )
    assert whole.subgraph(["b"]).replaced == {"x": "glue"}
    with pytest.raises(kg.UnknownEntity):
        whole.subgraph(["b"]).entity("y")
