"""First values of parameters from files: the arrays that initializers name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from graphnet.data.sample_table import Array, SampleTable
from graphnet.data.sources import read_source
from graphnet.errors import DataError, GraphNetError, listed
from graphnet.ir import ParameterRow, shape_text
from graphnet.recipe import Source

SUFFIXES = (".npy", ".npz", ".safetensors")


def first_values(folder: Path) -> Callable[[ParameterRow], Array]:
    """Return what reads the array that a parameter's distribution, of the kind `file`, names.

    Args:
        folder: What paths are relative to: the spec's folder.
    """

    def read(row: ParameterRow) -> Array:
        """Return the array.

        Raises:
            DataError: When the file is of another kind (GN302), has not one such array (GN317), of that
                shape (GN319), or not all its numbers are finite (GN321).
            ResourceError: GN502 to GN505 where it cannot be opened.
        """
        path = row.draw.source
        if not path.lower().endswith(SUFFIXES):
            raise DataError(
                "GN302", f"first values come from {listed(SUFFIXES)} files, not {path!r}"
            )
        table = read_source(Source(path=path, mapped=False), folder)
        values = table.array(row.draw.entry or _only_name(table, path))
        _refuse_unfit(values, row)
        return values

    return read


def unfit_first_values(rows: Iterable[ParameterRow], folder: Path) -> dict[str, GraphNetError]:
    """Return what is wrong with the first values that files hold, by the parameter's name.

    Args:
        rows: Parameters; those that start from no file are passed over.
        folder: What paths are relative to.
    """
    read = first_values(folder)
    found: dict[str, GraphNetError] = {}
    for row in rows:
        if row.draw.kind != "file":
            continue
        try:
            read(row)
        except GraphNetError as error:
            found[row.name] = error
    return found


def _only_name(table: SampleTable, path: str) -> str:
    if len(table.names) == 1:
        return table.names[0]
    raise DataError(
        "GN317",
        f"{path!r} holds {len(table.names)} arrays",
        help="say which: array: NAME",
        notes=[f"arrays: {listed(table.names)}"],
    )


def _refuse_unfit(values: Array, row: ParameterRow) -> None:
    shape, path = row.type.at(1), row.draw.source
    if values.shape != shape or values.dtype.kind not in "fiu":
        raise DataError(
            "GN319",
            f"{row.name} takes numbers of shape {shape_text(shape)}, {path!r} holds "
            f"{values.dtype} of {shape_text(values.shape)}",
            help="give it an array of that shape",
        )
    if not np.isfinite(values).all():
        raise DataError(
            "GN321",
            f"{row.name} would start with numbers that are not finite, from {path!r}",
            help="replace them in the file",
        )
