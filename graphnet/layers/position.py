"""Positions in a sequence: added as sines or learned, or turned into queries and keys."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Flag, Real, setting
from graphnet.ir import TensorType, shape_text
from graphnet.layers.layer import Initial, Layer, LayerError, Parameter
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class Positions(Layer):
    """Base of layers that tell the elements of a sequence (N, ..., L, E) where they are."""

    pairs = True
    """Whether features come in pairs."""

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse what is no sequence of numbers, and an odd number of features where they come in pairs."""
        (x,) = inputs
        if not x.is_float or x.rank < 3:
            raise LayerError(
                f"takes numbers [N, ..., L, E], the input is {x.dtype} {shape_text(x.shape)}"
            )
        if self.pairs and int(str(x.shape[-1])) % 2:
            raise LayerError(
                f"takes features in pairs, the input {shape_text(x.shape)} has {x.shape[-1]}"
            )

    @abstractmethod
    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit what the positions do."""


def waves(e: Emitter, x: Value, base: float) -> tuple[Value, Value]:
    """Return sine and cosine (L, E / 2, 1) of position times base^(-2i / E); both are constants."""
    rows, size = int(str(x.shape[-2])), int(str(x.shape[-1])) // 2
    angles = e.emit("position_angles", base=base, dtype=x.dtype, rows=rows, size=size)
    both = (e.emit("sin", angles), e.emit("cos", angles))
    sine, cosine = (e.emit("reshape", wave, shape=(rows, size, 1)) for wave in both)
    return sine, cosine


@dataclass(frozen=True, kw_only=True)
class SinusoidalPositions(Positions):
    """Add sines of the position.

    `y = x + p`, `p[t, 2i] = sin(t base^(-2i / E))`, `p[t, 2i + 1] = cos(t base^(-2i / E))`, with `x` and `y`
    (N, ..., L, E), E even.

    References:
        Vaswani et al., "Attention Is All You Need", 2017, section 3.5.
    """

    base: float = setting(Real(above=0.0), 10000.0, doc="ratio of the longest wave to the shortest")

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the sum; the sines are constants."""
        (x,) = inputs
        table = e.emit("concat", *waves(e, x, self.base), axis=2)
        return e.emit("add", x, e.emit("reshape", table, shape=x.shape[-2:]))


@dataclass(frozen=True, kw_only=True)
class LearnedPositions(Positions):
    """Add a trained vector for every position.

    `y = x + weight`, with `x` and `y` (N, ..., L, E) and `weight` (L, E), which starts normal with
    deviation `std`.

    References:
        Gehring et al., "Convolutional Sequence to Sequence Learning", 2017, section 3.1.
    """

    pairs = False
    std: float = setting(Real(low=0.0), 0.02, doc="standard deviation that weight starts with")

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return `weight` (L, E)."""
        kind = inputs[0].with_shape(*inputs[0].shape[-2:])
        return {"weight": Parameter(kind, Initial("normal", {"mean": 0.0, "std": self.std}))}

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the sum."""
        return e.emit("add", inputs[0], parameters["weight"])


@dataclass(frozen=True, kw_only=True)
class RotaryPositions(Positions):
    """Turn pairs of features by an angle that grows with the position; for queries and keys.

    Pair i of an element at position t, (a, b), becomes `(a cos w - b sin w, a sin w + b cos w)` with
    `w = t base^(-2i / E)`, so that products of queries and keys depend on how far they are apart. `x` and `y`
    (N, ..., L, E), E even. Pairs are neighbours, or with `interleaved: false` feature i and i + E / 2.

    References:
        Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021, equation 34.
    """

    base: float = setting(Real(above=0.0), 10000.0, doc="ratio of the slowest turn to the fastest")
    interleaved: bool = setting(Flag(), True, doc="whether pairs are neighbours")

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the turn of all pairs; sines and cosines are constants."""
        (x,) = inputs
        sine, cosine = waves(e, x, self.base)
        half, axis = int(str(x.shape[-1])) // 2, x.rank if self.interleaved else x.rank - 1
        pair = (half, 2) if self.interleaved else (2, half)
        paired = e.emit("reshape", x, shape=(*x.shape[:-1], *pair))
        if not self.interleaved:
            turned = [e.emit("reshape", w, shape=(*w.shape[:1], 1, half)) for w in (sine, cosine)]
            sine, cosine = turned
        a, b = (e.emit("slice", paired, axis=axis, start=k, stop=k + 1) for k in (0, 1))
        first = e.emit("sub", e.emit("mul", a, cosine), e.emit("mul", b, sine))
        second = e.emit("add", e.emit("mul", a, sine), e.emit("mul", b, cosine))
        return e.emit("reshape", e.emit("concat", first, second, axis=axis), shape=x.shape)
