"""Find where the first value that is not finite came from, by running a bad step again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from graphnet.backend import Array, NumpyExecutable, NumpyRoutine, finite
from graphnet.errors import NumericError, listed
from graphnet.ir import Instruction
from graphnet.ops import OPS
from graphnet.training.progress import Progress
from graphnet.training.snapshot import live_arrays

if TYPE_CHECKING:
    from graphnet.training.trainer import Trainer

PATIENCE = 60.0
"""Seconds after which looking for the update that spoiled a parameter is given up."""
_SHOWN = 10

Rows = NDArray[np.int64]


def explain_nonfinite(
    executable: NumpyExecutable, routine: NumpyRoutine, rows: Rows, progress: Progress
) -> NumericError:
    """Return the error for a loss that is not finite, naming the first layer that is to blame.

    Args:
        executable: Its parameters are those of the bad forward pass.
        routine: The train routine with the bad batch still in its inputs.
        rows: Which samples of the training set are in it.
        progress: Where the run stands, before the update.
    """
    place = (
        f"in update {progress.updates + 1} (epoch {progress.epoch + 1}, batch {progress.batch + 1})"
    )
    spoiled = [name for name, array in executable.parameters.items() if not finite(array)]
    if spoiled:
        return _error(
            f"the loss became non-finite {place}: parameter {spoiled[0]!r} is no longer finite",
            ["an update before was too large"],
            spoiled=True,
        )
    found = _first_bad(routine, "forward")
    if found is None:
        return _error(f"the loss became non-finite {place}", [])
    instruction, written = found
    return _error(
        f"the loss became non-finite {place}: layer {instruction.layer!r} gave it first",
        _described(routine, instruction, written, rows, executable),
        layer=instruction.layer,
    )


def refuse_nonfinite(executable: NumpyExecutable, progress: Progress) -> None:
    """Refuse to save or judge what the last updates have spoiled, though no loss has shown it yet.

    Raises:
        NumericError: Naming the first parameter, statistic or state that is not finite (GN602).
    """
    for name, array in live_arrays(executable).items():
        if not finite(array):
            kind, _, rest = name.partition("/")
            error = NumericError(
                "GN602",
                f"after update {progress.updates} (epoch {progress.epoch}) the {kind} {rest!r} "
                "is no longer finite",
                help="lower the learning rate (--set optimizer.lr=...), or scale the inputs",
            )
            error.spoiled = True
            raise error


class _SpoiledError(Exception):
    """An update left something that is not finite."""


def blame_update(
    start: Callable[[], Trainer], until: int, run: Callable[[Trainer, int], None]
) -> list[str]:
    """Train again up to the update that spoiled a parameter, and say which instruction of it did.

    Args:
        start: Gives a trainer as it was at the last good state.
        until: Updates that were done when it was noticed.
        run: Trains a trainer up to a number of updates.

    Returns:
        Sentences; none where the update is not found, in time or at all.
    """
    deadline = time.monotonic() + PATIENCE
    trainer = start()
    if trainer.stepper.accumulate > 1 or trainer.stepper.passes > 1 or trainer.stepper.varies:
        return []  # an update is more than one pass through the lists there
    live = list(live_arrays(trainer.executable).values())

    def look() -> None:
        if not all(finite(array) for array in live) or time.monotonic() > deadline:
            raise _SpoiledError

    trainer.after_update.append(look)
    try:
        run(trainer, until)
    except _SpoiledError:
        pass
    except NumericError:
        return []
    bad = trainer.progress.updates
    if all(finite(array) for array in live):
        return []
    trainer = start()
    run(trainer, bad - 1)
    routine, rows = trainer.load_next()
    epoch = (bad - 1) // trainer.rates.updates_per_epoch + 1
    place = f"the first such values came in update {bad} (epoch {epoch})"
    with np.errstate(all="ignore"):
        routine.forward()
    for phase in ("forward", "backward", "update"):
        found = _first_bad(routine, phase)
        if found is not None:
            return [f"{place}, {phase} list",
                    *_described(routine, *found, rows, trainer.executable)]  # fmt: skip
    return []


def _first_bad(routine: NumpyRoutine, phase: str) -> tuple[Instruction, Mapping[str, Array]] | None:
    """Run a list instruction by instruction, up to the first that writes what is not finite."""
    with np.errstate(all="ignore"):
        for instruction, written in routine.trace(phase):
            # Scratch, at the end, may hold anything.
            scratch = instruction.writes[len(OPS[instruction.op].results) :]
            told = {name: array for name, array in written.items() if name not in scratch}
            if not all(finite(array) for array in told.values()):
                return instruction, told
    return None


def _described(
    routine: NumpyRoutine,
    instruction: Instruction,
    written: Mapping[str, Array],
    rows: Rows,
    executable: NumpyExecutable,
) -> list[str]:
    """Say what an instruction did: its name, the ranges it read, and for which samples it went wrong."""
    name, bad = next((name, array) for name, array in written.items() if not finite(array))
    told = [
        f"instruction {instruction.op} of {instruction.layer}, writing {_named(name, bad, executable)}"
    ]
    ranges = [
        f"{read} {_range(routine.array(read))}"
        for read in dict.fromkeys(instruction.reads)
        # What was overwritten in place is gone.
        if not any(np.may_share_memory(routine.array(read), array) for array in written.values())
    ]
    told += [f"it read {listed(ranges, 6)}"] if ranges else []
    if bad.ndim and len(bad) == len(rows) == routine.batch:
        wrong = ~np.isfinite(bad.reshape(len(bad), -1)).all(axis=1)
        samples = [str(row) for row in np.sort(rows[wrong])]
        told.append(
            f"{len(samples)} of {len(rows)} samples: {listed(samples, _SHOWN)} of the training set"
        )
    return told


def _named(name: str, array: Array, executable: NumpyExecutable) -> str:
    """Return a buffer's name; of a flat vector the parameter whose part it is."""
    if array.ndim == 1:
        first = int(np.argmin(np.isfinite(array)))
        for row in executable.program.parameters:
            if row.trained and row.offset <= first < row.offset + row.size and name.startswith(":"):
                return f"{name} at {row.name}"
    return name


def _range(array: Array) -> str:
    if array.size == 1:
        return f"= {array.reshape(-1)[0]:.3g}"
    return f"from {array.min():.3g} to {array.max():.3g}"


def _error(
    message: str, notes: list[str], *, layer: str = "", spoiled: bool = False
) -> NumericError:
    error = NumericError(
        "GN601",
        message,
        help="lower the learning rate (--set optimizer.lr=...), or scale the inputs",
        notes=notes,
    )
    error.layer, error.spoiled = layer, spoiled
    return error
