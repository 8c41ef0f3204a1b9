"""Mapping: the bytes of a file as memory that the system reads when they are looked at."""

from __future__ import annotations

import math
import mmap
import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from graphnet.data.data_file import DataFile, spoken_bytes
from graphnet.data.sample_table import Array
from graphnet.errors import DataError, ResourceError

MAPPED_FROM = 1 << 30
"""Files of more bytes are mapped where the spec does not say."""


@dataclass(frozen=True, eq=False)
class Bytes:
    """The content of a file, in memory or mapped.

    Attributes:
        content: All of it, read-only.
        guard: For a mapped file: raises a DataError where it has changed since.
    """

    content: memoryview
    guard: Callable[[], None] | None

    def array(
        self, dtype: np.dtype[np.generic], shape: tuple[int, ...], start: int, order: str = "C"
    ) -> Array:
        """Return a view of an array in it; its bytes must have been compared with the file's length."""
        flat: Array = np.frombuffer(self.content, dtype, math.prod(shape), start)
        return flat.reshape(shape, order="F" if order == "F" else "C")


def open_bytes(file: DataFile, mapped: bool | None, limit: int) -> Bytes:
    """Return a file's content.

    Args:
        file: The file.
        mapped: Whether to map it; None: where it has more than 1 GiB.
        limit: Most bytes that are read into memory.

    Raises:
        ResourceError: GN502 to GN505 where it cannot be opened or mapped.
        DataError: GN303 where it is empty, GN305 where it is larger than the limit.
    """
    with file.open() as stream:
        size = os.fstat(stream.fileno()).st_size
        if mapped is False or (mapped is None and size <= MAPPED_FROM):
            return Bytes(memoryview(file.read(limit)), None)
        try:
            view = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise ResourceError(
                "GN502",
                f"{file.shown!r} of {spoken_bytes(size)} cannot be mapped into memory",
                where=file.where,
                help="allow the process more address space, or split the file",
                notes=[str(error)],
            ) from error
        return Bytes(memoryview(view), _Guard(file, os.dup(stream.fileno())))


class _Guard:
    """Notices when a mapped file is written to or cut, which would change or end what is mapped.

    A file that is replaced by another under its name is not noticed and does no harm: the old one
    stays as long as it is mapped.
    """

    def __init__(self, file: DataFile, descriptor: int) -> None:
        self._file, self._descriptor = file, descriptor
        self._stamp = self._now()

    def _now(self) -> tuple[int, int]:
        status = os.fstat(self._descriptor)
        return status.st_size, status.st_mtime_ns

    def __call__(self) -> None:
        if self._now() != self._stamp:
            raise DataError(
                "GN337",
                f"{self._file.shown!r} has changed while it was in use",
                where=self._file.where,
                help="train again on the finished file; write new data to another file",
                notes=["what was saved of the run is whole"],
            )

    def __del__(self) -> None:
        os.close(self._descriptor)
