"""RAdam: Adam that trusts its denominator only once enough gradients are in it."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Flag, setting
from graphnet.ops import Emitter, Value
from graphnet.optimizers.arithmetic import (
    average_into,
    complement,
    correction,
    counted,
    decayed,
    descend,
    narrowed,
    shrink,
    single,
)
from graphnet.optimizers.kinds import BETAS, NOT_NEGATIVE, POSITIVE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import ParameterVector


@dataclass(frozen=True, kw_only=True)
class RAdam(Descent):
    """Rectified Adam, as torch.optim.RAdam.

    With Adam's m and v, `rho_inf = 2 / (1 - beta2) - 1`, `rho = rho_inf - 2 t beta2^t / (1 - beta2^t)` and
    `r = sqrt((rho - 4)(rho - 2) rho_inf / ((rho_inf - 4)(rho_inf - 2) rho))`:
    `p = p - lr m / (1 - beta1^t) * r sqrt(1 - beta2^t) / (sqrt(v) + eps)` where rho > 5, else
    `p = p - lr m / (1 - beta1^t)`.

    References:
        Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond", 2020, algorithm 2; the
        threshold is 5, as in torch, not 4.
    """

    betas: tuple[float, float] = setting(
        BETAS, (0.9, 0.999), doc="decay of the averages of gradient and squared gradient"
    )
    eps: float = setting(POSITIVE, 1e-8, doc="added to the denominator")
    weight_decay: float = setting(NOT_NEGATIVE, 0.0, doc="L2 penalty, times two")
    decoupled_weight_decay: bool = setting(
        Flag(), False, doc="shrink weights apart from the gradient, as AdamW"
    )

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        g, dtype, beta1 = v.g, v.p.dtype, v.momentum(self.betas[0])
        if self.decoupled_weight_decay:
            shrink(e, v, self.weight_decay)
        else:
            g = decayed(e, v, self.weight_decay)
        step, m, s = counted(e, v), v.state("exp_avg"), v.state("exp_avg_sq")
        average_into(e, m, g, beta1)
        average_into(e, s, e.emit("square", g), self.betas[1])
        first = correction(e, step, beta1, 1.0, "float64")
        rate = e.emit("quotient", v.lr, first, dtype=dtype)
        trusted, not_yet = self._rectified(e, step)
        root = e.emit("shift", e.emit("sqrt", s), amount=self.eps)
        share = e.emit("div", narrowed(e, trusted, dtype), root)
        share = e.emit("add", share, narrowed(e, not_yet, dtype))
        descend(e, v, e.emit("mul", m, share), rate)

    def _rectified(self, e: Emitter, step: Value) -> tuple[Value, Value]:
        """Emit `r sqrt(1 - beta2^t)` and 0 where rho > 5, else 0 and 1: single float64."""
        beta, rho_inf = self.betas[1], 2.0 / (1.0 - self.betas[1]) - 1.0
        second = correction(e, step, beta, 1.0, "float64")
        left = e.emit("raised", single(e, beta), step, dtype="float64")
        lost = e.emit("div", e.emit("mul", step, left), second)
        rho = e.emit("affine", lost, factor=-2.0, offset=rho_inf, dtype="float64")
        above = e.emit("sign", e.emit("shift", rho, amount=-5.0))
        on = e.emit("clamp", above, low=0.0, high=1.0, inclusive=True)
        # Below 5 the root may not exist; there its value is not used.
        safe = e.emit("clamp", rho, low=5.0, high=max(rho_inf, 5.0), inclusive=True)
        top = e.emit("mul", e.emit("shift", safe, amount=-4.0), e.emit("shift", safe, amount=-2.0))
        whole = (rho_inf - 4.0) * (rho_inf - 2.0)
        square = e.emit("scale", e.emit("div", top, safe), factor=rho_inf / whole if whole else 0.0)
        size = e.emit("sqrt", e.emit("mul", e.emit("abs", square), second))
        return e.emit("mul", size, on), single(e, complement(e, on))
