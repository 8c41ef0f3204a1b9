"""Reading single arrays, npy and idx, into memory or mapped: headers first, compared with the bytes."""

from __future__ import annotations

import gzip
import io
import math
import re
import zlib

import numpy as np

from graphnet.data.data_file import DataFile
from graphnet.data.mapping import Bytes, open_bytes
from graphnet.data.npy_header import MAGIC, bad_header, read_header
from graphnet.data.npz_source import ARRAYS_LIMIT
from graphnet.data.sample_table import Array, SampleTable
from graphnet.errors import DataError

IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
"""Element types of idx files by their code."""

_STEM = re.compile(r"(\.npy|[.-]idx\d?([.-]?ubyte)?)?(\.gz)?$", re.IGNORECASE)


def read_npy(file: DataFile, mapped: bool | None = None) -> SampleTable:
    """Read a .npy file: one array, called like the file.

    Args:
        file: As `np.save` writes it.
        mapped: Leave it in its file; so are files over 1 GiB where this is None.

    Raises:
        DataError: GN304 not such a file, GN305 too large, GN312 a header that does not fit the bytes,
            GN313 no numbers.
        ResourceError: GN502 to GN505 where the file cannot be opened.
    """
    held = open_bytes(file, mapped, ARRAYS_LIMIT)
    start = bytes(held.content[:64])
    if not start.startswith(MAGIC):
        raise file.wrong_format("a .npy array", start)
    name = array_name(file)
    head = io.BytesIO(bytes(held.content[: (1 << 16) + 16]))
    header = read_header(file, name, head, len(held.content))
    order = "F" if header.fortran else "C"
    array = held.array(header.dtype, header.shape, header.start, order)
    if header.dtype.kind == "b" and array.view(np.uint8).max(initial=0) > 1:
        raise bad_header(file, name, "it claims truth values, others are there")
    return _table(file, held, name, array)


def read_idx(file: DataFile, mapped: bool | None = None) -> SampleTable:
    """Read an idx file, MNIST's format, also packed by gzip: one array, called like the file.

    Two zero bytes, the code of the element type, the number of dimensions, then each dimension in
    four bytes and the elements, all big-endian.

    Args:
        file: The file.
        mapped: Leave it in its file; so are files over 1 GiB where this is None.

    Raises:
        DataError: GN304 not such a file, GN305 too large, GN310 damaged, GN312 a header that does not
            fit the bytes, GN314 suspicious compression.
        ResourceError: GN502 to GN505 where the file cannot be opened.

    References:
        LeCun, Cortes, Burges, The MNIST database of handwritten digits: the idx file format.
    """
    held = open_bytes(file, mapped, ARRAYS_LIMIT)
    if bytes(held.content[:2]) == b"\x1f\x8b":
        held = _unpacked(file, held)
    head = bytes(held.content[:4])
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in IDX_TYPES or not 0 < head[3] <= 32:
        raise file.wrong_format("an idx file", bytes(held.content[:64]))
    name = array_name(file)
    dtype, shape, start = _idx_header(held, head)
    size = math.prod(shape) * dtype.itemsize
    if len(held.content) != start + size:
        there = max(len(held.content) - start, 0)
        raise bad_header(file, name, f"it claims {size} bytes, {there} are there")
    return _table(file, held, name, held.array(dtype, shape, start))


def _idx_header(held: Bytes, head: bytes) -> tuple[np.dtype[np.generic], tuple[int, ...], int]:
    start = 4 + 4 * head[3]
    sizes = bytes(held.content[4:start])
    shape = tuple(int.from_bytes(sizes[at : at + 4], "big") for at in range(0, len(sizes), 4))
    return np.dtype(IDX_TYPES[head[2]]), shape, start


def _unpacked(file: DataFile, held: Bytes) -> Bytes:
    """Unpack as many bytes as the idx header inside claims, and one more to notice what follows."""
    stream = gzip.GzipFile(fileobj=io.BytesIO(held.content))
    try:
        head = stream.read(4)
        if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in IDX_TYPES:
            raise file.wrong_format("an idx file packed by gzip", head)
        sizes = stream.read(4 * head[3])
        dtype, shape, _ = _idx_header(Bytes(memoryview(head + sizes), None), head)
        size = math.prod(shape) * dtype.itemsize
        # deflate packs a thousand to one at best: more is claimed than can be there.
        if size > min(ARRAYS_LIMIT, 1100 * len(held.content) + 1024):
            raise bad_header(
                file, array_name(file), f"it claims {size} bytes, packed to {len(held.content)}"
            )
        content = head + sizes + stream.read(size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise damaged(file, str(error)) from error
    return Bytes(memoryview(content), None)


def damaged(file: DataFile, detail: str) -> DataError:
    """Return the error for a packed file that cannot be unpacked."""
    return DataError(
        "GN310",
        f"{file.shown!r} is damaged",
        where=file.where,
        help="copy or write the file again",
        notes=[detail.lower()],
    )


def array_name(file: DataFile) -> str:
    """Return what a file's only array is called: the file's name without its suffix.

    Example:
        >>> from pathlib import Path
        >>> array_name(DataFile("", Path("a/train-images-idx3-ubyte.gz")))
        'train-images'
    """
    return _STEM.sub("", file.path.name) or file.path.name


def _table(file: DataFile, held: Bytes, name: str, array: Array) -> SampleTable:
    return SampleTable(file.shown, {name: array}, word="array", guard=held.guard)
