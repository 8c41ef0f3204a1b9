"""What a test case of an op is: how its operands are drawn, and with which attributes it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from formulas import FORMULAS
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
Draw = Callable[[np.random.Generator], Array]


def normal(*shape: int) -> Draw:
    """Draw from the standard normal distribution."""
    return lambda chance: np.asarray(chance.standard_normal(shape))


def between(low: float, high: float, *shape: int) -> Draw:
    """Draw uniformly between two numbers."""
    return lambda chance: np.asarray(chance.uniform(low, high, shape))


def away(*shape: int) -> Draw:
    """Draw numbers of either sign whose size is between 1/4 and 2."""
    return lambda chance: np.asarray(
        chance.uniform(0.25, 2.0, shape) * np.where(chance.random(shape) < 0.5, -1.0, 1.0)
    )


def halves(*shape: int) -> Draw:
    """Draw numbers that lie a half above a whole number; 1/4 or more away from what `quarters` draws."""
    return lambda chance: np.asarray(chance.integers(-3, 3, shape) + 0.5)


def quarters(*shape: int) -> Draw:
    """Draw numbers that lie a quarter above a whole number."""
    return lambda chance: np.asarray(chance.integers(-3, 3, shape) + 0.25)


def whole(limit: int, *shape: int) -> Draw:
    """Draw whole numbers from 0 to below `limit`."""
    return lambda chance: np.asarray(chance.integers(0, limit, shape))


def given(values: ArrayLike) -> Draw:
    """Give the same values every time."""
    return lambda chance: np.array(values)


def base(axis: int, *shape: int) -> Draw:
    """Give the operand `base` of ops that select along an axis from a value of this shape."""
    return lambda chance: np.asarray(FORMULAS["base_positions"](axis=axis, shape=shape))


@dataclass(frozen=True)
class Case:
    """One way of calling an op.

    Attributes:
        operands: How each operand is drawn.
        options: All attributes.
        accumulated: How the first content of what the op changes is drawn.
        smooth: Whether the op is differentiable at everything the operands can be.
    """

    operands: tuple[Draw, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    accumulated: tuple[Draw, ...] = ()
    smooth: bool = True


def case(*operands: Draw, smooth: bool = True, **options: Any) -> Case:
    """Return a case in which the op only reads."""
    return Case(operands, options, smooth=smooth)


def extreme(*operands: Draw, **options: Any) -> Case:
    """Return a case whose values are right by definition, where no derivative is asked for."""
    return Case(operands, options, smooth=False)


@dataclass(frozen=True)
class Cases:
    """All cases of one op.

    Attributes:
        cases: At least six.
        kink: Least distance that smooth cases keep from where the derivative jumps; 0 for ops whose formula
            is analytic at all smooth cases, so that it takes complex steps.
        stopped: Sets to zero the part of a derivative that the formula says is not passed on.
        cancels: Whether results are differences that can be far smaller than their terms, so that errors are
            measured against the largest number in the case.
        single: Whether operands are single float64 numbers whatever the type of the network.
    """

    cases: tuple[Case, ...]
    kink: float = 0.0
    stopped: Callable[[Mapping[str, Any], Array], None] | None = None
    cancels: bool = False
    single: bool = False


def drawn(draws: tuple[Draw, ...], seed: int) -> list[Array]:
    """Return operands; the same ones for the same seed."""
    chance = np.random.default_rng(seed)
    return [draw(chance) for draw in draws]
