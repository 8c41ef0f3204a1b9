"""ASGD: gradient descent whose weights are averaged."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Real, setting
from graphnet.ops import Emitter
from graphnet.optimizers.arithmetic import complement, counted, decayed, descend, narrowed, single
from graphnet.optimizers.kinds import NOT_NEGATIVE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import ParameterVector


@dataclass(frozen=True, kw_only=True)
class ASGD(Descent):
    """Averaged gradient descent, as torch.optim.ASGD.

    `g = g + weight_decay * p; p = p (1 - lambd eta) - eta g; ax = ax + mu (p - ax)`, then
    `eta = lr / (1 + lambd lr t)^alpha; mu = 1 / max(1, t - t0)`; eta starts at lr and mu at 1. As in torch
    the average `ax` is kept as a state and changes nothing.

    References:
        Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992.
    """

    lr: float = setting(Real(above=0.0), 1e-2, doc="learning rate")
    lambd: float = setting(NOT_NEGATIVE, 1e-4, doc="decay term")
    alpha: float = setting(NOT_NEGATIVE, 0.75, doc="power by which eta falls")
    t0: float = setting(NOT_NEGATIVE, 1e6, doc="updates before averaging begins")
    weight_decay: float = setting(NOT_NEGATIVE, 0.0, doc="L2 penalty, times two")

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        g, dtype, step = decayed(e, v, self.weight_decay), v.p.dtype, counted(e, v)
        eta, mu, average = v.counter("eta"), v.counter("mu", 1.0), v.state("ax")
        start = e.emit("first_then", step, first=1.0, later=0.0, dtype="float64")
        e.emit("add", eta, e.emit("mul", start, v.lr), into=eta)
        kept = e.emit("affine", eta, factor=-self.lambd, offset=1.0, dtype=dtype)
        e.emit("mul", v.p, kept, into=v.p)
        descend(e, v, g, narrowed(e, eta, dtype))
        # ax (1 - mu) + p mu: exactly p while mu is 1.
        e.emit("mul", average, narrowed(e, single(e, complement(e, mu)), dtype), into=average)
        e.emit("add", average, e.emit("mul", v.p, narrowed(e, mu, dtype)), into=average)
        passed = e.emit("mul", v.lr, step)
        slower = e.emit("affine", passed, factor=self.lambd, offset=1.0, dtype="float64")
        power = e.emit("raised", slower, single(e, self.alpha), dtype="float64")
        e.emit("div", v.lr, power, into=eta)
        late = e.emit("shift", step, amount=-self.t0)
        count = e.emit("maximum", late, single(e, 1.0))
        e.emit("div", single(e, 1.0), count, into=mu)
