"""ParameterVector: what an optimizer updates, and what it may declare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from graphnet.ir import Shape, TensorType, View
from graphnet.ops import Emitter, Value

Number = float | Value
"""A setting: a plain number, or a single float64 that the runner sets because a scheduler changes it."""


@dataclass(frozen=True)
class Member:
    """One parameter inside a vector.

    Attributes:
        name: `layer.parameter`.
        shape: Its shape, never symbolic.
        offset: Its first element in the vector.
    """

    name: str
    shape: tuple[int, ...]
    offset: int

    @property
    def size(self) -> int:
        """Number of elements."""
        return TensorType(self.shape, "bool").size_at(1)


@dataclass(frozen=True)
class ParameterVector:
    """Parameters that share their settings, as flat vectors of P elements.

    Attributes:
        p: Parameters, (P,), changed in place.
        g: Their gradients, (P,).
        lr: Learning rate of this update, a single float64 set by the runner.
        members: The parameters inside, for methods that look at each alone.
        scheduled: Other settings that the runner sets, by name: single float64.
        make_state: Declares a state of a name and type whose elements start with a number.
    """

    p: Value
    g: Value
    lr: Value
    members: tuple[Member, ...]
    scheduled: Mapping[str, Value]
    make_state: Callable[[str, TensorType, float], Value] = field(repr=False)

    def state(self, name: str, fill: float = 0.0) -> Value:
        """Declare a state vector like `p`, (P,), that starts at `fill` and is saved in checkpoints."""
        return self.make_state(name, self.p.type, fill)

    def counter(self, name: str, fill: float = 0.0) -> Value:
        """Declare a single float64 state that starts at `fill` and is saved in checkpoints."""
        return self.make_state(name, TensorType((), "float64"), fill)

    def member_state(self, name: str, member: Member, shape: Shape) -> Value:
        """Declare a state of one parameter, of any shape, that starts at zero."""
        kind = self.p.type.with_shape(*shape)
        return self.make_state(f"{name}/{member.name}", kind, 0.0)

    def setting(self, name: str, value: float) -> Number:
        """Return a setting: as the runner gives it where a scheduler changes it, else its own value."""
        return self.scheduled.get(name, value) if value else value

    def momentum(self, value: float) -> Number:
        """Return the momentum, or the first of the betas; a scheduler may raise it from 0."""
        return self.scheduled.get("momentum", value)

    def with_gradient(self, g: Value) -> ParameterVector:
        """Return the same with another gradient."""
        return replace(self, g=g)

    def part(self, e: Emitter, vector: Value, member: Member, shape: Shape | None = None) -> Value:
        """Return the part of a vector like `p` that belongs to one parameter, in its own shape.

        Args:
            e: Holds the vector.
            vector: (P,).
            member: One of `members`.
            shape: Another shape of as many elements.
        """
        wanted = member.shape if shape is None else shape
        suffix = "" if shape is None else ":" + "x".join(str(dim) for dim in shape)
        name = f"{vector.name}/{member.name}{suffix}"
        kind = vector.type.with_shape(*wanted)
        if name in e.buffers:
            return Value(name, kind)
        view = View(vector.name, "span", (member.offset,))
        return e.declare(name, kind, e.buffers[vector.name].role, view=view)

    def rows(self, e: Emitter, vector: Value, member: Member) -> Value:
        """Return the part of a vector that belongs to one parameter as a vector, (size,)."""
        return self.part(e, vector, member, (member.size,))
