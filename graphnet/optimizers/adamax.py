"""Adamax: Adam with the largest gradient in place of the average squared one."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Real, setting
from graphnet.ops import Emitter
from graphnet.optimizers.arithmetic import average_into, correction, counted, decayed, descend
from graphnet.optimizers.kinds import BETAS, NOT_NEGATIVE, POSITIVE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import ParameterVector


@dataclass(frozen=True, kw_only=True)
class Adamax(Descent):
    """Adam in the infinity norm, as torch.optim.Adamax.

    `g = g + weight_decay * p; m = beta1 m + (1 - beta1) g; u = max(beta2 u, |g| + eps);
    p = p - lr / (1 - beta1^t) * m / u`.

    References:
        Kingma and Ba, "Adam", 2015, algorithm 2; eps is torch's, so that u is never 0.
    """

    lr: float = setting(Real(above=0.0), 2e-3, doc="learning rate")
    betas: tuple[float, float] = setting(
        BETAS, (0.9, 0.999), doc="decay of the average gradient and of the largest"
    )
    eps: float = setting(POSITIVE, 1e-8, doc="added to the gradient's size")
    weight_decay: float = setting(NOT_NEGATIVE, 0.0, doc="L2 penalty, times two")

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        g, beta1 = decayed(e, v, self.weight_decay), v.momentum(self.betas[0])
        step, m, u = counted(e, v), v.state("exp_avg"), v.state("exp_inf")
        average_into(e, m, g, beta1)
        size = e.emit("shift", e.emit("abs", g), amount=self.eps)
        e.emit("scale", u, into=u, factor=self.betas[1])
        e.emit("maximum", u, size, into=u)
        first = correction(e, step, beta1, 1.0, "float64")
        rate = e.emit("quotient", v.lr, first, dtype=v.p.dtype)
        descend(e, v, e.emit("div", m, u), rate)
