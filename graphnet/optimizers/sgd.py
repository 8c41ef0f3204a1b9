"""Stochastic gradient descent."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Flag, Real, setting
from graphnet.ops import Emitter, Value
from graphnet.optimizers.optimizer import Optimizer, ParameterVector, decayed


@dataclass(frozen=True, kw_only=True)
class SGD(Optimizer):
    """Gradient descent with momentum, as torch.optim.SGD.

    `g = g + weight_decay * p; b = momentum * b + (1 - dampening) * g (b = g in the first update);
    p = p - lr * b`, or with nesterov `p = p - lr * (g + momentum * b)`.

    References:
        Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013;
        as in torch the rate multiplies the velocity, not the gradient inside it.
    """

    momentum: float = setting(
        Real(low=0.0, below=1.0), 0.0, doc="share of the velocity that is kept"
    )
    dampening: float = setting(Real(), 0.0, doc="share of the gradient kept out of the velocity")
    weight_decay: float = setting(Real(low=0.0), 0.0, doc="L2 penalty, times two")
    nesterov: bool = setting(Flag(), False, doc="look ahead along the velocity")

    def conflict(self) -> str:
        """Refuse nesterov without momentum or with dampening, as torch does."""
        if self.nesterov and (self.momentum == 0.0 or self.dampening != 0.0):
            return "nesterov needs a momentum above 0 and no dampening"
        return ""

    def emit(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        g = decayed(e, self.ascent(e, v), v.p, self.weight_decay)
        direction = self._velocity(e, v, g) if self.momentum else g
        rate = e.emit("affine", v.lr, factor=1.0, offset=0.0, dtype=v.p.dtype)
        e.emit("sub", v.p, e.emit("mul", direction, rate), into=v.p)

    def _velocity(self, e: Emitter, v: ParameterVector, g: Value) -> Value:
        b = v.state("momentum_buffer")
        e.emit("scale", b, into=b, factor=self.momentum)
        e.emit("add", b, self._dampened(e, v, g), into=b)
        if not self.nesterov:
            return b
        return e.emit("add", g, e.emit("scale", b, factor=self.momentum))

    def _dampened(self, e: Emitter, v: ParameterVector, g: Value) -> Value:
        if self.dampening == 0.0:
            return g
        step = v.counter("step")
        e.emit("increment", accumulates=(step,))
        share = e.emit("first_then", step, first=1.0, later=1.0 - self.dampening, dtype=v.p.dtype)
        return e.emit("mul", g, share)
