"""Function: base of layers that have no parameters and do the same in training and evaluation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Either, Integer, Listed, Optional
from graphnet.ir import Batch, Shape, TensorType, shape_text
from graphnet.layers.activation import positive_dim
from graphnet.layers.layer import Layer, LayerError
from graphnet.ops import Emitter, OpError, Value
from graphnet.ops.elementwise import broadcast

DIMS = Optional(Either((Integer(), Listed(Integer()))))
"""One dimension, several, or all."""
Dims = int | tuple[int, ...] | None


@dataclass(frozen=True, kw_only=True)
class Function(Layer):
    """Base of layers that are a function of their inputs and of nothing else."""

    @abstractmethod
    def of(self, e: Emitter, inputs: Sequence[Value]) -> Value | tuple[Value, ...]:
        """Emit the function."""

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value | tuple[Value, ...]:
        """Emit the function of the inputs."""
        return self.of(e, inputs)


def positive_dims(dims: Dims, x: TensorType) -> tuple[int, ...]:
    """Return dimensions counted from the front, in ascending order; all but the batch for None.

    Raises:
        LayerError: When one is the batch, outside the input or named twice.
    """
    if dims is None:
        return tuple(range(1, x.rank))
    given = (dims,) if isinstance(dims, int) else dims
    axes = sorted(positive_dim(dim, x) for dim in given)
    if len(set(axes)) < len(axes):
        raise LayerError(f"dim {list(given)} names a dimension of {shape_text(x.shape)} twice")
    return tuple(axes)


def needs_dimension(x: TensorType) -> None:
    """Refuse an input of single numbers.

    Raises:
        LayerError: Naming its shape.
    """
    if x.rank < 2:
        raise LayerError(f"needs a dimension beside the batch, the input is {shape_text(x.shape)}")


def _stretches(one: Shape, other: Shape) -> bool:
    """Tell whether dimensions of size 1 can be repeated so that both shapes become one."""
    try:
        return sum(isinstance(dim, Batch) for dim in broadcast(one, other)) == 1
    except OpError:
        return False


def joint_shape(inputs: Sequence[TensorType], *, stretch: bool, offer: bool = True) -> Shape:
    """Return the shape of inputs that are taken element by element.

    Args:
        inputs: Their types.
        stretch: Whether dimensions of size 1 are repeated.
        offer: Whether the layer has a setting that repeats them.

    Raises:
        LayerError: When the shapes differ, or would mix samples.
    """
    shape = inputs[0].shape
    for other in inputs[1:]:
        both = f"{shape_text(shape)} and {shape_text(other.shape)}"
        if other.shape != shape and not stretch:
            cure = "add broadcast: true if the smaller one is meant to be repeated"
            fits = offer and _stretches(shape, other.shape)
            raise LayerError(f"the inputs have different shapes {both}", cure * fits)
        try:
            shape = broadcast(shape, other.shape)
        except OpError as error:
            raise LayerError(f"the shapes {both} cannot be broadcast") from error
        if sum(isinstance(dim, Batch) for dim in shape) > 1:
            raise LayerError(
                f"the shapes {both} would combine every sample with every other",
                "give both the same number of dimensions",
            )
    return shape


def same_types(inputs: Sequence[TensorType]) -> None:
    """Refuse inputs of different element types.

    Raises:
        LayerError: Naming both.
    """
    for other in inputs[1:]:
        if other.dtype != inputs[0].dtype:
            raise LayerError(f"the inputs hold {inputs[0].dtype} and {other.dtype}")
