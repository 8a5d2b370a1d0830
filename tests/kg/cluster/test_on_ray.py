"""The engine of a cluster, a small one on this machine: the bytes of the single machine, also when a worker dies."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

import kg

pytestmark = pytest.mark.skipif(
    find_spec("ray") is None, reason="Ray is not installed: pip install 'abstractkg[cluster]'"
)

CODE = """
import os, signal, sys
from pathlib import Path

import kg
from kg.cluster import on_ray
from kg.cluster.extraction import extract_shards

source, out = sys.argv[1:]
marks = Path(out + "-marks")
marks.mkdir()


class Mortal(on_ray.ShardReader):
    def __call__(self, shard):
        (marks / f"{shard.number}-{os.getpid()}").touch()
        if len(list(marks.iterdir())) == 2:  # at the second shard that is begun, whoever has it
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(shard)


with on_ray.cluster():
    on_ray.extract.__kwdefaults__["worker"] = Mortal
    run = extract_shards([source], out, engine="ray", shards=4, jobs=2, fast=True)
    print("RUN", run.papers, run.extracted, run.shards, run.reused)
    sorted(Path(out, "extractions").iterdir())[0].unlink()
    on_ray.extract.__kwdefaults__["worker"] = on_ray.ShardReader
    run = extract_shards([source], out, engine="ray", fast=True)
    print("RUN", run.papers, run.extracted > 0, run.shards, run.reused)
"""


def test_a_cluster_writes_the_bytes_of_one_machine_though_a_worker_dies(tmp_path):
    from kg.cluster.extraction import extract_shards

    source, there, here = str(kg.sample_path()), tmp_path / "there", tmp_path / "here"
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    run = subprocess.run(
        [sys.executable, "-c", CODE, source, str(there)],
        check=False, capture_output=True, text=True, env=environment | {"PYTHONPATH": os.pathsep.join(sys.path), "RAY_raylet_start_wait_time_s": "600"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    assert [line for line in run.stdout.splitlines() if line.startswith("RUN")] == ["RUN 48 48 4 0", "RUN 48 True 1 3"]
    assert len(list(there.with_name("there-marks").iterdir())) > 4  # one shard was begun twice
    extract_shards([source], str(here), shards=4, fast=True, jobs=1)
    written = [
        {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (there, here)
    ]
    assert written[0] == written[1]
