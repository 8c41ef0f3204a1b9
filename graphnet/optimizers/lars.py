"""LARS: gradient descent whose rate follows each layer's own proportions."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import setting
from graphnet.ops import Emitter, Value
from graphnet.optimizers.arithmetic import narrowed, norm, ratio_or_one, times
from graphnet.optimizers.kinds import NOT_NEGATIVE, POSITIVE, SHARE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import Member, ParameterVector


@dataclass(frozen=True, kw_only=True)
class LARS(Descent):
    """Layer-wise adaptive rate scaling.

    For each parameter `local = trust_coefficient |p| / (|g| + weight_decay |p| + eps)`, 1 where |p| or |g| is
    0; `b = momentum b + lr local (g + weight_decay * p); p = p - b`.

    References:
        You et al., "Large Batch Training of Convolutional Networks", 2017, algorithm 1; eps is added.
    """

    momentum: float = setting(SHARE, 0.9, doc="share of the velocity that is kept")
    weight_decay: float = setting(NOT_NEGATIVE, 0.0, doc="L2 penalty, times two")
    trust_coefficient: float = setting(
        POSITIVE, 1e-3, doc="how far a layer may move, of its length"
    )
    eps: float = setting(NOT_NEGATIVE, 1e-8, doc="added to the denominator")

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        b, momentum = v.state("momentum_buffer"), v.momentum(self.momentum)
        times(e, b, momentum, into=b)
        rate = narrowed(e, v.lr, v.p.dtype)
        for member in v.members:
            move, local = self._direction(e, v, member)
            part = v.rows(e, b, member)
            e.emit("add", part, e.emit("mul", move, e.emit("mul", local, rate)), into=part)
        e.emit("sub", v.p, b, into=v.p)

    def _direction(self, e: Emitter, v: ParameterVector, member: Member) -> tuple[Value, Value]:
        """Emit the decayed gradient of a parameter and its local rate."""
        p, g = v.rows(e, v.p, member), v.rows(e, v.g, member)
        decay = v.setting("weight_decay", self.weight_decay)
        length, slope = norm(e, p), norm(e, g)
        both = e.emit("sign", e.emit("mul", length, slope))
        below, move = slope, g
        if decay != 0.0:
            below = e.emit("add", slope, times(e, length, decay))
            move = e.emit("add", g, times(e, p, decay))
        below = e.emit("shift", below, amount=self.eps)
        above = e.emit("scale", e.emit("mul", length, both), factor=self.trust_coefficient)
        return move, ratio_or_one(e, above, e.emit("mul", below, both))
