"""The engine of a cluster, a small one on this machine: the bytes of the single machine, also when a worker dies."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec

import pytest

import kg

pytestmark = pytest.mark.skipif(
    find_spec("ray") is None, reason="Ray is not installed: pip install 'abstractkg[cluster]'"
)

CODE = """
import errno, os, signal, sys
from pathlib import Path

import kg
from kg.cluster import on_ray, storage
from kg.cluster.export import export_shards
from kg.cluster.extraction import extract_shards
from schemas.errors import InputError

source, out, graph = sys.argv[1:]
marks = Path(out + "-marks")
marks.mkdir()


class Mortal(on_ray.ShardReader):
    def __call__(self, shard):
        (marks / f"{shard.number}-{os.getpid()}").touch()
        if len(list(marks.iterdir())) == 2:  # at the second shard that is begun, whoever has it
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(shard)


class Raises(on_ray.ShardReader):
    def __call__(self, shard):
        raise ValueError("no such luck\\nin two lines")


class Loses(on_ray.ShardReader):
    def __call__(self, shard):
        Path(self.folder.address, "papers", shard.papers).unlink()
        return super().__call__(shard)


class Fills(on_ray.ShardReader):
    def __call__(self, shard):
        def full(path, mode):
            raise OSError(errno.ENOSPC, "No space left on device", path)

        storage.open = full
        return super().__call__(shard)


with on_ray.cluster():
    on_ray.extract.__kwdefaults__["worker"] = Mortal
    run = extract_shards([source], out, engine="ray", shards=4, jobs=2, fast=True)
    print("RUN", run.papers, run.extracted, run.shards, run.reused)
    sorted(Path(out, "extractions").iterdir())[0].unlink()
    on_ray.extract.__kwdefaults__["worker"] = on_ray.ShardReader
    run = extract_shards([source], out, engine="ray", fast=True)
    print("RUN", run.papers, run.extracted > 0, run.shards, run.reused)
    export_shards(Path(graph), out + "-rdf/graph.nq", shards=3)
    for worker in (Raises, Loses, Fills):
        on_ray.extract.__kwdefaults__["worker"] = worker
        try:
            extract_shards([source], f"{out}-{worker.__name__}", engine="ray", shards=2, jobs=1, fast=True)
        except InputError as error:
            print("REFUSED", error)
"""


@pytest.fixture(scope="module")
def cluster_run(tmp_path_factory, sample_folder):
    """All that is done on a cluster, as starting one takes longest; returns where, and what was printed."""
    out = tmp_path_factory.mktemp("cluster") / "there"
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    run = subprocess.run(
        [sys.executable, "-c", CODE, str(kg.sample_path()), str(out), str(sample_folder)],
        check=False, capture_output=True, text=True, env=environment | {"PYTHONPATH": os.pathsep.join(sys.path), "RAY_raylet_start_wait_time_s": "600", "RAY_worker_niceness": "0"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    return out, run.stdout.splitlines()


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_cluster_writes_the_bytes_of_one_machine_though_a_worker_dies(cluster_run, tmp_path):
    from kg.cluster.extraction import extract_shards

    there, printed = cluster_run
    assert [line for line in printed if line.startswith("RUN")] == ["RUN 48 48 4 0", "RUN 48 True 1 3"]
    assert len(list(there.with_name("there-marks").iterdir())) > 4  # one shard was begun twice
    extract_shards([str(kg.sample_path())], str(tmp_path), shards=4, fast=True, jobs=1)
    assert files(there) == files(tmp_path)


def test_a_cluster_writes_the_shards_of_rdf_that_one_machine_writes(cluster_run, sample_folder, tmp_path, call):
    assert call("export", sample_folder, tmp_path / "graph.nq", "--shards", "3")[0] == 0
    assert files(cluster_run[0].with_name("there-rdf")) == files(tmp_path)


def test_what_goes_wrong_in_a_worker_is_one_line(cluster_run):
    refused = [line.removeprefix("REFUSED ") for line in cluster_run[1] if line.startswith("REFUSED")]
    raised, lost, full = refused
    assert "ValueError: no such luck in two lines" in raised
    assert re.search(r"papers/0000\d-[0-9a-f]{12}\.jsonl\.zst: No such file or directory", lost)
    assert re.search(r"extractions/0000\d-[0-9a-f]{12}\.parquet: No space left on device", full)
