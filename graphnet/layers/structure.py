"""Layers that join, reshape or pass on values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Flag, Integer, setting
from graphnet.ir import Batch, TensorType, product, shape_text
from graphnet.layers.activation import needs_floats, positive_dim
from graphnet.layers.layer import Layer, LayerError
from graphnet.ops import Emitter, OpError, Value
from graphnet.ops.elementwise import broadcast


class Identity(Layer):
    """The input itself, `y = x`, any shape."""

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit nothing."""
        return inputs[0]


@dataclass(frozen=True, kw_only=True)
class Flatten(Layer):
    """Join dimensions: `x` (N, a, b, ...) to `y` (N, a b ...) between start_dim and end_dim."""

    start_dim: int = setting(Integer(), 1, doc="first dimension joined, the batch being 0")
    end_dim: int = setting(Integer(), -1, doc="last dimension joined")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse dimensions that are not there or in the wrong order."""
        first, last = self._range(inputs[0])
        if first > last:
            raise LayerError(f"start_dim {self.start_dim} comes after end_dim {self.end_dim}")

    def _range(self, x: TensorType) -> tuple[int, int]:
        if x.rank == 1:
            raise LayerError(
                f"needs a dimension beside the batch, the input is {shape_text(x.shape)}"
            )
        return positive_dim(self.start_dim, x), positive_dim(self.end_dim, x)

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit a reshape, or nothing where there is nothing to join."""
        (x,) = inputs
        first, last = self._range(x.type)
        if first == last:
            return x
        joined = product(x.shape[first : last + 1])
        return e.emit("reshape", x, shape=(*x.shape[:first], joined, *x.shape[last + 1 :]))


@dataclass(frozen=True, kw_only=True)
class Combine(Layer):
    """Base of element by element joins of two or more values of one shape."""

    op: ClassVar[str]
    arity = (2, None)
    broadcast: bool = setting(Flag(), False, doc="let dimensions of size 1 stretch")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse different shapes, unless broadcasting is asked for and possible."""
        needs_floats(inputs)
        first = inputs[0]
        shape = first.shape
        for other in inputs[1:]:
            both = f"{shape_text(shape)} and {shape_text(other.shape)}"
            if other.shape != shape and not self.broadcast:
                raise LayerError(
                    f"the inputs have different shapes {both}",
                    "add broadcast: true if the smaller one is meant to be repeated",
                )
            try:
                shape = broadcast(shape, other.shape)
            except OpError as error:
                raise LayerError(f"the shapes {both} cannot be broadcast") from error
            if sum(isinstance(dim, Batch) for dim in shape) > 1:
                raise LayerError(
                    f"the shapes {both} would combine every sample with every other",
                    "give both the same number of dimensions",
                )

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit one op per further input, from left to right."""
        result = inputs[0]
        for other in inputs[1:]:
            result = e.emit(self.op, result, other)
        return result


class Add(Combine):
    """Sum of two or more values of one shape, `y = a + b + ...`."""

    op = "add"


class Mul(Combine):
    """Product of two or more values of one shape, `y = a * b * ...`, element by element."""

    op = "mul"


@dataclass(frozen=True, kw_only=True)
class Cat(Layer):
    """Join values one after the other along a dimension, as torch.cat does."""

    arity = (1, None)
    dim: int = setting(Integer(), 1, doc="dimension to join along, the batch being 0 (torch: 0)")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse inputs that differ in more than the joined dimension."""
        axis = positive_dim(self.dim, inputs[0])
        first = inputs[0]
        for other in inputs[1:]:
            rest = [dim for at, dim in enumerate(other.shape) if at != axis]
            if rest != [dim for at, dim in enumerate(first.shape) if at != axis]:
                raise LayerError(
                    f"cannot join {shape_text(first.shape)} and {shape_text(other.shape)} along "
                    f"dim {self.dim}: the other dimensions differ"
                )
            if other.dtype != first.dtype:
                raise LayerError(f"cannot join {first.dtype} and {other.dtype}")

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit one op."""
        return e.emit("concat", *inputs, axis=positive_dim(self.dim, inputs[0].type))
