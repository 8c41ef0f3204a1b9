"""Initializers that scale by the parameter's fans."""

from __future__ import annotations

import math
from dataclasses import dataclass

from graphnet.declare import Choice, Real, setting
from graphnet.initializers.fans import Fans
from graphnet.initializers.initializer import ROOT_3, Initializer, centred, symmetric
from graphnet.ir import Draw

NONLINEARITIES = ("linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu")


def calculate_gain(nonlinearity: str, a: float) -> float:
    """Return torch's gain for what follows the layer; `a` is the slope of leaky_relu.

    Example:
        >>> calculate_gain("tanh", 0.0)
        1.6666666666666667
    """
    gains = {"tanh": 5.0 / 3.0, "relu": math.sqrt(2.0), "selu": 0.75}
    if nonlinearity == "leaky_relu":
        return math.sqrt(2.0 / (1.0 + a * a))
    return gains.get(nonlinearity, 1.0)


@dataclass(frozen=True, kw_only=True)
class _Kaiming(Initializer):
    a: float = setting(Real(), 0.0, doc="slope of leaky_relu")
    mode: str = setting(Choice(("fan_in", "fan_out")), "fan_in", doc="which fan is kept in scale")
    nonlinearity: str = setting(Choice(NONLINEARITIES), "leaky_relu", doc="what follows the layer")

    def deviation(self, fans: Fans) -> float:
        """Return gain / sqrt(fan)."""
        fan = fans.fan_in if self.mode == "fan_in" else fans.fan_out
        return calculate_gain(self.nonlinearity, self.a) / math.sqrt(fan)


class KaimingUniform(_Kaiming):
    """Uniform with deviation gain / sqrt(fan).

    References:
        He et al., "Delving Deep into Rectifiers", 2015, equation 10.
    """

    type_name = "kaiming_uniform"

    def draw(self, fans: Fans) -> Draw:
        """Return the uniform distribution."""
        return symmetric(ROOT_3 * self.deviation(fans))


class KaimingNormal(_Kaiming):
    """Normal with deviation gain / sqrt(fan).

    References:
        He et al., "Delving Deep into Rectifiers", 2015, equation 10.
    """

    type_name = "kaiming_normal"

    def draw(self, fans: Fans) -> Draw:
        """Return the normal distribution."""
        return centred(self.deviation(fans))


@dataclass(frozen=True, kw_only=True)
class _Xavier(Initializer):
    gain: float = setting(Real(above=0.0), 1.0, doc="factor on the deviation")

    def deviation(self, fans: Fans) -> float:
        """Return gain * sqrt(2 / (fan_in + fan_out))."""
        return self.gain * math.sqrt(2.0 / (fans.fan_in + fans.fan_out))


class XavierUniform(_Xavier):
    """Uniform with deviation gain * sqrt(2 / (fan_in + fan_out)).

    References:
        Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
        networks", 2010, equation 16.
    """

    type_name = "xavier_uniform"

    def draw(self, fans: Fans) -> Draw:
        """Return the uniform distribution."""
        return symmetric(ROOT_3 * self.deviation(fans))


class XavierNormal(_Xavier):
    """Normal with deviation gain * sqrt(2 / (fan_in + fan_out)).

    References:
        Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
        networks", 2010, equation 12.
    """

    type_name = "xavier_normal"

    def draw(self, fans: Fans) -> Draw:
        """Return the normal distribution."""
        return centred(self.deviation(fans))


TRUNCATED = 0.8796256610342398
"""Standard deviation of a standard normal variable that lies within 2 of its mean."""
FAN_MODES = Choice(("fan_in", "fan_out", "fan_avg"))


@dataclass(frozen=True, kw_only=True)
class VarianceScaling(Initializer):
    """Any distribution with variance scale / fan, as in Keras.

    `uniform` between `-sqrt(3 scale / fan)` and that; `untruncated_normal`; `truncated_normal`, cut at two
    standard deviations and widened so that the variance remains.

    References:
        Glorot and Bengio, 2010; He et al., 2015; Klambauer et al., "Self-Normalizing Neural
        Networks", 2017.
    """

    type_name = "variance_scaling"
    scale: float = setting(Real(above=0.0), 1.0, doc="variance times fan")
    mode: str = setting(FAN_MODES, "fan_in", doc="which fan; fan_avg is the mean of both")
    distribution: str = setting(
        Choice(("truncated_normal", "untruncated_normal", "uniform")),
        "truncated_normal",
        doc="the distribution",
    )

    def draw(self, fans: Fans) -> Draw:
        """Return the distribution."""
        average = (fans.fan_in + fans.fan_out) / 2
        fan = {"fan_in": fans.fan_in, "fan_out": fans.fan_out, "fan_avg": average}[self.mode]
        deviation = math.sqrt(self.scale / fan)
        if self.distribution == "uniform":
            return symmetric(ROOT_3 * deviation)
        if self.distribution == "untruncated_normal":
            return centred(deviation)
        wide = deviation / TRUNCATED
        return Draw("truncated", 0.0, wide, -2.0 * wide, 2.0 * wide)


class LecunUniform(Initializer):
    """Uniform with variance 1 / fan_in.

    References:
        LeCun et al., "Efficient BackProp", 1998, section 4.6.
    """

    type_name = "lecun_uniform"

    def draw(self, fans: Fans) -> Draw:
        """Return the uniform distribution."""
        return symmetric(math.sqrt(3.0 / fans.fan_in))


class LecunNormal(Initializer):
    """Truncated normal with variance 1 / fan_in, as in Keras; for SELU.

    References:
        LeCun et al., "Efficient BackProp", 1998, section 4.6.
    """

    type_name = "lecun_normal"

    def draw(self, fans: Fans) -> Draw:
        """Return the truncated normal distribution."""
        return VarianceScaling().draw(fans)
