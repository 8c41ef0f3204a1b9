"""Buffer: the description of a piece of memory. Only `backend/arena.py` owns memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from graphnet.ir.tensor_type import TensorType

Role = Literal[
    "input",  # written by the caller before a step
    "target",  # likewise, read by the loss and the metrics
    "parameter",  # what training changes
    "gradient",  # of a parameter; persistent, so that it can be read after a step
    "statistic",  # running statistics: saved with the parameters, not trained
    "state",  # of the optimizer
    "scalar",  # set by the runner before an update: the learning rate and what else is scheduled
    "constant",  # filled once when a batch size is bound
    "activation",  # a value of the forward list
    "adjoint",  # a gradient of an activation
    "workspace",  # scratch of one instruction
]
ROLES: tuple[Role, ...] = get_args(Role)
REUSED: frozenset[str] = frozenset({"activation", "adjoint", "workspace"})
"""Roles whose memory the plan shares; buffers of all other roles keep theirs for good."""

ViewKind = Literal["span", "reshape", "permute", "slice"]
VIEW_KINDS: tuple[ViewKind, ...] = get_args(ViewKind)


@dataclass(frozen=True)
class View:
    """How a buffer looks into the memory of another one.

    Attributes:
        base: Name of the buffer looked into.
        kind: `span` (`arguments` = (first element,), of a flat vector), `reshape` (no arguments: the
            same elements in the same order), `permute` (the axes), `slice` (axis, start, stop, step).
        arguments: Integers, as said above.
    """

    base: str
    kind: ViewKind
    arguments: tuple[int, ...] = ()


@dataclass(frozen=True)
class Buffer:
    """A named piece of memory.

    Attributes:
        name: Unique in its list. Names with `:` are made by graphnet; users cannot write them.
        type: Shape and element type.
        role: What it is for; decides where it lives.
        view: Where it looks into another buffer, or None where it has memory of its own.
        fill: For constants, states and scalars: the value every element starts with. A scalar's is what a
            scheduler changes: the setting's own value.
    """

    name: str
    type: TensorType
    role: Role
    view: View | None = None
    fill: float | None = None
