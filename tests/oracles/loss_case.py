"""What a test case of a loss is: inputs, targets, settings, the formula in NumPy, and PyTorch's module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from layer_case import Draw, normal
from numpy.typing import NDArray

Array = NDArray[Any]
Sizes = tuple[int, ...]
Formula = Callable[..., Any]
"""Called with the inputs and then the targets. Gives the losses of all elements, (N, ...), class weights in
them; or those and what a mean divides by the sum of, where that is not their number."""


def yes_no(chance: np.random.Generator, shape: Sizes) -> Array:
    """Draw 0 and 1."""
    return chance.integers(0, 2, shape).astype(float)


def signs(chance: np.random.Generator, shape: Sizes) -> Array:
    """Draw -1 and 1."""
    return chance.choice([-1.0, 1.0], shape)


def shares(axis: int = 1) -> Draw:
    """Draw probabilities that add up to 1 along an axis."""

    def draw(chance: np.random.Generator, shape: Sizes) -> Array:
        drawn = chance.uniform(0.1, 1.0, shape)
        return np.asarray(drawn / drawn.sum(axis, keepdims=True))

    return draw


def log_shares(axis: int = 1) -> Draw:
    """Draw logarithms of probabilities that add up to 1 along an axis."""
    return lambda chance, shape: np.log(shares(axis)(chance, shape))


def some(of: Draw, value: float) -> Draw:
    """Draw, but put a value in place of about a third of what is drawn."""

    def draw(chance: np.random.Generator, shape: Sizes) -> Array:
        drawn = of(chance, shape)
        return np.where(chance.random(shape) < 1 / 3, np.asarray(value, drawn.dtype), drawn)

    return draw


def call_module(module: Any, inputs: list[Any], targets: list[Any]) -> Any:
    """Call a module as most are called."""
    return module(*inputs, *targets)


@dataclass(frozen=True)
class LossCase:
    """One way of using a loss.

    Attributes:
        inputs: Shape per sample of each input.
        targets: Shape per sample of each target.
        formula: What it computes before the reduction, in NumPy, written from the definition.
        torch: Makes PyTorch's module from the torch package and settings (`reduction`); None where there is
            none.
        keys: The loss's settings.
        draws: How each input is drawn; standard normal by default.
        wanted: How each target is drawn; standard normal by default. Whole numbers are declared int64.
        call: How the module is called.
        smooth: Whether numeric derivatives can be taken at what is drawn.
        alone: Whether the loss of a sample does not depend on the others of its batch.
        least: Samples that a batch must have for PyTorch to take it.
        rtol: Relative error allowed beside PyTorch in float64.
        whole_sum: The formula for a sum, where it is another than for a mean.
    """

    inputs: tuple[Sizes, ...]
    targets: tuple[Sizes, ...]
    formula: Formula
    torch: Callable[..., Any] | None
    keys: Mapping[str, Any] = field(default_factory=dict)
    draws: tuple[Draw, ...] = ()
    wanted: tuple[Draw, ...] = ()
    call: Callable[..., Any] = call_module
    smooth: bool = True
    alone: bool = True
    least: int = 1
    rtol: float = 1e-9
    whole_sum: Formula | None = None

    def batch(self, count: int, seed: int = 0) -> tuple[list[Array], list[Array]]:
        """Draw the inputs and the targets of a batch."""
        chance = np.random.default_rng([seed, count, 505])

        def drawn(draws: tuple[Draw, ...], shapes: tuple[Sizes, ...]) -> list[Array]:
            return [
                np.asarray(draw(chance, (count, *shape)))
                for draw, shape in zip(draws or (normal,) * len(shapes), shapes, strict=True)
            ]

        return drawn(self.draws, self.inputs), drawn(self.wanted, self.targets)

    def elements(
        self, inputs: list[Array], targets: list[Array], reduction: str = "mean"
    ) -> tuple[Array, Array]:
        """Return the losses of all elements, and what a mean divides by the sum of."""
        formula = self.whole_sum if reduction == "sum" and self.whole_sum else self.formula
        made = formula(*inputs, *targets)
        values, weights = made if isinstance(made, tuple) else (made, np.ones(made.shape))
        return np.asarray(values), np.asarray(weights)


@dataclass(frozen=True)
class LossRefusal:
    """Inputs, targets or settings that a loss must refuse when the network is compiled.

    Attributes:
        message: A part of what it says.
        inputs: Shape per sample of each input.
        targets: Shape per sample of each target.
        keys: The loss's settings.
        dtype: Element type of the inputs; the network's own by default.
        wanted: Element type of the targets; the network's own by default.
    """

    message: str
    inputs: tuple[Sizes, ...]
    targets: tuple[Sizes, ...]
    keys: Mapping[str, Any] = field(default_factory=dict)
    dtype: str | None = None
    wanted: str | None = None


@dataclass(frozen=True)
class LossCases:
    """All cases of one loss.

    Attributes:
        cases: At least one.
        refusals: What it must refuse, at least one.
        no_torch: Why PyTorch has nothing to compare with.
    """

    cases: tuple[LossCase, ...]
    refusals: tuple[LossRefusal, ...]
    no_torch: str = ""
