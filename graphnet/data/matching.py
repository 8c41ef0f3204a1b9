"""Which columns or arrays of a table feed which input or target."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from graphnet.data.declaration import Declaration
from graphnet.data.sample_table import SampleTable
from graphnet.errors import DataError, listed, nearest
from graphnet.recipe import Source

Chosen = dict[str, tuple[str, ...]]


def match_columns(
    table: SampleTable,
    source: Source,
    inputs: Sequence[Declaration],
    targets: Sequence[Declaration],
) -> Chosen:
    """Return the columns of every declaration, as the source maps them or as only one fit exists.

    Where the source maps nothing, a column of the same name and size is taken; if then a single
    declaration is left and the columns left are exactly as many as it has numbers (or one array of
    its size), these are taken in order.

    Args:
        table: What the source holds.
        source: Its `inputs` and `targets` mappings.
        inputs: Every input of the network.
        targets: Every target; empty for prediction.

    Raises:
        DataError: GN318 when a mapping does not name what is declared, or no single fit exists.
    """
    chosen = _given(table, "inputs", source.inputs, inputs)
    if targets:
        chosen |= _given(table, "targets", source.targets, targets)
    used = {column for columns in chosen.values() for column in columns}
    left = [declared for declared in (*inputs, *targets) if declared.name not in chosen]
    for declared in left:
        if declared.name in table.arrays and _size(table, declared.name) == declared.size:
            chosen[declared.name] = (declared.name,)
            used.add(declared.name)
    left = [declared for declared in left if declared.name not in chosen]
    if not left:
        return chosen
    free = [column for column in table.names if column not in used]
    if len(left) > 1 or not _fills(table, free, left[0]):
        raise _no_fit(table, left, free, targets)
    return chosen | {left[0].name: tuple(free)}


def _given(
    table: SampleTable,
    section: str,
    mapping: Mapping[str, Any] | None,
    declarations: Sequence[Declaration],
) -> Chosen:
    """Return one explicit mapping, checked against what is declared."""
    if mapping is None:
        return {}
    names = [declared.name for declared in declarations]
    for name in mapping:
        if name not in names:
            raise table.error(
                "GN318",
                f"the data map {section[:-1]} {name!r}, which the network does not have",
                help=nearest(name, names),
                notes=[f"{section}: {listed(names)}"],
            )
    for name in names:
        if name not in mapping:
            raise table.error(
                "GN318",
                f"the data map nothing to {section[:-1]} {name!r}",
                help=f"add {name!r} to `{section}` of the data source",
                notes=[table.contents()],
            )
    return {
        name: (columns,) if isinstance(columns, str) else tuple(columns)
        for name, columns in mapping.items()
    }


def _size(table: SampleTable, column: str) -> int:
    return math.prod(table.arrays[column].shape[1:])


def _fills(table: SampleTable, columns: Sequence[str], declared: Declaration) -> bool:
    """Tell whether the columns left are exactly the numbers of the declaration left."""
    single = len(columns) == 1 and _size(table, columns[0]) == declared.size
    return single or (
        len(columns) == declared.size and all(_size(table, column) == 1 for column in columns)
    )


def _no_fit(
    table: SampleTable,
    left: Sequence[Declaration],
    free: Sequence[str],
    targets: Sequence[Declaration],
) -> DataError:
    first = left[0]
    role = "target" if first in targets else "input"
    wanted = "one column" if first.size == 1 else f"{first.size} columns"
    shown = [*free[: first.size], *["NAME"] * first.size][: min(first.size, 3)]
    some = ", ".join(shown if first.size <= 3 else [*shown[:2], "..."])
    example = some if first.size == 1 else f"[{some}]"
    return table.error(
        "GN318",
        f"cannot tell which {table.word}s are the {role} {first.name!r}",
        help=f"say it in the data source: {role}s: {{{first.name}: {example}}}",
        notes=[
            f"it takes {wanted}; {table.word}s left: {listed(free) or 'none'}",
            f"also open: {listed(other.name for other in left[1:])}" if left[1:] else "",
        ],
    )
