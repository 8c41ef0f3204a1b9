"""MytorchAdamW: the optimizer of the tutorial that graphnet grew from, kept to reproduce its numbers."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import setting
from graphnet.ops import Emitter
from graphnet.optimizers.arithmetic import average_into, correction, counted, narrowed
from graphnet.optimizers.kinds import BETAS, POSITIVE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import ParameterVector


@dataclass(frozen=True, kw_only=True)
class MytorchAdamW(Descent):
    """What the tutorial calls AdamW: a plain gradient step and a stale Adam step. For comparison only.

    `p = p - lr g; p = p - lr * mhat / (sqrt(vhat) + eps)`, where `mhat` and `vhat` are the moments before
    this update, corrected as if they were those after it (zero in the first update); then the moments
    move on as in Adam. It departs from AdamW in both places: there is no weight decay, and the
    moments are one update late.
    """

    betas: tuple[float, float] = setting(BETAS, (0.9, 0.999), doc="decay of the two averages")
    eps: float = setting(POSITIVE, 1e-8, doc="added to the denominator")

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        dtype, g, beta1 = v.p.dtype, v.g, v.momentum(self.betas[0])
        step, m, s = counted(e, v), v.state("exp_avg"), v.state("exp_avg_sq")
        rate = narrowed(e, v.lr, dtype)
        first = correction(e, step, beta1, 1.0, dtype)
        second = correction(e, step, self.betas[1], 1.0, dtype)
        root = e.emit("sqrt", e.emit("div", s, second))
        move = e.emit("div", e.emit("div", m, first), e.emit("shift", root, amount=self.eps))
        e.emit("sub", v.p, e.emit("mul", g, rate), into=v.p)
        e.emit("sub", v.p, e.emit("mul", move, rate), into=v.p)
        average_into(e, m, g, beta1)
        average_into(e, s, e.emit("square", g), self.betas[1])
