"""Adadelta: steps in the units of earlier steps."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Real, setting
from graphnet.ops import Emitter
from graphnet.optimizers.arithmetic import average_into, decayed, descend
from graphnet.optimizers.kinds import NOT_NEGATIVE, POSITIVE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import ParameterVector


@dataclass(frozen=True, kw_only=True)
class Adadelta(Descent):
    """Adaptive steps without a scale of their own, as torch.optim.Adadelta.

    `g = g + weight_decay * p; v = rho v + (1 - rho) g^2; d = sqrt(u + eps) / sqrt(v + eps) * g;
    u = rho u + (1 - rho) d^2; p = p - lr d`.

    References:
        Zeiler, "ADADELTA", 2012, algorithm 1.
    """

    lr: float = setting(Real(above=0.0), 1.0, doc="factor of every step")
    rho: float = setting(Real(low=0.0, high=1.0), 0.9, doc="decay of the two averages")
    eps: float = setting(POSITIVE, 1e-6, doc="added to both averages")
    weight_decay: float = setting(NOT_NEGATIVE, 0.0, doc="L2 penalty, times two")

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        g = decayed(e, v, self.weight_decay)
        square, steps = v.state("square_avg"), v.state("acc_delta")
        average_into(e, square, e.emit("square", g), self.rho)
        above, below = (
            e.emit("sqrt", e.emit("shift", average, amount=self.eps)) for average in (steps, square)
        )
        delta = e.emit("mul", e.emit("div", above, below), g)
        average_into(e, steps, e.emit("square", delta), self.rho)
        descend(e, v, delta)
