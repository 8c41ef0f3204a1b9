"""Losses that are zero beyond a margin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Integer, Listed, Optional, Real, setting
from graphnet.ir import TensorType, shape_text
from graphnet.losses.class_loss import ClassLoss, weigh
from graphnet.losses.loss import Elements, Limit, Loss, LossError, both, require_float
from graphnet.losses.pieces import below, negative, over_last, power, softplus
from graphnet.ops import Emitter, Value

FAR = -1e30
"""What puts the right class below all others."""
WEIGHTS = Optional(Listed(Real(low=0.0)))


def check_weights(weight: tuple[float, ...] | None, source: TensorType) -> None:
    """Refuse a list of weights that has not one for each class, the classes lying last."""
    classes = source.shape[-1]
    if weight is not None and len(weight) != classes:
        raise LossError(
            f"weight has {len(weight)} numbers, the output {shape_text(source.shape)} has {classes} classes",
            f"give weight a list of {classes} numbers",
        )


class SoftMarginLoss(Loss):
    """Logistic loss of targets -1 and 1.

    `l = log(1 + exp(-t x))`, reduced over all elements; x and t of one shape.
    """

    decision = "logit"

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit a product and a softplus."""
        return Elements(softplus(e, negative(e, e.emit("mul", inputs[0], targets[0]))))


class HingeLoss(Loss):
    """Hinge loss of targets -1 and 1, as of a support vector machine.

    `l = max(0, 1 - t x)`, reduced over all elements; x and t of one shape.
    """

    decision = "logit"

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit what lacks to a margin of 1."""
        return Elements(e.emit("relu", below(e, 1.0, e.emit("mul", inputs[0], targets[0]))))


class SquaredHingeLoss(Loss):
    """Squared hinge loss of targets -1 and 1.

    `l = max(0, 1 - t x)^2`, reduced over all elements; x and t of one shape.
    """

    decision = "logit"

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit the square of what lacks to a margin of 1."""
        lacking = e.emit("relu", below(e, 1.0, e.emit("mul", inputs[0], targets[0])))
        return Elements(e.emit("square", lacking))


@dataclass(frozen=True, kw_only=True)
class HingeEmbeddingLoss(Loss):
    """Makes distances small where the target is 1, and at least the margin where it is -1.

    `l = x` where t = 1, `max(0, margin - x)` where t = -1; reduced over all elements.
    """

    margin: float = setting(Real(), 1.0, doc="distance beyond which unlike pairs cost nothing")

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit both cases, each times whether it holds."""
        (x,), (t,) = inputs, targets
        half = e.emit("scale", t, factor=0.5)
        like, unlike = e.emit("shift", half, amount=0.5), below(e, 0.5, half)
        far = e.emit("relu", below(e, self.margin, x))
        return Elements(e.emit("add", e.emit("mul", x, like), e.emit("mul", far, unlike)))


@dataclass(frozen=True, kw_only=True)
class MarginRankingLoss(Loss):
    """Puts two outputs in order: target 1 where the first shall be the greater, -1 for the second.

    `l = max(0, -t (x1 - x2) + margin)`, reduced over all elements; all of one shape.
    """

    input_roles = ("input1", "input2")

    margin: float = setting(Real(), 0.0, doc="least difference that costs nothing")

    def check(self, inputs: Sequence[TensorType], targets: Sequence[TensorType]) -> None:
        """Refuse inputs of unlike shapes."""
        require_same(inputs, self.input_roles)
        super().check(inputs, targets)

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit what lacks to the margin."""
        apart = e.emit("mul", e.emit("sub", *inputs), targets[0])
        return Elements(e.emit("relu", below(e, self.margin, apart)))


def require_same(inputs: Sequence[TensorType], roles: Sequence[str]) -> None:
    """Refuse inputs that are not floating point numbers of one shape.

    Raises:
        LossError: With all shapes.
    """
    for source in inputs:
        require_float(source)
    if len({source.shape for source in inputs}) > 1:
        told = [f"{role} {shape_text(x.shape)}" for role, x in zip(roles, inputs, strict=True)]
        raise LossError(f"the shapes differ: {', '.join(told)}", "give all the same shape")


@dataclass(frozen=True, kw_only=True)
class MultiMarginLoss(ClassLoss):
    """Hinge loss of class scores: each wrong class below the right one by a margin.

    `l = w_t sum_{c != t} max(0, margin - x_t + x_c)^p / C`, x (N, C), t (N,). As in torch a mean divides by
    the number of samples whatever their weights; samples whose target is ignore_index do not count.
    """

    p: int = setting(Integer(1, 2), 1, doc="power of what lacks to the margin, 1 or 2")
    margin: float = setting(Real(above=0.0), 1.0, doc="difference that costs nothing")

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit all classes' margins; the right class's own is a constant, taken off again."""
        (x,), (t,) = inputs, targets
        axis = self.class_axis(x.type)
        read = self.read_target(e, x, t)
        right = e.emit("pick", x, read.index, read.base, axis=axis)
        shape = tuple(1 if at == axis else dim for at, dim in enumerate(x.shape))
        apart = e.emit("sub", x, e.emit("reshape", right, shape=shape))
        lacking = e.emit("relu", e.emit("shift", apart, amount=self.margin))
        summed = e.emit("mean", power(e, lacking, float(self.p)), axes=(axis,), keepdims=False)
        own = self.margin**self.p / int(x.shape[axis])  # type: ignore[arg-type]
        losses = e.emit("shift", summed, amount=-own)
        if read.weight is not None:
            losses = e.emit("mul", losses, read.weight)
        return Elements(losses, read.kept)


class CategoricalHingeLoss(ClassLoss):
    """Hinge loss of class scores: the right class a margin of 1 above the best of the others.

    `l = w_t max(0, 1 + max_{c != t} x_c - x_t)`, averaged by the weights w_t of the targets' classes; x
    (N, C, ...), t (N, ...) in [0, C), or ignore_index, which has weight 0. As scikit-learn's hinge_loss.

    References:
        Crammer and Singer, "On the algorithmic implementation of multiclass kernel-based vector
        machines", 2001.
    """

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit the right score and the greatest of the others."""
        (x,), (t,) = inputs, targets
        axis = self.class_axis(x.type)
        read = self.read_target(e, x, t)
        right = e.emit("pick", x, read.index, read.base, axis=axis)
        far = e.constant(FAR, x.dtype, t.shape)
        down = e.emit("unpick", far, read.index, read.base, axis=axis, size=x.shape[axis])
        others = e.emit("max", e.emit("add", x, down), axes=(axis,), keepdims=False)
        lacking = e.emit("relu", e.emit("shift", e.emit("sub", others, right), amount=1.0))
        return Elements(weigh(e, lacking, read.weight), read.weight)


@dataclass(frozen=True, kw_only=True)
class MultiLabelSoftMarginLoss(Loss):
    """Binary cross-entropy of several labels a sample, averaged over the labels first.

    `l = -mean_c w_c (t_c log s(x_c) + (1 - t_c) log s(-x_c))`, s the sigmoid; x and t (N, ..., C).
    """

    decision = "logit"

    weight: tuple[float, ...] | None = setting(WEIGHTS, None, doc="weight of each label")

    def check(self, inputs: Sequence[TensorType], targets: Sequence[TensorType]) -> None:
        """Refuse outputs without labels, and weights of other labels."""
        super().check(inputs, targets)
        if inputs[0].rank < 2:
            raise LossError(f"needs a dimension of labels: {both(inputs[0], targets[0])}")
        check_weights(self.weight, inputs[0])

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit one fused op, weights, and the mean over labels."""
        losses = e.emit("bce_with_logits", inputs[0], targets[0])
        if self.weight is not None:
            table = e.emit("literal", dtype=losses.dtype, values=self.weight)
            losses = e.emit("mul", losses, table)
        return Elements(over_last(e, "mean", losses))


class MultiLabelMarginLoss(Loss):
    """Hinge loss of several labels a sample, given as a list of indices that ends at the first -1.

    `l = sum_{j in labels} sum_{i not in labels} max(0, 1 - (x_j - x_i)) / C`; x (N, C), t (N, C), int64.
    """

    def check(self, inputs: Sequence[TensorType], targets: Sequence[TensorType]) -> None:
        """Refuse what is not a list of as many indices as there are classes."""
        (source,), (target,) = inputs, targets
        require_float(source)
        if source.rank != 2 or target.shape != source.shape:
            raise LossError(f"needs [N, C] and a list of C indices: {both(source, target)}")
        if target.dtype != "int64":
            raise LossError(
                f"needs class indices, the target holds {target.dtype}",
                f"declare it as {{shape: [{source.shape[1]}], dtype: int64}}, -1 after the last label",
            )

    def limits(
        self, inputs: Sequence[TensorType], targets: Sequence[TensorType]
    ) -> Mapping[int, Limit]:
        """Keep indices below the number of classes, or -1."""
        return {0: Limit(int(inputs[0].shape[1]), -1)}  # type: ignore[arg-type]

    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit every pair of classes, each times how often it counts."""
        (x,), (t,) = inputs, targets
        n, size = x.shape
        base = e.emit("base_positions", shape=x.shape, axis=1)
        listed = e.emit("multi_hot", t, base, dtype=x.dtype, ignore_index=-1)
        others = below(e, 1.0, e.emit("sign", listed))
        columns, rows = (n, size, 1), (n, 1, size)
        apart = e.emit("sub", e.emit("reshape", x, shape=rows), e.emit("reshape", x, shape=columns))
        lacking = e.emit("relu", e.emit("shift", apart, amount=1.0))
        pairs = e.emit(
            "mul", e.emit("reshape", listed, shape=columns), e.emit("reshape", others, shape=rows)
        )
        summed = e.emit("sum", e.emit("mul", lacking, pairs), axes=(1, 2), keepdims=False)
        return Elements(e.emit("scale", summed, factor=1.0 / int(size)))  # type: ignore[arg-type]
