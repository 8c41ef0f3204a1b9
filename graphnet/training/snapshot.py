"""Snapshot: the arrays of an executable by name, out and back in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphnet.backend import Array, NumpyExecutable
from graphnet.errors import ArtifactError, listed
from graphnet.ir import STATE, ParameterRow


def live_arrays(executable: NumpyExecutable) -> dict[str, Array]:
    """Return views of all that training changes, by their names in a checkpoint.

    `parameter/NAME` and `statistic/NAME`; `state/STATE/NAME` for each parameter's part of an
    optimizer state; `state/STATE` for single numbers.
    """
    found = {f"parameter/{name}": array for name, array in executable.parameters.items()}
    found |= {f"statistic/{name}": array for name, array in executable.statistics.items()}
    for name, array in executable.states.items():
        found.update(_state_parts(executable, name.removeprefix(STATE), array))
    return found


def _state_parts(
    executable: NumpyExecutable, state: str, array: Array
) -> Iterator[tuple[str, Array]]:
    if array.ndim == 0:
        yield f"state/{state}", array
        return
    for row in executable.program.parameters:
        if row.trainable:
            yield f"state/{state}/{row.name}", _part(array, row)


def _part(vector: Array, row: ParameterRow) -> Array:
    return vector[row.offset : row.offset + row.size].reshape(row.type.at(1))


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
        weights_only: Leave the optimizer's states as they are.

    Raises:
        ArtifactError: When names, shapes or element types differ (GN461).
    """
    live = live_arrays(executable)
    if weights_only:
        live = {name: array for name, array in live.items() if not name.startswith("state/")}
        tensors = {name: array for name, array in tensors.items() if not name.startswith("state/")}
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
