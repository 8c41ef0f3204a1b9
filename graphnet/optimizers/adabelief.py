"""AdaBelief: Adam whose denominator is how far gradients stray from their average."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import setting
from graphnet.ops import Emitter
from graphnet.optimizers.arithmetic import average_into, correction, counted, descend, shrink
from graphnet.optimizers.kinds import BETAS, NOT_NEGATIVE, POSITIVE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import ParameterVector


@dataclass(frozen=True, kw_only=True)
class AdaBelief(Descent):
    """Steps by the belief in the gradient.

    `m = beta1 m + (1 - beta1) g; s = beta2 s + (1 - beta2) (g - m)^2 + eps;
    p = p (1 - lr * weight_decay) - lr mhat / (sqrt(shat) + eps)`, both averages corrected as in Adam.

    References:
        Zhuang et al., "AdaBelief Optimizer", 2020, algorithm 2; weight decay is apart, as in AdamW.
    """

    betas: tuple[float, float] = setting(
        BETAS, (0.9, 0.999), doc="decay of the average gradient and of its squared deviation"
    )
    eps: float = setting(POSITIVE, 1e-16, doc="added to the deviation and to the denominator")
    weight_decay: float = setting(
        NOT_NEGATIVE, 0.0, doc="share of each weight lost, per unit of lr"
    )

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        beta1 = v.momentum(self.betas[0])
        step, m, s = counted(e, v), v.state("exp_avg"), v.state("exp_avg_var")
        shrink(e, v, self.weight_decay)
        average_into(e, m, v.g, beta1)
        average_into(e, s, e.emit("square", e.emit("sub", v.g, m)), self.betas[1])
        e.emit("shift", s, into=s, amount=self.eps)
        first = correction(e, step, beta1, 1.0, "float64")
        second = correction(e, step, self.betas[1], 0.5, v.p.dtype)
        rate = e.emit("quotient", v.lr, first, dtype=v.p.dtype)
        root = e.emit("div", e.emit("sqrt", s), second)
        descend(e, v, e.emit("div", m, e.emit("shift", root, amount=self.eps)), rate)
