"""Encodings, line ends, compression, and which files a source means."""

import codecs
import gzip
import json
import re

import pytest
import zstandard

import kg
from kg.readers import files
from kg.readers.files import open_input
from kg.readers.sources import expand
from schemas.errors import InputError


def opened(tmp_path, content, name="a.txt"):
    (tmp_path / name).write_bytes(content)
    return open_input(tmp_path / name)


def lines(tmp_path, content, **options):
    return [line for _, line in opened(tmp_path, content).lines(**options)]


@pytest.mark.parametrize(
    "content",
    [
        "Naïve\nÜbung".encode(),
        codecs.BOM_UTF8 + "Naïve\nÜbung".encode(),
        "Naïve\nÜbung".encode("utf-16"),
        codecs.BOM_UTF16_BE + "Naïve\nÜbung".encode("utf-16-be"),
        codecs.BOM_UTF32_LE + "Naïve\nÜbung".encode("utf-32-le"),
        "Naïve\r\nÜbung\r\n".encode("cp1252"),
        "Naïve\rÜbung\r".encode(),
    ],
    ids=["utf-8", "mark", "utf-16", "utf-16-be", "utf-32", "windows-1252", "cr"],
)
def test_the_encoding_and_the_line_end_do_not_matter(tmp_path, content):
    assert lines(tmp_path, content) == ["Naïve", "Übung"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"Caf\xe9 \x93X\x94", ["Café “X”"]),  # nothing else beyond ASCII: an old export
        ("Größe\n".encode() + b"Caf\xe9", ["Größe", "Caf\ufffd"]),  # UTF-8, and one damaged byte
        (b"plain\n" * 20_000 + b"Caf\xe9", ["plain"] * 20_000 + ["Café"]),  # first seen long after the beginning
    ],
    ids=["windows-1252", "damaged", "late"],
)
def test_bytes_that_are_no_utf_8(tmp_path, content, expected):
    assert lines(tmp_path, content) == expected


def test_separators_of_prose_end_a_line_where_asked(tmp_path):
    content = "One\u2028Two\x85Three\x0cFour\nFive".encode()
    assert lines(tmp_path, content, breaks=True) == ["One", "Two", "Three", "Four", "Five"]
    assert lines(tmp_path, content) == ["One\u2028Two\x85Three\x0cFour", "Five"]
    assert [number for number, _ in opened(tmp_path, content).lines(breaks=True)] == [1, 2, 3, 4, 5]


def test_blocks_begin_where_the_pattern_matches(tmp_path, monkeypatch):
    start = re.compile("@")
    found = list(opened(tmp_path, b"before\n@a\nb\n\n@c\n").blocks(start.match))
    assert found == [(1, "before"), (2, "@a\nb\n"), (5, "@c")]
    monkeypatch.setattr(files, "MAX_RECORD", 10)
    found = list(opened(tmp_path, b"@a\n" + b"xxxx\n" * 9 + b"@c\n").blocks(start.match))
    assert found == [(1, None), (11, "@c")]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gz", "zst"])
def test_members_after_one_another_and_padding(tmp_path, pack):
    assert lines(tmp_path, pack(b"a\n") + pack(b"") + pack(b"b\n") + b"\0" * 9000) == ["a", "b"]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gz", "zst"])
def test_what_comes_before_the_damage_is_read_and_the_cut_line_is_not(tmp_path, pack):
    content = b"".join(json.dumps({"title": f"On {i} {i * 7919 % 1013}"}).encode() + b"\n" for i in range(30_000))
    (tmp_path / "a.jsonl").write_bytes(pack(content)[: len(pack(content)) // 2])
    rejected = []
    titles = [paper.title for paper in kg.read(tmp_path / "a.jsonl", on_reject=rejected.append)]
    assert titles == [json.loads(line)["title"] for line in content.splitlines()[: len(titles)]]
    assert len(titles) > 5000
    assert [rejection.source for rejection in rejected] == ["a.jsonl"]


def test_hidden_files_broken_links_and_folders_in_a_glob(tmp_path):
    for name in ("x/1.bib", "x/y/2.RIS", "x/.git/3.bib", "x/.4.bib", "x/[5].bib", "z.bib"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "x" / "broken.bib").symlink_to(tmp_path / "nowhere")

    def names(source):
        return [path.name for path in expand(source, lambda path: path.suffix.lower() in (".bib", ".ris"))]

    assert names(tmp_path / "x") == ["1.bib", "[5].bib", "2.RIS"]
    assert names(tmp_path / "x" / "[5].bib") == ["[5].bib"]
    assert names(tmp_path / "*") == ["1.bib", "[5].bib", "2.RIS", "z.bib"]
    assert names(tmp_path / "**" / "*.bib") == ["1.bib", "[5].bib", "z.bib"]
    with pytest.raises(InputError, match="no such file or folder"):
        names(tmp_path / "x" / "broken.bib")


def test_a_source_that_is_not_there_is_told_at_once(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"title": "On X"}')
    with pytest.raises(InputError, match="b.jsonl"):
        kg.read(tmp_path / "a.jsonl", tmp_path / "b.jsonl")


def test_a_file_that_cannot_be_opened_is_one_rejection(tmp_path, monkeypatch):
    (tmp_path / "a.jsonl").touch()
    monkeypatch.setattr("kg.readers.files.open_input", lambda _: (tmp_path / "missing" / "a").open())
    rejected = []
    assert list(kg.read(tmp_path / "a.jsonl", on_reject=rejected.append)) == []
    assert [rejection.reason for rejection in rejected] == ["cannot be opened: No such file or directory"]


def test_without_a_listener_rejections_are_logged(tmp_path, caplog):
    (tmp_path / "a.jsonl").write_text("{}\n")
    assert list(kg.read(tmp_path / "a.jsonl")) == []
    assert "a.jsonl:1: no title" in caplog.text


class Entry:
    """An installed reader of files of lines with titles."""

    name = "titles"

    @staticmethod
    def load():
        return lambda opened: (opened.paper({"title": line}, number) for number, line in opened.lines())


def test_packages_add_formats_by_name_and_suffix(tmp_path, monkeypatch):
    monkeypatch.setattr("kg.readers.entry_points", lambda group: [Entry] if group == "abstractkg.readers" else [])
    (tmp_path / "a.titles").write_text("On X\nOn Y\n")
    assert [(paper.title, paper.source) for paper in kg.read(tmp_path)] == [
        ("On X", "a.titles:1"),
        ("On Y", "a.titles:2"),
    ]
    (tmp_path / "b").write_text("On Z\n")
    assert [paper.title for paper in kg.read(tmp_path / "b", format="titles")] == ["On Z"]
