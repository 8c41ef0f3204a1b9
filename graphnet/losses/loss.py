"""Loss: what training makes small, written once as a composition of ops."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

from graphnet.declare import Choice, Entry, Integer, setting
from graphnet.ir import TensorType, shape_text
from graphnet.ops import Emitter, Value

DecisionKind = Literal["logit", "probability", "argmax", "none"]
REDUCTION = Choice(("mean", "sum"))


class LossError(ValueError):
    """A loss does not fit its input and target; `message` says how, `help` the smallest cure."""

    def __init__(self, message: str, help: str = "") -> None:  # noqa: A002 - as in GraphNetError
        super().__init__(message)
        self.message = message
        self.help = help


@dataclass(frozen=True, kw_only=True)
class Loss(Entry):
    """Base of all losses: a single number from a network's output and a target."""

    decision: ClassVar[DecisionKind] = "none"
    """How a class is read off the output: `logit` > 0, `probability` > 0.5, `argmax`, or not at all."""
    takes_classes: ClassVar[bool] = False
    """Whether the target holds class indices rather than values like the input's."""

    reduction: str = setting(REDUCTION, "mean", doc="how the elements' losses become one number")

    def class_axis(self, input: TensorType) -> int:  # noqa: A002 - torch's word
        """Return the dimension of the input that classes lie on; 1 as in torch."""
        return 1

    def check(self, input: TensorType, target: TensorType) -> None:  # noqa: A002 - torch's word
        """Refuse an input and a target that do not belong together.

        Raises:
            LossError: With both shapes.
        """
        if not input.is_float:
            raise LossError(f"needs floating point numbers, the output holds {input.dtype}")
        both = f"output {shape_text(input.shape)}, target {shape_text(target.shape)}"
        if target.dtype != input.dtype:
            raise LossError(
                f"needs targets of numbers like the output's, not {target.dtype}",
                "leave the target's dtype out, or use CrossEntropyLoss for class indices",
            )
        if input.shape != target.shape:
            raise LossError(f"the shapes differ: {both}", "give both the same shape")

    @abstractmethod
    def emit(self, e: Emitter, input: Value, target: Value) -> Value:  # noqa: A002 - torch's word
        """Emit the loss and return its single number."""

    def reduce(self, e: Emitter, losses: Value) -> Value:
        """Emit the reduction of all elements' losses to one number."""
        op = "mean" if self.reduction == "mean" else "sum"
        return e.emit(op, losses, axes=tuple(range(losses.rank)), keepdims=False)


@dataclass(frozen=True, kw_only=True)
class ClassLoss(Loss):
    """Base of losses whose target is a class index per sample (or position)."""

    decision = "argmax"
    takes_classes = True

    dim: int = setting(
        Integer(-1),
        1,
        doc="dimension of the output that the classes lie on: 1 as in torch, -1 for the last",
    )

    def class_axis(self, input: TensorType) -> int:  # noqa: A002 - torch's word
        """Return the dimension that classes lie on."""
        return self.dim if self.dim >= 0 else input.rank - 1

    def check(self, input: TensorType, target: TensorType) -> None:  # noqa: A002 - torch's word
        """Refuse targets that are not class indices of the output without its class dimension."""
        axis = self.class_axis(input)
        both = f"output {shape_text(input.shape)}, target {shape_text(target.shape)}"
        if not input.is_float or input.rank < 2:
            raise LossError(f"needs a dimension of classes beside the batch: {both}")
        if not 1 <= axis < input.rank:
            raise LossError(f"dim {self.dim} is not a dimension of classes: {both}")
        if target.dtype != "int64":
            raise LossError(
                f"needs class indices, the target holds {target.dtype}",
                f"declare it as {{shape: [], dtype: int64, classes: {input.shape[axis]}}}",
            )
        if input.shape[:axis] + input.shape[axis + 1 :] != target.shape:
            raise LossError(f"the target must have the output's shape without dim {axis}: {both}")
