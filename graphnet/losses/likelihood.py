"""Losses that compare distributions: likelihoods and divergence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from graphnet.declare import Choice, Flag, Real, setting
from graphnet.ir import TensorType, shape_text
from graphnet.losses.loss import Elements, Loss, LossError, require_alike, require_float
from graphnet.losses.pieces import TINY, at_least, per_sample
from graphnet.ops import Emitter, Value


@dataclass(frozen=True, kw_only=True)
class KLDivLoss(Loss):
    """Kullback-Leibler divergence of an output of log-probabilities from target probabilities.

    `l = t (log t - x)`, 0 where t is 0; with log_target `l = exp(t) (t - x)`. `mean` divides by the number of
    elements as in torch, `batchmean` by the number of samples, which is the divergence itself.
    """

    reduction: str = setting(
        Choice(("mean", "sum", "batchmean")),
        "mean",
        doc="how the elements' losses become one number; batchmean divides by the samples",
    )
    log_target: bool = setting(Flag(), False, doc="whether targets are log-probabilities too")

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit probabilities times differences of logarithms."""
        (x,), (t,) = inputs, targets
        if self.log_target:
            weight, logs = e.emit("exp", t), t
        else:
            weight, logs = t, e.emit("log", at_least(e, t, TINY))
        losses = e.emit("mul", weight, e.emit("sub", logs, x))
        return Elements(per_sample(e, losses) if self.reduction == "batchmean" else losses)


@dataclass(frozen=True, kw_only=True)
class PoissonNLLLoss(Loss):
    """Negative log-likelihood of counts under a Poisson distribution.

    `l = exp(x) - t x`, x the logarithm of the rate; with log_input off, x the rate itself,
    `l = x - t log(x + eps)`. With full, Stirling's `t log t - t + log(2 pi t) / 2` is added where t > 1.
    """

    log_input: bool = setting(Flag(), True, doc="whether the output is the logarithm of the rate")
    full: bool = setting(Flag(), False, doc="whether log t! is added, by Stirling's formula")
    eps: float = setting(Real(above=0.0), 1e-8, doc="added to a rate before its logarithm")

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit rate minus count times logarithm."""
        (x,), (t,) = inputs, targets
        if self.log_input:
            rate, logs = e.emit("exp", x), x
        else:
            rate, logs = x, e.emit("log", e.emit("shift", x, amount=self.eps))
        losses = e.emit("sub", rate, e.emit("mul", t, logs))
        if self.full:
            losses = e.emit("add", losses, self._log_factorial(e, t))
        return Elements(losses)

    def _log_factorial(self, e: Emitter, t: Value) -> Value:
        beyond = e.emit("relu", e.emit("shift", t, amount=-1.0))
        counted, large = e.emit("shift", beyond, amount=1.0), e.emit("sign", beyond)
        logs = e.emit("log", counted)
        # (t + 1/2) log t - t + log(2 pi) / 2
        grown = e.emit("mul", e.emit("shift", counted, amount=0.5), logs)
        rest = e.emit("shift", e.emit("sub", grown, counted), amount=math.log(2 * math.pi) / 2)
        return e.emit("mul", rest, large)


@dataclass(frozen=True, kw_only=True)
class GaussianNLLLoss(Loss):
    """Negative log-likelihood under a normal distribution with a variance for each element.

    `l = (log v + (x - t)^2 / v) / 2`, v = max(variance, eps); with full, `log(2 pi) / 2` is added. Inputs are
    the mean, of the target's shape, and the variance, of that shape or with 1 or nothing on the last
    dimension. As in torch, the bound eps lets gradients through as if it were not there.

    References:
        Nix and Weigend, "Estimating the mean and variance of the target probability distribution", 1994.
    """

    input_roles = ("mean", "variance")

    full: bool = setting(Flag(), False, doc="whether the constant log(2 pi) / 2 is added")
    eps: float = setting(Real(above=0.0), 1e-6, doc="least variance that is divided by")

    def check(self, inputs: Sequence[TensorType], targets: Sequence[TensorType]) -> None:
        """Refuse a mean unlike the target, and variances that fit neither."""
        mean, variance = inputs
        require_float(variance)
        require_float(mean)
        require_alike(mean, targets[0])
        shape = mean.shape
        if variance.shape not in (shape, (*shape[:-1], 1), shape[:-1] if len(shape) > 1 else shape):
            raise LossError(
                f"the shapes differ: mean {shape_text(shape)}, variance {shape_text(variance.shape)}",
                "give the variance the mean's shape, or 1 on the last dimension",
            )

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit half of a logarithm and a quotient."""
        mean, variance = inputs
        if variance.rank < mean.rank:
            variance = e.emit("reshape", variance, shape=(*variance.shape, 1))
        lacking = e.emit(
            "relu", e.emit("shift", e.emit("scale", variance, factor=-1.0), amount=self.eps)
        )
        bounded = e.emit("add", variance, e.emit("detach", lacking))
        squares = e.emit("square", e.emit("sub", mean, targets[0]))
        summed = e.emit("add", e.emit("div", squares, bounded), e.emit("log", bounded))
        losses = e.emit("scale", summed, factor=0.5)
        if self.full:
            losses = e.emit("shift", losses, amount=math.log(2 * math.pi) / 2)
        return Elements(losses)
