"""Weights on disk: one ``.npz`` of half-precision arrays and one ``.json`` of settings that holds its checksum.

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

__all__ = ["from_bytes", "read_weights", "to_bytes", "write_weights"]

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
    """Write ``name.npz`` and then ``name.json``, whose existence says that both are whole."""
    folder.mkdir(parents=True, exist_ok=True)
    data = to_bytes(arrays)
    (folder / f"{name}.npz").write_bytes(data)
    text = json.dumps({**settings, "sha256": hashlib.sha256(data).hexdigest()}, indent=1)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def read_weights(folder: Path, name: str) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """Return the arrays and the settings that :func:`write_weights` wrote.

    Raises
    ------
    InputError
        A file that is missing, or weights that are not those the settings were written with.
    """
    try:
        settings = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        data = (folder / f"{name}.npz").read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(f"the weights of {name!r} in {folder} cannot be read ({error}); install again") from error
    if not isinstance(settings, dict) or hashlib.sha256(data).hexdigest() != settings.get("sha256"):
        raise InputError(f"{folder / name}.npz is damaged: its checksum is not that of {name}.json; install again")
    return from_bytes(data), settings
