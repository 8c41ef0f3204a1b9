"""Base of losses whose target is a class index per sample (or position)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.declare import Integer, Listed, Optional, Real, setting
from graphnet.ir import Shape, TensorType, shape_text
from graphnet.losses.loss import Limit, Loss, LossError, both
from graphnet.ops import Emitter, Value

NOTHING_IGNORED = -1
"""An index that no class has and no target may hold, unless a loss says that it is ignored."""


@dataclass(frozen=True)
class ClassTarget:
    """A target of class indices, ready to be looked up.

    Attributes:
        index: The indices, 0 where ignored.
        base: Where each position's scores begin.
        weight: Weight of each target's class, 0 where ignored; None where all count 1.
        kept: 1, but 0 where ignored; None where nothing is.
    """

    index: Value
    base: Value
    weight: Value | None
    kept: Value | None


@dataclass(frozen=True, kw_only=True)
class ClassLoss(Loss):
    """Base of losses whose target is a class index per sample (or position)."""

    decision = "argmax"

    weight: tuple[float, ...] | None = setting(
        Optional(Listed(Real(low=0.0))), None, doc="weight of each class; all count 1"
    )
    ignore_index: int | None = setting(
        Optional(Integer()), None, doc="target whose positions do not count; none is ignored"
    )
    dim: int = setting(
        Integer(-1),
        1,
        doc="dimension of the output that the classes lie on: 1 as in torch, -1 for the last",
    )

    def class_axis(self, input: TensorType) -> int:  # noqa: A002 - torch's word
        """Return the dimension that classes lie on."""
        return self.dim if self.dim >= 0 else input.rank - 1

    def check(self, inputs: Sequence[TensorType], targets: Sequence[TensorType]) -> None:
        """Refuse targets that are not class indices of the output without its class dimension."""
        (source,), (target,) = inputs, targets
        self.check_classes(source, target)
        axis = self.class_axis(source)
        if target.dtype != "int64":
            raise LossError(
                f"needs class indices, the target holds {target.dtype}",
                f"declare it as {{shape: [], dtype: int64, classes: {source.shape[axis]}}}",
            )
        if source.shape[:axis] + source.shape[axis + 1 :] != target.shape:
            raise LossError(
                f"the target must have the output's shape without dim {axis}: {both(source, target)}",
                _cure(source.shape, target.shape),
            )

    def check_classes(self, source: TensorType, target: TensorType) -> None:
        """Refuse an output without a dimension of classes, and weights of other classes."""
        axis = self.class_axis(source)
        if not source.is_float or source.rank < 2:
            raise LossError(
                f"needs a dimension of classes beside the batch: {both(source, target)}"
            )
        if not 1 <= axis < source.rank:
            raise LossError(f"dim {self.dim} is not a dimension of classes: {both(source, target)}")
        classes = source.shape[axis]
        if self.weight is not None and len(self.weight) != classes:
            raise LossError(
                f"weight has {len(self.weight)} numbers, the output {shape_text(source.shape)} has {classes} "
                f"classes",
                f"give weight a list of {classes} numbers",
            )

    def limits(
        self, inputs: Sequence[TensorType], targets: Sequence[TensorType]
    ) -> Mapping[int, Limit]:
        """Keep class indices below the number of classes."""
        classes = inputs[0].shape[self.class_axis(inputs[0])]
        if targets[0].is_float or not isinstance(classes, int):
            return {}
        return {0: Limit(classes, self.ignore_index)}

    def read_target(self, e: Emitter, source: Value, target: Value) -> ClassTarget:
        """Emit what makes indices safe to look up, and the weights they stand for."""
        axis = self.class_axis(source.type)
        base = e.emit("base_positions", shape=source.shape, axis=axis)
        if self.weight is None and self.ignore_index is None:
            return ClassTarget(target, base, None, None)
        ignored = NOTHING_IGNORED if self.ignore_index is None else self.ignore_index
        ones = e.constant(1.0, source.dtype, (source.shape[axis],))
        table = ones if self.weight is None else self.weight_table(e, source.dtype)
        weight, index = e.emit_all("class_weights", table, target, ignore_index=ignored)
        if self.ignore_index is None:
            return ClassTarget(index, base, weight, None)
        kept = weight
        if self.weight is not None:
            kept = e.emit("class_weights", ones, target, ignore_index=ignored)
        return ClassTarget(index, base, weight, kept)

    def weight_table(self, e: Emitter, dtype: str) -> Value:
        """Emit the weights of the classes, (C,)."""
        return e.emit("literal", dtype=dtype, values=tuple(self.weight or ()))


def _cure(source: Shape, target: Shape) -> str:
    """Return what would let class indices fit an output: another dim, or another declaration."""
    fitting = [
        axis for axis in range(1, len(source)) if source[:axis] + source[axis + 1 :] == target
    ]
    if fitting:
        last = fitting[-1] == len(source) - 1
        return f"add dim: {-1 if last else fitting[-1]} to the loss" + (
            ": the classes lie last" if last else ""
        )
    if target in (source[:1], (*source[:1], 1)) and len(source) == 2:
        return "declare the target as {shape: []}: one index a sample"
    if len(target) == 1 and len(source) > 2:
        return (
            "let the output be [N, classes]: put Flatten before the last Linear, or Mean behind it"
        )
    return ""


def weigh(e: Emitter, values: Value, weight: Value | None) -> Value:
    """Emit a product, or nothing where there is no weight."""
    return values if weight is None else e.emit("mul", values, weight)


def along(e: Emitter, table: Value, like: Value, axis: int) -> Value:
    """Give (C,) the dimensions of `like`, its own lying on `axis`."""
    shape = tuple(table.shape[0] if at == axis else 1 for at in range(like.rank))
    return e.emit("reshape", table, shape=shape)
