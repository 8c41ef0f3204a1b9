"""Reading safetensors files as data: every claim of the header is held against the file first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphnet.data.data_file import DataFile
from graphnet.data.mapping import Bytes, open_bytes
from graphnet.data.npy_header import bad_header
from graphnet.data.npz_source import ARRAYS_LIMIT
from graphnet.data.sample_table import SampleTable
from graphnet.errors import DataError
from graphnet.program.strict_json import JsonError, parse

HEADER_LIMIT = 4 << 20
_TYPES = {
    "F16": "<f2",
    "F32": "<f4",
    "F64": "<f8",
    "I8": "|i1",
    "I16": "<i2",
    "I32": "<i4",
    "I64": "<i8",
    "U8": "|u1",
    "U16": "<u2",
    "U32": "<u4",
    "U64": "<u8",
    "BOOL": "|b1",
}


@dataclass(frozen=True)
class _Tensor:
    name: str
    dtype: np.dtype[np.generic]
    shape: tuple[int, ...]
    start: int
    stop: int


def read_safetensors(file: DataFile, mapped: bool | None = None) -> SampleTable:
    """Read every array of a safetensors file.

    Args:
        file: The file.
        mapped: Leave the arrays in it; so are files over 1 GiB where this is None.

    Raises:
        DataError: GN303 no arrays, GN304 not such a file, GN305 too large, GN312 a header that does
            not fit the bytes, GN313 an element type that is not supported.
        ResourceError: GN502 to GN505 where the file cannot be opened.
    """
    held = open_bytes(file, mapped, ARRAYS_LIMIT)
    tensors = _tensors(file, held)
    if not tensors:
        raise DataError("GN303", f"{file.shown!r} holds no arrays", where=file.where)
    arrays = {t.name: held.array(t.dtype, t.shape, t.start) for t in tensors}
    for name, array in arrays.items():
        if array.dtype.kind == "b" and array.view(np.uint8).max(initial=0) > 1:
            raise bad_header(file, name, "it claims truth values, others are there")
    return SampleTable(file.shown, arrays, word="array", guard=held.guard)


def _tensors(file: DataFile, held: Bytes) -> list[_Tensor]:
    start = bytes(held.content[:64])
    length = int.from_bytes(start[:8], "little")
    if start[8:9] != b"{" or length < 2:
        raise file.wrong_format("a safetensors file", start)
    if length > min(HEADER_LIMIT, len(held.content) - 8):
        raise _wrong(file, f"the header claims {length} bytes, {len(held.content) - 8} are there")
    try:
        header = parse(bytes(held.content[8 : 8 + length]).decode("utf-8"), 3)
    except (JsonError, UnicodeDecodeError) as error:
        raise _wrong(file, f"the header is not JSON: {error}") from error
    data = 8 + length
    tensors = [
        _tensor(file, name, entry, data) for name, entry in header.items() if name != "__metadata__"
    ]
    end = data
    for tensor in sorted(tensors, key=lambda t: (t.start, t.stop)):
        if tensor.start != end:
            raise bad_header(file, tensor.name, "its bytes do not follow those of the one before")
        end = tensor.stop
    if end != len(held.content):
        raise _wrong(file, f"it claims {end} bytes, the file has {len(held.content)}")
    return tensors


def _tensor(file: DataFile, name: str, entry: Any, data: int) -> _Tensor:
    keys = {"dtype", "shape", "data_offsets"}
    if not isinstance(entry, dict) or set(entry) != keys:
        raise bad_header(file, name, "its entry needs dtype, shape and data_offsets")
    if entry["dtype"] not in _TYPES:
        raise DataError(
            "GN313",
            f"array {name!r} of {file.shown!r} contains {str(entry['dtype'])[:40]} values",
            where=file.where,
            help="convert it to one of F16, F32, F64, I8 to I64, U8 to U64, BOOL",
        )
    shape, offsets = entry["shape"], entry["data_offsets"]
    if not _whole(shape) or not _whole(offsets) or len(offsets) != 2 or len(shape) > 32:
        raise bad_header(file, name, "its shape or offsets are not whole numbers from 0")
    dtype = np.dtype(_TYPES[entry["dtype"]])
    size = math.prod(shape) * dtype.itemsize
    if offsets[1] - offsets[0] != size:
        raise bad_header(file, name, f"it needs {size} bytes, {offsets[1] - offsets[0]} are given")
    return _Tensor(name, dtype, tuple(shape), data + offsets[0], data + offsets[1])


def _whole(values: Any) -> bool:
    return isinstance(values, list) and all(type(v) is int and 0 <= v < 2**63 for v in values)


def _wrong(file: DataFile, detail: str) -> DataError:
    return DataError(
        "GN312",
        f"the header of {file.shown!r} does not fit",
        where=file.where,
        help="copy or write the file again",
        notes=[detail],
    )
