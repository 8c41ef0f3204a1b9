"""Lion: the sign of a momentum."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Real, setting
from graphnet.ops import Emitter
from graphnet.optimizers.arithmetic import average_into, complement, descend, shrink, times
from graphnet.optimizers.kinds import BETAS, NOT_NEGATIVE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import ParameterVector


@dataclass(frozen=True, kw_only=True)
class Lion(Descent):
    """Evolved sign momentum.

    `p = p (1 - lr * weight_decay) - lr sign(beta1 m + (1 - beta1) g); m = beta2 m + (1 - beta2) g`.

    References:
        Chen et al., "Symbolic Discovery of Optimization Algorithms", 2023, algorithm 2.
    """

    lr: float = setting(Real(above=0.0), 1e-4, doc="learning rate")
    betas: tuple[float, float] = setting(
        BETAS, (0.9, 0.99), doc="share of the momentum in the step, and its decay"
    )
    weight_decay: float = setting(
        NOT_NEGATIVE, 0.0, doc="share of each weight lost, per unit of lr"
    )

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        m, beta1 = v.state("exp_avg"), v.momentum(self.betas[0])
        shrink(e, v, self.weight_decay)
        mixed = e.emit("add", times(e, m, beta1), times(e, v.g, complement(e, beta1)))
        descend(e, v, e.emit("sign", mixed))
        average_into(e, m, v.g, self.betas[1])
