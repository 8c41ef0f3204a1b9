"""Adam and AdamW."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Flag, setting
from graphnet.ops import Emitter
from graphnet.optimizers.arithmetic import (
    average_into,
    correction,
    counted,
    decayed,
    descend,
    shrink,
)
from graphnet.optimizers.kinds import BETAS, NOT_NEGATIVE, POSITIVE
from graphnet.optimizers.optimizer import Descent
from graphnet.optimizers.vector import ParameterVector


@dataclass(frozen=True, kw_only=True)
class AdaptiveMoments(Descent):
    """Base of what steps along the mean of gradients over the root of the mean of their squares."""

    betas: tuple[float, float] = setting(
        BETAS, (0.9, 0.999), doc="decay of the averages of gradient and squared gradient"
    )
    eps: float = setting(POSITIVE, 1e-8, doc="added to the denominator")
    weight_decay: float = setting(NOT_NEGATIVE, 0.0, doc="L2 penalty, times two")
    amsgrad: bool = setting(Flag(), False, doc="never let the denominator shrink")

    def adapt(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the moments and the step along them."""
        dtype, beta1 = v.p.dtype, v.momentum(self.betas[0])
        step, m, s = counted(e, v), v.state("exp_avg"), v.state("exp_avg_sq")
        average_into(e, m, v.g, beta1)
        average_into(e, s, e.emit("square", v.g), self.betas[1])
        if self.amsgrad:
            largest = v.state("max_exp_avg_sq")
            s = e.emit("maximum", largest, s, into=largest)
        first = correction(e, step, beta1, 1.0, "float64")
        second = correction(e, step, self.betas[1], 0.5, dtype)
        size = e.emit("quotient", v.lr, first, dtype=dtype)
        root = e.emit("div", e.emit("sqrt", s), second)
        descend(e, v, e.emit("div", m, e.emit("shift", root, amount=self.eps)), size)


@dataclass(frozen=True, kw_only=True)
class Adam(AdaptiveMoments):
    """Adaptive moments, as torch.optim.Adam; weight decay is an L2 penalty inside the gradient.

    `g = g + weight_decay * p; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
    p = p - lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps)`, t counting from 1; with amsgrad
    the largest v so far takes the place of v, and with decoupled_weight_decay weights decay as in AdamW.

    References:
        Kingma and Ba, "Adam", 2015, algorithm 1; eps stands outside the bias-corrected root, as there.
        Reddi et al., "On the Convergence of Adam and Beyond", 2018 (amsgrad).
    """

    decoupled_weight_decay: bool = setting(
        Flag(), False, doc="shrink weights apart from the gradient, as AdamW"
    )

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        if self.decoupled_weight_decay:
            shrink(e, v, self.weight_decay)
            self.adapt(e, v)
        else:
            self.adapt(e, v.with_gradient(decayed(e, v, self.weight_decay)))


@dataclass(frozen=True, kw_only=True)
class AdamW(AdaptiveMoments):
    """Adam with weight decay apart from the gradient, as torch.optim.AdamW.

    `p = p (1 - lr * weight_decay)`, then Adam's step without decay.

    References:
        Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2; as in torch the
        decay is multiplied by the learning rate.
    """

    weight_decay: float = setting(
        NOT_NEGATIVE, 1e-2, doc="share of each weight lost, per unit of lr"
    )

    def move(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        shrink(e, v, self.weight_decay)
        self.adapt(e, v)
