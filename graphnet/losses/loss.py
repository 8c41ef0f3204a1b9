"""Loss: what training makes small, written once as a composition of ops."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from graphnet.declare import Choice, Entry, setting
from graphnet.ir import Shape, TensorType, shape_text
from graphnet.losses.pieces import TINY, spread
from graphnet.ops import Emitter, Value

DecisionKind = Literal["logit", "probability", "argmax", "none"]
REDUCTION = Choice(("mean", "sum"))


class LossError(ValueError):
    """A loss does not fit its input and target; `message` says how, `help` the smallest cure."""

    def __init__(self, message: str, help: str = "") -> None:  # noqa: A002 - as in GraphNetError
        super().__init__(message)
        self.message = message
        self.help = help


@dataclass(frozen=True)
class Limit:
    """What whole numbers of a target may be: 0 to below `below`, or `ignore` where that is given."""

    below: int
    ignore: int | None = None


@dataclass(frozen=True)
class Elements:
    """What a loss is before its reduction.

    Attributes:
        values: Loss of each element, (N, ...), class weights already in it.
        weights: What a mean divides by the sum of, like values; None where each element counts 1.
    """

    values: Value
    weights: Value | None = None


@dataclass(frozen=True)
class Reduced:
    """A loss as a single number.

    Attributes:
        value: The number.
        weight: What a weighted mean was divided by, a single number too; None where the number of samples
            alone says how much a batch counts.
    """

    value: Value
    weight: Value | None = None


@dataclass(frozen=True, kw_only=True)
class Loss(Entry):
    """Base of all losses: a single number from a network's outputs and targets.

    With weights w of the samples, a mean is `sum w l / sum w c` over all elements, c being the weight that
    an element counts with anyway (of its class, 0 where ignored, else 1), and a sum is `sum w l`. So
    weight k is as good as the sample k times. Where all weights are 0, the loss and its gradients are 0.
    """

    decision: ClassVar[DecisionKind] = "none"
    """How a class is read off the output: `logit` > 0, `probability` > 0.5, `argmax`, or not at all."""
    zero_where_alike: ClassVar[bool] = False
    """Whether the loss is 0, its minimum, where the input equals the target, whatever that is."""
    input_roles: ClassVar[tuple[str, ...]] = ("input",)
    """What the inputs are, in order."""
    target_roles: ClassVar[tuple[str, ...]] = ("target",)
    """What the targets are, in order; none where the loss compares with nothing."""

    reduction: str = setting(REDUCTION, "mean", doc="how the elements' losses become one number")

    @property
    def over_batches(self) -> str:
        """Whether the losses of batches average (`mean`) or add up (`sum`)."""
        return "sum" if self.reduction == "sum" else "mean"

    def class_axis(self, input: TensorType) -> int:  # noqa: A002 - torch's word
        """Return the dimension of the input that classes lie on; 1 as in torch."""
        return 1

    def decides(self, inputs: Sequence[TensorType], targets: Sequence[TensorType]) -> DecisionKind:
        """Return how a class is read off the first input, given what it is compared with."""
        return self.decision

    def check(self, inputs: Sequence[TensorType], targets: Sequence[TensorType]) -> None:
        """Refuse inputs and targets that do not belong together.

        Raises:
            LossError: With both shapes.
        """
        for source in inputs:
            require_float(source)
        for target in targets:
            require_alike(inputs[0], target)

    def limits(
        self, inputs: Sequence[TensorType], targets: Sequence[TensorType]
    ) -> Mapping[int, Limit]:
        """Return what the whole numbers of targets may be, by the target's place."""
        return {}

    @abstractmethod
    def elements(self, e: Emitter, inputs: Sequence[Value], targets: Sequence[Value]) -> Elements:
        """Emit the losses of all elements."""

    def emit(
        self,
        e: Emitter,
        inputs: Sequence[Value],
        targets: Sequence[Value],
        sample_weight: Value | None = None,
    ) -> Reduced:
        """Emit the loss as a single number.

        Args:
            e: Where instructions go.
            inputs: The network's results, one for each of `input_roles`.
            targets: What is wanted, one for each of `target_roles`.
            sample_weight: How much each sample counts, (N,).
        """
        made = self.elements(e, inputs, targets)
        return self.reduce(e, made.values, made.weights, sample_weight)

    def reduce(
        self, e: Emitter, values: Value, weights: Value | None, sample_weight: Value | None
    ) -> Reduced:
        """Emit the reduction of all elements' losses to one number."""
        if sample_weight is not None:
            wide = spread(e, sample_weight, values.rank)
            values = e.emit("mul", values, wide)
            weights = wide if weights is None else e.emit("mul", weights, wide)
        if self.reduction == "sum":
            return Reduced(total(e, values))
        if weights is None:
            return Reduced(over_all(e, "mean", values))
        # Where all weights are 0 so is the sum above the line; TINY below it makes the loss 0, not NaN.
        weight = total(e, weights)
        each = elements_beside(values.shape, weights.shape)
        if each != 1:
            weight = e.emit("scale", weight, factor=float(each))
        least = e.constant(TINY, weight.dtype)
        value = e.emit("div", total(e, values), e.emit("maximum", weight, least))
        return Reduced(value, weight)


def over_all(e: Emitter, op: str, values: Value) -> Value:
    """Emit a sum or mean of all elements."""
    return e.emit(op, values, axes=tuple(range(values.rank)), keepdims=False)


def total(e: Emitter, values: Value) -> Value:
    """Emit the sum of all elements."""
    return over_all(e, "sum", values)


def elements_beside(values: Shape, weights: Shape) -> int:
    """Return for how many elements of `values` each of `weights` stands."""
    each = 1
    for dim, narrow in zip(values, weights, strict=True):
        if dim != narrow and isinstance(dim, int):
            each *= dim
    return each


def both(input: TensorType, target: TensorType) -> str:  # noqa: A002 - torch's word
    """Return both shapes, for messages."""
    return f"output {shape_text(input.shape)}, target {shape_text(target.shape)}"


def require_float(input: TensorType) -> None:  # noqa: A002 - torch's word
    """Refuse an input that holds no floating point numbers."""
    if not input.is_float:
        raise LossError(f"needs floating point numbers, the output holds {input.dtype}")


def require_alike(input: TensorType, target: TensorType) -> None:  # noqa: A002 - torch's word
    """Refuse a target that is not like the input."""
    if target.dtype != input.dtype:
        raise LossError(
            f"needs targets of numbers like the output's, not {target.dtype}",
            "leave the target's dtype out, or use CrossEntropyLoss for class indices",
        )
    if input.shape != target.shape:
        sizes = ", ".join(str(dim) for dim in input.shape[1:])
        cure = (
            f"declare the target as {{shape: [{sizes}]}}, or let the output have the target's shape"
        )
        raise LossError(f"the shapes differ: {both(input, target)}", cure)
