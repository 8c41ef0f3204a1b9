"""What a test case of a layer is: inputs, settings, the formula in NumPy, and PyTorch's module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Sizes = tuple[int, ...]
Draw = Callable[[np.random.Generator, Sizes], Array]
Weights = Mapping[str, Array]
Formula = Callable[..., Any]
"""Called with the weights by their own names (`weight`) and then the inputs; gives one array or several."""


def normal(chance: np.random.Generator, shape: Sizes) -> Array:
    """Draw from the standard normal distribution."""
    return chance.standard_normal(shape)


def whole(limit: int) -> Draw:
    """Draw whole numbers from 0 to below `limit`; the input is declared int64."""
    return lambda chance, shape: chance.integers(0, limit, shape)


def between(low: float, high: float) -> Draw:
    """Draw uniformly between two numbers."""
    return lambda chance, shape: chance.uniform(low, high, shape)


def call_module(module: Any, *inputs: Any) -> Any:
    """Call a module as most are called."""
    return module(*inputs)


@dataclass(frozen=True)
class LayerCase:
    """One way of using a layer.

    Attributes:
        shapes: Shape per sample of each input.
        formula: What it computes when judging, in NumPy, written from the definition. None only where
            PyTorch alone says what is right (and then `torch` must be given).
        torch: Makes PyTorch's module or function from the torch package; None where there is none.
        keys: The layer's settings.
        draws: How each input is drawn; standard normal by default.
        call: How the module is called, where results have to be picked or arguments named.
        training: What it computes while training, where that differs (and is not random).
        random: Whether it draws random numbers while training.
        smooth: Whether numeric derivatives can be taken at what is drawn.
        names: Own name of each parameter to its name in the module's state_dict, where they differ.
        rtol: Relative error allowed beside PyTorch in float64.
        starts_otherwise: Why PyTorch's first values are others, where they are.
    """

    shapes: tuple[Sizes, ...]
    formula: Formula | None
    torch: Callable[[Any], Any] | None
    keys: Mapping[str, Any] = field(default_factory=dict)
    draws: tuple[Draw, ...] = ()
    call: Callable[..., Any] = call_module
    training: Formula | None = None
    random: bool = False
    smooth: bool = True
    names: Mapping[str, str] = field(default_factory=dict)
    rtol: float = 1e-9
    starts_otherwise: str = ""

    def inputs(self, count: int, seed: int = 0) -> list[Array]:
        """Draw the inputs of a batch."""
        chance = np.random.default_rng([seed, count, 303])
        draws = self.draws or (normal,) * len(self.shapes)
        return [
            np.asarray(draw(chance, (count, *shape)))
            for draw, shape in zip(draws, self.shapes, strict=True)
        ]


@dataclass(frozen=True)
class Refusal:
    """Inputs or settings that a layer must refuse when the network is compiled.

    Attributes:
        message: A part of what it says.
        shapes: Shape per sample of each input.
        keys: The layer's settings.
        dtype: Element type of the inputs, or of each; the network's own by default.
    """

    message: str
    shapes: tuple[Sizes, ...]
    keys: Mapping[str, Any] = field(default_factory=dict)
    dtype: str | tuple[str, ...] | None = None

    @property
    def types(self) -> tuple[str, ...]:
        """Element type of each input."""
        if isinstance(self.dtype, tuple):
            return self.dtype
        return (self.dtype or "float32",) * len(self.shapes)


@dataclass(frozen=True)
class LayerCases:
    """All cases of one layer type.

    Attributes:
        cases: At least one.
        refusals: What it must refuse; empty only where `takes_all` says why.
        takes_all: Why there is nothing it could refuse.
        no_torch: Why PyTorch has nothing to compare with.
    """

    cases: tuple[LayerCase, ...]
    refusals: tuple[Refusal, ...] = ()
    takes_all: str = ""
    no_torch: str = ""
