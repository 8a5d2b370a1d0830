"""Bad input: one clear line for each record that cannot be read, and nothing else lost."""

import gzip
import hashlib
import json
import zlib

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kg
from kg.readers import FORMATS, compression, files
from kg.readers.record import to_paper
from schemas.errors import RecordError

GOOD = json.dumps({"title": "A good paper", "abstract": "We study X."})
BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><feed><entry>&c;</entry></feed>'
)
EXTERNAL = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><feed><entry>&x;</entry></feed>'
MANY = "".join(
    json.dumps({"title": hashlib.sha256(bytes([i % 256, i // 256])).hexdigest()}) + "\n" for i in range(5000)
).encode()

# name of the file, its content, titles that are read, words of the rejections
TABLE = {
    "empty file": ("a.jsonl", b"", [], ["empty file"]),
    "blank file": ("a.txt", b" \n\n ", [], ["empty file"]),
    "empty gzip": ("a.jsonl.gz", gzip.compress(b""), [], ["empty file"]),
    "binary file": ("a.txt", bytes(range(256)) * 40, [], ["binary file"]),
    "a PDF": ("a.txt", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", [], ["binary file"]),
    "unknown format": ("a.docx", b"Just some words.", [], ["give --format"]),
    "wrong JSON": (
        "a.jsonl",
        f'{GOOD}\n{{"title": \n[1]\n7\n{GOOD}\n'.encode(),
        ["A good paper"] * 2,
        ["a.jsonl:2", "a.jsonl:3", "a.jsonl:4"],
    ),
    "wrong JSON document": ("a.json", b'[{"title": "On X"},\n {"title": ', ["On X"], ["a.json:2", "not valid JSON"]),
    "deep JSON": ("a.jsonl", b"[" * 100_000, [], ["not valid JSON"]),
    "missing title": ("a.jsonl", f'{{"abstract": "x"}}\n{GOOD}'.encode(), ["A good paper"], ["a.jsonl:1", "no title"]),
    "title of another type": ("a.jsonl", b'{"title": {"x": 1}}\n{"title": null}\n{"title": 7}', [], ["no title"] * 3),
    "missing abstract": ("a.jsonl", b'{"title": "On X"}\n{"title": "On Y", "abstract": null}', ["On X", "On Y"], []),
    "1 MB abstract": ("a.jsonl", json.dumps({"title": "On X", "abstract": "word " * 200_000}).encode(), ["On X"], []),
    "endless abstract": (
        "a.jsonl",
        json.dumps({"title": "On X", "abstract": "w" * 3_000_000}).encode(),
        [],
        ["3,000,000 characters"],
    ),
    "invalid UTF-8": ("a.jsonl", '{"title": "Naïve '.encode() + b'\xff\xfe X"}', ["Naïve �� X"], []),
    "Windows-1252": ("a.csv", "title,year\nNaïve – “X”,2020".encode("cp1252"), ["Naïve – “X”"], []),
    "UTF-16": ("a.csv", "title,year\nNaïve,2020".encode("utf-16"), ["Naïve"], []),
    "UTF-8 with a mark": ("a.jsonl", b"\xef\xbb\xbf" + GOOD.encode(), ["A good paper"], []),
    "NUL and control characters": ("a.jsonl", rb'{"title": "On\u0000 \u0007X\u001b[0m\ud800"}', ["On X[0m"], []),
    "raw NUL": ("a.csv", b"title,year\nOn\x00 X,2020\n", ["On X"], []),
    "script in a title": ("a.jsonl", b'{"title": "<script>alert(1)</script>"}', ["<script>alert(1)</script>"], []),
    "right-to-left title": ("a.jsonl", '{"title": "نموذج \u202eلغوي"}'.encode(), ["نموذج \u202eلغوي"], []),
    "truncated gzip": ("a.jsonl.gz", gzip.compress(MANY)[:-2000], ..., ["breaks off"]),
    "truncated zstandard": ("a.jsonl.zst", zstandard.compress(MANY)[:-500], ..., ["breaks off"]),
    "damaged gzip": ("a.jsonl.gz", gzip.compress(MANY)[:50_000] + b"x" * 300, ..., ["the rest cannot be read"]),
    "truncated XML": (
        "a.xml",
        b'<collection id="1"><volume id="1"><paper id="1"><title>On X</title></paper><paper',
        ["On X"],
        ["not valid XML"],
    ),
    "XML of another kind": ("a.xml", b"<html><body>On X</body></html>", [], ["no paper: known are"]),
    "entity expansion": ("a.xml", BILLION_LAUGHS.encode(), [], ["entities are not allowed"]),
    "external entity": ("a.xml", EXTERNAL.encode(), [], ["entities are not allowed"]),
    "no title column": ("a.csv", b"name of it,year\nOn X,2020\n", [], ["no column named title"]),
    "short and empty rows": ("a.csv", b"year,title\n2020\n,\n2021,On X\n", ["On X"], ["a.csv:2"]),
    "BibTeX without entries": ("a.bib", b"just words", [], ["no paper found"]),
    "broken RIS": ("a.ris", b"TY  - JOUR\nER  - \nTY  - JOUR\nTI  - On X\nER  - \n", ["On X"], ["no title"]),
}


@pytest.mark.parametrize("case", TABLE)
def test_bad_input(tmp_path, case):
    name, content, titles, words = TABLE[case]
    (tmp_path / name).write_bytes(content)
    (tmp_path / "z.jsonl").write_text(json.dumps({"title": "The next file"}))
    rejected = []
    papers = list(kg.read(tmp_path / name, tmp_path / "z.jsonl", on_reject=rejected.append))
    assert papers.pop().title == "The next file"
    if titles is ...:
        assert 0 < len(papers) < 5000
    else:
        assert [paper.title for paper in papers] == titles
    shown = [f"{r.source}: {r.reason}" for r in rejected]
    assert (len(shown) > 0) == (len(words) > 0)
    for word in words:
        assert any(word in line for line in shown), shown
    assert not any("\n" in line for line in shown)


@pytest.mark.parametrize("paper_id", ['a "b" c', "a b", "\U0001f600", "../../etc/passwd", "<b>", "a\u202eb"])
def test_ids_are_kept_as_they_are(paper_id):
    assert to_paper({"id": paper_id, "title": "On X"}, source="x").id == paper_id


def test_a_line_without_end_is_rejected_and_the_next_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_LINE", 1000)
    (tmp_path / "a.jsonl").write_text("x" * 5000 + "\n" + GOOD + "\n")
    rejected = []
    papers = list(kg.read(tmp_path / "a.jsonl", on_reject=rejected.append))
    assert ([p.title for p in papers], [r.source for r in rejected]) == (["A good paper"], ["a.jsonl:1"])


def test_a_bomb_is_unpacked_a_little_at_a_time(tmp_path, monkeypatch):
    """A few kilobytes that unpack to 64 MB of one line cost no 64 MB."""
    monkeypatch.setattr(files, "MAX_LINE", 1 << 16)
    packer = zlib.compressobj(wbits=31)
    data = b"".join(packer.compress(b"0" * (1 << 20)) for _ in range(64)) + packer.flush()
    (tmp_path / "a.jsonl.gz").write_bytes(data)
    assert len(data) < 100_000
    import tracemalloc

    tracemalloc.start()
    assert list(kg.read(tmp_path / "a.jsonl.gz", on_reject=lambda _: None)) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40e6


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_bomb_of_good_records_is_given_up_in_one_line(tmp_path, monkeypatch, pack):
    """Each of its lines is a paper, and there are more of them than any machine holds."""
    monkeypatch.setattr(compression, "FREE", 1 << 20)
    (tmp_path / "bomb").write_bytes(pack((GOOD + "\n").encode() * 60_000))
    (tmp_path / "fine").write_bytes(pack(MANY))
    rejected = []
    papers = list(kg.read(tmp_path / "bomb", on_reject=rejected.append))
    assert len(papers) < 60_000
    assert [r.reason for r in rejected] == [
        "the rest cannot be read: it unpacks to more than 200 times its size, as bombs do: unpack it, if you trust it"
    ]
    assert len(list(kg.read(tmp_path / "fine"))) == 5000


@pytest.mark.parametrize("digits", [4_299, 4_301, 1_000_000])
def test_numbers_of_any_length_cost_one_record_at_most(tmp_path, digits):
    number = "9" * digits
    lines = [f'{{"title": "On X", "{key}": {number}}}' for key in ("id", "year", "doi", "pmid", "corpusid")]
    lines += [f'{{"title": "On X", "year": "{number}"}}', f'{{"title": "On X", "year": {number}.5e9}}']
    lines += [f'{{"title": "On X", "abstract_inverted_index": {{"x": [{number}]}}}}', GOOD]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    (tmp_path / "a.json").write_text("[" + ",\n".join(lines) + "]")
    (tmp_path / "a.csv").write_text(f"title,year,doi\nOn X,{number},{number}\nOn Y,2020,\n")
    rejected = []
    papers = list(kg.read(tmp_path / "a.jsonl", on_reject=rejected.append))
    assert papers[-1].title == "A good paper"
    assert len(papers) + len(rejected) == len(lines)
    assert list(kg.read(tmp_path / "a.json", on_reject=rejected.append)) or rejected
    assert len(list(kg.read(tmp_path / "a.csv", on_reject=rejected.append))) == 2
    assert not any("\n" in rejection.reason or len(rejection.reason) > 600 for rejection in rejected)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400) | st.text(max_size=200).map(str.encode), name=st.sampled_from(sorted(FORMATS)))
def test_nothing_that_a_file_holds_raises(tmp_path, data, name):
    path = tmp_path / "input"
    path.write_bytes(data)
    papers = list(kg.read(path, format=name, on_reject=lambda _: None))
    for paper in papers:
        assert paper.text.encode()
        assert paper.title


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
field_names = st.sampled_from(
    [
        "id",
        "title",
        "abstract",
        "year",
        "authors",
        "venue",
        "url",
        "doi",
        "arxiv_id",
        "keywords",
        "abstract_inverted_index",
        "authorships",
        "ids",
        "externalIds",
        "paperId",
        "authors_parsed",
        "categories",
        "versions",
        "update_date",
        "primary_location",
        "s2FieldsOfStudy",
        "journal",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(field_names, json_values, max_size=8), max_size=3))
def test_no_json_record_raises(tmp_path, records):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    rejected = []
    papers = list(kg.read(path, on_reject=rejected.append))
    assert len(papers) + len(rejected) >= len(records)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"authors": "Bee, Ann and Dee, C."}, ("Ann Bee", "C. Dee")),
        ({"authors": "Ann Bee, C. Dee"}, ("Ann Bee", "C. Dee")),
        ({"authors": [{"given": "Ann", "family": "Bee"}, {"name": "C. Dee"}, None]}, ("Ann Bee", "C. Dee")),
    ],
)
def test_authors_in_their_usual_forms(fields, expected):
    assert to_paper({"title": "On X"} | fields, source="x").authors == expected


@pytest.mark.parametrize(
    ("fields", "paper_id"),
    [
        ({"doi": "https://doi.org/10.1234/ABC.5."}, "doi:10.1234/abc.5"),
        ({"arxiv_id": "arXiv:1810.04805v2"}, "arxiv:1810.04805"),
        ({"arxiv_id": "math.GT/0309136"}, "arxiv:math.GT/0309136"),
        ({"url": "https://arxiv.org/abs/1810.04805v1"}, "arxiv:1810.04805"),
        ({"acl": "N19-1423", "s2": "x"}, "acl:N19-1423"),
        ({"doi": "nonsense", "id": None}, "title:92ecb76ae0745188"),
    ],
)
def test_the_most_lasting_identifier_becomes_the_id(fields, paper_id):
    assert to_paper({"title": "On X"} | fields, source="x").id == paper_id


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x.org/a", "http://", "http://[", "https://x.org/a b", 7])
def test_urls_that_could_do_harm_are_left_out(url):
    assert to_paper({"title": "On X", "url": url}, source="x").url is None


def test_no_title_names_the_fields_that_there_are():
    with pytest.raises(RecordError, match="no title: a paper needs one \\(fields: abstract, name\\)"):
        to_paper({"name": "x", "abstract": "y"}, source="x")
