"""``kg fetch`` as a user calls it."""

import json

import pytest


def test_a_fetch_into_a_file(services, call, tmp_path):
    out = tmp_path / "papers.jsonl"
    code, said, err = call("fetch", "arxiv", "cat:cs.CL", "-o", out)
    assert (code, said, err) == (0, f"{out}: 3 papers of 3\n", "fetch: 3\n")
    assert len(out.read_text().splitlines()) == 3
    code, said, _ = call("fetch", "arxiv", "cat:cs.CL", "-o", out, "--max", "2", "--quiet")
    assert (code, said) == (0, f"{out}: 2 papers of 3\nthere may be more: --max 2 was reached\n")
    assert call("build", out, "-o", tmp_path / "g", "--fast", "--quiet")[0] == 0


def test_a_fetch_to_standard_output_is_nothing_but_lines(services, call):
    code, said, err = call("fetch", "s2", "dense", "retrieval", "--since", "2020")
    assert (code, err) == (0, "")
    assert [json.loads(line)["doi"] for line in said.splitlines()] == ["10.1000/x.1", "10.1000/x.2", "10.1000/x.3"]
    assert services.requests[0].parameters["query"] == "dense retrieval"


def test_what_cannot_be_used_is_listed_with_exit_code_1(services, call, tmp_path):
    for out in ("-", tmp_path / "papers.jsonl"):
        code, said, err = call("fetch", "crossref", "10.1000/x.1", "10.1000/no", "-o", out, "--quiet")
        assert (code, err) == (1, "rejected: crossref:10.1000/no: not registered with Crossref\n")
    assert "1 papers of 2 (1 rejected)" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("fetch",),
        ("fetch", "arxiv"),
        ("fetch", "arxiv", ""),
        ("fetch", "pubmed", "x"),
        ("fetch", "arxiv", "x", "--max", "0"),
        ("fetch", "arxiv", "x", "--since", "last May"),
        ("fetch", "arxiv", "x", "-o", "missing/papers.jsonl"),
        ("fetch", "arxiv", "x", "-o", "papers.jsonl.gz"),
        ("fetch", "acl", "../x"),
        ("build", "acl:../x", "-o", "g"),
        ("build", "arxiv:x", "-o", "file"),
    ],
    ids=" ".join,
)
def test_unusable_calls_end_with_code_2_and_one_line(services, call, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    code, _, err = call(*arguments)
    assert code == 2
    assert services.requests == []
    assert "Traceback" not in err
    assert len([line for line in err.splitlines() if line and not line.startswith(("Usage:", "Try "))]) == 1, err


def test_a_service_that_fails_is_told_in_one_line_with_code_2(services, call, faults, tmp_path):
    services.faults += [faults.status(500, "<html>oh</html>", Content_Type="text/html")] * 6
    for out in ("-", "papers.jsonl"):
        code, said, err = call("fetch", "arxiv", "x", "-o", tmp_path / out if out != "-" else out, "--quiet")
        assert (code, said) == (2, "")
        assert err.startswith(f"kg: arxiv ({services.url}/arxiv): answers 500")
        assert err.count("\n") == 1
        services.faults += [faults.status(500)] * 6


def test_a_page_of_the_anthology_in_xml_that_is_none(services, call, faults):
    services.faults += [faults.changed(lambda body: body.replace("<title>", "<title", 1))]
    code, _, err = call("fetch", "acl", "2024.acl")
    assert code == 1
    assert "rejected: 2024.acl.xml:" in err
    assert "not valid XML, the rest is not read" in err
