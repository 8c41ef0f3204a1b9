"""The header of a .npy array: read, bounded and checked before anything is built from it."""

from __future__ import annotations

import ast
import math
import re
from dataclasses import dataclass
from typing import IO

import numpy as np

from graphnet.data.data_file import DataFile
from graphnet.errors import DataError

HEADER_LIMIT = 1 << 16
MAGIC = b"\x93NUMPY"
SUPPORTED = "float16, float32, float64, int8 to int64, uint8 to uint64, bool"
"""The element types data may have, in words."""

_DTYPE = re.compile(r"[<>|=]?(b1|[iu][1248]|f[248])")


@dataclass(frozen=True)
class ArrayHeader:
    """What an array's header claims.

    Attributes:
        dtype: Element type.
        shape: Its dimensions.
        fortran: Whether the first dimension varies fastest.
        start: Bytes before the array.
    """

    dtype: np.dtype[np.generic]
    shape: tuple[int, ...]
    fortran: bool
    start: int

    @property
    def bytes(self) -> int:
        """Size of the array, in exact integers whatever the header claims."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_header(file: DataFile, name: str, stream: IO[bytes], size: int) -> ArrayHeader:
    """Read and check an array's header; nothing of the array is read or allocated.

    Args:
        file: Where it stands, for messages.
        name: The array's name.
        stream: Stands at its first byte.
        size: Bytes of header and array together.

    Raises:
        DataError: GN312 where header and bytes do not fit, GN313 for what are not numbers.
    """
    prefix = stream.read(8)
    if len(prefix) < 8 or prefix[:6] != MAGIC:
        raise bad_header(file, name, "it does not begin like a .npy file")
    if prefix[6:] not in (b"\x01\x00", b"\x02\x00", b"\x03\x00"):
        raise bad_header(file, name, f"its version {prefix[6]}.{prefix[7]} is unknown")
    width = 2 if prefix[6] == 1 else 4
    length = int.from_bytes(stream.read(width), "little")
    start = 8 + width + length
    if not 0 < length <= min(HEADER_LIMIT, size - 8 - width):
        raise bad_header(file, name, f"its header claims {length} bytes")
    text = stream.read(length).decode("utf-8" if prefix[6] == 3 else "latin-1", "replace")
    try:
        # Only literals are read; whatever else a hostile header holds ends here.
        fields = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        fields = None
    if not isinstance(fields, dict) or set(fields) != {"descr", "fortran_order", "shape"}:
        raise bad_header(file, name, "it is not the description of an array")
    header = ArrayHeader(
        _checked_dtype(file, name, fields["descr"]),
        _checked_shape(file, name, fields["shape"]),
        fields["fortran_order"] is True,
        start,
    )
    if header.bytes != size - start:
        raise bad_header(file, name, f"it claims {header.bytes} bytes, {size - start} are there")
    return header


def _checked_dtype(file: DataFile, name: str, described: object) -> np.dtype[np.generic]:
    if not isinstance(described, str) or not _DTYPE.fullmatch(described):
        objects = isinstance(described, str) and described.lstrip("<>|=") == "O"
        what = "Python objects; they are not loaded" if objects else "values that are not numbers"
        raise DataError(
            "GN313",
            f"array {name!r} of {file.shown!r} contains {what}",
            where=file.where,
            help=f"convert it to one of {SUPPORTED}",
        )
    return np.dtype(described)


def _checked_shape(file: DataFile, name: str, shape: object) -> tuple[int, ...]:
    sizes = shape if isinstance(shape, tuple) else (None,)
    if not all(type(size) is int and 0 <= size < 2**63 for size in sizes) or len(sizes) > 32:
        raise bad_header(file, name, f"its shape is {str(shape)[:60]}")
    return tuple(int(size) for size in sizes)


def bad_header(file: DataFile, name: str, detail: str) -> DataError:
    """Return the error for a header that is broken or does not fit the bytes there are."""
    return DataError(
        "GN312",
        f"the header of array {name!r} in {file.shown!r} does not fit",
        where=file.where,
        help="write the file again with np.savez"
        if file.path.suffix == ".npz"
        else "write the file again",
        notes=[detail],
    )
