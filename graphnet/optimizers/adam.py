"""Adam and AdamW."""

from __future__ import annotations

from dataclasses import dataclass

from graphnet.declare import Flag, Listed, Real, setting
from graphnet.ops import Emitter, Value
from graphnet.optimizers.optimizer import Optimizer, ParameterVector, average_into, decayed

BETAS = Listed(Real(low=0.0, below=1.0), 2)


@dataclass(frozen=True, kw_only=True)
class Adam(Optimizer):
    """Adaptive moments, as torch.optim.Adam; weight decay is an L2 penalty inside the gradient.

    `g = g + weight_decay * p; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
    p = p - lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps)`, t counting from 1; with amsgrad
    the largest v so far takes the place of v.

    References:
        Kingma and Ba, "Adam", 2015, algorithm 1; eps stands outside the bias-corrected root, as there.
        Reddi et al., "On the Convergence of Adam and Beyond", 2018 (amsgrad).
    """

    betas: tuple[float, float] = setting(
        BETAS, (0.9, 0.999), doc="decay of the averages of gradient and squared gradient"
    )
    eps: float = setting(Real(above=0.0), 1e-8, doc="added to the denominator")
    weight_decay: float = setting(Real(low=0.0), 0.0, doc="L2 penalty, times two")
    amsgrad: bool = setting(Flag(), False, doc="never let the denominator shrink")

    def emit(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        self.adapt(e, v, decayed(e, self.ascent(e, v), v.p, self.weight_decay))

    def adapt(self, e: Emitter, v: ParameterVector, g: Value) -> None:
        """Emit the moments and the step along them."""
        dtype = v.p.dtype
        step, m, s = v.counter("step"), v.state("exp_avg"), v.state("exp_avg_sq")
        e.emit("increment", accumulates=(step,))
        average_into(e, m, g, self.betas[0])
        average_into(e, s, e.emit("square", g), self.betas[1])
        if self.amsgrad:
            largest = v.state("max_exp_avg_sq")
            s = e.emit("maximum", largest, s, into=largest)
        first = _correction(e, step, self.betas[0], 1.0, "float64")
        second = _correction(e, step, self.betas[1], 0.5, dtype)
        size = e.emit("quotient", v.lr, first, dtype=dtype)
        root = e.emit("div", e.emit("sqrt", s), second)
        move = e.emit("div", m, e.emit("shift", root, amount=self.eps))
        e.emit("sub", v.p, e.emit("mul", move, size), into=v.p)


@dataclass(frozen=True, kw_only=True)
class AdamW(Adam):
    """Adam with weight decay apart from the gradient, as torch.optim.AdamW.

    `p = p (1 - lr * weight_decay)`, then Adam's step without decay.

    References:
        Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2; as in torch the
        decay is multiplied by the learning rate.
    """

    weight_decay: float = setting(
        Real(low=0.0), 1e-2, doc="share of each weight lost, per unit of lr"
    )

    def emit(self, e: Emitter, v: ParameterVector) -> None:
        """Emit the update."""
        if self.weight_decay:
            kept = e.emit("affine", v.lr, factor=-self.weight_decay, offset=1.0, dtype=v.p.dtype)
            e.emit("mul", v.p, kept, into=v.p)
        self.adapt(e, v, self.ascent(e, v))


def _correction(e: Emitter, step: Value, beta: float, power: float, dtype: str) -> Value:
    """Emit `(1 - beta^t)^power`: what the averages are too small by after t updates."""
    return e.emit("bias_correction", step, beta=beta, delay=0, power=power, dtype=dtype)
