"""Adagrad: each weight's rate falls with the gradients it has seen."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Real, setting
from graphnet.ops import Emitter
from graphnet.optimizers.arithmetic import counted, decayed, descend
from graphnet.optimizers.kinds import NOT_NEGATIVE, POSITIVE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import ParameterVector


@dataclass(frozen=True, kw_only=True)
class Adagrad(Descent):
    """Adaptive gradients, as torch.optim.Adagrad.

    `g = g + weight_decay * p; sum = sum + g^2; p = p - lr / (1 + (t - 1) lr_decay) * g / (sqrt(sum) + eps)`.

    References:
        Duchi et al., "Adaptive Subgradient Methods", 2011.
    """

    lr: float = setting(Real(above=0.0), 1e-2, doc="learning rate")
    lr_decay: float = setting(NOT_NEGATIVE, 0.0, doc="how fast the rate itself falls")
    weight_decay: float = setting(NOT_NEGATIVE, 0.0, doc="L2 penalty, times two")
    initial_accumulator_value: float = setting(NOT_NEGATIVE, 0.0, doc="what the sum starts with")
    eps: float = setting(POSITIVE, 1e-10, doc="added to the denominator")

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        g, step = decayed(e, v, self.weight_decay), counted(e, v)
        total = v.state("sum", self.initial_accumulator_value)
        e.emit("add", total, e.emit("square", g), into=total)
        slower = e.emit(
            "affine", step, factor=self.lr_decay, offset=1.0 - self.lr_decay, dtype="float64"
        )
        rate = e.emit("quotient", v.lr, slower, dtype=v.p.dtype)
        below = e.emit("shift", e.emit("sqrt", total), amount=self.eps)
        descend(e, v, e.emit("div", g, below), rate)
