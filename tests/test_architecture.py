"""The floors: schemas <- extractors <- kg, and what may be loaded when."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = {"schemas": {"schemas"}, "extractors": {"schemas", "extractors"}, "kg": {"schemas", "kg"}}
RUNS_THE_FLOW = "kg/extraction.py"  # the one module of kg that may import extractors, inside its functions
HEAVY = ("spacy", "rdflib", "pyvis", "networkx", "duckdb", "pandas", "pyoxigraph", "pyshacl")


def modules(package):
    return sorted((ROOT / package).rglob("*.py"))


def imports(tree, *, top_only=False):
    """Yield the packages that a module imports; with ``top_only`` only when it is itself imported."""
    nodes = tree.body if top_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("package", FLOORS)
def test_imports_run_one_way(package):
    wrong = []
    for path in modules(package):
        name = path.relative_to(ROOT).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        ours = {imported for imported in imports(tree) if imported in FLOORS}
        allowed = FLOORS[package] | ({"extractors"} if name == RUNS_THE_FLOW else set())
        wrong += [f"{name} imports {imported}" for imported in sorted(ours - allowed)]
        if name == RUNS_THE_FLOW and "extractors" in imports(tree, top_only=True):
            wrong.append(f"{name} imports extractors at its top")
    assert wrong == []


def test_schemas_need_the_standard_library_alone():
    allowed = sys.stdlib_module_names | {"schemas"}
    found = {i for path in modules("schemas") for i in imports(ast.parse(path.read_text(encoding="utf-8")))}
    assert sorted(found - allowed) == []


@pytest.mark.parametrize("code", ["import kg", "import schemas.records", "import extractors", "from kg.cli import cli"])
def test_importing_loads_nothing_heavy(code):
    loaded = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"], check=True, capture_output=True, text=True
    ).stdout.split()
    assert [name for name in HEAVY if name in loaded] == []


def test_opening_querying_and_exporting_load_no_spacy(tmp_path):
    code = f"""
import sys
from kg.graph import KnowledgeGraph
from kg.store import Store
from schemas.records import Paper
from pathlib import Path
with Store(Path({str(tmp_path)!r})) as store:
    store.put_graph(KnowledgeGraph(papers=[Paper(id="a", title="On X")], entities=[], links=[]))
import kg
graph = kg.open({str(tmp_path)!r})
graph.query("SELECT * WHERE {{ ?s ?p ?o }}")
for name in ("g.ttl", "g.html", "g.graphml", "g.jsonl"):
    graph.write(Path({str(tmp_path)!r}) / name)
print("spacy" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (run.stdout.strip(), run.stderr) == ("False", "")


def test_no_module_has_grown_too_long():
    long = {
        path.relative_to(ROOT).as_posix(): n
        for package in FLOORS
        for path in modules(package)
        if (n := len(path.read_text(encoding="utf-8").splitlines())) > 350
    }
    assert long == {}
