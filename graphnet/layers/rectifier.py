"""Activations with a kink: rectifiers and their kin, hard limits, shrinkage."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Integer, Real, setting
from graphnet.ir import Attribute, Shape, TensorType, shape_text
from graphnet.layers.activation import Elementwise, Pointwise, needs_floats
from graphnet.layers.layer import Initial, Layer, LayerError, Parameter
from graphnet.ops import Emitter, Value

LARGEST = sys.float_info.max
"""Stands for a bound that is not there."""


def negative_part(e: Emitter, x: Value) -> Value:
    """Emit `min(x, 0)`, whose gradient at 0 is that of x below 0."""
    return e.emit("clamp", x, low=-LARGEST, high=0.0, inclusive=True)


def clamped(e: Emitter, x: Value, low: float, high: float) -> Value:
    """Emit `min(max(x, low), high)`, whose gradient at both bounds is 0."""
    return e.emit("clamp", x, low=low, high=high, inclusive=False)


def hard_sigmoid(e: Emitter, x: Value) -> Value:
    """Emit `min(max(x + 3, 0), 6) / 6`."""
    moved = e.emit("shift", x, amount=3.0)
    return e.emit("scale", clamped(e, moved, 0.0, 6.0), factor=1.0 / 6.0)


class ReLU6(Pointwise):
    """Rectifier with a limit, `y = min(max(x, 0), 6)`, any shape; the gradient at 0 and 6 is 0."""

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit one op."""
        return clamped(e, x, 0.0, 6.0)


@dataclass(frozen=True, kw_only=True)
class LeakyReLU(Elementwise):
    """Rectifier that leaks, `y = x` where x > 0, else `negative_slope * x`, any shape.

    The slope must not be negative, which torch does not ask for.
    """

    op = "leaky_relu"
    negative_slope: float = setting(Real(low=0.0), 0.01, doc="slope below 0")

    def options(self) -> dict[str, Attribute]:
        """Return the slope."""
        return {"slope": self.negative_slope}


@dataclass(frozen=True, kw_only=True)
class PReLU(Layer):
    """Rectifier with a learned slope, `y = x` where x > 0, else `weight * x`.

    `x` (N, C, ...), `weight` (1) or (C), a slope for each channel, `y` like `x`. An `x` of single numbers (N)
    takes one slope. It starts at 0.25; torch's setting `init` is the key that all layers have:
    `init: {weight: {type: constant, val: 0.1}}`.

    References:
        He et al., "Delving deep into rectifiers", ICCV 2015, equation 1.
    """

    num_parameters: int = setting(Integer(1), 1, doc="1, or the number of channels")

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse a number of slopes that is neither 1 nor the number of channels."""
        needs_floats(inputs)
        (x,) = inputs
        channels = x.shape[1] if x.rank > 1 else 1
        if self.num_parameters not in (1, channels):
            raise LayerError(
                f"num_parameters is {self.num_parameters}, but the input {shape_text(x.shape)} has "
                f"{channels} channels",
                f"write num_parameters: {channels}, or 1 for a slope that all share",
            )

    def parameters(self, inputs: Sequence[TensorType], dtype: str) -> dict[str, Parameter]:
        """Return `weight` (num_parameters)."""
        initial = Initial("constant", {"val": 0.25})
        return {"weight": Parameter(TensorType((self.num_parameters,), dtype), initial)}

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit the positive part and the weighted negative part."""
        (x,), weight = inputs, parameters["weight"]
        if x.rank > 2:
            shape: Shape = (self.num_parameters, *(1,) * (x.rank - 2))
            weight = e.emit("reshape", weight, shape=shape)
        if x.rank == 1:
            weight = e.emit("reshape", weight, shape=())
        below = e.emit("mul", negative_part(e, x), weight)
        return e.emit("add", e.emit("relu", x), below)


@dataclass(frozen=True, kw_only=True)
class RReLU(Layer):
    """Rectifier with a random slope, `y = x` where x > 0, else `a * x`, any shape.

    While training, a is uniform on [lower, upper) for every element, drawn from a stream named after the
    layer; else it is (lower + upper) / 2.
    """

    lower: float = setting(Real(low=0.0), 0.125, doc="least slope")
    upper: float = setting(Real(low=0.0), 1.0 / 3.0, doc="greatest slope")

    def conflict(self) -> str:
        """Refuse bounds in the wrong order."""
        return f"lower {self.lower} is above upper {self.upper}" * (self.lower > self.upper)

    def check(self, inputs: Sequence[TensorType]) -> None:
        """Refuse whole numbers."""
        needs_floats(inputs)

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        parameters: Mapping[str, Value],
        *,
        training: bool,
    ) -> Value:
        """Emit random slopes while training, else the mean one."""
        (x,) = inputs
        if not training:
            return e.emit("leaky_relu", x, slope=(self.lower + self.upper) / 2.0)
        u = e.emit("uniform", dtype=x.dtype, shape=x.shape, stream=f"slope:{e.layer}")
        slope = e.emit("scale", u, factor=self.upper - self.lower)
        slope = e.emit("shift", slope, amount=self.lower)
        below = e.emit("mul", negative_part(e, x), slope)
        return e.emit("add", e.emit("relu", x), below)


@dataclass(frozen=True, kw_only=True)
class ELU(Elementwise):
    """Exponential linear unit, `y = x` where x > 0, else `alpha (exp(x) - 1)`, any shape."""

    op = "elu"
    alpha: float = setting(Real(), 1.0, doc="minus the value far below 0")

    def options(self) -> dict[str, Attribute]:
        """Return alpha."""
        return {"alpha": self.alpha, "rate": 1.0, "scale": 1.0}


SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


class SELU(Elementwise):
    """Self-normalising unit, `y = 1.0507 x` where x > 0, else `1.0507 * 1.6733 (exp(x) - 1)`, any shape.

    References:
        Klambauer et al., "Self-normalizing neural networks", NIPS 2017, equation 2.
    """

    op = "elu"

    def options(self) -> dict[str, Attribute]:
        """Return the paper's constants."""
        return {"alpha": SELU_ALPHA, "rate": 1.0, "scale": SELU_SCALE}


@dataclass(frozen=True, kw_only=True)
class CELU(Elementwise):
    """ELU with a slope without a jump, `y = x` where x > 0, else `alpha (exp(x / alpha) - 1)`, any shape."""

    op = "elu"
    alpha: float = setting(Real(above=0.0), 1.0, doc="minus the value far below 0")

    def options(self) -> dict[str, Attribute]:
        """Return alpha and the rate that goes with it."""
        return {"alpha": self.alpha, "rate": 1.0 / self.alpha, "scale": 1.0}


class Hardsigmoid(Pointwise):
    """Sigmoid of straight pieces, `y = min(max(x + 3, 0), 6) / 6`, any shape."""

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit a shift, a limit and a factor."""
        return hard_sigmoid(e, x)


class Hardswish(Pointwise):
    """`y = x min(max(x + 3, 0), 6) / 6`, any shape."""

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit a product with the hard sigmoid."""
        return e.emit("mul", x, hard_sigmoid(e, x))


@dataclass(frozen=True, kw_only=True)
class Hardtanh(Pointwise):
    """Limits, `y = min(max(x, min_val), max_val)`, any shape; the gradient at both limits is 0."""

    min_val: float = setting(Real(), -1.0, doc="least value")
    max_val: float = setting(Real(), 1.0, doc="greatest value")

    def conflict(self) -> str:
        """Refuse limits in the wrong order."""
        problem = f"min_val {self.min_val} is not below max_val {self.max_val}"
        return problem * (self.min_val >= self.max_val)

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit one op."""
        return clamped(e, x, self.min_val, self.max_val)


@dataclass(frozen=True, kw_only=True)
class Hardshrink(Pointwise):
    """`y = x` where |x| > lambd, else 0, any shape."""

    lambd: float = setting(Real(low=0.0), 0.5, doc="what is nearer to 0 becomes 0")

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit a product with 1 where x is far from 0."""
        limit = e.constant(self.lambd, x.dtype)
        far = e.emit("compare", e.emit("abs", x), limit, dtype=x.dtype, relation="greater")
        return e.emit("mul", x, far)


@dataclass(frozen=True, kw_only=True)
class Softshrink(Pointwise):
    """`y = x - lambd` where x > lambd, `x + lambd` where x < -lambd, else 0, any shape."""

    lambd: float = setting(Real(low=0.0), 0.5, doc="by how much x moves to 0")

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit x less what of it is within the bounds."""
        within = e.emit("clamp", x, low=-self.lambd, high=self.lambd, inclusive=True)
        return e.emit("sub", x, within)


@dataclass(frozen=True, kw_only=True)
class Threshold(Pointwise):
    """`y = x` where x > threshold, else `value`, any shape."""

    threshold: float = setting(Real(), doc="what must be passed")
    value: float = setting(Real(), doc="what takes the place of x")

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit a choice."""
        limit = e.constant(self.threshold, x.dtype)
        above = e.emit("compare", x, limit, dtype=x.dtype, relation="greater")
        return e.emit("where", above, x, e.constant(self.value, x.dtype))
