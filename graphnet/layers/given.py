"""Layers that read nothing: learned values and constants, the same for every sample."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Either, Integer, Listed, Real, setting
from graphnet.ir import Batch, Shape, TensorType
from graphnet.layers import layer
from graphnet.layers.function import Function
from graphnet.layers.layer import Initial, Layer
from graphnet.ops import Emitter, Value

SHAPE = Listed(Integer(1))


def for_each_sample(e: Emitter, x: Value) -> Value:
    """Emit the repetition of a value for every sample of the batch."""
    return e.emit("expand", x, shape=(Batch(), *x.shape), axes=(0,), mean=False)


@dataclass(frozen=True, kw_only=True)
class Parameter(Layer):
    """A learned value that depends on no input: `y` (N, *shape), `value` (*shape) for every sample.

    It starts at zero unless `init` says otherwise: `init: {value: {type: normal, std: 0.02}}`.
    """

    arity = (0, 0)
    shape: tuple[int, ...] = setting(SHAPE, doc="shape per sample")

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, layer.Parameter]:
        """Return `value` (*shape)."""
        fan_in = math.prod(self.shape[1:])
        return {
            "value": layer.Parameter(TensorType(self.shape, dtype), Initial("zeros", {}), fan_in)
        }

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit its repetition."""
        return for_each_sample(e, parameters["value"])


@dataclass(frozen=True, kw_only=True)
class Constant(Function):
    """Numbers that the spec gives: `y` (N, *shape), the same for every sample.

    `value` is one number, or as many as `shape` has elements, the last dimension running first.
    """

    arity = (0, 0)
    shape: tuple[int, ...] = setting(SHAPE, doc="shape per sample")
    value: float | tuple[float, ...] = setting(
        Either((Real(), Listed(Real()))), doc="a number, or a list of all"
    )

    def conflict(self) -> str:
        """Refuse another count of numbers than the shape has elements."""
        if isinstance(self.value, float):
            return ""
        count, wanted = len(self.value), math.prod(self.shape)
        told = f"value lists {count} numbers, shape {list(self.shape)} has {wanted} elements"
        return told * (count != wanted)

    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value:
        """Emit what is computed once per batch size."""
        shape: Shape = (Batch(), *self.shape)
        if isinstance(self.value, float):
            one, axes = e.constant(self.value, e.floats), tuple(range(len(shape)))
            return e.emit("expand", one, shape=shape, axes=axes, mean=False)
        given = e.emit("literal", dtype=e.floats, values=self.value)
        return for_each_sample(e, e.emit("reshape", given, shape=self.shape))
