"""Rprop: steps that know only the sign of the gradient."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Listed, Real, setting
from graphnet.ops import Emitter
from graphnet.optimizers.arithmetic import counted
from graphnet.optimizers.kinds import POSITIVE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import ParameterVector


@dataclass(frozen=True, kw_only=True)
class Rprop(Descent):
    """Resilient backpropagation, as torch.optim.Rprop; for gradients of the whole set.

    Where g has the sign of the gradient before, the weight's step grows by etaplus; where it has the other,
    it shrinks by etaminus and g counts as 0; `p = p - sign(g) step`. Steps start at lr and stay within
    step_sizes.

    References:
        Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning", 1993.
    """

    lr: float = setting(Real(above=0.0), 1e-2, doc="the first step")
    etas: tuple[float, float] = setting(
        Listed(POSITIVE, 2), (0.5, 1.2), doc="etaminus and etaplus: factors of a step"
    )
    step_sizes: tuple[float, float] = setting(
        Listed(POSITIVE, 2), (1e-6, 50.0), doc="the smallest and the largest step"
    )

    def conflict(self) -> str:
        """Refuse factors on the wrong side of 1, and bounds that exclude every step."""
        if not self.etas[0] < 1.0 < self.etas[1]:
            return "etas are one factor below 1 and one above"
        if self.step_sizes[0] > self.step_sizes[1]:
            return "the smallest step is larger than the largest"
        return ""

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        step, before, size = counted(e, v), v.state("prev"), v.state("step_size")
        start = e.emit("first_then", step, first=1.0, later=0.0, dtype="float64")
        first = e.emit("affine", e.emit("mul", start, v.lr), factor=1.0, offset=0.0,
                       dtype=v.p.dtype)  # fmt: skip
        e.emit("add", size, first, into=size)
        sign = e.emit("sign", e.emit("mul", v.g, before))
        same = e.emit("clamp", sign, low=0.0, high=1.0, inclusive=True)
        turned = e.emit("clamp", sign, low=-1.0, high=0.0, inclusive=True)
        change = e.emit("add", e.emit("scale", same, factor=self.etas[1] - 1.0),
                        e.emit("scale", turned, factor=1.0 - self.etas[0]))  # fmt: skip
        e.emit("mul", size, e.emit("shift", change, amount=1.0), into=size)
        e.emit(
            "clamp",
            size,
            into=size,
            low=self.step_sizes[0],
            high=self.step_sizes[1],
            inclusive=True,
        )
        e.emit("mul", v.g, e.emit("shift", turned, amount=1.0), into=before)
        e.emit("sub", v.p, e.emit("mul", e.emit("sign", before), size), into=v.p)
