"""Reading parquet files, with pyarrow: sizes are compared with a limit before columns are built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphnet.data.array_sources import damaged
from graphnet.data.cures import any_cure
from graphnet.data.data_file import DataFile
from graphnet.data.npz_source import ARRAYS_LIMIT
from graphnet.data.sample_table import Array, SampleTable
from graphnet.errors import DataError, ResourceError

_MAGIC = b"PAR1"


def read_parquet(file: DataFile) -> SampleTable:
    """Read every column of a parquet file.

    Numbers become arrays of their type, lists of numbers of one length arrays (rows, length). Texts and
    columns with missing values are kept as cells for the transforms that take them.

    Args:
        file: The file.

    Raises:
        DataError: GN303 no rows, GN304 not a parquet file, GN305 too large once unpacked, GN310 damaged.
        ResourceError: GN520 without pyarrow; GN502 to GN505 where the file cannot be opened.
    """
    try:
        import pyarrow as arrow  # noqa: PLC0415 - an extra, loaded only for such files
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise ResourceError(
            "GN520", "parquet files need pyarrow", help='pip install "graphnet[parquet]"'
        ) from error
    content = file.read(ARRAYS_LIMIT)
    if not content.startswith(_MAGIC):
        raise file.wrong_format("a parquet file", content[:64])
    try:
        opened = parquet.ParquetFile(arrow.BufferReader(content))
        info = opened.metadata
        sizes = [info.row_group(group).total_byte_size for group in range(info.num_row_groups)]
        if sum(sizes) > ARRAYS_LIMIT:
            raise file.too_large(sum(sizes), ARRAYS_LIMIT)
        table = opened.read()
    except (arrow.ArrowException, OSError, ValueError) as error:
        raise damaged(file, str(error).partition("\n")[0]) from error
    if not table.num_rows:
        raise DataError("GN303", f"{file.shown!r} has no rows", where=file.where)
    return _table(file, arrow, table)


def _table(file: DataFile, arrow: Any, table: Any) -> SampleTable:
    arrays: dict[str, Array] = {}
    refused: dict[str, DataError] = {}
    texts: dict[str, Sequence[str]] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        array = _numbers(arrow, column)
        arrays[name] = np.empty(0) if array is None else array
        if array is None:
            refused[name] = _not_numbers(file, name, column)
            if not arrow.types.is_nested(column.type):
                texts[name] = ["" if v is None else str(v) for v in column.to_pylist()]
    return SampleTable(file.shown, arrays, refused, texts=texts)


def _numbers(arrow: Any, column: Any) -> Array | None:
    """Return a column as an array of numbers, or None."""
    kind = column.type
    if column.null_count:
        return None
    if _is_number(arrow, kind):
        values: Array = column.to_numpy()
        return values
    lists = arrow.types.is_list(kind) or arrow.types.is_fixed_size_list(kind)
    if not lists or not _is_number(arrow, kind.value_type):
        return None
    rows = column.to_pylist()
    alike = len({len(row) for row in rows}) == 1 and None not in rows[0]
    array = np.array(rows) if alike else None
    return array if array is not None and array.dtype.kind in "biuf" else None


def _is_number(arrow: Any, kind: Any) -> bool:
    types = arrow.types
    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind))


def _not_numbers(file: DataFile, name: str, column: Any) -> DataError:
    values = column.to_pylist()
    bad = [row for row, value in enumerate(values) if not isinstance(value, (int, float))]
    row = bad[0] if bad else 0
    shown = "a missing value" if values[row] is None else repr(values[row])[:40]
    return DataError(
        "GN309",
        f"{shown} in row {row + 1} of column {name!r} is not a number",
        where=file.where,
        help=any_cure(name, values[row] is None),
        notes=[f"{len(bad)} of {len(values)} values of this column are not numbers"],
    )
