"""What goes wrong on real machines: kills, full disks, folders that cannot be written, too little memory, Ctrl-C.

After each the same command goes on, and ends with the bytes of a build that nothing disturbed. ``make faults`` kills
twenty builds, the usual run of the tests a few.
"""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress

import duckdb
import pytest

from kg.store import FILE_NAME, Store

KILLS = int(os.environ.get("KILLS", "2"))
SUBJECTS = ("BERT", "RoBERTa", "ResNet-50", "the Transformer", "ELMo", "GPT-2")
DATA = ("SQuAD", "GLUE", "ImageNet", "CIFAR-10", "WMT14")
PAPERS = [
    {
        "id": f"p{i}",
        "title": f"{SUBJECTS[i % 6]} on {DATA[i % 5]}, part {i}",
        "abstract": f"We fine-tune {SUBJECTS[i % 6]} on {DATA[i % 5]} and reach an accuracy of {60 + i}.5%.",
    }
    for i in range(40)
]
# `kg` with small batches; says on standard output when all is imported, and then does as it is told.
SMALL = """
import sys, os, duckdb, extractors, kg.extraction, kg.run, kg.cli, kg.assembly, kg.export.rdf, kg.export.html, kg.resolve, kg.store
extractors.load("en-fast")
kg.extraction.CHUNK, kg.extraction.BATCH = 2, 4
print("ready", flush=True)
kg.cli.main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    path = tmp_path_factory.mktemp("papers") / "papers.jsonl"
    path.write_text("".join(json.dumps(paper) + "\n" for paper in PAPERS), encoding="utf-8")
    return path


def arguments(papers, folder):
    return ["build", papers, "-o", folder, "--fast", "--jobs", "1", "--quiet"]


def start(papers, folder, **options):
    """Start a build, and wait until it has imported what it needs."""
    process = subprocess.Popen(
        [sys.executable, "-c", SMALL, *arguments(papers, folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    assert process.stdout.readline() == "ready\n", process.stderr.read()
    return process


def build(papers, folder, **options):
    process = start(papers, folder, **options)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def content(folder):
    """All that a build leaves, byte for byte; of the database what it says of its content."""
    with Store(folder, read_only=True) as store:
        mark = store.fingerprint()
        tables = [list(store.rows(f"SELECT * FROM {table} ORDER BY ALL")) for table in ("sources", "extractions")]
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in (".ttl", ".html")}
    return mark, tables, files


@pytest.fixture(scope="module")
def undisturbed(papers, tmp_path_factory):
    """The content of a build, and the seconds that it took."""
    folder = tmp_path_factory.mktemp("undisturbed") / "g"
    process = start(papers, folder)
    started = time.monotonic()
    assert process.communicate(timeout=300)[1] == ""
    seconds = time.monotonic() - started
    assert process.returncode == 0
    return content(folder), seconds


def one_line(err):
    """What was said, which is one line and no traceback."""
    (line,) = err.splitlines()
    assert line.startswith("kg: ")
    return line


@pytest.mark.parametrize("number", range(KILLS))
def test_a_build_killed_at_any_moment_goes_on(papers, undisturbed, tmp_path, number):
    expected, seconds = undisturbed
    moment = (number + random.Random(number).random()) / KILLS * seconds  # spread over the build
    process = start(papers, tmp_path / "g")
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=moment)
    process.kill()
    process.communicate()
    assert build(papers, tmp_path / "g")[::2] == (0, "")
    assert content(tmp_path / "g") == expected
    assert {path.name for path in (tmp_path / "g").iterdir()} >= {FILE_NAME, "graph.ttl", "graph.html"}


def test_ctrl_c_keeps_what_was_read_and_says_how_to_go_on(papers, undisturbed, tmp_path):
    slow = SMALL.replace(
        'print("ready"',
        "import extractors.pipeline as p; read = p.read_batch\n"
        "def tell(*a):\n"
        '    print("reading", flush=True); return read(*a)\n'
        "p.read_batch = tell\n"
        'print("ready"',
    )
    process = subprocess.Popen(
        [sys.executable, "-c", slow, *arguments(papers, tmp_path / "g")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for _ in range(4):  # ready, and three chunks of two papers
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    finishing, last = filter(None, err.splitlines())  # click ends the line of ^C
    assert "finishing the papers under way" in finishing
    assert "the same command goes on" in last
    with Store(tmp_path / "g") as store:
        kept = store.count_extractions()
    assert 4 <= kept < len(PAPERS)
    assert kept % 2 == 0
    code, out, _ = build(papers, tmp_path / "g")
    assert f"extracted {40 - kept} papers, {kept} known already" in out
    assert (code, content(tmp_path / "g")) == (0, undisturbed[0])


def test_a_second_build_in_a_folder_is_refused_in_one_line(papers, undisturbed, tmp_path):
    with Store(tmp_path / "g") as store:
        store.count_extractions()
        code, _, err = build(papers, tmp_path / "g")
    assert code == 2
    assert "in use by another process: wait until it has ended" in one_line(err)
    assert build(papers, tmp_path / "g")[0] == 0
    assert content(tmp_path / "g") == undisturbed[0]


# Full, small and read-only disks


def limit_files(size):
    """Let no file of this process grow over ``size`` bytes: what a full disk is, without one."""

    def apply():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that writing fails, as it does on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return apply


@pytest.mark.parametrize("size", [4_000, 300_000])
def test_where_files_cannot_grow_one_line_says_so(papers, undisturbed, tmp_path, size):
    code, _, err = build(papers, tmp_path / "g", preexec_fn=limit_files(size))
    assert code == 2
    assert "cannot be" in one_line(err)
    assert build(papers, tmp_path / "g")[::2] == (0, "")
    assert content(tmp_path / "g") == undisturbed[0]


def mounted(folder, options):
    """The command that gives a process of its own a small disk at ``folder``; None where that is not allowed."""
    command = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-c"]
    script = f'mount -t tmpfs -o {options} tmpfs "$0" && exec "$@"'
    if shutil.which("unshare") is None:
        return None
    allowed = subprocess.run([*command, script, folder, "true"], capture_output=True, check=False).returncode == 0
    return [*command, script, folder] if allowed else None


@pytest.mark.parametrize(
    ("options", "said"), [("size=100k", "cannot be"), ("size=400k", "cannot be written"), ("ro,size=1m", "Read-only")]
)
def test_a_full_or_read_only_disk_is_one_line(papers, tmp_path, options, said):
    disk = tmp_path / "disk"
    disk.mkdir()
    command = mounted(disk, options)
    if command is None:
        pytest.skip("a small disk cannot be mounted here")
    run = subprocess.run(
        [*command, sys.executable, "-c", SMALL, *arguments(papers, disk / "g")],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 2
    assert said in one_line(run.stderr)


# Memory


def test_too_little_memory_is_one_line(papers, undisturbed, tmp_path):
    """Where Python cannot have what it asks for; a native library under a limit may also end the process itself."""
    limit = SMALL.replace(
        'print("ready"',
        "import resource, numpy, extractors.pipeline as p; read, calls = p.read_batch, []\n"
        "def greedy(*a):\n"
        "    calls.append(1)\n"
        "    if len(calls) == 5:\n"
        "        resource.setrlimit(resource.RLIMIT_AS, (8 << 30,) * 2); numpy.ones(16 << 30)\n"
        "    return read(*a)\n"
        "p.read_batch = greedy\n"
        'print("ready"',
    )
    run = subprocess.run(
        [sys.executable, "-c", limit, *arguments(papers, tmp_path / "g")],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 2
    assert "out of memory" in one_line(run.stderr)
    code, out, _ = build(papers, tmp_path / "g")
    assert (code, "8 known already" in out) == (0, True)
    assert content(tmp_path / "g") == undisturbed[0]


# Schemas and clocks


@pytest.mark.parametrize("version", ["1", "99"])
def test_a_store_of_another_schema_is_refused_untouched(papers, tmp_path, version):
    folder = tmp_path / "g"
    folder.mkdir()
    with duckdb.connect(str(folder / FILE_NAME)) as connection:
        connection.execute(f"CREATE TABLE meta AS SELECT 'schema' AS name, '{version}' AS value")
    before = (folder / FILE_NAME).read_bytes()
    code, _, err = build(papers, folder)
    assert code == 2
    assert f"graph of schema {version}" in one_line(err)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {FILE_NAME: before}


def test_a_clock_that_jumps_changes_nothing(papers, undisturbed, tmp_path):
    jumping = SMALL.replace(
        'print("ready"',
        "import time, random\ntime.time = lambda: random.choice([0.0, 4e9, -1e9])\n"
        "time.time_ns = lambda: int(time.time() * 1e9)\n"
        'print("ready"',
    )
    run = subprocess.run(
        [sys.executable, "-c", jumping, *(a for a in arguments(papers, tmp_path / "g") if a != "--quiet")],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    assert content(tmp_path / "g") == undisturbed[0]
