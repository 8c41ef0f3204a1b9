"""Space: which settings the trials of a sweep have, a pure function of its seed and their numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from graphnet.backend import generator_for
from graphnet.errors import UsageError, listed, nearest

RANDOM_TRIALS = 10
"""Trials where only random settings are given and no number."""

DISTRIBUTIONS = {
    "uniform": "uniform:LOW:HIGH, a number",
    "log": "log:LOW:HIGH, a number whose logarithm is uniform",
    "int": "int:LOW:HIGH, a whole number, both ends included",
    "logint": "logint:LOW:HIGH, the same, its logarithm uniform",
    "choice": "choice:A,B,C, one of them",
}


@dataclass(frozen=True)
class Distribution:
    """What a random setting is drawn from.

    Attributes:
        kind: A key of DISTRIBUTIONS.
        low: Least value, of all kinds but `choice`.
        high: Largest value.
        values: Texts to choose from, of `choice`.
    """

    kind: str
    low: float = 0.0
    high: float = 0.0
    values: tuple[str, ...] = ()

    def draw(self, seed: int, key: str, trial: int) -> str:
        """Return the value of one trial, as it is written after `--set KEY=`."""
        generator = generator_for(seed, f"sweep:{key}:{trial}")
        if self.kind == "choice":
            return self.values[int(generator.integers(len(self.values)))]
        if self.kind == "int":
            return str(int(generator.integers(int(self.low), int(self.high) + 1)))
        if self.kind == "uniform":
            return repr(float(generator.uniform(self.low, self.high)))
        # Half a step beyond whole ends, so that these are as likely as what lies between.
        half = 0.5 if self.kind == "logint" else 0.0
        power = generator.uniform(math.log(self.low - half), math.log(self.high + half))
        value = math.exp(float(power))
        if self.kind == "logint":
            return str(min(max(round(value), int(self.low)), int(self.high)))
        return repr(min(max(value, self.low), self.high))


@dataclass(frozen=True)
class Space:
    """All settings that trials differ in.

    Attributes:
        grid: Values by dotted path; every combination is a trial.
        random: Distributions by dotted path.
        seed: Seed of the draws.
    """

    grid: Mapping[str, Sequence[str]]
    random: Mapping[str, Distribution]
    seed: int = 0

    @property
    def keys(self) -> tuple[str, ...]:
        """Every dotted path."""
        return (*self.grid, *self.random)

    def trials(self, count: int | None = None) -> list[dict[str, str]]:
        """Return the overrides of every trial.

        Args:
            count: How many; every combination of the grid once by default. Where there are random settings
                too, combinations come round again, with new draws.

        Raises:
            UsageError: When there is nothing to vary (GN760).
        """
        if not self.keys:
            raise UsageError(
                "GN760",
                "a sweep varies nothing",
                help="add --grid KEY=A,B or --random KEY=log:LOW:HIGH",
            )
        points = [
            dict(zip(self.grid, values, strict=True)) for values in product(*self.grid.values())
        ]
        default = len(points) if self.grid else RANDOM_TRIALS
        total = default if count is None else count
        if not self.random:
            total = min(total, len(points))
        return [
            {**points[trial % len(points)],
             **{key: kind.draw(self.seed, key, trial) for key, kind in self.random.items()}}
            for trial in range(total)
        ]  # fmt: skip

    def plain(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "grid": {key: list(values) for key, values in self.grid.items()},
            "random": {
                key: {"kind": kind.kind, "low": kind.low, "high": kind.high,
                      "values": list(kind.values)}
                for key, kind in self.random.items()
            },
            "seed": self.seed,
        }  # fmt: skip


def read_grid(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the path and the values of `KEY=A,B,C`; commas inside brackets do not separate.

    Raises:
        UsageError: When it is something else (GN761).

    Example:
        >>> read_grid("optimizer.betas=[0.9, 0.999],[0.8, 0.99]")
        ('optimizer.betas', ('[0.9, 0.999]', '[0.8, 0.99]'))
    """
    key, values = _halves(text, "optimizer.lr=1e-2,1e-3")
    return key, _separated(values)


def read_random(text: str) -> tuple[str, Distribution]:
    """Return the path and the distribution of `KEY=KIND:LOW:HIGH` or `KEY=choice:A,B`.

    Raises:
        UsageError: When it is something else (GN761).

    Example:
        >>> read_random("optimizer.lr=log:1e-4:1e-1")
        ('optimizer.lr', Distribution(kind='log', low=0.0001, high=0.1, values=()))
    """
    key, value = _halves(text, "optimizer.lr=log:1e-4:1e-1")
    kind, _, rest = value.partition(":")
    if kind not in DISTRIBUTIONS:
        raise _misread(text, nearest(kind, DISTRIBUTIONS) or f"kinds: {listed(DISTRIBUTIONS)}")
    if kind == "choice":
        return key, Distribution(kind, values=_separated(rest))
    low, high = _bounds(text, kind, rest)
    return key, Distribution(kind, low, high)


def _bounds(text: str, kind: str, rest: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in rest.split(":"))
    except ValueError as error:
        raise _misread(text, f"write {DISTRIBUTIONS[kind]}") from error
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise _misread(text, f"{low:g} to {high:g} is no range")
    if kind.startswith("log") and low <= 0:
        raise _misread(text, "a logarithm needs a range above 0")
    if kind.endswith("int") and not (low.is_integer() and high.is_integer()):
        raise _misread(text, "give whole numbers")
    return low, high


def _halves(text: str, example: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals or not value.strip():
        raise _misread(text, f"write it like {example}")
    return key, value


def _separated(text: str) -> tuple[str, ...]:
    pieces, depth = [""], 0
    for char in text:
        depth += (char in "[{") - (char in "]}")
        if char == "," and not depth:
            pieces.append("")
        else:
            pieces[-1] += char
    return tuple(piece.strip() for piece in pieces)


def _misread(text: str, cure: str) -> UsageError:
    return UsageError("GN761", f"{text!r} does not say what to vary", help=cure)
