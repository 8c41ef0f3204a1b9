"""LAMB: Adam's step, as long as the layer's weights allow."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import setting
from graphnet.ops import Emitter
from graphnet.optimizers.arithmetic import (
    average_into,
    correction,
    counted,
    narrowed,
    norm,
    ratio_or_one,
    times,
)
from graphnet.optimizers.kinds import BETAS, NOT_NEGATIVE, POSITIVE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import ParameterVector


@dataclass(frozen=True, kw_only=True)
class LAMB(Descent):
    """Layer-wise adaptive moments for large batches.

    With Adam's corrected averages, `u = mhat / (sqrt(vhat) + eps) + weight_decay * p`, and for each parameter
    `p = p - lr |p| / |u| * u`; the quotient is 1 where either norm is 0.

    References:
        You et al., "Large Batch Optimization for Deep Learning", 2020, algorithm 2, its phi the identity.
    """

    betas: tuple[float, float] = setting(
        BETAS, (0.9, 0.999), doc="decay of the averages of gradient and squared gradient"
    )
    eps: float = setting(POSITIVE, 1e-6, doc="added to the denominator")
    weight_decay: float = setting(NOT_NEGATIVE, 0.0, doc="share of the weights in the step")

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        dtype, beta1 = v.p.dtype, v.momentum(self.betas[0])
        step, m, s = counted(e, v), v.state("exp_avg"), v.state("exp_avg_sq")
        average_into(e, m, v.g, beta1)
        average_into(e, s, e.emit("square", v.g), self.betas[1])
        first = correction(e, step, beta1, 1.0, dtype)
        second = correction(e, step, self.betas[1], 0.5, dtype)
        below = e.emit("shift", e.emit("div", e.emit("sqrt", s), second), amount=self.eps)
        u = e.emit("div", e.emit("div", m, first), below)
        decay = v.setting("weight_decay", self.weight_decay)
        if decay != 0.0:
            u = e.emit("add", u, times(e, v.p, decay))
        rate = narrowed(e, v.lr, dtype)
        for member in v.members:
            p, move = v.rows(e, v.p, member), v.rows(e, u, member)
            trust = ratio_or_one(e, norm(e, p), norm(e, move))
            e.emit("sub", p, e.emit("mul", move, e.emit("mul", trust, rate)), into=p)
