"""Which columns or arrays of a table feed which input or target."""

from __future__ import annotations

import math
from collections.abc import Sequence

from graphnet.data.declaration import Declaration
from graphnet.data.sample_table import SampleTable
from graphnet.errors import DataError
from graphnet.ir import shape_text
from graphnet.recipe import SAMPLE_WEIGHT, Chosen, MatchError, Source, match


def match_columns(
    table: SampleTable,
    source: Source,
    inputs: Sequence[Declaration],
    targets: Sequence[Declaration],
) -> Chosen:
    """Return the columns of every declaration, as the source maps them or as only one fit exists.

    Args:
        table: What the source holds.
        source: Its `inputs`, `targets` and `weights`.
        inputs: Every input of the network.
        targets: Every target; empty for prediction.

    Raises:
        DataError: GN318 when a mapping does not name what is declared, or no single fit exists;
            GN319 when what has an input's very name has another shape;
            GN334 when there are weights of samples that nothing takes.
    """
    if source.weights is not None and targets and not _takes_weights(targets):
        raise no_weights("weights")
    sizes = {name: math.prod(array.shape[1:]) for name, array in table.arrays.items()}
    try:
        return match(sizes, table.word, source, inputs, targets)
    except MatchError as error:
        for declared in (*inputs, *targets):
            if declared.name == error.namesake and table.word == "array":
                raise other_shape(table, declared.name, declared) from error
        raise table.error("GN318", error.message, help=error.help, notes=error.notes) from error


def _takes_weights(targets: Sequence[Declaration]) -> bool:
    return any(target.name == SAMPLE_WEIGHT for target in targets)


def other_shape(table: SampleTable, column: str, declared: Declaration) -> DataError:
    """Return the error for a column or an array whose samples have another shape than declared.

    Args:
        table: Where it stands.
        column: Its name.
        declared: The input or target it is for.
    """
    found = table.array(column).shape
    shape = shape_text(found[1:])
    cure = f"declare {declared.name!r} as {{shape: {shape}}}, or name another {table.word} for it"
    if table.word == "column":
        cure = f"give it a list of {declared.size} columns, or declare it as {{shape: {shape}}}"
    elif [size for size in found if size != 1] == [size for size in declared.shape if size != 1]:
        cure = f"give {column}[None]: the first dimension counts samples"
    elif sorted(found) == sorted(declared.shape):
        cure = f"give {column}{_turned(found, declared.shape)}[None]: the first dimension counts samples"
    elif sorted(found[1:]) == sorted(declared.shape):
        cure = f"give {column}{_turned(found, (found[0], *declared.shape))}"
    return table.error(
        "GN319",
        f"{table.word} {column!r} holds samples of {shape}, {declared.name!r} is declared "
        f"{shape_text(declared.shape)}",
        help=cure,
    )


def _turned(found: Sequence[int], wanted: Sequence[int]) -> str:
    """Return the call that puts the dimensions of an array into another order, where there is one to do."""
    left = list(enumerate(found))
    axes: list[int] = []
    for size in wanted:
        place = next(row for row in left if row[1] == size)
        left.remove(place)
        axes.append(place[0])
    return "" if axes == sorted(axes) else f".transpose({', '.join(map(str, axes))})"


def no_weights(what: str) -> DataError:
    """Return the error for weights of samples in a network that has no place for them."""
    return DataError(
        "GN334",
        f"{what} says how much samples count, but no target takes it",
        help=f"add {SAMPLE_WEIGHT}: {{shape: []}} to targets, and let the loss use it",
    )
