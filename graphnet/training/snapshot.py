"""Snapshot: the arrays of an executable by name, out and back in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphnet.backend import Array, NumpyExecutable
from graphnet.errors import ArtifactError, listed
from graphnet.ir import ALL, STATE, ParameterRow, group_of, span_of


def live_arrays(executable: NumpyExecutable) -> dict[str, Array]:
    """Return views of all that training changes, by their names in a checkpoint.

    `parameter/NAME` and `statistic/NAME`; `state/STATE/NAME` for each parameter's part of an
    optimizer state; `state/STATE` for single numbers, `state/STATE.1` for those of another group.
    """
    found = {f"parameter/{name}": array for name, array in executable.parameters.items()}
    found |= {f"statistic/{name}": array for name, array in executable.statistics.items()}
    for name, array in executable.states.items():
        found.update(_state_parts(executable, name.removeprefix(STATE), array))
    return found


def _state_parts(
    executable: NumpyExecutable, state: str, array: Array
) -> Iterator[tuple[str, Array]]:
    stem, group = group_of(state)
    if array.ndim != 1 or "/" in state:
        yield f"state/{stem if group == ALL else state}", array
        return
    rows = [row for row in executable.program.parameters if row.trainable]
    members = [row for row in rows if group in (row.group, ALL)]
    start, _ = span_of(members)
    for row in members:
        yield f"state/{stem}/{row.name}", _part(array, row, start)


def _part(vector: Array, row: ParameterRow, start: int) -> Array:
    first = row.offset - start
    return vector[first : first + row.size].reshape(row.type.at(1))


def weights_in_use(tensors: Mapping[str, Array]) -> dict[str, Array]:
    """Return the weights and statistics of a checkpoint: averaged weights where it has any.

    Averages are kept in `state/average/NAME` (ema, swa); `state/n_averaged` counts what is in them.
    """
    found = {name: array for name, array in tensors.items() if not name.startswith("state/")}
    if "state/n_averaged" not in tensors or not tensors["state/n_averaged"].any():
        return found
    for name in found:
        average = tensors.get(f"state/average/{name.removeprefix('parameter/')}")
        if average is not None:
            found[name] = average
    return found


def copy_arrays(executable: NumpyExecutable) -> dict[str, Array]:
    """Return copies of all that training changes."""
    return {name: array.copy() for name, array in live_arrays(executable).items()}


def restore_arrays(
    executable: NumpyExecutable, tensors: Mapping[str, Array], *, weights_only: bool = False
) -> None:
    """Write saved arrays back.

    Args:
        executable: Its arrays are overwritten, all or none.
        tensors: Arrays by their names in a checkpoint.
        weights_only: Leave the optimizer's states as they are, and take averaged weights where there are
            any.

    Raises:
        ArtifactError: When names, shapes or element types differ (GN461).
    """
    live = live_arrays(executable)
    if weights_only:
        live = {name: array for name, array in live.items() if not name.startswith("state/")}
        tensors = weights_in_use(tensors)
    problems = _differences(live, tensors)
    if problems:
        raise ArtifactError(
            "GN461",
            "the checkpoint does not fit the network",
            help="use the spec it was trained with",
            notes=problems,
        )
    for name, array in live.items():
        array[...] = tensors[name]


def _differences(live: Mapping[str, Array], saved: Mapping[str, Array]) -> list[str]:
    missing = [name for name in live if name not in saved]
    extra = [name for name in saved if name not in live]
    misfits = [
        f"{name} is {list(saved[name].shape)} {saved[name].dtype}, the network has "
        f"{list(array.shape)} {array.dtype}"
        for name, array in live.items()
        if name in saved and (saved[name].shape, saved[name].dtype) != (array.shape, array.dtype)
    ]
    told = [f"missing: {listed(missing, 10)}"] if missing else []
    told += [f"not in the network: {listed(extra, 10)}"] if extra else []
    return told + misfits[:10]
