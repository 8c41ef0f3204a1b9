"""Activations: functions of each element, and softmax along a dimension."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Integer, setting
from graphnet.ir import Attribute, TensorType, shape_text
from graphnet.layers.layer import Layer, LayerError
from graphnet.ops import Emitter, Value


def needs_floats(inputs: Sequence[TensorType]) -> None:
    """Refuse inputs that are not floating point numbers.

    Raises:
        LayerError: Naming the element type.
    """
    for x in inputs:
        if not x.is_float:
            raise LayerError(f"needs floating point numbers, the input holds {x.dtype}")


@dataclass(frozen=True, kw_only=True)
class Pointwise(Layer):
    """Base of functions of each element: `y` has the shape of `x`."""

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers."""
        needs_floats(inputs)

    @abstractmethod
    def of(self, e: Emitter, x: Value) -> Value:
        """Emit the function."""

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the function of the only input."""
        return self.of(e, inputs[0])


@dataclass(frozen=True, kw_only=True)
class Elementwise(Pointwise):
    """Base of functions of each element that are one op."""

    op: ClassVar[str]

    def options(self) -> dict[str, Attribute]:
        """Return the op's attributes."""
        return {}

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit the op."""
        return e.emit(self.op, x, into=None, accumulates=(), **self.options())


class Tanh(Elementwise):
    """Hyperbolic tangent, `y = tanh(x)`, any shape."""

    op = "tanh"


class Sigmoid(Elementwise):
    """Logistic function, `y = 1 / (1 + exp(-x))`, any shape."""

    op = "sigmoid"


class ReLU(Elementwise):
    """Rectifier, `y = max(x, 0)`, any shape; the gradient at 0 is 0."""

    op = "relu"


def positive_dim(dim: int, x: TensorType, name: str = "dim") -> int:
    """Return a dimension counted from the front, batch included as torch counts.

    Raises:
        LayerError: When it is the batch or outside the input.

    Example:
        >>> from graphnet.ir import Batch
        >>> positive_dim(-1, TensorType((Batch(), 3, 4), "float32"))
        2
    """
    axis = dim + x.rank if dim < 0 else dim
    if not 0 <= axis < x.rank:
        raise LayerError(f"{name} {dim} is outside the input {shape_text(x.shape)}")
    if axis == 0:
        raise LayerError(f"{name} {dim} is the batch", "dimensions are counted with the batch as 0")
    return axis


@dataclass(frozen=True, kw_only=True)
class AlongDim(Layer):
    """Base of activations along one dimension: `y` has the shape of `x`."""

    op: ClassVar[str]
    dim: int = setting(
        Integer(), -1, doc="dimension it runs along, the batch being 0 (torch has no default)"
    )

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers and dimensions that are not there."""
        needs_floats(inputs)
        positive_dim(self.dim, inputs[0])

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the op."""
        return e.emit(self.op, inputs[0], axis=positive_dim(self.dim, inputs[0].type))


class Softmax(AlongDim):
    """Softmax, `y = exp(x) / sum exp(x)` along `dim`, any shape."""

    op = "softmax"


class Softmin(AlongDim):
    """Softmax of the negative, `y = exp(-x) / sum exp(-x)` along `dim`, any shape."""

    op = "softmax"

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the negative and its softmax."""
        turned = [e.emit("scale", inputs[0], factor=-1.0)]
        return super().emit(e, turned, parameters, training=training)


class Softmax2d(Layer):
    """Softmax over channels at every place, `x` and `y` (N, C, H, W)."""

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers and all but pictures."""
        needs_floats(inputs)
        if inputs[0].rank != 4:
            raise LayerError(f"needs [N, C, H, W], the input is {shape_text(inputs[0].shape)}")

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit one op."""
        return e.emit("softmax", inputs[0], axis=1)


class LogSoftmax(AlongDim):
    """Logarithm of softmax, `y = x - log sum exp(x)` along `dim`, any shape."""

    op = "log_softmax"
