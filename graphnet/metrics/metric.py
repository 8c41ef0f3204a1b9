"""Metric: a number that judges a whole set of samples, gathered batch by batch."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from graphnet.declare import Entry, Flag, Optional, Text, setting
from graphnet.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Result = float | list[float] | list[list[int]]


@dataclass(frozen=True)
class Decision:
    """How a class is read off an output.

    Attributes:
        kind: logit (class 1 where the value is above 0), probability (class 1 where it is above
            0.5), argmax (the class with the greatest value along `axis`), or none (the outputs are
            no classes).
        classes: Number of classes for argmax; for logit and probability the number of labels that a
            sample can have at once, None where each value is a decision of the same kind.
        axis: Axis of the classes in the output, the batch axis counted.
        threshold: Probability above which the answer is yes, in place of 0.5; logit and probability.
        ignore: Target value of positions that do not count, or None.
    """

    kind: str
    classes: int | None = None
    axis: int = 1
    threshold: float = 0.5
    ignore: int | None = None

    @property
    def yes_no(self) -> bool:
        """Whether each value answers a question with yes or no."""
        return self.kind in ("logit", "probability")

    @property
    def labels(self) -> int:
        """How many labels a sample can have at once: 1 but for several yes and no."""
        return max(self.classes or 1, 1) if self.yes_no else 1

    @property
    def cut(self) -> float:
        """The value above which an output says yes."""
        if self.kind == "probability":
            return self.threshold
        if self.threshold in (0.0, 1.0):
            return -math.inf if self.threshold == 0.0 else math.inf
        return math.log(self.threshold) - math.log1p(-self.threshold)


class Accumulator(ABC):
    """What a metric gathers over a set; up to rounding, batches of any size end in one result."""

    @abstractmethod
    def add(
        self, output: NDArray[Any], target: NDArray[Any], weight: NDArray[Any] | None = None
    ) -> None:
        """Take in one batch.

        Args:
            output: What the network computed, any float type; (N, ...).
            target: What was wanted: for class decisions by argmax, int64 class indices of the
                output's shape without the class axis; otherwise of the output's shape.
            weight: How much each sample counts, (N,); all alike where left out.
        """

    @abstractmethod
    def result(self) -> Result:
        """Return the metric over everything taken in.

        Raises:
            UsageError: GN732 when nothing was.
        """


@dataclass(frozen=True, kw_only=True)
class Metric(Entry):
    """Base of all metrics."""

    needs_classes: ClassVar[bool] = False
    """Whether outputs must be class decisions."""

    output: str | None = setting(Optional(Text()), None, doc="output that is judged; the loss's")
    target: str | None = setting(
        Optional(Text()), None, doc="target it is compared with; the loss's for this output"
    )
    weighted: bool = setting(Flag(), False, doc="whether samples count by their sample_weight")
    called: str | None = setting(
        Optional(Text()), None, doc="name in results; the type, after the output where one is given"
    )

    @property
    def key(self) -> str:
        """What results call it: `called`, or `type`, or `output.type`."""
        return self.called or ".".join(filter(None, (self.output, self.name())))

    @property
    def single(self) -> bool:
        """Whether the result is one number, which early stopping can watch."""
        return True

    def start(self, decision: Decision) -> Accumulator:
        """Return an empty accumulator.

        Args:
            decision: How classes are read off the outputs; metrics of plain values do not look at
                it.

        Raises:
            UsageError: GN731 when the metric does not fit such outputs.
        """
        if self.needs_classes and decision.kind == "none":
            raise UsageError(
                "GN731",
                f"{self.name()} needs class decisions, the loss implies none",
                help="use mse, mae, rmse or r2",
            )
        if misfit := self.misfit(decision):
            raise UsageError("GN731", f"{self.name()} {misfit}")
        return self.gather(decision)

    def misfit(self, decision: Decision) -> str:
        """Return why such decisions cannot be judged, after the metric's name, or an empty string."""
        return ""

    @abstractmethod
    def gather(self, decision: Decision) -> Accumulator:
        """Return an empty accumulator for decisions that fit."""


def nothing_to_judge() -> UsageError:
    """Return the error for a result without samples."""
    return UsageError("GN732", "a metric over no samples has no value")


def ratio(above: float, below: float) -> float:
    """Return a ratio; 0 where there is nothing below the line."""
    return above / below if below else 0.0
