"""Find where the first value that is not finite came from, by running a bad step again."""

from __future__ import annotations

import numpy as np

from graphnet.backend import NumpyExecutable, NumpyRoutine, finite
from graphnet.errors import NumericError
from graphnet.training.progress import Progress
from graphnet.training.snapshot import live_arrays


def explain_nonfinite(
    executable: NumpyExecutable, routine: NumpyRoutine, *, update: int, epoch: int, batch: int
) -> NumericError:
    """Return the error for a loss that is not finite, naming the first layer that is to blame.

    Args:
        executable: Its parameters are those of the bad forward pass.
        routine: The train routine with the bad batch still in its inputs.
        update: Updates done before.
        epoch: Epoch, counted from 1.
        batch: Batch of the epoch, counted from 1.
    """
    place = f"in update {update + 1} (epoch {epoch}, batch {batch})"
    spoiled = [name for name, array in executable.parameters.items() if not finite(array)]
    if spoiled:
        return _error(
            f"the loss became non-finite {place}: parameter {spoiled[0]!r} is no longer finite",
            "the update before was too large",
        )
    with np.errstate(all="ignore"):
        for instruction, written in routine.trace("forward"):
            if not all(finite(array) for array in written.values()):
                layer = instruction.layer
                return _error(
                    f"the loss became non-finite {place}: layer {layer!r} gave it first",
                    f"instruction {instruction.op} of {layer}",
                )
    return _error(f"the loss became non-finite {place}", "")


def refuse_nonfinite(executable: NumpyExecutable, progress: Progress) -> None:
    """Refuse to save or judge what the last updates have spoiled, though no loss has shown it yet.

    Raises:
        NumericError: Naming the first parameter, statistic or state that is not finite (GN602).
    """
    for name, array in live_arrays(executable).items():
        if not finite(array):
            kind, _, rest = name.partition("/")
            raise NumericError(
                "GN602",
                f"after update {progress.updates} (epoch {progress.epoch}) the {kind} {rest!r} "
                "is no longer finite",
                help="lower the learning rate (--set optimizer.lr=...), or scale the inputs",
            )


def _error(message: str, note: str) -> NumericError:
    return NumericError(
        "GN601",
        message,
        help="lower the learning rate (--set optimizer.lr=...), or scale the inputs",
        notes=[note],
    )
