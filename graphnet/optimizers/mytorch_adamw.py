"""MytorchAdamW: the optimizer of the tutorial that graphnet grew from, kept to reproduce its numbers."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Listed, Real, setting
from graphnet.ops import Emitter
from graphnet.optimizers.optimizer import Optimizer, ParameterVector, average_into


@dataclass(frozen=True, kw_only=True)
class MytorchAdamW(Optimizer):
    """What the tutorial calls AdamW: a plain gradient step and a stale Adam step. For comparison only.

    `p = p - lr g; p = p - lr * mhat / (sqrt(vhat) + eps)`, where `mhat` and `vhat` are the moments before
    this update, corrected as if they were those after it (zero in the first update); then the moments
    move on as in Adam. It departs from AdamW in both places: there is no weight decay, and the
    moments are one update late.
    """

    betas: tuple[float, float] = setting(
        Listed(Real(low=0.0, below=1.0), 2), (0.9, 0.999), doc="decay of the two averages"
    )
    eps: float = setting(Real(above=0.0), 1e-8, doc="added to the denominator")

    def emit(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        dtype = v.p.dtype
        g = self.ascent(e, v)
        step, m, s = v.counter("step"), v.state("exp_avg"), v.state("exp_avg_sq")
        e.emit("increment", accumulates=(step,))
        rate = e.emit("affine", v.lr, factor=1.0, offset=0.0, dtype=dtype)
        first, second = (
            e.emit("bias_correction", step, beta=beta, delay=0, power=1.0, dtype=dtype)
            for beta in self.betas
        )
        root = e.emit("sqrt", e.emit("div", s, second))
        move = e.emit("div", e.emit("div", m, first), e.emit("shift", root, amount=self.eps))
        e.emit("sub", v.p, e.emit("mul", g, rate), into=v.p)
        e.emit("sub", v.p, e.emit("mul", move, rate), into=v.p)
        average_into(e, m, g, self.betas[0])
        average_into(e, s, e.emit("square", g), self.betas[1])
