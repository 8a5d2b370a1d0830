"""The documentation: every block of code runs, every command and option is explained, the site builds without a warning."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import kg
from kg.cli import cli
from kg.curation import parse_curation
from kg.query import sparql
from kg.store import Store
from schemas.lines import extraction_from_json
from schemas.vocabulary import ENTITY_TYPES, OWN_TYPES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "notebooks/docs"
PAGES = sorted(DOCS.rglob("*.md"))
# A block, with the reason why it is not run where a comment before it gives one.
BLOCK = re.compile(r"(?:<!-- not run: (?P<reason>[^\n]+) -->\n)?^```(?P<language>\S+)\n(?P<code>.*?)^```$", re.M | re.S)


def blocks(page):
    """The blocks of a page, those that are directives of Sphinx left out."""
    found = BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [match for match in found if not match["language"].startswith("{")]


@pytest.fixture
def workplace(tmp_path, sample_folder, monkeypatch):
    """A folder with what the how-to guides say that one has; types that a page registers are forgotten afterwards."""
    shutil.copytree(sample_folder, tmp_path / "my-graph")
    shutil.copy(kg.sample_path(), tmp_path / "papers.jsonl")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    yield tmp_path
    for name in set(ENTITY_TYPES) - set(OWN_TYPES):
        del ENTITY_TYPES[name]


def run_bash(code, names):
    ran = subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", code], check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr


def run_json(code, names):
    _, extraction = extraction_from_json(json.loads(code))
    assert extraction.entities


def run_sql(code, names):
    with Store(Path("my-graph"), read_only=True) as store:
        assert store.sql(code)[1]


RUNNERS = {
    "bash": run_bash,
    "json": run_json,
    "python": lambda code, names: exec(code, names),
    "sparql": lambda code, names: sparql("my-graph", code).rows or pytest.fail(f"no answer: {code}"),
    "sql": run_sql,
    "toml": lambda code, names: tomllib.loads(code),
    "yaml": lambda code, names: parse_curation(code),
}


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p)], ids=lambda page: page.relative_to(DOCS).as_posix())
def test_every_block_runs(page, workplace, capsys):
    """From top to bottom; a page's blocks share a folder and Python's names."""
    if page == DOCS / "tutorial.md":  # which says all that there is to be done
        shutil.rmtree(workplace / "my-graph")
        (workplace / "papers.jsonl").unlink()
    names = {}
    for block in blocks(page):
        language, code, reason = block["language"], block["code"], block["reason"]
        assert language in RUNNERS, f"no way to run {language}"
        if reason is None:
            line = page.read_text(encoding="utf-8")[: block.start()].count("\n") + 1
            if language == "python":
                code = compile(code, f"{page.relative_to(ROOT)}:{line}", "exec")
            RUNNERS[language](code, names)
        elif language == "python":
            compile(code, str(page), "exec")


def calls():
    """Every call of kg in the documentation and the README, run or not."""
    for page in [ROOT / "README.md", *PAGES]:
        for block in blocks(page):
            if block["language"] == "bash":
                for part in re.split(r"\n| \| ", block["code"]):
                    if part.startswith("kg "):
                        yield part.split(" > ")[0]


@pytest.mark.parametrize("call", sorted(set(calls())))
def test_every_call_is_valid(call):
    arguments = shlex.split(call, comments=True)[1:]
    command = cli.commands[arguments[0]]
    options = {name for parameter in command.params for name in parameter.opts}
    used = {argument for argument in arguments[1:] if re.fullmatch(r"--?[a-z][a-z-]*", argument)}
    assert used <= options | {"--help"}
    assert CliRunner().invoke(cli, [arguments[0], "--help"]).exit_code == 0


def tree(command=cli, path=("kg",)):
    """Every command with its path."""
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from tree(inner, (*path, name))


@pytest.mark.parametrize(
    ("path", "command"), list(tree()), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_command_and_option_has_help(path, command):
    assert command.help, "a command without a docstring"
    assert [p.opts for p in command.params if isinstance(p, click.Option) and not p.help] == []


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built as ``make docs`` does."""
    folder = tmp_path_factory.mktemp("site")
    build = ["-m", "sphinx", "-W", "--keep-going", "-q", "-E", "-b", "html", str(DOCS), str(folder / "html")]
    ran = subprocess.run(
        [sys.executable, *build, "-d", str(folder / "doctrees")], check=False, capture_output=True, text=True, cwd=ROOT
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return folder / "html"


def text_of(page):
    return re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")).replace("&lt;", "<").replace("&gt;", ">")


def test_the_site_has_every_page(site):
    missing = [p for p in PAGES if not (site / p.relative_to(DOCS)).with_suffix(".html").exists()]
    assert missing == []


def test_the_reference_names_every_command_and_option(site):
    shown = text_of(site / "reference/cli.html")
    for path, command in tree():
        assert " ".join(path) in shown
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.opts[-1] in shown


def test_the_reference_names_the_public_functions(site):
    shown = text_of(site / "reference/python.html")
    assert [name for name in ("kg.build", "kg.open", "kg.read", "kg.extract") if f"{name}(" not in shown] == []
    errors = text_of(site / "reference/records.html")
    assert [name for name in kg.__all__ if name.endswith("Error") and name not in errors] == []


def test_pictures_are_there_and_small():
    pictures = {path.name for path in (DOCS / "gallery").iterdir()}
    pages = " ".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert pictures == set(re.findall(r"gallery/([\w-]+\.webp)", pages))
    assert sum(path.stat().st_size for path in (DOCS / "gallery").iterdir()) < 1_000_000


@pytest.mark.parametrize(
    ("shell", "words", "expected"),
    [
        ("bash", "kg ex", {"export", "extract", "explain"}),
        ("zsh", "kg dem", {"demo"}),
        ("fish", "kg build --lic", {"--licence"}),
    ],
)
def test_the_shell_completes(shell, words, expected):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    def ask(instruction, **more):
        run = [sys.executable, "-c", "from kg.cli import main; main()"]
        return subprocess.run(
            run,
            env=environment | {"_KG_COMPLETE": f"{shell}_{instruction}"} | more,
            check=False,
            capture_output=True,
            text=True,
        ).stdout

    assert "_KG_COMPLETE" in ask("source")
    last = words.rsplit(" ", 1)[-1] if shell == "fish" else str(words.count(" "))
    found = ask("complete", COMP_WORDS=words, COMP_CWORD=last)
    assert expected <= set(re.findall(r"[\w-]+", found))


def test_help_teaches_in_the_order_of_use():
    shown = CliRunner().invoke(cli, ["--help"]).output
    places = [shown.index(f"\n  {name} ") for name in ("demo", "build", "info", "review", "export", "validate")]
    assert places == sorted(places)
    assert all(re.search(rf"^  {name} ", shown, flags=re.M) for name in cli.commands)


def test_a_new_command_is_listed_too():
    from kg.cli_help import GroupedCommands

    group = GroupedCommands("kg", commands={"novel": click.Command("novel", help="A new one.")})
    assert re.search(r"More:\n\s+novel\s+A new one\.", CliRunner().invoke(group, ["--help"]).output)
