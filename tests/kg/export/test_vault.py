"""The Obsidian vault, read back by a reader of front matter and by the rules of Markdown and of file systems."""

import json
import re
import unicodedata

import frontmatter
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.export import write
from kg.export.vault import MANIFEST, _front_matter, _markdown, note_name
from kg.graph import KnowledgeGraph
from schemas.records import Alias, Entity, Link, Paper

LINK = re.compile(r"(?<!\\)\[\[([^\]|]+)(?:\|([^\]]*))?\]\]")
HOSTILE = (
    "../../etc/passwd",
    "CON",
    "nul.txt",
    "a/b\\c:d*e?f",
    "[[papers/x]] ![[y]] <script>alert(1)</script> #tag ^block %%hidden%% $x$ `code` ==mark== [l](javascript:1)",
    "---\ntags: [evil]\n---",
    "quote \" and ' and : # &anchor *alias !tag",
    "x" * 300,
    "数据集 \u202e\U0001f600 \x00\x85\u2028\ufeff",
    ". . .",
    "lone \ud800",
    "1. a list",
    "",
)


@pytest.fixture(scope="module")
def hostile_graph():
    papers = [Paper(id=text or "empty", title=text or "empty", abstract=text) for text in HOSTILE]
    papers += [Paper(id="A", title="Same"), Paper(id="a", title="same"), Paper(id="Á", title="SAME")]
    entities = [
        Entity(id=text or "empty", type="Method", name=text or "empty", aliases=(Alias(text, 1),), papers=1)
        for text in HOSTILE
    ]
    entities += [Entity(id=id_, type="Model", name="BERT", papers=1) for id_ in ("BERT", "bert", "Bert")]
    links = [Link(paper_id=p.id, entity_id=e.id, role="uses", confidence=0.5) for p in papers for e in entities]
    return KnowledgeGraph(papers=papers, entities=entities, links=links)


def notes(folder):
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.md")}


def test_a_note_for_each_paper_and_entity_and_every_link_leads_to_one(rich_graph, tmp_path):
    write(rich_graph, f"{tmp_path}/vault/")
    found = notes(tmp_path / "vault")
    assert len(found) == len(rich_graph.papers) + len(rich_graph.entities)
    targets = [f"{target}.md" for text in found.values() for target, _ in LINK.findall(text)]
    assert set(targets) <= set(found)
    assert len(targets) >= 2 * len(rich_graph.links)


def test_front_matter_holds_the_fields(rich_graph, tmp_path):
    write(rich_graph, f"{tmp_path}/vault/")
    by_id = {note["id"]: note for note in map(frontmatter.loads, notes(tmp_path / "vault").values())}
    paper = rich_graph.papers[1]
    note = by_id[paper.id]
    assert note.metadata == {
        "title": paper.title, "aliases": [paper.title], "id": paper.id, "year": 2019, "authors": list(paper.authors),
        "venue": "ACL", "url": paper.url, "doi": paper.doi, "arxiv_id": "1901.00001", "keywords": list(paper.keywords),
        "tags": ["paper"],
    }  # fmt: skip
    assert "- [[entities/bert-base|BERT-base]] (model)" in note.content
    assert (
        "**1.5 points** [[entities/f1|F1]] of [[entities/bert-base|BERT-base]] on [[entities/squad|SQuAD]]"
        in note.content
    )
    assert "**88.5%** score of we on a set in reading over others" in note.content
    bert = by_id["bert"]
    assert bert["aliases"] == ["BERT", "bert"]
    assert bert["same_as"] == ["https://www.wikidata.org/entity/Q61726893"]
    assert "Variants: [[entities/bert-base|BERT-base]]." in bert.content
    assert "A variant of [[entities/bert|BERT]]." in by_id["bert-base"].content


def test_hostile_text_names_no_other_file(hostile_graph, tmp_path):
    write(hostile_graph, f"{tmp_path}/vault/")
    inside = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(path.is_relative_to(tmp_path / "vault") for path in inside)
    found = notes(tmp_path / "vault")
    assert len(found) == len(hostile_graph.papers) + len(hostile_graph.entities)
    folded = {unicodedata.normalize("NFC", name).casefold() for name in found}
    assert len(folded) == len(found)
    for name in found:
        base = name.split("/")[1]
        assert len(base.encode()) <= 130
        assert not re.search(r'[\x00-\x1f<>:"/\\|?*#^\[\]]', base)
        assert not re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", base)
        assert not base.startswith((".", "-"))


def test_hostile_text_is_no_markup(hostile_graph, tmp_path):
    write(hostile_graph, f"{tmp_path}/vault/")
    found = notes(tmp_path / "vault")
    for text in found.values():
        note = frontmatter.loads(text)
        assert note["tags"] in (["paper"], ["entity/method"], ["entity/model"])
        assert {f"{target}.md" for target, _ in LINK.findall(note.content)} <= set(found)
        rest = LINK.sub("", note.content)
        assert not re.search(r"(?<!\\)(<|`|\$|\]\(|%%|==|\[\[)", rest)
        assert not re.search(r"(?m)(?<!^)(?<![\\#])#", rest)
        assert not re.search(r"(?m)^(---|\d+\. )", rest)


def test_front_matter_comes_back_equal_but_for_surrogates(hostile_graph, tmp_path):
    write(hostile_graph, f"{tmp_path}/vault/")
    ids = {frontmatter.loads(text)["id"] for text in notes(tmp_path / "vault").values()}
    expected = {record.id.replace("\ud800", "\ufffd") for record in (*hostile_graph.papers, *hostile_graph.entities)}
    assert ids == expected


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_survives_front_matter(text):
    note = frontmatter.loads("\n".join(_front_matter(title=text, more=[text])))
    assert note.metadata == ({"title": text} if text else {}) | {"more": [text]}


@given(st.text(max_size=60), st.text(max_size=60))
def test_names_differ_as_ids_do(one, other):
    names = {note_name(one, "x").casefold(), note_name(other, "x").casefold()}
    assert len(names) == len({one, other})


@pytest.mark.parametrize("text", ["- a", "+ a", "> a", "1. a", "12) a", "- ", "# a", "* a"])
def test_no_line_begins_a_block(text):
    assert re.match(r"\\|\d+\\", _markdown(text))


def test_a_note_keeps_its_name_when_others_come(rich_graph, hostile_graph, tmp_path):
    write(rich_graph, f"{tmp_path}/one/", format="vault")
    both = KnowledgeGraph(
        papers=[*rich_graph.papers, *hostile_graph.papers],
        entities=[*rich_graph.entities, *(e for e in hostile_graph.entities if e.id != "bert")],
        links=[],
    )
    write(both, tmp_path / "two", format="vault")
    assert set(notes(tmp_path / "one")) <= set(notes(tmp_path / "two"))


def test_written_again_old_notes_go_and_others_stay(rich_graph, tmp_path):
    vault = tmp_path / "vault"
    write(rich_graph, vault, format="vault")
    (vault / "mine.md").write_text("my own")
    (vault / "papers" / "mine.md").write_text("my own")
    (vault / ".obsidian" / "graph.json").write_text("{}")
    write(rich_graph.subgraph(["b"]), vault, format="vault")
    assert {name for name in notes(vault) if "mine" not in name} == {
        next(name for name in notes(vault) if name.startswith("papers/on-squad")), "entities/squad.md",
    }  # fmt: skip
    assert (vault / "mine.md").read_text() == (vault / "papers" / "mine.md").read_text() == "my own"
    assert (vault / ".obsidian" / "graph.json").read_text() == "{}"


@pytest.mark.parametrize("names", [["../victim.md", "papers/../../victim.md", "victim.md", 3, None], "papers/x.md", {}])
def test_a_forged_manifest_removes_nothing_else(rich_graph, tmp_path, names):
    (tmp_path / "victim.md").write_text("keep")
    vault = tmp_path / "vault"
    vault.mkdir()
    (vault / "victim.md").write_text("keep")
    (vault / MANIFEST).write_text(json.dumps({"notes": names}))
    write(rich_graph, vault, format="vault")
    assert (tmp_path / "victim.md").exists()
    assert (vault / "victim.md").exists()


def test_types_have_their_colours_in_the_graph_view(rich_graph, tmp_path):
    write(rich_graph, tmp_path / "v", format="vault")
    groups = json.loads((tmp_path / "v" / ".obsidian" / "graph.json").read_text())["colorGroups"]
    assert {"query": "tag:#entity/dataset", "color": {"a": 1, "rgb": 0x15803D}} in groups


def test_the_same_graph_gives_the_same_bytes(rich_graph, tmp_path):
    for name in ("one", "two"):
        write(rich_graph, tmp_path / name, format="vault")
    assert notes(tmp_path / "one") == notes(tmp_path / "two")
