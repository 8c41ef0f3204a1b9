"""Arrays in a safetensors file: written in one pass, checked completely before an array exists."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from graphnet.errors import ArtifactError, listed
from graphnet.program.atomic import open_regular
from graphnet.training.file_kind import PEEK, UNKNOWN, kind_of
from graphnet.training.safetensors_header import (
    DTYPES,
    Header,
    HeaderError,
    Tensor,
    check_length,
    decode,
)

Array = np.ndarray[Any, np.dtype[Any]]

_NAMES = {np.dtype(code).newbyteorder("="): name for name, code in DTYPES.items()}


@dataclass(frozen=True, eq=False)
class Container:
    """A file whose header fits its bytes.

    Attributes:
        encoded: The header as it stands in the file, its length in front.
        header: What it says.
        data: The bytes of all tensors.
    """

    encoded: bytes
    header: Header
    data: memoryview

    @property
    def is_canonical(self) -> bool:
        """Whether the header stands in the file exactly as graphnet writes it."""
        try:
            return self.header.encode() == self.encoded
        except HeaderError:  # what another program wrote more tightly may exceed our limit
            return False

    def arrays(self) -> dict[str, Array]:
        """Return every tensor as a writable array of its own, in native byte order."""
        return {tensor.name: self._array(tensor) for tensor in self.header.tensors}

    def _array(self, tensor: Tensor) -> Array:
        stored = np.dtype(DTYPES[tensor.dtype])
        flat = np.frombuffer(self.data[tensor.start : tensor.stop], stored)
        if tensor.dtype == "BOOL":
            flat = flat.view(np.uint8)  # a byte of 2 viewed as bool is neither true nor false
        return flat.reshape(tensor.shape).astype(stored.newbyteorder("="))


def lay_out(arrays: Mapping[str, Array]) -> tuple[tuple[Tensor, ...], list[memoryview]]:
    """Return a description of every array, and its bytes, in an order that keeps all aligned.

    Raises:
        ArtifactError: When an array has an element type the file cannot hold (GN457).
    """
    tensors: list[Tensor] = []
    pieces: list[memoryview] = []
    position = 0
    for name in sorted(arrays, key=lambda name: (-arrays[name].itemsize, name)):
        array = arrays[name]
        dtype = _NAMES.get(array.dtype.newbyteorder("="))
        if dtype is None:
            raise ArtifactError(
                "GN457",
                f"tensor {name!r} of type {array.dtype} cannot be saved",
                notes=[f"types that can be saved: {listed(str(known) for known in _NAMES)}"],
            )
        flat = np.ascontiguousarray(array, DTYPES[dtype]).reshape(-1).view(np.uint8)
        tensors.append(Tensor(name, dtype, array.shape, position, position + flat.size))
        pieces.append(flat.data)
        position += flat.size
    return tuple(tensors), pieces


def encode(header: Header) -> bytes:
    """Return a header for writing, after making sure that it can be read again.

    Raises:
        ArtifactError: When it cannot (GN457).
    """
    try:
        encoded = header.encode()
        decode(encoded[8:])
    except HeaderError as error:
        raise ArtifactError("GN457", f"this cannot be saved: {error}") from error
    return encoded


def read_container(path: Path) -> Container:
    """Read a file and check everything its header claims.

    Raises:
        ArtifactError: It is something else (GN450), cut or prolonged (GN451), its header is wrong
            (GN452) or exceeds a limit (GN453).
        ResourceError: It cannot be read, or is no regular file; links are not followed (GN50x).
    """
    with open_regular(path, follow_links=False) as file:
        size = os.fstat(file.fileno()).st_size
        try:
            encoded = _read_encoded(path, file, size)
            header = decode(encoded[8:])
        except HeaderError as error:
            raise ArtifactError(error.code, f"{str(path)!r} is damaged: {error}") from error
        expected = len(encoded) + header.data_bytes
        # Compared before the memory is asked for, and again because the file may be changing.
        _compare_sizes(path, size, expected)
        data = memoryview(bytearray(header.data_bytes))
        read = len(encoded) + _fill(file, data)
        _compare_sizes(path, read + len(file.read(1) or b""), expected)
    return Container(encoded, header, data)


def _read_encoded(path: Path, file: io.FileIO, size: int) -> bytes:
    """Read the header with its length, or tell what the file is instead."""
    start = file.read(PEEK) or b""
    length = int.from_bytes(start[:8], "little")
    kind = kind_of(start)
    # A short length has zeros in front of the header, which no other file has there; a length that
    # is out of all bounds is told as such, unless the file is clearly something else.
    if start[8:9] != b"{" or (length >> 32 and kind != UNKNOWN):
        raise ArtifactError(
            "GN450",
            f"{str(path)!r} is not a safetensors file: it is {kind}",
            help="name a file that ends in .safetensors; in PyTorch it is written by "
            "safetensors.torch.save_file(model.state_dict(), 'weights.safetensors')",
        )
    check_length(length)
    if 8 + length > size:
        raise _cut(path, 8 + length - size)
    encoded = bytearray(8 + length)
    file.seek(0)
    _compare_sizes(path, _fill(file, memoryview(encoded)), len(encoded))
    return bytes(encoded)


def _fill(file: io.FileIO, into: memoryview) -> int:
    """Read until the memory is full or the file ends, and return how many bytes came."""
    done = 0
    while done < len(into) and (count := file.readinto(into[done:])):
        done += count
    return done


def _compare_sizes(path: Path, size: int, expected: int) -> None:
    if size < expected:
        raise _cut(path, expected - size)
    if size > expected:
        raise ArtifactError(
            "GN451", f"{str(path)!r} is damaged: {size - expected:,} bytes follow its end"
        )


def _cut(path: Path, missing: int) -> ArtifactError:
    return ArtifactError("GN451", f"{str(path)!r} is damaged: {missing:,} bytes are missing")
