"""Comparison and choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Choice, Flag, Optional, Real, setting
from graphnet.ir import TensorType
from graphnet.layers.function import Function, joint_shape, same_types
from graphnet.layers.layer import LayerError
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class Comparison(Function):
    """Base of comparisons: 1 where they hold, else 0, as numbers of the network's type or whole ones.

    Inputs are two values of one element type, or one that is compared with `value`. No gradient flows back.
    Whole ones can be masks of attention: `{type: Equal, value: 0, dtype: int64}` hides what is padded.
    """

    relation: ClassVar[str]
    arity = (1, 2)
    value: float | None = setting(
        Optional(Real()), None, doc="what a single input is compared with"
    )
    broadcast: bool = setting(Flag(), False, doc="let dimensions of size 1 stretch")
    dtype: str | None = setting(
        Optional(Choice(("int64",))),
        None,
        doc="int64 for whole numbers; null for the network's type",
    )

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse different shapes and types, and a second side given twice or not at all."""
        same_types(inputs)
        joint_shape(inputs, stretch=self.broadcast)
        if self.value is None and len(inputs) == 1:
            raise LayerError("needs something to compare with: `value` or a second input")
        if self.value is not None and len(inputs) == 2:
            raise LayerError("has two things to compare with: `value` and the second input")
        if self.value is not None and not inputs[0].is_float:
            self._check_whole(self.value, inputs[0].dtype)

    def _check_whole(self, value: float, dtype: str) -> None:
        """Refuse what no whole number of the input can be equal to."""
        if value % 1:
            raise LayerError(f"value {value} is not whole, the input holds {dtype}")
        if abs(value) >= 2.0**63:
            raise LayerError(f"value {value:g} is beyond all that {dtype} holds")

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit one op."""
        a = inputs[0]
        b = inputs[1] if self.value is None else e.constant(self.value, a.dtype)
        return e.emit("compare", a, b, dtype=self.dtype or e.floats, relation=self.relation)

    def index_bound(self, inputs: Sequence[TensorType]) -> int | None:
        """Return 2: results are 0 and 1."""
        return 2


class Greater(Comparison):
    """`y = 1` where a > b, else 0; b is the second input or `value`."""

    relation = "greater"


class GreaterEqual(Comparison):
    """`y = 1` where a >= b, else 0; b is the second input or `value`."""

    relation = "greater_equal"


class Less(Comparison):
    """`y = 1` where a < b, else 0; b is the second input or `value`."""

    relation = "less"


class LessEqual(Comparison):
    """`y = 1` where a <= b, else 0; b is the second input or `value`."""

    relation = "less_equal"


class Equal(Comparison):
    """`y = 1` where a = b, else 0; b is the second input or `value`."""

    relation = "equal"


class NotEqual(Comparison):
    """`y = 1` where a differs from b, else 0; b is the second input or `value`."""

    relation = "not_equal"


@dataclass(frozen=True, kw_only=True)
class Where(Function):
    """Choice, `y = a` where the condition is not 0, else b; reads condition, a, b.

    The condition may hold numbers of any type; a and b have one type. Gradients flow to what is chosen.
    """

    arity = (3, 3)
    moves = slice(1, None)
    broadcast: bool = setting(Flag(), False, doc="let dimensions of size 1 stretch")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse different shapes, and a and b of different types."""
        same_types(inputs[1:])
        joint_shape(inputs, stretch=self.broadcast)

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit one op."""
        return e.emit("where", *inputs)


class StopGradient(Function):
    """`y = x`, any shape; no gradient flows back (torch's detach)."""

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit one op."""
        return e.emit("detach", inputs[0])
