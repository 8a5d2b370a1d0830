"""The database of a graph folder: what goes in comes out, and nothing is half written."""

import duckdb
import pytest

from kg.graph import GraphInfo, KnowledgeGraph
from kg.store import FILE_NAME, Store
from schemas.errors import InputError, StoreError
from schemas.records import (
    Alias,
    DocumentEntity,
    Duplicate,
    Entity,
    Extraction,
    Link,
    Mention,
    Paper,
    Rejection,
    ReportedResult,
    Result,
    text_hash,
)

PAPER = Paper(id="a", title="BERT reads", abstract="It reaches 80.5% on GLUE.", year=2019, authors=("A. B.", "C"))
OTHER = Paper(id='b "quoted" 😀', title="Naïve ‮texts‬", keywords=("x",))


def extraction_of(paper, pipeline="p 1"):
    mention = Mention(0, 4, paper.text[:4], "Model", 0.9)
    return Extraction(
        paper_id=paper.id,
        text_hash=text_hash(paper),
        pipeline=pipeline,
        entities=(DocumentEntity(name="BERT", type="Model", role="introduces", mentions=(mention,), evidence=(0, 10)),),
        results=(Result(subject="BERT", metric=None, value="80.5%", number=80.5, unit="%", start=11, end=36),),
    )


def graph():
    mention = Mention(0, 4, "BERT", "Model", 0.9)
    return KnowledgeGraph(
        papers=[PAPER, OTHER],
        entities=[
            Entity(id="bert", type="Model", name="BERT", aliases=(Alias("BERT", 2), Alias("Bert", 1)), papers=2),
            Entity(id="bert-base", type="Model", name="BERT-base", variant_of="bert", same_as=("https://x.org/1",)),
        ],
        links=[
            Link(
                paper_id="a", entity_id="bert", role="introduces", confidence=0.9, mentions=(mention,), evidence=(0, 10)
            ),
            Link(paper_id=OTHER.id, entity_id="bert", role="mentions", confidence=0.5),
        ],
        results=[
            ReportedResult(
                id="a#result-1",
                paper_id="a",
                subject="BERT",
                subject_id="bert",
                metric=None,
                value="80.5%",
                start=11,
                end=36,
            )
        ],
        info=GraphInfo(pipeline="p 1"),
    )


def test_sources_come_back_in_the_order_of_their_ids(tmp_path):
    with Store(tmp_path) as store:
        store.put_sources([OTHER, PAPER])
    with Store(tmp_path) as store:
        assert list(store.sources()) == [PAPER, OTHER]


def test_sources_are_replaced_as_a_whole():
    with Store(None) as store:
        store.put_sources([PAPER, OTHER])
        changed = Paper(id="a", title="BERT rereads")
        store.put_sources([changed])
        assert list(store.sources()) == [changed]


def test_extractions_are_cached_by_text_and_pipeline():
    with Store(None) as store:
        store.put_extractions([(PAPER, extraction_of(PAPER))])
        assert store.extracted("p 1") == {text_hash(PAPER)}
        assert store.extracted("p 2") == set()
        assert list(store.extractions([PAPER, OTHER], "p 1")) == [extraction_of(PAPER)]


def test_the_same_text_under_another_id_needs_no_second_extraction():
    twin = Paper(id="twin", title=PAPER.title, abstract=PAPER.abstract)
    with Store(None) as store:
        store.put_extractions([(PAPER, extraction_of(PAPER))])
        assert next(store.extractions([twin], "p 1")).paper_id == "twin"


def test_other_pipelines_extractions_can_be_dropped():
    with Store(None) as store:
        store.put_extractions([(PAPER, extraction_of(PAPER)), (PAPER, extraction_of(PAPER, "p 2"))])
        assert store.count_extractions() == 2
        store.drop_extractions(except_pipeline="p 2")
        assert store.extracted("p 1") == set()


def test_a_graph_comes_back_equal(tmp_path):
    duplicates, rejections = [Duplicate("f:3", "BERT reads", "a", "title")], [Rejection("f:9", "no title")]
    with Store(tmp_path) as store:
        store.put_graph(graph(), duplicates=duplicates, rejections=rejections)
        store.put_graph(graph(), duplicates=duplicates, rejections=rejections)
    with Store(tmp_path, read_only=True) as store:
        stored = store.graph()
        assert (stored.papers, stored.entities) == (graph().papers, graph().entities)
        assert (stored.links, stored.results, stored.info) == (graph().links, graph().results, graph().info)
        assert (store.duplicates(), store.rejections()) == (duplicates, rejections)


def test_sql_sees_the_tables_and_nothing_outside(tmp_path):
    with Store(tmp_path) as store:
        store.put_graph(graph())
    with Store(tmp_path, read_only=True) as store:
        assert store.sql("SELECT id FROM papers ORDER BY id") == (["id"], [("a",), (OTHER.id,)])
        with pytest.raises(InputError, match=r"SQL: Catalog Error.*nowhere"):
            store.sql("SELECT * FROM nowhere")
        with pytest.raises(InputError, match="SQL: Permission Error"):
            store.sql("SELECT * FROM read_csv('/etc/passwd')")
        with pytest.raises(InputError, match=r"SQL: .*read-only"):
            store.sql("DELETE FROM papers")


def test_no_graph_there(tmp_path):
    with pytest.raises(StoreError, match=r"no graph in .*kg build"):
        Store(tmp_path, read_only=True)


def test_an_unfinished_build_says_so(tmp_path):
    with Store(tmp_path) as store:
        store.put_sources([PAPER])
    with Store(tmp_path, read_only=True) as store, pytest.raises(StoreError, match="not finished"):
        store.graph()


def test_a_file_of_another_version_is_refused_untouched(tmp_path):
    with duckdb.connect(str(tmp_path / FILE_NAME)) as connection:
        connection.execute("CREATE TABLE meta AS SELECT 'schema' AS name, '99' AS value")
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(StoreError, match="schema 99"):
        Store(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / FILE_NAME).write_text("not a database, not a database, not a database")
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(tmp_path)


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be a graph folder"):
        Store(tmp_path / "file" / "below")
