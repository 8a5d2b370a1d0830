"""A file of papers: whole when it is there, and neither lossy nor repetitive whenever the fetch was ended."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from kg.fetching import Fetched, fetch_file
from schemas.errors import FetchError, InputError
from schemas.records import Rejection

QUERY = "cat:cs.CL"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "papers.jsonl"


def ids(path):
    return [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()]


def expected(*numbers):
    return [f"arxiv:2401.{number:05}" for number in numbers]


def test_the_file_has_the_projects_own_lines(services, out):
    done = fetch_file("arxiv", QUERY, out)
    assert done == Fetched(papers=3, total=3)
    first = json.loads(out.read_text(encoding="utf-8").splitlines()[0])
    assert list(first) == ["id", "title", "abstract", "year", "authors", "url", "arxiv_id", "keywords"]
    assert sorted(path.name for path in out.parent.iterdir()) == ["papers.jsonl"]


def test_a_fetch_that_broke_goes_on_where_it_was(services, faults, paper, out):
    services.papers = [paper(number) for number in range(1, 501)]
    services.papers[3]["title"] = ""
    out.write_text("the file of an earlier day\n")
    services.faults += [None, *[faults.status(500)] * 6]
    with pytest.raises(FetchError):
        fetch_file("arxiv", QUERY, out)
    assert out.read_text() == "the file of an earlier day\n"
    services.requests.clear()
    done = fetch_file("arxiv", QUERY, out)
    assert [request.parameters["start"] for request in services.requests] == ["200", "400"]
    assert (done.papers, done.known, done.total) == (499, 199, 500)
    assert [rejection.source for rejection in done.rejections] == ["arxiv papers 1-200:40"]
    assert ids(out) == expected(1, 2, 3, *range(5, 501))
    assert sorted(path.name for path in out.parent.iterdir()) == ["papers.jsonl"]


def test_a_part_that_was_written_and_not_noted_is_asked_for_again(services, faults, paper, out):
    services.papers = [paper(number) for number in range(1, 401)]
    services.faults += [None, *[faults.status(500)] * 6]
    with pytest.raises(FetchError):
        fetch_file("arxiv", QUERY, out)
    with out.with_name("papers.jsonl.part").open("a") as part:
        part.write('{"id": "arxiv:2401.00201", "title": "hal')
    fetch_file("arxiv", QUERY, out)
    assert ids(out) == expected(*range(1, 401))


def test_papers_that_move_while_pages_are_turned_come_once(services, paper, out):
    services.papers = [paper(number) for number in range(1, 301)]

    def later(handler, asked):  # a new paper stands before all others
        services.papers.insert(0, paper(999))
        handler.answer(*services.answer(asked))

    services.faults += [None, later]
    done = fetch_file("arxiv", QUERY, out)
    assert ids(out) == expected(*range(1, 301))
    assert (done.papers, done.repeated) == (300, 1)


@pytest.mark.parametrize(("first", "second"), [(150, 300), (250, 300), (300, 250), (200, 200)])
def test_another_limit_may_be_given_on_the_way(services, faults, paper, out, monkeypatch, first, second):
    services.papers = [paper(number) for number in range(1, 301)]

    def killed(*arguments, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("kg.fetching.output.Output.finish", killed)
        with pytest.raises(KeyboardInterrupt):
            fetch_file("arxiv", QUERY, out, limit=first)
    fetch_file("arxiv", QUERY, out, limit=second)
    assert ids(out) == expected(*range(1, max(first, second) + 1))


def test_what_is_whole_is_not_asked_for_again(services, out, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("kg.fetching.output.Output.finish", lambda *arguments, **options: None)
        fetch_file("arxiv", QUERY, out)
    services.requests.clear()
    assert fetch_file("arxiv", QUERY, out) == Fetched(papers=3, known=3, total=3)
    assert services.requests == []


def test_a_place_that_the_service_has_forgotten_costs_a_new_round_and_no_paper(services, faults, paper, out):
    services.papers = [paper(number) for number in range(1, 10)]
    services.faults += [None, None, *[faults.status(500)] * 6]
    with pytest.raises(FetchError):
        fetch_file("semanticscholar", "x", out)
    services.requests.clear()
    services.faults += [faults.status(400, '{"error": "Token expired"}')]
    done = fetch_file("semanticscholar", "x", out)
    assert (done.papers, done.known, done.repeated) == (9, 6, 6)
    assert [request.parameters.get("token") for request in services.requests] == ["TOKEN6", None, "TOKEN3", "TOKEN6"]
    services.faults += [faults.status(400, '{"error": "Unsupported query"}')]
    with pytest.raises(FetchError, match="Unsupported query"):
        fetch_file("semanticscholar", "x", out)


def test_an_unfinished_fetch_of_something_else_is_not_mixed_in(services, faults, out):
    services.faults += [None, *[faults.status(500)] * 6]
    services.papers *= 100
    with pytest.raises(FetchError):
        fetch_file("arxiv", QUERY, out)
    message = r"papers.jsonl.part: an unfinished fetch of something else is there \(arxiv: 'cat:cs.CL'\): .*--restart"
    for service, query, since in (("arxiv", "cat:cs.CV", None), ("openalex", QUERY, None), ("arxiv", QUERY, "2020")):
        with pytest.raises(InputError, match=message):
            fetch_file(service, query, out, since=since)
    services.papers = services.papers[:2]
    fetch_file("arxiv", "cat:cs.CV", out, restart=True)
    assert ids(out) == expected(1, 2)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"bytes": 10}', '{"bytes": 99999999}'])
def test_a_damaged_note_costs_a_new_beginning(services, out, text):
    out.with_name("papers.jsonl.part").write_text('{"id": "x"}\n')
    out.with_name("papers.jsonl.part.json").write_text(text)
    if text == '{"bytes": 10}':
        with pytest.raises(InputError, match="--restart"):
            fetch_file("arxiv", QUERY, out)
    fetch_file("arxiv", QUERY, out, restart=text == '{"bytes": 10}')
    assert ids(out) == expected(1, 2, 3)


def test_rejections_are_told_once_and_kept(services, out):
    services.papers[0]["title"] = ""
    done = fetch_file("crossref", ["10.1000/x.1", "10.1000/no", "10.1000/x.2"], out, manifest=True)
    assert [r.source for r in done.rejections] == ["crossref:10.1000/x.1:1", "crossref:10.1000/no"]
    said = json.loads(out.with_name("papers.jsonl.json").read_text())
    assert [Rejection(*row) for row in said["rejections"]] == done.rejections
    assert (said["papers"], said["asked"]["service"]) == (1, "crossref")


def test_a_list_of_dois_that_was_changed_loses_nothing(services, faults, paper, out, tmp_path):
    services.papers = [paper(number) for number in range(1, 101)]
    (tmp_path / "dois.txt").write_text("\n".join(f"10.1000/x.{n}" for n in range(1, 101)))
    services.faults += [None, *[faults.status(500)] * 6]
    with pytest.raises(FetchError):
        fetch_file("crossref", str(tmp_path / "dois.txt"), out)
    (tmp_path / "dois.txt").write_text("\n".join(f"10.1000/x.{n}" for n in range(100, 0, -1)))
    fetch_file("crossref", str(tmp_path / "dois.txt"), out)
    assert sorted(ids(out)) == sorted(f"doi:10.1000/x.{n}" for n in range(1, 101))


@pytest.mark.parametrize("name", ["folder", "missing/papers.jsonl", "file/papers.jsonl"])
def test_files_that_cannot_be_written_are_told_in_one_line(services, tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=name.split("/")[0]):
        fetch_file("arxiv", QUERY, tmp_path / name)
    assert services.requests == []


SCRIPT = """
import sys
from pathlib import Path
import kg.fetching.client as client

class Clock(client.Clock):
    def sleep(self, seconds):
        pass

client.Clock = Clock
from kg.fetching import fetch_file
print("ready", flush=True)
fetch_file("semanticscholar", "x", Path(sys.argv[1]), limit=10**6)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no kill -9")
def test_killed_at_any_moment_it_loses_and_repeats_nothing(services, paper, out):
    """Kill the fetch again and again, at whatever it happens to be doing, until one run gets through."""
    services.papers = [paper(number) for number in range(1, 301)]
    kills = 0
    while not out.exists():
        process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(out)], stdout=subprocess.PIPE, env=os.environ)
        process.stdout.readline()
        asked = len(services.requests)
        while process.poll() is None and (kills >= 3 or len(services.requests) < asked + 5 + 3 * kills):
            time.sleep(0.001)
        if process.poll() is None:
            process.kill()
            kills += 1
        assert process.wait() in (0, -signal.SIGKILL)
        process.stdout.close()
    assert kills == 3
    assert ids(out) == [f"doi:10.1000/x.{number}" for number in range(1, 301)]
    assert len(services.requests) <= 100 + 3
    assert sorted(path.name for path in out.parent.iterdir()) == ["papers.jsonl"]


def test_two_processes_do_not_write_into_one_file(services, out):
    pytest.importorskip("fcntl", reason="the system has no such locks")
    from kg.fetching.output import Output

    with Output(out, {}):
        with pytest.raises(InputError, match="another process is fetching into it"):
            fetch_file("arxiv", QUERY, out)
        assert services.requests == []
