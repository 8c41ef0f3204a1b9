"""SAM: gradients taken where the loss nearby is worst."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Flag, Real, Row, setting
from graphnet.ops import Emitter, Value
from graphnet.optimizers.adam import AdamW
from graphnet.optimizers.arithmetic import norm
from graphnet.optimizers.optimizer import Descent, Optimizer
from graphnet.optimizers.table_basic import DESCENTS
from graphnet.optimizers.vector import ParameterVector

TINY = 1e-12
"""Added to the gradient's norm, as in the authors' own code."""


@dataclass(frozen=True, kw_only=True)
class SAM(Optimizer):
    """Sharpness-aware minimization around another optimizer; it passes over every batch twice.

    `p' = p + rho g / (|g| + 1e-12)`, adaptive `p' = p + rho p^2 g / (|p g| + 1e-12)`; the gradient at p'
    updates p by the optimizer. Dropout draws anew in the second pass, and running statistics see both.

    References:
        Foret et al., "Sharpness-Aware Minimization", 2021, algorithm 1; Kwon et al., "ASAM", 2021.
    """

    optimizer: Descent = setting(Row(lambda: DESCENTS), AdamW(), doc="what moves the weights")
    rho: float = setting(Real(above=0.0), 0.05, doc="how far away the worst loss is sought")
    adaptive: bool = setting(Flag(), False, doc="measure distances in units of the weights")

    @property
    def core(self) -> Descent:
        """What moves the weights."""
        return self.optimizer

    def ascend(self, e: Emitter, whole: ParameterVector) -> bool:
        """Emit the way from p to p', p kept aside."""
        e.emit("copy", whole.p, into=whole.state("old_p"))
        sign = -1.0 if self.core.maximize else 1.0
        steep = e.emit("mul", whole.g, e.emit("abs", whole.p)) if self.adaptive else whole.g
        length = e.emit("shift", norm(e, steep), amount=TINY)
        size = e.emit("div", e.constant(sign * self.rho, whole.p.dtype), length)
        e.emit("add", whole.p, e.emit("mul", self._direction(e, whole), size), into=whole.p)
        return True

    def begin(self, e: Emitter, whole: ParameterVector) -> None:
        """Emit the way back to p."""
        e.emit("copy", whole.state("old_p"), into=whole.p)

    def _direction(self, e: Emitter, whole: ParameterVector) -> Value:
        if not self.adaptive:
            return whole.g
        return e.emit("mul", e.emit("square", whole.p), whole.g)
