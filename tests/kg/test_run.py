"""The whole flow: incremental, resumable, the same bytes from the same papers."""

import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

import kg
from kg.extraction import extract_pairs
from kg.run import build_folder
from kg.store import Store
from schemas.records import Paper, text_hash

PAPERS = [
    Paper(id="a", title="BERT on SQuAD", abstract="We fine-tune BERT on SQuAD and report the F1 score."),
    Paper(id="b", title="A survey of question answering", abstract="BERT is trained on SQuAD and on TriviaQA."),
    Paper(id="c", title="ResNet on ImageNet", abstract="We train ResNet-50 on ImageNet. The top-1 accuracy is 76.5%."),
    Paper(id="d", title="Machine translation", abstract="The Transformer reaches 28.4 BLEU on WMT14 English-German."),
]


def run(papers, folder, **options):
    return build_folder([papers], out=folder, progress=lambda *_: None, **options)


def turtle(folder):
    return (folder / "graph.ttl").read_bytes()


def test_a_build_writes_database_rdf_and_page(tmp_path):
    build = run(PAPERS, tmp_path / "g")
    assert {path.name for path in (tmp_path / "g").iterdir()} == {"graph.duckdb", "graph.ttl", "graph.html"}
    assert (build.read, build.extracted, build.reused) == (4, 4, 0)
    assert kg.open(tmp_path / "g").links == build.graph.links


def test_entities_are_shared_and_traceable(tmp_path):
    graph = run(PAPERS, tmp_path / "g").graph
    assert [paper.id for paper in graph.papers_of("BERT")] == ["a", "b"]
    for link in graph.links:
        for mention in link.mentions:
            assert graph.paper(link.paper_id).text[mention.start : mention.end] == mention.text


def test_building_again_extracts_only_what_is_new_or_changed(tmp_path):
    run(PAPERS[:3], tmp_path / "g")
    changed = replace(PAPERS[0], title="RoBERTa on SQuAD", abstract="We fine-tune RoBERTa on SQuAD.")
    build = run([changed, *PAPERS[1:]], tmp_path / "g")
    assert (build.extracted, build.reused) == (2, 2)
    assert "a" not in [paper.id for paper in build.graph.papers_of("BERT")]
    run([changed, *PAPERS[1:]], tmp_path / "fresh")
    assert turtle(tmp_path / "g") == turtle(tmp_path / "fresh")


def test_papers_that_left_the_input_leave_only_when_asked(tmp_path):
    run(PAPERS, tmp_path / "g")
    assert len(run(PAPERS[:1], tmp_path / "g").graph.papers) == 4
    build = run(PAPERS[:1], tmp_path / "g", prune=True)
    assert ([paper.id for paper in build.graph.papers], build.removed) == (["a"], 3)


def test_two_papers_of_one_title_are_known_again(tmp_path):
    pair = [replace(PAPERS[0], id="title:1"), replace(PAPERS[2], id="title:1", title=PAPERS[0].title)]
    first = run(pair, tmp_path / "g")
    again = run(pair, tmp_path / "g")
    assert (len(first.graph.papers), len(again.graph.papers), again.extracted, again.duplicates) == (2, 2, 0, [])


def test_neither_order_nor_batches_change_the_bytes(tmp_path):
    run(PAPERS, tmp_path / "one")
    run(PAPERS[::-1], tmp_path / "two")
    for paper in PAPERS:
        run([paper], tmp_path / "three")
    assert turtle(tmp_path / "one") == turtle(tmp_path / "two") == turtle(tmp_path / "three")
    assert (tmp_path / "one" / "graph.html").read_bytes() == (tmp_path / "two" / "graph.html").read_bytes()


def test_the_hash_seed_does_not_change_the_bytes(tmp_path):
    outputs = set()
    for seed in ("0", "1", "31"):
        folder = tmp_path / seed
        code = f"import kg; kg.build(kg.sample_path(), out={str(folder)!r}).write({str(folder / 'graph.jsonl')!r})"
        subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONHASHSEED": seed})
        outputs.add(tuple((folder / name).read_bytes() for name in ("graph.ttl", "graph.html", "graph.jsonl")))
    assert len(outputs) == 1


@pytest.mark.parametrize("batches", [1, 3])
def test_a_killed_build_goes_on_where_it_was(tmp_path, batches):
    papers = [replace(PAPERS[i % 4], id=f"p{i}", title=f"{PAPERS[i % 4].title}, part {i}") for i in range(20)]
    lines = [f"kg.Paper(id={p.id!r}, title={p.title!r}, abstract={p.abstract!r})" for p in papers]
    code = f"""
import os, signal, kg, kg.extraction, kg.store
kg.extraction.BATCH = 4
put, done = kg.store.Store.put_extractions, []
def put_and_die(store, batch):
    put(store, batch)
    done.append(1)
    if len(done) == {batches}:
        os.kill(os.getpid(), signal.SIGKILL)
kg.store.Store.put_extractions = put_and_die
kg.build([{", ".join(lines)}], out={str(tmp_path / "killed")!r})
"""
    killed = subprocess.run([sys.executable, "-c", code], check=False)
    assert killed.returncode == -signal.SIGKILL
    build = run(papers, tmp_path / "killed")
    assert (build.extracted, build.reused) == (20 - 4 * batches, 4 * batches)
    run(papers, tmp_path / "undisturbed")
    assert turtle(tmp_path / "killed") == turtle(tmp_path / "undisturbed")


def test_a_changed_abstract_replaces_its_facts_in_every_export(tmp_path):
    run(PAPERS, tmp_path / "g")
    changed = replace(PAPERS[0], title="RoBERTa on TriviaQA", abstract="We fine-tune RoBERTa on TriviaQA.")
    run([changed], tmp_path / "g")
    run([changed, *PAPERS[1:]], tmp_path / "fresh")
    names = ("out.nq", "out.jsonl", "out.graphml", "tables")
    for folder in (tmp_path / "g", tmp_path / "fresh"):
        kg.export.write_folder(folder, [str(folder / name) for name in names], None)
    files = [p.relative_to(tmp_path / "g") for p in (tmp_path / "g").rglob("*") if p.suffix and p.suffix != ".duckdb"]
    assert len(files) > 8
    for name in files:
        assert (tmp_path / "g" / name).read_bytes() == (tmp_path / "fresh" / name).read_bytes(), name
    with Store(tmp_path / "g", read_only=True) as one, Store(tmp_path / "fresh", read_only=True) as two:
        assert one.sql("SELECT * FROM mentions ORDER BY ALL") == two.sql("SELECT * FROM mentions ORDER BY ALL")


def test_one_more_paper_in_a_hundred_is_one_extraction(tmp_path, monkeypatch):
    papers = [replace(PAPERS[i % 4], id=f"p{i}", title=f"{PAPERS[i % 4].title}, part {i}") for i in range(101)]
    run(papers[:100], tmp_path / "g", fast=True)
    read = []
    monkeypatch.setattr(
        "extractors.pipeline.read_batch", lambda nlp, papers: [read.append(p.id) or unread(p) for p in papers]
    )
    build = run(papers, tmp_path / "g", fast=True)
    assert (read, build.extracted, build.reused) == (["p100"], 1, 100)


def unread(paper):
    from extractors import pipeline

    return pipeline.unread(paper, "en-fast", "")[0], None


def test_a_new_version_is_announced_before_anything_is_read(tmp_path, monkeypatch, caplog):
    run(PAPERS, tmp_path / "g", fast=True)
    caplog.set_level("INFO", logger="kg")
    said = []
    monkeypatch.setattr(
        "extractors.pipeline.read_batch",
        lambda nlp, papers: [said.append(len(caplog.messages)) or unread(paper) for paper in papers],
    )
    run(PAPERS, tmp_path / "g", fast=True)
    assert said == []
    monkeypatch.setattr("extractors.pipeline.VERSION", "99")
    monkeypatch.setattr("extractors.pipeline.pipeline_version", lambda name: f"abstractkg-{name} 99")
    monkeypatch.setattr("extractors.pipeline_version", lambda name: f"abstractkg-{name} 99")
    assert run(PAPERS, tmp_path / "g", fast=True).extracted == 4
    assert said == [1] * 4
    assert "the pipeline is now abstractkg-en-fast 99: 4 extractions of earlier versions are made anew" in caplog.text


def test_another_version_of_the_pipeline_reads_all_anew_and_says_so(tmp_path, monkeypatch, caplog):
    run(PAPERS, tmp_path / "g")
    monkeypatch.setattr("extractors.pipeline_version", lambda name: f"abstractkg-{name} 99")
    caplog.set_level("INFO", logger="kg")
    with Store(tmp_path / "g") as store:
        monkeypatch.setattr(
            "extractors.extract",
            lambda papers, **_: (
                kg.Extraction(paper_id=p.id, text_hash=text_hash(p), pipeline="abstractkg-en 99") for p in papers
            ),
        )
        assert store.count_extractions() == 4
    build = run(PAPERS, tmp_path / "g")
    assert (build.extracted, build.graph.info.pipeline) == (4, "abstractkg-en 99")
    assert "4 extractions of earlier versions are made anew" in caplog.text
    with Store(tmp_path / "g", read_only=True) as store:
        assert store.count_extractions() == 4


def test_a_paper_that_a_component_fails_on_is_listed_and_tried_again(tmp_path, monkeypatch):
    from extractors.sentences import SentenceSplitter

    call = SentenceSplitter.__call__

    def fail(self, doc):
        if "ResNet" in doc.text:
            raise ValueError("no such luck")
        return call(self, doc)

    monkeypatch.setattr(SentenceSplitter, "__call__", fail)
    build = run(PAPERS, tmp_path / "g")
    assert [rejection.reason for rejection in build.rejections] == [
        "paper 'c' could not be read: ValueError: no such luck"
    ]
    assert (len(build.graph.papers), list(build.graph.links_from("c"))) == (4, [])
    monkeypatch.undo()
    assert run(PAPERS, tmp_path / "g").extracted == 1
    run(PAPERS, tmp_path / "fresh")
    assert turtle(tmp_path / "g") == turtle(tmp_path / "fresh")


def test_the_curation_file_of_the_folder_is_obeyed(tmp_path):
    (tmp_path / "g").mkdir()
    (tmp_path / "g" / "curation.yaml").write_text("drop: [SQuAD]\n", encoding="utf-8")
    graph = run(PAPERS, tmp_path / "g").graph
    assert "SQuAD" not in [entity.name for entity in graph.entities]


def test_the_base_iri_is_remembered(tmp_path):
    run(PAPERS[:1], tmp_path / "g", base_iri="https://graph.example.org/")
    assert run(PAPERS[:1], tmp_path / "g").graph.info.base_iri == "https://graph.example.org/"


def test_many_papers_get_all_processors_and_few_get_one(monkeypatch):
    asked = []

    def extract(papers, *, n_process, **_):
        asked.append(n_process)
        return (kg.Extraction(paper_id=p.id, text_hash=text_hash(p), pipeline="p") for p in papers)

    monkeypatch.setattr("extractors.extract", extract)
    for number in (3, 450):
        papers = [replace(PAPERS[0], id=str(i)) for i in range(number)]
        assert [paper.id for paper, _ in extract_pairs(iter(papers), jobs=None)] == [paper.id for paper in papers]
    assert asked == [1, len(os.sched_getaffinity(0))]


def test_extract_streams_in_order():
    taken = []

    def papers():
        for i in range(1000):
            taken.append(i)
            yield replace(PAPERS[i % 4], id=str(i))

    stream = kg.extract(papers())
    assert [next(stream).paper_id for _ in range(3)] == ["0", "1", "2"]
    assert len(taken) < 1000
