"""Initializers that do not look at the parameter's shape."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Real, setting
from graphnet.initializers.fans import Fans
from graphnet.initializers.initializer import Initializer
from graphnet.ir import Draw


class Zeros(Initializer):
    """Every element 0."""

    type_name = "zeros"

    def draw(self, fans: Fans) -> Draw:
        """Return the constant 0."""
        return Draw("constant", 0.0)


class Ones(Initializer):
    """Every element 1."""

    type_name = "ones"

    def draw(self, fans: Fans) -> Draw:
        """Return the constant 1."""
        return Draw("constant", 1.0)


@dataclass(frozen=True, kw_only=True)
class Constant(Initializer):
    """Every element `val`."""

    type_name = "constant"
    val: float = setting(Real(), doc="the value")

    def draw(self, fans: Fans) -> Draw:
        """Return the constant."""
        return Draw("constant", self.val)


@dataclass(frozen=True, kw_only=True)
class Uniform(Initializer):
    """Uniform on [a, b)."""

    type_name = "uniform"
    a: float = setting(Real(), 0.0, doc="lower bound")
    b: float = setting(Real(), 1.0, doc="upper bound")

    def draw(self, fans: Fans) -> Draw:
        """Return the uniform distribution."""
        return Draw("uniform", self.a, self.b)


@dataclass(frozen=True, kw_only=True)
class Normal(Initializer):
    """Normal with the given mean and standard deviation."""

    type_name = "normal"
    mean: float = setting(Real(), 0.0, doc="mean")
    std: float = setting(Real(low=0.0), 1.0, doc="standard deviation")

    def draw(self, fans: Fans) -> Draw:
        """Return the normal distribution."""
        return Draw("normal", self.mean, self.std)


@dataclass(frozen=True, kw_only=True)
class TruncNormal(Initializer):
    """Normal with a mean and standard deviation, but between a and b: what lies outside is drawn anew."""

    type_name = "trunc_normal"
    mean: float = setting(Real(), 0.0, doc="mean of the whole distribution")
    std: float = setting(Real(above=0.0), 1.0, doc="standard deviation of the whole distribution")
    a: float = setting(Real(), -2.0, doc="least value")
    b: float = setting(Real(), 2.0, doc="greatest value")

    def conflict(self) -> str:
        """Say that there is nothing between the bounds."""
        return "" if self.a < self.b else f"a: {self.a:g} is not below b: {self.b:g}"

    def draw(self, fans: Fans) -> Draw:
        """Return the truncated normal distribution."""
        return Draw("truncated", self.mean, self.std, self.a, self.b)
