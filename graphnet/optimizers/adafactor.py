"""Adafactor: squared gradients remembered by their rows and columns."""

from __future__ import annotations

import math
from dataclasses import dataclass

from graphnet.declare import Listed, Optional, Real, setting
from graphnet.ops import Emitter, Value
from graphnet.optimizers.arithmetic import counted, norm, shrink, single
from graphnet.optimizers.kinds import NOT_NEGATIVE, POSITIVE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import Member, ParameterVector

_LARGEST = 3e38
"""An upper bound that no value reaches, in either element type."""
_MACHINE = {"float32": 2.0**-23, "float64": 2.0**-52}


@dataclass(frozen=True, kw_only=True)
class Adafactor(Descent):
    """Adaptive steps with sublinear memory, as torch.optim.Adafactor.

    For each parameter, `b = 1 - t^beta2_decay`, `alpha = max(eps2, rms(p)) min(lr, 1 / sqrt(t))`. Matrices:
    `r = b r + (1 - b) mean of g^2 over columns`, `c` likewise over rows, `v = r c / max(mean r, eps1)`;
    vectors: `v = b v + (1 - b) g^2`. `u = g / sqrt(max(v, eps1^2)); p = p (1 - lr * weight_decay) -
    alpha u / max(1, rms(u) / d)`. Left out, eps1 is the machine's.

    References:
        Shazeer and Stern, "Adafactor", 2018, algorithms 4 and 5; min(lr, ..) is torch's relative step.
    """

    lr: float = setting(Real(above=0.0), 1e-2, doc="largest relative step")
    beta2_decay: float = setting(Real(high=0.0), -0.8, doc="power by which the decay nears 1")
    eps: tuple[float | None, float] = setting(
        Listed(Optional(POSITIVE), 2), (None, 1e-3), doc="least root of v, and least rms of p"
    )
    d: float = setting(Real(low=1.0), 1.0, doc="rms above which a step is clipped")
    weight_decay: float = setting(
        NOT_NEGATIVE, 0.0, doc="share of each weight lost, per unit of lr"
    )

    def conflict(self) -> str:
        """Refuse a second eps that is left out."""
        return "the second eps needs a value" if self.eps[1] is None else ""

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        step, dtype = counted(e, v), v.p.dtype
        share = e.emit("raised", step, single(e, self.beta2_decay), dtype=dtype)
        slower = e.emit("raised", step, single(e, -0.5), dtype="float64")
        # min(lr, slower) as -max(-lr, -slower)
        turned = [e.emit("scale", number, factor=-1.0) for number in (v.lr, slower)]
        rate = e.emit("affine", e.emit("maximum", *turned), factor=-1.0, offset=0.0, dtype=dtype)
        sizes = [self._size(e, v, member) for member in v.members]
        shrink(e, v, self.weight_decay)
        for member, size in zip(v.members, sizes, strict=True):
            self._step(e, v, member, share, e.emit("mul", size, rate))

    def _size(self, e: Emitter, v: ParameterVector, member: Member) -> Value:
        """Emit `max(eps2, rms(p))` of a parameter."""
        length = norm(e, v.rows(e, v.p, member))
        rms = e.emit("scale", length, factor=1.0 / math.sqrt(max(member.size, 1)))
        return e.emit("clamp", rms, low=self.eps[1] or 0.0, high=_LARGEST, inclusive=True)

    def _step(
        self, e: Emitter, v: ParameterVector, member: Member, share: Value, alpha: Value
    ) -> None:
        """Emit the step of one parameter."""
        floor = self.eps[0] or _MACHINE[v.p.dtype]
        g = v.part(e, v.g, member)
        square = e.emit("square", g)
        rank = len(member.shape)
        if rank > 1:
            estimate = self._factored(e, v, member, square, share, floor)
        else:
            estimate = v.member_state("variance", member, member.shape)
            _blend(e, estimate, square, share)
        least = e.emit("clamp", estimate, low=floor * floor, high=_LARGEST, inclusive=True)
        update = e.emit("div", g, e.emit("sqrt", least))
        axes = tuple(range(rank))
        total = e.emit("sum", e.emit("square", update), axes=axes, keepdims=False)
        scale = 1.0 / (math.sqrt(max(member.size, 1)) * self.d)
        clipped = e.emit("scale", e.emit("sqrt", total), factor=scale)
        below = e.emit("clamp", clipped, low=1.0, high=_LARGEST, inclusive=True)
        p = v.part(e, v.p, member)
        e.emit("sub", p, e.emit("mul", update, e.emit("div", alpha, below)), into=p)

    def _factored(
        self,
        e: Emitter,
        v: ParameterVector,
        member: Member,
        square: Value,
        share: Value,
        floor: float,
    ) -> Value:
        """Emit the estimate of g^2 from the means of its rows and columns."""
        shape, last = member.shape, len(member.shape) - 1
        rows = v.member_state("row_var", member, (*shape[:-1], 1))
        columns = v.member_state("col_var", member, (*shape[:-2], 1, shape[-1]))
        _blend(e, rows, e.emit("mean", square, axes=(last,), keepdims=True), share)
        _blend(e, columns, e.emit("mean", square, axes=(last - 1,), keepdims=True), share)
        product = e.emit("matmul", rows, columns, transpose_a=False, transpose_b=False)
        mean = e.emit("mean", rows, axes=(last - 1,), keepdims=True)
        return e.emit(
            "div", product, e.emit("clamp", mean, low=floor, high=_LARGEST, inclusive=True)
        )


def _blend(e: Emitter, average: Value, value: Value, share: Value) -> None:
    """Emit `average = average + share (value - average)`, in place."""
    change = e.emit("mul", e.emit("sub", value, average), share)
    e.emit("add", average, change, into=average)
