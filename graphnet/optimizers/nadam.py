"""NAdam: Adam that looks ahead along its momentum."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Flag, Real, setting
from graphnet.ops import Emitter, Value
from graphnet.optimizers.arithmetic import (
    average_into,
    complement,
    correction,
    counted,
    decayed,
    shrink,
    single,
)
from graphnet.optimizers.kinds import BETAS, NOT_NEGATIVE, POSITIVE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import Number, ParameterVector


@dataclass(frozen=True, kw_only=True)
class NAdam(Descent):
    """Adam with Nesterov momentum, as torch.optim.NAdam.

    `mu_t = beta1 (1 - 0.96^(t * momentum_decay) / 2)`, M_t the product of all mu so far; with Adam's m and v,
    `p = p - lr ((1 - mu_t) g / (1 - M_t) + mu_(t+1) m / (1 - M_(t+1))) / (sqrt(v / (1 - beta2^t)) + eps)`.

    References:
        Dozat, "Incorporating Nesterov Momentum into Adam", 2016.
    """

    lr: float = setting(Real(above=0.0), 2e-3, doc="learning rate")
    betas: tuple[float, float] = setting(
        BETAS, (0.9, 0.999), doc="decay of the averages of gradient and squared gradient"
    )
    eps: float = setting(POSITIVE, 1e-8, doc="added to the denominator")
    weight_decay: float = setting(NOT_NEGATIVE, 0.0, doc="L2 penalty, times two")
    momentum_decay: float = setting(NOT_NEGATIVE, 4e-3, doc="how fast mu rises to beta1")
    decoupled_weight_decay: bool = setting(
        Flag(), False, doc="shrink weights apart from the gradient, as AdamW"
    )

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        g, beta1 = v.g, v.momentum(self.betas[0])
        if self.decoupled_weight_decay:
            shrink(e, v, self.weight_decay)
        else:
            g = decayed(e, v, self.weight_decay)
        step, product = counted(e, v), v.counter("mu_product", 1.0)
        m, s = v.state("exp_avg"), v.state("exp_avg_sq")
        mu, coming = self._mu(e, step, beta1, 0.0), self._mu(e, step, beta1, 1.0)
        e.emit("mul", product, mu, into=product)
        average_into(e, m, g, beta1)
        average_into(e, s, e.emit("square", g), self.betas[1])
        second = correction(e, step, self.betas[1], 1.0, v.p.dtype)
        root = e.emit("sqrt", e.emit("div", s, second))
        below = e.emit("shift", root, amount=self.eps)
        for direction, share, total in (
            (g, complement(e, mu), product),
            (m, coming, e.emit("mul", product, coming)),
        ):
            above = e.emit("mul", v.lr, single(e, share))
            rest = single(e, complement(e, total))
            rate = e.emit("quotient", above, rest, dtype=v.p.dtype)
            move = e.emit("div", e.emit("mul", direction, rate), below)
            e.emit("sub", v.p, move, into=v.p)

    def _mu(self, e: Emitter, step: Value, beta1: Number, ahead: float) -> Value:
        """Emit `beta1 (1 - 0.96^((t + ahead) * momentum_decay) / 2)`."""
        decay = self.momentum_decay
        exponent = e.emit("affine", step, factor=decay, offset=decay * ahead, dtype="float64")
        left = e.emit("raised", single(e, 0.96), exponent, dtype="float64")
        share = e.emit("affine", left, factor=-0.5, offset=1.0, dtype="float64")
        return e.emit("mul", share, single(e, beta1))
