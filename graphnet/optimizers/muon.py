"""Muon: momentum, made orthogonal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from graphnet.declare import Choice, Flag, Integer, Listed, Optional, Real, setting
from graphnet.ops import Emitter, Value
from graphnet.optimizers.adam import AdamW
from graphnet.optimizers.arithmetic import (
    average_into,
    complement,
    narrowed,
    norm,
    shrink,
    times,
)
from graphnet.optimizers.kinds import NOT_NEGATIVE, POSITIVE, SHARE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import Member, ParameterVector


@dataclass(frozen=True, kw_only=True)
class Muon(Descent):
    """Orthogonal momentum for matrices, as torch.optim.Muon.

    `b = momentum b + (1 - momentum) g`; `u = b`, with nesterov `u = (1 - momentum) g + momentum b`; `O` = u
    divided by its norm and taken ns_steps times through `X = a X + (b A + c A A) X, A = X X^T`;
    `p = p (1 - lr * weight_decay) - lr r O`, where r depends on the shape.

    Parameters that are no matrices are updated by AdamW with the same lr and weight_decay; groups may say
    otherwise. Products are computed in the network's element type, where torch takes bfloat16.

    References:
        Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024; Liu et al., "Muon is
        Scalable for LLM Training", 2025 (match_rms_adamw).
    """

    matrices_only: ClassVar[bool] = True

    weight_decay: float = setting(
        NOT_NEGATIVE, 0.1, doc="share of each weight lost, per unit of lr"
    )
    momentum: float = setting(SHARE, 0.95, doc="decay of the averaged gradient")
    nesterov: bool = setting(Flag(), True, doc="look ahead along the average")
    ns_coefficients: tuple[float, float, float] = setting(
        Listed(Real(), 3), (3.4445, -4.775, 2.0315), doc="a, b, c of the iteration"
    )
    eps: float = setting(POSITIVE, 1e-7, doc="least norm that is divided by")
    ns_steps: int = setting(Integer(1, 99), 5, doc="iterations")
    adjust_lr_fn: str | None = setting(
        Optional(Choice(("original", "match_rms_adamw"))),
        None,
        doc="r: sqrt(max(1, rows / columns)), or 0.2 sqrt(max(rows, columns)); original by default",
    )

    def stand_in(self) -> Descent:
        """Return AdamW with the same rate and decay."""
        return AdamW(lr=self.lr, maximize=self.maximize, weight_decay=self.weight_decay)

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        b, momentum = v.state("momentum_buffer"), v.momentum(self.momentum)
        average_into(e, b, v.g, momentum)
        u = b
        if self.nesterov:
            u = e.emit("add", times(e, v.g, complement(e, momentum)), times(e, b, momentum))
        shrink(e, v, self.weight_decay)
        rate = narrowed(e, v.lr, v.p.dtype)
        for member in v.members:
            made = self._orthogonal(e, v, member, u)
            size = e.emit("scale", rate, factor=self._adjusted(member.shape))
            p = v.part(e, v.p, member)
            e.emit("sub", p, e.emit("mul", made, size), into=p)

    def _adjusted(self, shape: tuple[int, ...]) -> float:
        rows, columns = shape
        if self.adjust_lr_fn == "match_rms_adamw":
            return 0.2 * math.sqrt(max(rows, columns))
        return math.sqrt(max(1.0, rows / columns))

    def _orthogonal(self, e: Emitter, v: ParameterVector, member: Member, u: Value) -> Value:
        """Emit the iteration on one matrix; the product is taken on its short side."""
        a, b, c = self.ns_coefficients
        tall = member.shape[0] > member.shape[1]
        length = norm(e, v.rows(e, u, member))
        below = e.emit("clamp", length, low=self.eps, high=3e38, inclusive=True)
        x = e.emit("div", v.part(e, u, member), below)
        for _ in range(self.ns_steps):
            gram = e.emit("matmul", x, x, transpose_a=tall, transpose_b=not tall)
            square = e.emit("matmul", gram, gram, transpose_a=False, transpose_b=False)
            mixed = e.emit(
                "add", e.emit("scale", gram, factor=b), e.emit("scale", square, factor=c)
            )
            left, right = (x, mixed) if tall else (mixed, x)
            turned = e.emit("matmul", left, right, transpose_a=False, transpose_b=False)
            x = e.emit("add", e.emit("scale", x, factor=a), turned)
        return x
