"""First values of parameters from files: the arrays that initializers name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from graphnet.data.sample_table import Array
from graphnet.data.sources import read_source
from graphnet.errors import DataError, listed
from graphnet.ir import Draw
from graphnet.recipe import Source

SUFFIXES = (".npy", ".npz", ".safetensors")


def first_values(folder: Path) -> Callable[[Draw], Array]:
    """Return what reads the array that a distribution of the kind `file` names.

    Args:
        folder: What paths are relative to: the spec's folder.
    """

    def read(draw: Draw) -> Array:
        """Return the array.

        Raises:
            DataError: When the file is of another kind (GN302) or has not one such array (GN317).
            ResourceError: GN502 to GN505 where it cannot be opened.
        """
        if not draw.source.lower().endswith(SUFFIXES):
            raise DataError(
                "GN302",
                f"first values come from {listed(SUFFIXES)} files, not {draw.source!r}",
            )
        table = read_source(Source(path=draw.source, mapped=False), folder)
        if draw.entry:
            return table.array(draw.entry)
        if len(table.names) != 1:
            raise DataError(
                "GN317",
                f"{draw.source!r} holds {len(table.names)} arrays",
                help="say which: array: NAME",
                notes=[f"arrays: {listed(table.names)}"],
            )
        return table.array(table.names[0])

    return read
