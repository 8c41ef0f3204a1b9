"""What a backend offers: a Program bound to live memory, one routine and batch size at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

Step = Callable[[], object]
"""One bound call without arguments; a routine is a flat list of them."""


class BoundRoutine(Protocol):
    """A routine ready to run on batches of one size.

    Arrays are views of the executable's memory: write inputs and targets, run, read outputs and loss.
    """

    @property
    def inputs(self) -> Mapping[str, Any]:
        """Arrays to fill with a batch, by input name."""

    @property
    def targets(self) -> Mapping[str, Any]:
        """Arrays to fill with a batch's targets, by target name."""

    @property
    def outputs(self) -> Mapping[str, Any]:
        """Arrays that hold the outputs after `forward`, by output name."""

    def forward(self) -> None:
        """Run the forward list."""

    def backward(self) -> None:
        """Run the backward list."""

    def update(self) -> None:
        """Run the update list."""
