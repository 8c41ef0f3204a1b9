"""Metric: a number that judges a whole set of samples, gathered batch by batch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from graphnet.declare import Entry
from graphnet.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Result = float | list[list[int]]


@dataclass(frozen=True)
class Decision:
    """How a class is read off an output.

    Attributes:
        kind: logit (class 1 where the value is above 0), probability (class 1 where it is above
            0.5), argmax (the class with the greatest value along `axis`), or none (the outputs are
            no classes).
        classes: Number of classes for argmax.
        axis: Axis of the classes in the output, the batch axis counted.
    """

    kind: str
    classes: int | None = None
    axis: int = 1


class Accumulator(ABC):
    """What a metric gathers over a set; up to rounding, batches of any size end in one result."""

    @abstractmethod
    def add(self, output: NDArray[Any], target: NDArray[Any]) -> None:
        """Take in one batch.

        Args:
            output: What the network computed, any float type; (N, ...).
            target: What was wanted: for class decisions by argmax, int64 class indices of the
                output's shape without the class axis; otherwise of the output's shape.
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

    @abstractmethod
    def start(self, decision: Decision) -> Accumulator:
        """Return an empty accumulator.

        Args:
            decision: How classes are read off the outputs; metrics of plain values do not look at
                it.

        Raises:
            UsageError: GN731 when the metric needs classes and the outputs are none.
        """


def nothing_to_judge() -> UsageError:
    """Return the error for a result without samples."""
    return UsageError("GN732", "a metric over no samples has no value")
