"""Arrays of a safetensors file, mapped into memory: nothing is read before it is looked at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TYPES = {"F32": np.float32, "F16": np.float16, "BOOL": np.bool_}


def mapped(path: Path) -> dict[str, NDArray[Any]]:
    """The file's arrays by name, read-only.

    Raises:
        ValueError: when it is no such file, or cut short.
        KeyError, TypeError, AttributeError: when its header is not of our making.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length <= path.stat().st_size - 8:
            raise ValueError("it has no header")
        header = json.loads(file.read(length))
    arrays: dict[str, NDArray[Any]] = {}
    for name, about in header.items():
        if name == "__metadata__":
            continue
        kind, shape = np.dtype(_TYPES[about["dtype"]]), tuple(about["shape"])
        if 0 in shape:  # nothing of it lies in the file
            arrays[name] = np.empty(shape, kind)
            continue
        start = 8 + length + about["data_offsets"][0]
        arrays[name] = np.memmap(path, kind, "r", start, shape)
    return arrays
