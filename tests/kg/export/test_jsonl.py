import gzip
import json

import pytest

from kg.export.jsonl import write_jsonl
from kg.graph import GraphInfo, KnowledgeGraph
from schemas.errors import InputError
from schemas.lines import extraction_from_json, paper_to_json
from schemas.records import Entity, Link, Mention, Paper, ReportedResult

A = Paper(id="a", title="Bert on SQuAD", abstract="Bert has an F1 of 93.2 on SQuAD.", year=2019, authors=("A. B",))
B = Paper(id="b", title="A paper that names nothing known")

GRAPH = KnowledgeGraph(
    papers=[A, B],
    entities=[
        Entity(id="bert", type="Model", name="BERT", papers=1),
        Entity(id="squad", type="Dataset", name="SQuAD", papers=1),
    ],
    links=[
        Link(
            paper_id="a",
            entity_id="squad",
            role="uses",
            confidence=0.99,
            mentions=(Mention(8, 13, "SQuAD", "Dataset", 0.9), Mention(40, 45, "SQuAD", "Dataset")),
        ),
        Link(
            paper_id="a",
            entity_id="bert",
            role="introduces",
            confidence=0.123456,
            role_confidence=0.5,
            mentions=(Mention(0, 4, "Bert", "Method", 0.7), Mention(14, 18, "Bert", "Method")),
            evidence=(14, 46),
        ),
    ],
    results=[
        ReportedResult(
            id="a#result-1",
            paper_id="a",
            subject="Bert",
            subject_id="bert",
            metric="F1",
            value="93.2",
            number=93.2,
            dataset="SQuAD",
            dataset_id="squad",
            start=14,
            end=46,
        )
    ],
    info=GraphInfo(pipeline="abstractkg-en 0.1.0"),
)


def lines_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_line_a_paper_in_the_order_of_their_ids(tmp_path):
    write_jsonl(GRAPH, tmp_path / "out.jsonl")
    lines = lines_of(tmp_path / "out.jsonl")
    assert [line["id"] for line in lines] == ["a", "b"]
    assert lines[1] == paper_to_json(B) | {"entities": [], "results": [], "pipeline": "abstractkg-en 0.1.0"}
    assert {name: lines[0][name] for name in paper_to_json(A)} == paper_to_json(A)


def test_entities_have_the_name_type_and_id_of_the_shared_entity_and_the_mentions_of_the_paper(tmp_path):
    write_jsonl(GRAPH, tmp_path / "out.jsonl")
    bert, squad = lines_of(tmp_path / "out.jsonl")[0]["entities"]
    assert (bert["name"], bert["type"], bert["entity"], bert["role"]) == ("BERT", "Model", "bert", "introduces")
    assert bert["confidence"] == 0.1235
    assert bert["evidence"] == {"start": 14, "end": 46}
    assert [A.text[mention["start"] : mention["end"]] for mention in bert["mentions"]] == ["Bert", "Bert"]
    assert squad["entity"] == "squad"


def test_results_have_the_names_and_ids_of_the_shared_entities(tmp_path):
    write_jsonl(GRAPH, tmp_path / "out.jsonl")
    (result,) = lines_of(tmp_path / "out.jsonl")[0]["results"]
    assert (result["subject"], result["metric"], result["dataset"], result["number"]) == ("BERT", "F1", "SQuAD", 93.2)
    assert result["entity"] == {"subject": "bert", "metric": None, "dataset": "squad", "task": None, "baseline": None}


def test_a_line_reads_like_any_other_line_of_the_format(tmp_path):
    write_jsonl(GRAPH, tmp_path / "out.jsonl")
    paper, extraction = extraction_from_json(lines_of(tmp_path / "out.jsonl")[0])
    assert paper == A
    assert [(entity.name, entity.type) for entity in extraction.entities] == [("BERT", "Model"), ("SQuAD", "Dataset")]
    assert extraction.results[0].dataset == "SQuAD"
    assert extraction.pipeline == "abstractkg-en 0.1.0"


def test_gz_is_compressed_and_the_same_every_time(tmp_path):
    write_jsonl(GRAPH, tmp_path / "out.jsonl")
    for name in ("one.jsonl.gz", "two.jsonl.gz"):
        write_jsonl(GRAPH, tmp_path / name)
    one, two = ((tmp_path / name).read_bytes() for name in ("one.jsonl.gz", "two.jsonl.gz"))
    assert one == two
    assert gzip.decompress(one) == (tmp_path / "out.jsonl").read_bytes()


def test_text_of_any_kind_is_one_line_a_paper(tmp_path):
    titles = ["\u2028 line separator", 'quote " backslash \\', "lone \ud800 surrogate", "<script>\x00\x1f</script>"]
    papers = [Paper(id=str(number), title=title) for number, title in enumerate(titles)]
    write_jsonl(KnowledgeGraph(papers=papers, entities=[], links=[]), tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_bytes().split(b"\n")
    assert [json.loads(line)["title"] for line in lines[:-1]] == titles
    assert lines[-1] == b""


def test_it_is_the_writer_of_its_suffix(tmp_path):
    GRAPH.write(tmp_path / "out.jsonl")
    assert len(lines_of(tmp_path / "out.jsonl")) == 2


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("kept")
    with pytest.raises(InputError, match=r"file.out\.jsonl: cannot be written"):
        GRAPH.write(tmp_path / "file" / "out.jsonl")
