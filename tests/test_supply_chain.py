"""What the project stands on: bounded and tested versions, weights that execute nothing, and no network at run time."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

import kg

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
MODELS = ROOT / "extractors" / "models"

# Put before everything else in every Python process: a call that would leave the machine is noted, and refused.
NO_SOCKETS = """
import os, sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        if event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], (str, bytes)):
            return  # of this machine, by the name of a file
        with open(os.environ["KG_TEST_ATTEMPTS"], "a") as file:
            file.write(f"{event} {arguments!r}\\n")
        raise PermissionError(f"no network here: {event}")

sys.addaudithook(refuse)
"""


@pytest.mark.parametrize("requirement", RUNTIME, ids=lambda requirement: requirement.name)
def test_a_dependency_has_bounds_and_what_is_tested_lies_in_them(requirement):
    """`make test` tests the newest versions in them, `make test-lowest` the lowest."""
    operators = {specifier.operator for specifier in requirement.specifier}
    assert operators == {">=", "<"}, f"{requirement}: give the lowest and the first untested version"
    assert requirement.specifier.contains(Version(version(requirement.name)))


def test_weights_are_of_formats_that_hold_no_code():
    suffixes = {path.suffix for path in MODELS.rglob("*") if path.is_file()}
    assert suffixes <= {".json", ".npz", ".onnx", ".md"}


def test_nothing_that_is_read_can_execute():
    """No module imports or calls what runs what a file says."""
    forbidden = re.compile(
        r"^\s*(?:import|from) (?:pickle|marshal|shelve|dill|joblib|yaml)\b|allow_pickle=True|\beval\(|\bexec\("
        r"|typ=.unsafe|os\.system\(|shell=True|torch\.load\(",
        re.MULTILINE,
    )
    found = {
        path.relative_to(ROOT).as_posix(): match[0]
        for package in ("schemas", "extractors", "kg")
        for path in (ROOT / package).rglob("*.py")
        if (match := forbidden.search(path.read_text(encoding="utf-8"))) and "training" not in path.parts
    }
    assert found == {}


@pytest.mark.parametrize("name", sorted(path.name for path in MODELS.rglob("*") if path.suffix in (".npz", ".onnx")))
def test_tampered_weights_are_refused(tmp_path, name):
    """One bit of any shipped file of weights, and one line says which file it is."""
    copy = tmp_path / "extractors"
    shutil.copytree(ROOT / "extractors", copy, ignore=shutil.ignore_patterns("__pycache__", "training"))
    (path,) = copy.rglob(name)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    code = "import extractors; extractors.load('en')(\"We train BERT.\")"
    run = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT)))},
    )  # fmt: skip
    assert run.returncode != 0
    assert f"{name} is damaged: its checksum is not that of" in run.stderr.splitlines()[-1]


@pytest.fixture
def without_network(tmp_path):
    """Run Python with sockets refused; return exit code, output, and the attempts that were made."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(NO_SOCKETS)
    attempts = tmp_path / "attempts"
    attempts.touch()
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join((str(tmp_path / "site"), str(ROOT))),
        "KG_TEST_ATTEMPTS": str(attempts),
    }

    def run(*arguments, prefix=()):
        done = subprocess.run(
            [*prefix, sys.executable, *map(str, arguments)],
            check=False,
            capture_output=True,
            text=True,
            env=environment,
        )
        return done.returncode, done.stdout + done.stderr, attempts.read_text()

    return run


def test_the_watch_sees_what_it_is_to_see(without_network):
    code, output, attempts = without_network("-c", "import socket; socket.create_connection(('127.0.0.1', 9))")
    assert code == 1
    assert "no network here" in output
    assert attempts.startswith("socket.getaddrinfo")


@pytest.mark.parametrize("verb", ["demo", "build", "extract", "query", "export"])
def test_no_command_opens_a_connection(verb, without_network, sample_folder, tmp_path):
    """Two processes in `build`: what they start is watched too."""
    arguments = {
        "demo": ("demo", "-o", tmp_path / "demo"),
        "build": ("build", kg.sample_path(), "-o", tmp_path / "graph", "--jobs", "2", "--fast"),
        "extract": ("extract", kg.sample_path(), "-o", f"{tmp_path}/shards/", "--jobs", "1", "--fast"),
        "query": ("query", sample_folder, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"),
        "export": ("export", sample_folder, tmp_path / "g.jsonld", tmp_path / "g.graphml", tmp_path / "tables"),
    }[verb]
    code, output, attempts = without_network("-m", "kg", *arguments)
    assert (code, attempts) == (0, ""), output


def can_unshare():
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-n", "true"], check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not can_unshare(), reason="no network namespace can be made here (root on Linux can)")
def test_the_demo_needs_no_network_at_all(without_network, tmp_path):
    """Neither does what is no Python: the process has no interface but a loopback that is down."""
    code, output, _ = without_network("-m", "kg", "demo", "-o", tmp_path / "demo", prefix=("unshare", "-n"))
    assert code == 0, output
    assert (tmp_path / "demo" / "graph.html").is_file()
