"""Weights on disk: nothing executed, nothing damaged taken for whole."""

import numpy as np
import pytest

from extractors import weights
from schemas.errors import InputError

ARRAYS = {"b": np.array([[0.25, -3.0]], dtype=np.float32), "a": np.array([1.5], dtype=np.float32)}


def test_round_trip(tmp_path):
    weights.write_weights(tmp_path / "new", "thing", ARRAYS, {"threshold": 0.5})
    arrays, settings = weights.read_weights(tmp_path / "new", "thing")
    assert settings["threshold"] == 0.5
    assert {name: array.tolist() for name, array in arrays.items()} == {"a": [1.5], "b": [[0.25, -3.0]]}


def test_same_arrays_same_bytes():
    assert weights.to_bytes(ARRAYS) == weights.to_bytes(dict(reversed(ARRAYS.items())))


@pytest.mark.parametrize("damage", ["npz changed", "npz missing", "json changed", "json not an object"])
def test_damage_is_named(tmp_path, damage):
    weights.write_weights(tmp_path, "thing", ARRAYS, {})
    name, what = damage.split(maxsplit=1)
    path = tmp_path / f"thing.{name}"
    if what == "missing":
        path.unlink()
    elif what == "not an object":
        path.write_text("[]")
    else:
        path.write_bytes(path.read_bytes()[:-3] + b"!!!")
    with pytest.raises(InputError, match="thing"):
        weights.read_weights(tmp_path, "thing")


def test_pickles_are_not_loaded():
    import io

    buffer = io.BytesIO()
    np.savez(buffer, a=np.array([{"an": "object"}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        weights.from_bytes(buffer.getvalue())
