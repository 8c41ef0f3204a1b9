"""Layers that join, reshape or pass on values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Integer, setting
from graphnet.ir import TensorType, product, shape_text
from graphnet.layers.activation import positive_dim
from graphnet.layers.layer import Layer, LayerError
from graphnet.ops import Emitter, Value


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
        return positive_dim(self.start_dim, x, "start_dim"), positive_dim(
            self.end_dim, x, "end_dim"
        )

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
