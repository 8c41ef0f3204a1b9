"""RMSprop: gradients in units of their own recent size."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Flag, Real, setting
from graphnet.ops import Emitter, Value
from graphnet.optimizers.arithmetic import average_into, decayed, descend, times
from graphnet.optimizers.kinds import NOT_NEGATIVE, POSITIVE, SHARE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import ParameterVector


@dataclass(frozen=True, kw_only=True)
class RMSprop(Descent):
    """Gradients divided by the root of their mean square, as torch.optim.RMSprop.

    `g = g + weight_decay * p; v = alpha v + (1 - alpha) g^2; a = sqrt(v) + eps`, or centered
    `m = alpha m + (1 - alpha) g; a = sqrt(v - m^2) + eps`; `p = p - lr g / a`, or with momentum
    `b = momentum b + g / a; p = p - lr b`.

    References:
        Hinton, "Neural Networks for Machine Learning", lecture 6; Graves, "Generating Sequences", 2013
        (centered). As in torch, eps stands outside the root.
    """

    lr: float = setting(Real(above=0.0), 1e-2, doc="learning rate")
    alpha: float = setting(Real(low=0.0, high=1.0), 0.99, doc="decay of the averages")
    eps: float = setting(POSITIVE, 1e-8, doc="added to the denominator")
    weight_decay: float = setting(NOT_NEGATIVE, 0.0, doc="L2 penalty, times two")
    momentum: float = setting(SHARE, 0.0, doc="share of the velocity that is kept")
    centered: bool = setting(Flag(), False, doc="divide by the deviation from the mean gradient")

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        g = decayed(e, v, self.weight_decay)
        move = e.emit("div", g, e.emit("shift", self._size(e, v, g), amount=self.eps))
        momentum = v.momentum(self.momentum)
        if momentum != 0.0:
            b = v.state("momentum_buffer")
            times(e, b, momentum, into=b)
            move = e.emit("add", b, move, into=b)
        descend(e, v, move)

    def _size(self, e: Emitter, v: ParameterVector, g: Value) -> Value:
        """Emit the root of the mean square, or the deviation."""
        square = v.state("square_avg")
        average_into(e, square, e.emit("square", g), self.alpha)
        if not self.centered:
            return e.emit("sqrt", square)
        mean = v.state("grad_avg")
        average_into(e, mean, g, self.alpha)
        return e.emit("sqrt", e.emit("sub", square, e.emit("square", mean)))
