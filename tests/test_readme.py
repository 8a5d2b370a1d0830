"""The README: its examples run, and it leaves no command out."""

import re
from pathlib import Path

import pytest

from kg.cli import cli

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, flags=re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]
SHELL = [line for language, code in BLOCKS if language == "bash" for line in code.splitlines()]


@pytest.mark.parametrize("number", range(len(PYTHON)))
def test_python_examples_run(number, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "papers.jsonl").write_bytes(
        Path(__file__).parent.parent.joinpath("kg/sample/papers.jsonl").read_bytes()
    )
    exec(compile(PYTHON[number], f"README.md, Python block {number + 1}", "exec"), {})


def test_there_is_an_example():
    assert PYTHON


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_is_documented(name):
    assert f"kg {name}" in README


def named_in_the_tree():
    """Yield the paths that the README's tree names; a file stands below its folder."""
    folder = ""
    for line in next(
        code for language, code in BLOCKS if language == "text" and code.startswith("schemas/")
    ).splitlines():
        if not line.startswith(" "):
            folder = line.split("/")[0]
            yield folder
            continue
        names = re.split(r" {3,}", line.strip())[0]
        yield from (f"{folder}/{name}" for name in names.split())


def test_the_tree_names_what_there_is():
    root = Path(__file__).parent.parent
    assert [path for path in named_in_the_tree() if not (root / path).exists()] == []


def test_the_tree_leaves_no_module_out():
    root = Path(__file__).parent.parent
    named = set(named_in_the_tree())
    modules = {p.relative_to(root).as_posix() for f in ("schemas", "extractors", "kg") for p in (root / f).glob("*.py")}
    text = " ".join(code for language, code in BLOCKS if language == "text")
    assert sorted(m for m in modules - named if "__" not in m and m.split("/")[1] not in text) == []
