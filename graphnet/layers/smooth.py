"""Activations without a kink, most of them products and sums of few ops."""

from __future__ import annotations

import math
from dataclasses import dataclass

from graphnet.declare import Choice, Real, setting
from graphnet.ir import Attribute
from graphnet.layers.activation import Elementwise, Pointwise
from graphnet.layers.rectifier import LARGEST
from graphnet.ops import Emitter, Value


def silu(e: Emitter, x: Value) -> Value:
    """Emit `x / (1 + exp(-x))`."""
    return e.emit("mul", x, e.emit("sigmoid", x))


def gelu(e: Emitter, x: Value, approximate: str = "none") -> Value:
    """Emit x times the share of a standard normal variable below it, exact or by a hyperbolic tangent."""
    if approximate == "none":
        return e.emit("mul", x, e.emit("normal_cdf", x))
    # sqrt(2 / pi) (x + 0.044715 x^3) = x (a + b x^2)
    a = math.sqrt(2.0 / math.pi)
    bracket = e.emit("scale", e.emit("square", x), factor=0.044715 * a)
    inner = e.emit("mul", x, e.emit("shift", bracket, amount=a))
    grown = e.emit("shift", e.emit("tanh", inner), amount=1.0)
    return e.emit("mul", x, e.emit("scale", grown, factor=0.5))


def softplus(e: Emitter, x: Value, beta: float = 1.0, threshold: float = LARGEST) -> Value:
    """Emit `log(1 + exp(beta x)) / beta`, x itself above the threshold."""
    return e.emit("softplus", x, beta=beta, threshold=threshold)


@dataclass(frozen=True, kw_only=True)
class GELU(Pointwise):
    """Gaussian error linear unit, `y = x (1 + erf(x / sqrt(2))) / 2`, any shape.

    With `approximate: tanh` it is `y = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2`, off by up to 5e-4.

    References:
        Hendrycks and Gimpel, "Gaussian error linear units", arXiv 1606.08415, section 2.
    """

    approximate: str = setting(Choice(("none", "tanh")), "none", doc="exact, or by tanh")

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit x times a distribution function."""
        return gelu(e, x, self.approximate)


class SiLU(Pointwise):
    """Sigmoid linear unit, also called swish, `y = x / (1 + exp(-x))`, any shape."""

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit x times its sigmoid."""
        return silu(e, x)


class Mish(Pointwise):
    """`y = x tanh(log(1 + exp(x)))`, any shape.

    References:
        Misra, "Mish: a self regularized non-monotonic activation function", BMVC 2020.
    """

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit x times the tangent of its softplus."""
        return e.emit("mul", x, e.emit("tanh", softplus(e, x)))


@dataclass(frozen=True, kw_only=True)
class Softplus(Elementwise):
    """Smooth rectifier, `y = log(1 + exp(beta x)) / beta`, but x where beta x > threshold, any shape."""

    op = "softplus"
    beta: float = setting(Real(above=0.0), 1.0, doc="how sharp the bend is")
    threshold: float = setting(Real(), 20.0, doc="above it, y is x")

    def options(self) -> dict[str, Attribute]:
        """Return both settings."""
        return {"beta": self.beta, "threshold": self.threshold}


class Softsign(Pointwise):
    """`y = x / (1 + |x|)`, any shape."""

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit a quotient."""
        return e.emit("div", x, e.emit("shift", e.emit("abs", x), amount=1.0))


class LogSigmoid(Pointwise):
    """Logarithm of the logistic function, `y = -log(1 + exp(-x))`, any shape."""

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit softplus with both signs turned."""
        turned = softplus(e, e.emit("scale", x, factor=-1.0))
        return e.emit("scale", turned, factor=-1.0)


class Tanhshrink(Pointwise):
    """`y = x - tanh(x)`, any shape."""

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit a difference."""
        return e.emit("sub", x, e.emit("tanh", x))


@dataclass(frozen=True, kw_only=True)
class Sine(Pointwise):
    """`y = sin(omega x)`, any shape.

    References:
        Sitzmann et al., "Implicit neural representations with periodic activation functions", NeurIPS 2020,
        where omega is 30 in the first layer.
    """

    omega: float = setting(Real(), 1.0, doc="frequency")

    def of(self, e: Emitter, x: Value) -> Value:
        """Emit a factor and the sine."""
        turned = x if self.omega == 1.0 else e.emit("scale", x, factor=self.omega)
        return e.emit("sin", turned)


class Exponential(Elementwise):
    """`y = exp(x)`, any shape."""

    op = "exp"
