"""Stochastic gradient descent."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Flag, Real, setting
from graphnet.ops import Emitter, Value
from graphnet.optimizers.arithmetic import decayed, descend, times
from graphnet.optimizers.kinds import NOT_NEGATIVE, SHARE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import Number, ParameterVector


@dataclass(frozen=True, kw_only=True)
class SGD(Descent):
    """Gradient descent with momentum, as torch.optim.SGD.

    `g = g + weight_decay * p; b = momentum * b + (1 - dampening) * g (b = g in the first update);
    p = p - lr * b`, or with nesterov `p = p - lr * (g + momentum * b)`.

    References:
        Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013;
        as in torch the rate multiplies the velocity, not the gradient inside it.
    """

    momentum: float = setting(SHARE, 0.0, doc="share of the velocity that is kept")
    dampening: float = setting(Real(), 0.0, doc="share of the gradient kept out of the velocity")
    weight_decay: float = setting(NOT_NEGATIVE, 0.0, doc="L2 penalty, times two")
    nesterov: bool = setting(Flag(), False, doc="look ahead along the velocity")

    def conflict(self) -> str:
        """Refuse nesterov without momentum or with dampening, as torch does."""
        if self.nesterov and (self.momentum == 0.0 or self.dampening != 0.0):
            return "nesterov needs a momentum above 0 and no dampening"
        return ""

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        g = decayed(e, v, self.weight_decay)
        momentum = v.momentum(self.momentum)
        descend(e, v, g if momentum == 0.0 else self._velocity(e, v, g, momentum))

    def _velocity(self, e: Emitter, v: ParameterVector, g: Value, momentum: Number) -> Value:
        b = v.state("momentum_buffer")
        times(e, b, momentum, into=b)
        e.emit("add", b, self._dampened(e, v, g), into=b)
        if not self.nesterov:
            return b
        return e.emit("add", g, times(e, b, momentum))

    def _dampened(self, e: Emitter, v: ParameterVector, g: Value) -> Value:
        if self.dampening == 0.0:
            return g
        step = v.counter("step")
        e.emit("increment", accumulates=(step,))
        share = e.emit("first_then", step, first=1.0, later=1.0 - self.dampening, dtype=v.p.dtype)
        return e.emit("mul", g, share)
