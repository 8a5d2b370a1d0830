"""Weights on disk: a ``.npz`` of half-precision arrays, or another file, and a ``.json`` of settings with its checksum.

Nothing in either file is ever executed: arrays are read with ``allow_pickle=False``, settings are JSON.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from schemas.errors import InputError

__all__ = ["from_bytes", "read_checked", "read_weights", "to_bytes", "write_checked", "write_weights"]

Arrays = Mapping[str, npt.NDArray[Any]]


def to_bytes(arrays: Arrays) -> bytes:
    """Return arrays as the bytes of an ``.npz`` file, numbers with a point in half precision.

    The same arrays give the same bytes.

    >>> from_bytes(to_bytes({"a": np.array([0.5, 2.0])}))
    {'a': array([0.5, 2. ], dtype=float32)}
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(arrays):
            member = io.BytesIO()
            array = np.asarray(arrays[name])
            short = array.astype(np.float16) if array.dtype.kind == "f" else array
            np.lib.format.write_array(member, short, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0)), member.getvalue())
    return buffer.getvalue()


def from_bytes(data: bytes) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays that :func:`to_bytes` wrote, numbers with a point in single precision."""
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return {name: array.astype(np.float32) if array.dtype.kind == "f" else array for name, array in arrays.items()}


def write_weights(folder: Path, name: str, arrays: Arrays, settings: Mapping[str, Any]) -> None:
    """Write ``name.npz`` and ``name.json``; see :func:`write_checked`."""
    write_checked(folder, f"{name}.npz", to_bytes(arrays), settings)


def read_weights(folder: Path, name: str) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """Return the arrays and the settings that :func:`write_weights` wrote; raises what :func:`read_checked` raises."""
    data, settings = read_checked(folder, f"{name}.npz")
    return from_bytes(data), settings


def write_checked(folder: Path, name: str, data: bytes, settings: Mapping[str, Any]) -> None:
    """Write a file, then its settings with its checksum, in a ``.json`` whose existence says that both are whole."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(data)
    text = json.dumps({**settings, "sha256": hashlib.sha256(data).hexdigest()}, indent=1, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def read_checked(folder: Path, name: str) -> tuple[bytes, dict[str, Any]]:
    """Return the bytes and the settings that :func:`write_checked` wrote.

    Raises
    ------
    InputError
        A file that is missing, or one that is not that which the settings were written with.
    """
    path = folder / name
    try:
        settings = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(f"the weights {name} in {folder} cannot be read ({error}); install again") from error
    if not isinstance(settings, dict) or hashlib.sha256(data).hexdigest() != settings.get("sha256"):
        raise InputError(f"{path} is damaged: its checksum is not that of {path.stem}.json; install again")
    return data, settings
