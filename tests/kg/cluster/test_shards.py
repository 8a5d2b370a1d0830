"""Shards of extractions on one machine: the same bytes however they come about, and never lost work."""

import gzip
import json
import subprocess
import sys
from dataclasses import replace

import fsspec
import pytest

import kg
from kg.cluster.building import build_from_extractions, read_extractions
from kg.cluster.export import export_shards
from kg.cluster.extraction import extract_shards
from kg.cluster.storage import Folder
from kg.extraction import extract_pairs
from kg.store import Store
from schemas.errors import InputError
from schemas.lines import dump_line, extraction_to_json, paper_to_json

FRAGMENTS = ["BERT on SQuAD", "ResNet on ImageNet", "A Transformer for translation", "GPT-2 on LAMBADA"]


@pytest.fixture
def address():
    fs = fsspec.filesystem("memory")
    fs.store.clear()
    yield "memory://bucket"
    fs.store.clear()


def papers(n, start=0):
    return [
        kg.Paper(
            id=f"p{i}",
            title=f"{FRAGMENTS[i % 4]}, part {i}",
            abstract=f"We fine-tune BERT and reach {i}.5% on GLUE.",
            source=f"papers.jsonl:{i + 1}",
        )
        for i in range(start, start + n)
    ]


def write(path, found, bad=0):
    lines = [dump_line({k: v for k, v in paper_to_json(p).items() if k != "source"}) for p in found]
    path.write_text("".join(f"{line}\n" for line in [*lines, *["{broken"] * bad]), encoding="utf-8")
    return str(path)


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def shards(folder):
    return {name: data for name, data in files(folder).items() if name.startswith("extractions/")}


def extract(sources, out, **options):
    return extract_shards(sources, str(out), fast=True, jobs=1, **{"shards": 3} | options)


def test_shards_hold_what_kg_extract_writes(tmp_path):
    source = write(tmp_path / "papers.jsonl", papers(10))
    run = extract([source], tmp_path / "shards")
    assert (run.papers, run.extracted, run.shards, run.reused) == (10, 10, 3, 0)
    alone = {dump_line(extraction_to_json(*pair)) for pair in extract_pairs(kg.read(source), fast=True)}
    assert {dump_line(extraction_to_json(*pair)) for pair in read_extractions(str(tmp_path / "shards"))} == alone


def test_order_and_files_of_the_input_change_nothing(tmp_path):
    found = papers(10)
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one = write(tmp_path / "one" / "papers.jsonl", found)
    extract([one], tmp_path / "a")
    for name, part in (("b", found[6:]), ("c", found[:6])):
        with (tmp_path / "two" / f"{name}.jsonl").open("w") as file:
            file.writelines(dump_line(paper_to_json(paper)) + "\n" for paper in reversed(part))
    extract([str(tmp_path / "two")], tmp_path / "b")
    names = [
        [(p.id, e) for p, e in read_extractions(str(tmp_path / folder))] for folder in ("a", "b")
    ]  # the sources differ, and nothing else
    assert names[0] == names[1]


def test_a_finished_shard_is_not_read_again(tmp_path):
    source = write(tmp_path / "papers.jsonl", papers(10))
    extract([source], tmp_path / "shards")
    before = files(tmp_path / "shards")
    lost = sorted(shards(tmp_path / "shards"))[1]
    (tmp_path / "shards" / lost).unlink()
    run = extract([source], tmp_path / "shards", shards=None)
    assert (run.shards, run.reused) == (1, 2)
    assert files(tmp_path / "shards") == before


def test_a_lost_shard_of_papers_is_gathered_again(tmp_path):
    source = write(tmp_path / "papers.jsonl", papers(10))
    extract([source], tmp_path / "shards")
    before = files(tmp_path / "shards")
    for below in ("papers", "extractions"):
        sorted((tmp_path / "shards" / below).iterdir())[1].unlink()
    assert extract([source], tmp_path / "shards", shards=None).shards == 1
    assert files(tmp_path / "shards") == before


def test_more_papers_cost_only_their_own_extraction(tmp_path):
    source = write(tmp_path / "papers.jsonl", papers(10))
    extract([source], tmp_path / "shards")
    changed = [replace(papers(1)[0], abstract="We fine-tune RoBERTa on SuperGLUE."), *papers(10)[1:], *papers(1, 10)]
    write(tmp_path / "papers.jsonl", changed)
    assert extract([source], tmp_path / "shards").extracted == 2
    extract([source], tmp_path / "fresh")
    assert shards(tmp_path / "shards") == shards(tmp_path / "fresh")
    assert files(tmp_path / "shards").keys() == files(tmp_path / "fresh").keys()


def test_a_killed_run_goes_on(tmp_path):
    source = write(tmp_path / "papers.jsonl", papers(12))
    code = f"""
import os, signal
from kg.cluster import storage, extraction
write, done = storage.Folder.write, []
def write_and_die(folder, name, data):
    write(folder, name, data)
    if name.startswith("extractions/"):
        os.kill(os.getpid(), signal.SIGKILL)
storage.Folder.write = write_and_die
extraction.extract_shards([{source!r}], {str(tmp_path / "shards")!r}, shards=3, jobs=1, fast=True)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    with pytest.raises(InputError, match="no finished folder of extractions: finish it with"):
        next(read_extractions(str(tmp_path / "shards")))
    assert extract([source], tmp_path / "shards").reused == 1
    extract([source], tmp_path / "undisturbed")
    assert shards(tmp_path / "shards") == shards(tmp_path / "undisturbed")


def test_an_object_store_does_as_well_as_a_disk(tmp_path, address):
    source = write(tmp_path / "papers.jsonl", papers(6))
    fs = fsspec.filesystem("memory")
    fs.pipe("/bucket/in/papers.jsonl", (tmp_path / "papers.jsonl").read_bytes())
    fs.pipe("/bucket/in/README.md", b"not papers")
    run = extract([f"{address}/in/*.jsonl"], f"{address}/out/")
    assert (run.papers, run.extracted) == (6, 6)
    assert extract([f"{address}/in"], f"{address}/out").papers == 6
    extract([source], tmp_path / "out")
    there = Folder(f"{address}/out")
    assert {f"extractions/{n}": there.read(f"extractions/{n}") for n in there.names("extractions")} == shards(
        tmp_path / "out"
    )


def test_parquet_papers_and_shards_are_read(tmp_path):
    import duckdb

    write(tmp_path / "papers.jsonl", papers(5))
    duckdb.sql(f"COPY (SELECT * FROM '{tmp_path / 'papers.jsonl'}') TO '{tmp_path / 'papers.parquet'}'")
    run = extract([str(tmp_path / "papers.parquet")], tmp_path / "shards")
    assert run.papers == 5
    one, two = (list(kg.read(str(tmp_path / name))) for name in ("papers.jsonl", "papers.parquet"))
    assert [replace(paper, source=None) for paper in one] == [replace(paper, source=None) for paper in two]
    assert {paper.id for paper in kg.read(str(tmp_path / "shards" / "extractions"))} == {paper.id for paper in one}


def tables(folder):
    names = ("sources", "extractions", "papers", "entities", "links", "mentions", "results", "duplicates", "rejections")
    with Store(folder, read_only=True) as store:
        return {name: list(store.rows(f"SELECT * FROM {name} ORDER BY ALL")) for name in names}


@pytest.mark.parametrize("form", ["shards/", "lines.jsonl", "lines.jsonl.gz", "lines.parquet"])
def test_a_graph_of_extractions_is_that_of_the_papers(tmp_path, form, call):
    found = [*papers(9), replace(papers(1)[0], id="p99")]  # a duplicate, and below a broken line
    source = write(tmp_path / "papers.jsonl", found, bad=form == "shards/")
    call("extract", source, "-o", f"{tmp_path}/{form}", "--fast", "--quiet", "--jobs", "1")
    code, out, _ = call("build", "--from-extractions", f"{tmp_path}/{form}", "-o", tmp_path / "there", "--quiet")
    assert "extracted 0 papers" in out
    assert code == (1 if form == "shards/" else 0)
    call("build", source, "-o", tmp_path / "here", "--fast", "--quiet", "--jobs", "1")
    for name in ("graph.ttl", "graph.html"):
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()
    assert tables(tmp_path / "there") == tables(tmp_path / "here")


def test_a_paper_that_a_component_fails_on_is_tried_again_by_the_build(tmp_path, monkeypatch):
    from extractors.sentences import SentenceSplitter

    works = SentenceSplitter.__call__

    def fail(self, doc):
        if "ResNet" in doc.text:
            raise ValueError("no such luck")
        return works(self, doc)

    source = write(tmp_path / "papers.jsonl", papers(4))
    monkeypatch.setattr(SentenceSplitter, "__call__", fail)
    run = extract([source], tmp_path / "shards")
    assert [rejection.reason for rejection in run.rejections] == [
        "paper 'p1' could not be read: ValueError: no such luck"
    ]
    monkeypatch.undo()
    build = build_from_extractions([str(tmp_path / "shards")], out=tmp_path / "g", progress=lambda *_: None)
    assert (build.extracted, len(build.graph.papers)) == (1, 4)


def test_what_cannot_be_is_refused_in_one_line(tmp_path, call, monkeypatch):
    source = write(tmp_path / "papers.jsonl", papers(2))
    extract([source], tmp_path / "shards", shards=2)

    def refused(*arguments):
        code, _, error = call(*arguments)
        assert (code, error.count("\n")) == (2, 1) or "Usage:" in error
        return error

    assert "has 2 shards, not 3" in refused("extract", source, "-o", f"{tmp_path}/shards/", "--shards", "3", "--fast")
    assert "was begun with abstractkg-en-fast" in refused("extract", source, "-o", f"{tmp_path}/shards/")
    assert "slash at its end" in refused("extract", source, "-o", "x.jsonl", "--engine", "local")
    assert "shards are made of files" in refused("extract", "-", "-o", f"{tmp_path}/other/")
    assert "Protocol not known" in refused("extract", source, "-o", "nowhere://bucket/")
    assert "check the path" in refused("build", "--from-extractions", f"{tmp_path}/none", "-o", f"{tmp_path}/g")
    monkeypatch.setattr("kg.extraction.pipeline_of", lambda fast=False: f"other {fast}")
    error = refused("build", "--from-extractions", f"{tmp_path}/shards", "-o", f"{tmp_path}/g")
    assert "this installation reads with other" in error
    (tmp_path / "shards" / "plan.json").write_text("{")
    assert "is damaged" in refused("extract", source, "-o", f"{tmp_path}/shards/")


def test_a_damaged_shard_is_named(tmp_path):
    extract([write(tmp_path / "papers.jsonl", papers(2))], tmp_path / "shards", shards=1)
    (name,) = shards(tmp_path / "shards")
    (tmp_path / "shards" / name).write_bytes(b"PAR1 and nothing else PAR1")
    with pytest.raises(InputError, match=r"^00000-.*\.parquet: not a table of extractions"):
        list(read_extractions(str(tmp_path / "shards")))


@pytest.mark.parametrize(
    "manifest",
    [
        *('{"shards": ["../../outside.parquet"], "rejections": []}', '{"shards": ["/etc/passwd"], "rejections": []}'),
        *('{"shards": ["00000-0123456789ab.parquet/../../x.parquet"], "rejections": []}', "{", "[]", "{}", "7"),
        *('{"shards": 7, "rejections": []}', '{"shards": [], "rejections": [{"x": 1}]}'),
    ],
)
def test_a_manifest_names_no_other_files(tmp_path, manifest):
    (tmp_path / "shards").mkdir()
    (tmp_path / "outside.parquet").write_bytes(b"")
    (tmp_path / "shards" / "plan.json").write_text("{}")
    (tmp_path / "shards" / "manifest.json").write_text(manifest)
    with pytest.raises(InputError, match=r"not the name of a shard|manifest\.json is damaged: extract again"):
        list(read_extractions(str(tmp_path / "shards")))


def test_a_bomb_of_extractions_is_given_up(tmp_path, monkeypatch):
    from kg.readers import compression

    monkeypatch.setattr(compression, "FREE", 1 << 20)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b" " * (1 << 26)))
    with pytest.raises(InputError, match="as bombs do"):
        list(read_extractions(str(tmp_path / "a.jsonl.gz")))


def test_without_the_extra_one_line_names_it(tmp_path):
    code = f"""
import sys
sys.modules["fsspec"] = sys.modules["ray"] = None
from kg.cli import main
main(["extract", {kg.sample_path()!r}, "-o", {str(tmp_path)!r} + "/shards/"])
""".replace("PosixPath", "str")
    run = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert "pip install 'abstractkg[cluster]'" in run.stderr


def test_the_manifest_names_what_there_is(tmp_path):
    extract([write(tmp_path / "papers.jsonl", papers(5), bad=1)], tmp_path / "shards")
    manifest = json.loads((tmp_path / "shards" / "manifest.json").read_bytes())
    assert {f"extractions/{name}" for name in manifest["shards"]} == set(shards(tmp_path / "shards"))
    assert manifest["papers"] == 5
    assert [rejection["source"] for rejection in manifest["rejections"]] == ["papers.jsonl:6"]


@pytest.mark.parametrize("name", ["graph.nq", "graph.nt.gz", "graph.ttl", "graph.jsonld"])
def test_workers_write_the_shards_of_rdf_that_one_process_writes(tmp_path, sample_folder, name, call):
    def each(writer, numbers):
        return [writer(number) for number in reversed(numbers)]

    (tmp_path / "here").mkdir()
    assert call("export", sample_folder, tmp_path / "here" / name, "--shards", "3")[0] == 0
    export_shards(sample_folder, str(tmp_path / "there" / name), shards=3, each=each)
    assert files(tmp_path / "there") == files(tmp_path / "here")


def test_what_a_cluster_cannot_export_is_refused(tmp_path, sample_folder, call):
    for arguments, words in (
        (["graph.html", "--shards", "2"], "a cluster writes RDF"),
        (["graph.nq", "--shards", "1"], "one shard is no work"),
        (["graph.nq"], "give --shards"),
    ):
        code, _, error = call("export", sample_folder, *arguments, "--engine", "ray")
        assert code == 2
        assert words in error
