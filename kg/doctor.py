"""What an installation is made of, and whether it works: the report of ``kg doctor``.

Nothing here asks the network. Weights are compared with the checksums that they were written with, dependencies with
what the package asks for, and at the end two short papers go the whole way, from text to an answer in SPARQL.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from kg.extraction import processors

__all__ = ["BRINGS", "Check", "Status", "diagnose", "optional_extras", "self_test", "weights"]

DISTRIBUTION: Final = "abstractkg"
# What each extra is for; one that is not here is listed without a word.
BRINGS: Final = {
    "arrow": "Arrow tables in Python: graph.papers.to_arrow()",
    "cluster": "extraction on a Ray cluster",
    "dev": "the tools and tests of the project itself",
    "docs": "the documentation site: make docs",
    "notebooks": "the notebooks, with tables and plots",
    "pandas": "tables in Python: graph.papers.to_pandas()",
    "polars": "polars tables in Python: graph.papers.to_polars()",
    "serve": "kg serve",
    "train": "training a transformer; the fast recogniser needs none of it",
}
# Instructions for numbers of eight bits, which the transformer is kept in: the fastest first.
INSTRUCTIONS: Final = ("amx_int8", "avx512_vnni", "avx_vnni", "avx512f", "avx2", "i8mm", "asimddp", "neon", "asimd")
SLOW_WITHOUT: Final = ("amx_int8", "avx512_vnni", "avx_vnni", "avx512f", "avx2", "i8mm", "asimddp")

SHOWN: Final = 3  # missing packages of an extra that are named

Status = str  # "ok", "note" (works, but worth knowing), "wrong"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report."""

    part: str  # "Python", "dependencies", "weights", "processor", "extras", "self test"
    status: Status
    says: str
    advice: str = ""  # what to do, where something is wrong

    def line(self) -> str:
        """Return the check as a line for people.

        >>> Check("Python", "ok", "3.11.4").line()
        'ok     Python: 3.11.4'
        """
        return f"{self.status:<6} {self.part}: {self.says}" + (f"; {self.advice}" if self.advice else "")

    def to_json(self) -> dict[str, str]:
        """Return the check as plain values."""
        return asdict(self)


def diagnose(*, with_self_test: bool = True) -> Iterator[Check]:
    """Yield every check, the quick ones first; what is wrong has the status ``wrong``."""
    steps: list[Callable[[], Iterable[Check]]] = [_python, _dependencies, weights, _processor, optional_extras]
    for step in [*steps, self_test] if with_self_test else steps:
        yield from step()


def _python() -> Iterator[Check]:
    says = f"{platform.python_implementation()} {platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.getfilesystemencoding().lower() not in ("utf-8", "utf8"):
        yield Check("Python", "note", f"{says}; names of files are not UTF-8", "set PYTHONUTF8=1")
    else:
        yield Check("Python", "ok", says)


def _requirements(extra: str | None) -> dict[str, str]:
    """Return name and wanted version of what the package asks for: by itself, or for an extra."""
    from packaging.requirements import Requirement

    found = {}
    for line in requires(DISTRIBUTION) or ():
        requirement = Requirement(line)
        if requirement.name == DISTRIBUTION:
            continue
        marker = requirement.marker
        always = marker is None or marker.evaluate({"extra": ""})
        if always if extra is None else not always and marker is not None and marker.evaluate({"extra": extra}):
            found[requirement.name] = str(requirement.specifier)
    return found


def _state_of(name: str, wanted: str) -> tuple[str, str | None]:
    """Return a package with its version, and what is wrong with it."""
    from packaging.specifiers import SpecifierSet

    try:
        found = version(name)
    except PackageNotFoundError:
        return name, f"{name} is missing"
    good = SpecifierSet(wanted).contains(found, prereleases=True)
    return f"{name} {found}", None if good else f"{name} {found} is not {wanted}"


def _dependencies() -> Iterator[Check]:
    try:
        wanted = _requirements(None)
        own = version(DISTRIBUTION)
    except PackageNotFoundError:
        yield Check("dependencies", "wrong", f"{DISTRIBUTION} is not installed", f"pip install {DISTRIBUTION}")
        return
    states = [
        _state_of(name, specifier) for name, specifier in sorted(wanted.items(), key=lambda item: item[0].lower())
    ]
    faults = [fault for _, fault in states if fault]
    if faults:
        yield Check("dependencies", "wrong", "; ".join(faults), f"pip install --upgrade {DISTRIBUTION}")
    yield Check(
        "dependencies", "ok", ", ".join([f"{DISTRIBUTION} {own}", *(says for says, fault in states if not fault)])
    )


def weights(folder: Path | None = None) -> Iterator[Check]:
    """Yield a check for each file of weights: whether it is that which its settings were written with.

    Parameters
    ----------
    folder
        Where they lie; by default those that the package ships.
    """
    if folder is None:
        spec = find_spec("extractors")  # found, not imported: that needs none of what it might be missing
        folder = Path(next(iter(spec.submodule_search_locations or ())), "models") if spec else Path("models")
    settings = sorted(folder.rglob("*.json"))
    if not settings:
        yield Check("weights", "wrong", f"there are none in {folder}", f"pip install --force-reinstall {DISTRIBUTION}")
    for path in settings:
        yield _weights_of(path)


def _weights_of(path: Path) -> Check:
    again = f"pip install --force-reinstall {DISTRIBUTION}"
    try:
        wanted = json.loads(path.read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return Check("weights", "wrong", f"{path.name} cannot be read", again)
    data = next((other for other in sorted(path.parent.glob(f"{path.stem}.*")) if other != path), None)
    if data is None:
        return Check("weights", "wrong", f"{path.stem} is missing beside {path.name}", again)
    found = hashlib.sha256(data.read_bytes()).hexdigest()
    if found != wanted:
        return Check("weights", "wrong", f"{data.name} is damaged", again)
    return Check("weights", "ok", f"{data.name}, {data.stat().st_size / 1e6:.1f} MB, sha256 {found[:12]}…")


def _processor() -> Iterator[Check]:
    cores = processors()
    limits = [
        f"{name}={os.environ[name]}" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS") if name in os.environ
    ]
    says = f"{cores} processor{'s' if cores > 1 else ''} to be used" + "".join(f", {limit}" for limit in limits)
    flags = _flags()
    if not flags:
        yield Check("processor", "ok", f"{says}; its instructions are not known")
        return
    known = [name for name in INSTRUCTIONS if name in flags]
    says += f"; {', '.join(known) or 'none of the instructions that speed up the transformer'}"
    if any(name in flags for name in SLOW_WITHOUT):
        yield Check("processor", "ok", says)
    else:
        yield Check("processor", "note", says, "the transformer is slow here: --fast does without it")


def _flags() -> set[str]:
    """Return the processor's instructions as Linux names them; empty where it does not say."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return set()
    return {word for line in lines if line.lower().startswith(("flags", "features")) for word in line.split()}


def optional_extras() -> Iterator[Check]:
    """Yield a check for each extra of the package: whether all of it is installed, and what it is for."""
    from importlib.metadata import metadata

    try:
        names = sorted(metadata(DISTRIBUTION).get_all("Provides-Extra") or ())
    except PackageNotFoundError:
        return
    for name in names:
        states = [_state_of(*item) for item in sorted(_requirements(name).items())]
        missing = [fault for _, fault in states if fault]
        purpose = f" ({BRINGS[name]})" if name in BRINGS else ""
        if missing:
            how = f"pip install '{DISTRIBUTION}[{name}]'"
            more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
            yield Check(
                "extras", "note", f"[{name}]{purpose} is not installed: {', '.join(missing[:SHOWN])}{more}", how
            )
        else:
            yield Check("extras", "ok", f"[{name}]{purpose} is installed")


def self_test() -> Iterator[Check]:
    """Yield a check for each pipeline: two short papers, read, resolved, written, asked."""
    for fast in (True, False):
        name = "en-fast" if fast else "en"
        started = time.perf_counter()
        try:
            fault = _goes_wrong(fast=fast)
        except Exception as error:  # whatever it is, it is what the user wants to know
            fault = f"{type(error).__name__}: {' '.join(str(error).split())}"
        seconds = time.perf_counter() - started
        if fault:
            yield Check("self test", "wrong", f"{name}: {fault}", "report it with the output of kg doctor --json")
        else:
            yield Check("self test", "ok", f"{name}: two papers read, joined, written and asked in {seconds:.1f} s")


def _goes_wrong(*, fast: bool) -> str:
    """Return what is not as it should be with two papers that share BERT and SQuAD; nothing if all is well."""
    import kg

    texts = {
        "a": ("BERT for reading", "We introduce a reader. We fine-tune BERT on SQuAD and reach an F1 score of 91.2%."),
        "b": ("On reading", "We compare BERT and RoBERTa on SQuAD for question answering."),
    }
    papers = [kg.Paper(id=id_, title=title, abstract=abstract) for id_, (title, abstract) in texts.items()]
    with tempfile.TemporaryDirectory() as folder:
        kg.build(papers, out=folder, fast=fast)
        graph = kg.open(folder)
        shared: set[Any] = {entity.name for entity in graph.shared("a", "b")}
        if not {"BERT", "SQuAD"} <= shared:
            return f"two papers on BERT and SQuAD share {sorted(shared) or 'nothing'}"
        if not graph.query("ASK { ?a akg:uses ?d . ?b akg:uses ?d . ?d skos:prefLabel 'SQuAD' FILTER(?a != ?b) }"):
            return "SPARQL does not find what the graph holds"
        empty = [name for name in ("graph.ttl", "graph.html") if not Path(folder, name).stat().st_size]
        return f"{', '.join(empty)} is empty" if empty else ""
