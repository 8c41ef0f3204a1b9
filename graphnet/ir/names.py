"""Names of buffers that a Program's users look for: the runner, backends, checkpoints."""

from __future__ import annotations

LOSS = ":loss"
"""The loss, a single number of the network's element type."""
LOSS_TERM, LOSS_WEIGHT = ":loss.", ":weight."
"""What the names of single terms of the loss begin with, and of what their means were divided by."""
LEARNING_RATE = ":lr"
"""Learning rate of an update, a single float64 set by the runner."""
PARAMETERS, FROZEN, GRADIENTS = ":parameters", ":frozen", ":gradients"
"""The flat vectors: trainable parameters, frozen ones, and the gradients of the former."""
MOMENTUM, WEIGHT_DECAY = ":momentum", ":weight_decay"
"""Settings of an update that a scheduler changes, single float64 set by the runner like the rate."""
SAMPLES = ":samples"
"""Samples of the batch whose gradients are gathered, a single float64 set by the runner."""
SIZE, FACTOR, SLOT = ":size", ":factor", ":slot"
"""Size of a step, a factor, and a row: what LBFGS sets between its evaluations."""
STATE = ":state."
"""What names of optimizer states begin with."""
ALL = "all"
"""Group of a state that reaches over all groups: a vector as long as that of the parameters."""
GRADIENT_OF = "d:"
"""What the name of a value's gradient begins with."""


def in_group(name: str, group: int | str) -> str:
    """Return the name of a flat vector, state or scalar as it belongs to a group of parameters.

    Example:
        >>> in_group(":lr", 0), in_group(":state.exp_avg", 2), in_group(":state.average", "all")
        (':lr', ':state.exp_avg.2', ':state.average.all')
    """
    return f"{name}.{group}" if group else name


def group_of(name: str) -> tuple[str, int | str]:
    """Split a name into what it is and the group it belongs to, a number or `all`.

    Example:
        >>> group_of(":lr"), group_of(":state.exp_avg.2"), group_of(":state.row_var/linear1.weight")
        ((':lr', 0), (':state.exp_avg', 2), (':state.row_var/linear1.weight', 0))
    """
    stem, _, last = name.rpartition(".")
    if "/" in name or not (last == ALL or last.isdecimal()):
        return name, 0
    return stem, last if last == ALL else int(last)


def is_internal(name: str) -> bool:
    """Tell whether a buffer is one that graphnet made: flat vectors, their spans, states, scalars."""
    return name.startswith(":")
