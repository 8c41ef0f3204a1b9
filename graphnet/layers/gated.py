"""Gated linear units, and the largest of several pieces."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

from graphnet.declare import Integer, setting
from graphnet.ir import TensorType, shape_text
from graphnet.layers.activation import needs_floats, positive_dim
from graphnet.layers.layer import Layer, LayerError
from graphnet.layers.smooth import gelu, silu
from graphnet.ops import Emitter, Value


def pieces_of(x: TensorType, dim: int, count: int) -> tuple[int, int]:
    """Return a dimension counted from the front, and its size over `count`.

    Raises:
        LayerError: When the dimension does not divide into so many equal pieces.
    """
    axis = positive_dim(dim, x)
    size = x.shape[axis]
    if not isinstance(size, int) or size % count:
        raise LayerError(
            f"cannot divide dim {dim} of the input {shape_text(x.shape)}, of size {size}, into "
            f"{count} equal pieces: {size} / {count} is not whole"
        )
    return axis, size // count


@dataclass(frozen=True, kw_only=True)
class Gated(Layer):
    """Base of gated units: `y = a * f(b)`, `a` and `b` the halves of `x` along `dim`."""

    dim: int = setting(Integer(), -1, doc="dimension that is halved, the batch being 0")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers and dimensions of odd size."""
        needs_floats(inputs)
        pieces_of(inputs[0], self.dim, 2)

    @abstractmethod
    def gate(self, e: Emitter, b: Value) -> Value:
        """Emit what the first half is multiplied by."""

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit both halves, the gate and a product."""
        (x,) = inputs
        axis, half = pieces_of(x.type, self.dim, 2)
        a = e.emit("slice", x, axis=axis, start=0, stop=half)
        b = e.emit("slice", x, axis=axis, start=half, stop=2 * half)
        return e.emit("mul", a, self.gate(e, b))


class GLU(Gated):
    """Gated linear unit, `y = a / (1 + exp(-b))`, `a` and `b` the halves of `x` along `dim`.

    `x` (N, ..., 2 D, ...), `y` (N, ..., D, ...).
    """

    def gate(self, e: Emitter, b: Value) -> Value:
        """Emit a sigmoid."""
        return e.emit("sigmoid", b)


class ReGLU(Gated):
    """Unit gated by a rectifier, `y = a max(b, 0)`, `a` and `b` the halves of `x` along `dim`.

    `x` (N, ..., 2 D, ...), `y` (N, ..., D, ...). The second half is the gate, as in GLU.

    References:
        Shazeer, "GLU variants improve transformer", arXiv 2002.05202, section 2.
    """

    def gate(self, e: Emitter, b: Value) -> Value:
        """Emit a rectifier."""
        return e.emit("relu", b)


class GEGLU(Gated):
    """Unit gated by GELU, `y = a GELU(b)`, `a` and `b` the halves of `x` along `dim`.

    `x` (N, ..., 2 D, ...), `y` (N, ..., D, ...). The second half is the gate, as in GLU.
    """

    def gate(self, e: Emitter, b: Value) -> Value:
        """Emit GELU."""
        return gelu(e, b)


class SwiGLU(Gated):
    """Unit gated by SiLU, `y = a b / (1 + exp(-b))`, `a` and `b` the halves of `x` along `dim`.

    `x` (N, ..., 2 D, ...), `y` (N, ..., D, ...). The second half is the gate, as in GLU.
    """

    def gate(self, e: Emitter, b: Value) -> Value:
        """Emit SiLU."""
        return silu(e, b)


@dataclass(frozen=True, kw_only=True)
class Maxout(Layer):
    """The largest of `pieces` neighbours along `dim`, `y[j] = max(x[j k], ..., x[j k + k - 1])`, k pieces.

    `x` (N, ..., k D, ...), `y` (N, ..., D, ...). Where two pieces are equal each gets half of the gradient.

    References:
        Goodfellow et al., "Maxout networks", ICML 2013, section 3.
    """

    pieces: int = setting(Integer(2), 2, doc="how many values each result is the largest of")
    dim: int = setting(Integer(), -1, doc="dimension that is divided, the batch being 0")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers and sizes that `pieces` does not divide."""
        needs_floats(inputs)
        pieces_of(inputs[0], self.dim, self.pieces)

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the pieces and their maxima."""
        (x,), count = inputs, self.pieces
        axis, size = pieces_of(x.type, self.dim, count)
        before, after = x.shape[:axis], x.shape[axis + 1 :]
        grouped = e.emit("reshape", x, shape=(*before, size, count, *after))
        parts = [
            e.emit("slice", grouped, axis=axis + 1, start=piece, stop=piece + 1)
            for piece in range(count)
        ]
        found = reduce(lambda one, other: e.emit("maximum", one, other), parts)
        return e.emit("reshape", found, shape=(*before, size, *after))
