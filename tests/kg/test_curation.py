"""The user's last word: read strictly, applied in every build, written back."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg.curation import Curation, dump_curation, parse_curation, read_curation, write_curation
from kg.resolve import resolve
from schemas.errors import CurationError
from schemas.records import DocumentEntity, Extraction, Mention, Result
from schemas.vocabulary import ENTITY_TYPES


def paper(id_, *entities):
    """A paper from (type, surface forms...)."""
    result = Result(subject=entities[0][1], metric=None, value="1", start=0, end=1)
    return Extraction(
        paper_id=id_,
        text_hash="",
        pipeline="",
        entities=tuple(
            DocumentEntity(
                name=names[0], type=type_, role="uses", mentions=tuple(Mention(0, len(n), n, type_) for n in names)
            )
            for type_, *names in entities
        ),
        results=(result,),
    )


PAPERS = [
    paper("a", ("Dataset", "ImageNet"), ("Method", "Adam")),
    paper("b", ("Dataset", "ILSVRC-2012"), ("Method", "ADAM")),
    paper("c", ("Dataset", "ImageNet"), ("Model", "GNN", "graph neural network")),
    paper("d", ("Dataset", "MATH"), ("Task", "math"), ("Model", "GNN")),
]


def curated(text, papers=PAPERS):
    found = resolve(papers, curation=parse_curation(text))
    return found, {item.id: item for item in found.entities}


def test_without_corrections():
    assert [item.id for item in resolve(PAPERS, curation=Curation()).entities] == [
        *("adam", "graph-neural-network", "ilsvrc-2012", "imagenet", "math-dataset", "math-task")
    ]


@pytest.mark.parametrize("first", ["ImageNet", "imagenet"])
@pytest.mark.parametrize("second", ["ILSVRC-2012", "ilsvrc-2012", "ILSVRC 2012"])
def test_same_keeps_id_and_name_of_the_first(first, second):
    found, by_id = curated(f"same: [[{first}, {second}]]")
    assert (by_id["imagenet"].name, by_id["imagenet"].papers) == ("ImageNet", 3)
    assert "ilsvrc-2012" not in by_id
    assert [match.rule for match in found.explain("imagenet")] == ["curation"]
    reverse = curated(f"same: [[{second}, {first}]]")[1]
    assert (reverse["ilsvrc-2012"].name, reverse["ilsvrc-2012"].papers) == ("ILSVRC-2012", 3)


def test_same_joins_homonyms_of_two_types():
    _, by_id = curated("same: [[math-task, math-dataset]]")
    assert (by_id["math-task"].papers, "math-dataset" in by_id) == (1, False)


def test_different_keeps_spellings_and_senses_apart():
    _, by_id = curated("different: [[Adam, ADAM]]")
    assert {alias.name for id_ in by_id for alias in by_id[id_].aliases if alias.name.casefold() == "adam"} == {
        "Adam",
        "ADAM",
    }
    assert len([id_ for id_ in by_id if id_.startswith("adam")]) == 2
    found, by_id = curated("different: [[GNN, graph neural network]]")
    assert found.assigned["d"][2] == "gnn"  # bare; where the paper itself says that they are one, they are
    assert found.assigned["c"][1] == "graph-neural-network"
    assert curated("different: [[math-task, math-dataset]]")[1].keys() == curated("")[1].keys()


def test_rename_changes_the_name_and_not_the_id():
    _, by_id = curated("rename: {graph neural network: GNN, ImageNet: Image Net}")
    assert by_id["graph-neural-network"].name == "GNN"
    assert by_id["imagenet"].name == "Image Net"


def test_type_and_drop():
    found, by_id = curated("type: {Adam: Model}\ndrop: [ImageNet, math-task]")
    assert by_id["adam"].type == "Model"
    assert not {"imagenet", "math-task"} & by_id.keys()
    assert not {"imagenet", "math-task"} & {link.entity_id for link in found.links}
    assert found.assigned["d"] == ("math-dataset", None, "graph-neural-network")
    assert [result.subject_id for result in found.results] == [None, "ilsvrc-2012", None, "math-dataset"]


def test_corrections_work_together_and_survive_new_papers():
    text = "same: [[ImageNet, ILSVRC-2012]]\ndifferent: [[Adam, ADAM]]\nrename: {ilsvrc-2012: IN}\ntype: {ADAM: Model}"
    _, before = curated(text)
    _, after = curated(
        text, [*PAPERS, paper("e", ("Dataset", "ILSVRC-2012"), ("Method", "ADAM")), paper("f", ("Task", "QA"))]
    )
    assert before["imagenet"].name == after["imagenet"].name == "IN"
    assert before.keys() <= after.keys()
    assert {before[id_].type for id_ in before if "ADAM" in {alias.name for alias in before[id_].aliases}} == {"Model"}


@pytest.mark.parametrize(
    "key", ["same: [[ImageNet, {}]]", "different: [[ImageNet, {}]]", "rename: {{{}: x}}", "drop: [{}]"]
)
def test_an_unknown_name_is_refused_with_the_nearest(key):
    with pytest.raises(
        CurationError, match=r"curation.yaml: \w+: no entity 'ILSVRC' in this graph; nearest: .*ILSVRC-2012"
    ):
        curated(key.format("ILSVRC"))


def test_what_contradicts_itself_is_refused():
    with pytest.raises(CurationError, match="both same and different"):
        parse_curation("same: [[a, b, c]]\ndifferent: [[c, a]]")
    with pytest.raises(CurationError, match="cannot be one"):
        curated("same: [[imagenet, Adam]]\ndifferent: [[ImageNet, ADAM]]")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sane: [[a, b]]", "unknown key 'sane'; nearest: same; valid: same, different, rename, type, drop, identity"),
        ("[a]", "must hold the keys"),
        ("same: [a, b]", "same: must be a list of lists"),
        ("same: {a: b}", "same: must be a list of lists"),
        ("same: [[a]]", "two or more names"),
        ("different: [[a, a]]", "two or more names"),
        ("same: [[a, 2020]]", "same: 2020 is read as a int: put quotes around it"),
        ("drop: [true]", "drop: True is read as a bool"),
        ("drop: x", "drop: must be a list of names"),
        ("drop: ['']", "drop: an empty name"),
        ("rename: [a]", "rename: must be lines of `name: value`"),
        ("rename: {a: ''}", "rename: a: an empty name"),
        ("type: {a: Datasets}", "unknown type 'Datasets'; nearest: Dataset, Task; valid: Method"),
        ("identity: {a: wikidata}", "identity: a: 'wikidata' is no IRI; or say none"),
        ("drop: [a", "no YAML"),
        ("drop: [a]\ndrop: [b]", 'duplicate key "drop"'),
        ("rename: {a: b, a: c}", 'duplicate key "a"'),
    ],
)
def test_a_file_that_says_something_impossible(text, message):
    with pytest.raises(CurationError) as error:
        parse_curation(text, source="my.yaml")
    assert str(error.value).startswith("my.yaml: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "same:\ndrop: []\n"])
def test_an_empty_file_is_no_correction(text):
    assert not parse_curation(text)


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(CurationError, match="cannot be read"):
        read_curation(tmp_path / "none.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CurationError, match=r"binary.yaml: cannot be read"):
        read_curation(tmp_path / "binary.yaml")
    with pytest.raises(CurationError, match="cannot be written"):
        write_curation(Curation(), tmp_path / "binary.yaml" / "x.yaml")


names = st.text(min_size=1).map(lambda text: " ".join(text.split())).filter(bool)
groups = st.lists(st.lists(names, min_size=2, max_size=3, unique=True).map(tuple), max_size=3).map(tuple)


@given(
    st.builds(
        Curation,
        same=groups,
        rename=st.dictionaries(names, names, max_size=3),
        type=st.dictionaries(names, st.sampled_from(list(ENTITY_TYPES)), max_size=3),
        drop=st.lists(names, max_size=3).map(tuple),
        identity=st.dictionaries(names, st.sampled_from(["none", "https://e.org/#1"]), max_size=3),
    )
)
@example(Curation(drop=("?0",), same=(("?0", "-1"),), rename={"?a": "!b"}))
def test_what_is_written_is_read_again(curation):
    assert parse_curation(dump_curation(curation)) == curation


MINE = """# my corrections
same:
  - [MS COCO, "COCO"]   # as everyone knows
  - [A, B]
drop: [approach]
rename:
  imagenet: ImageNet-1k  # since 2012
"""


def test_what_is_written_keeps_comments_and_all_that_need_not_change():
    said = parse_curation(MINE)
    assert dump_curation(said, over=MINE) == MINE
    more = replace(said, same=(said.same[0], ("C", "D")), drop=(), rename={"imagenet": "IN", "b": "c"})
    text = dump_curation(more, over=MINE)
    assert parse_curation(text) == more
    for kept in ("# my corrections", '[MS COCO, "COCO"]   # as everyone knows', "# since 2012"):
        assert kept in text
    assert dump_curation(said, over="# nothing yet\n").startswith("# nothing yet\nsame:\n")
    assert dump_curation(Curation(), over="# nothing yet\n") == "# nothing yet\n"


def test_files_round_trip(tmp_path):
    curation = Curation(same=(("数据集", "C#: a 'name'"),), different=(("yes", "no"),), drop=("- x", "2020"))
    write_curation(curation, tmp_path / "curation.yaml")
    assert read_curation(tmp_path / "curation.yaml") == curation
