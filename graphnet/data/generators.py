"""Generated samples: small plane problems, each a pure function of (samples, noise, seed)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from graphnet.data.random_columns import Columns, random_of
from graphnet.data.shaped_generators import bars, copy, regression, reverse, sine
from graphnet.errors import DataError

Floats = NDArray[np.float64]


def curve(samples: int, noise: float = 0.0, seed: int = 0) -> Columns:
    """Points above and below a curve, well apart from it, with a share of outliers.

    f(x) = x sin x + x with x uniform on (-3, 4]; y = f(x) + d
    with d uniform on (-5, 5) where |d| >= 0.8; label = 1 where d > 0. Half of the points lie on
    each side. Values are rounded to two decimals.

    Args:
        samples: How many points.
        noise: Share of points, from 0 to 1, whose label is turned over.
        seed: Seed of the random stream.

    Returns:
        x, y: float64 (samples,); label: int64 (samples,), 0 or 1.

    Raises:
        DataError: GN328 when noise is greater than 1.

    Example:
        >>> curve(4, seed=1)["label"]
        array([0, 0, 1, 1])
    """
    if noise > 1:
        raise DataError(
            "GN328", f"curve takes a share of outliers up to 1, found {noise:g}", help="write 0.03"
        )
    rng = random_of(curve.__name__, seed)
    side = _sides(samples, rng)
    x = 4.0 - 7.0 * rng.random(samples)
    # The distance is drawn from what the rejection would leave, so the stream does not depend on
    # luck.
    distance = rng.uniform(0.8, 5.0, samples)
    y = x * np.sin(x) + x + np.where(side == 1, distance, -distance)
    outliers = rng.permutation(samples)[: round(noise * samples)]
    side[outliers] = 1 - side[outliers]
    # Adding zero turns -0.0, which rounding leaves, into 0.0.
    return _columns(np.round(x, 2) + 0.0, np.round(y, 2) + 0.0, side)


def moons(samples: int, noise: float = 0.0, seed: int = 0) -> Columns:
    """Two half circles that reach into each other.

    Args:
        samples: How many points.
        noise: Standard deviation of the scatter around the half circles, whose radius is 1.
        seed: Seed of the random stream.

    Returns:
        x, y: float64 (samples,); label: int64 (samples,), 0 the upper and 1 the lower moon.
    """
    rng = random_of(moons.__name__, seed)
    side = _sides(samples, rng)
    angle = rng.uniform(0.0, np.pi, samples)
    x = np.where(side == 0, np.cos(angle), 1.0 - np.cos(angle))
    y = np.where(side == 0, np.sin(angle), 0.5 - np.sin(angle))
    return _columns(*_scatter(x, y, noise, rng), side)


def circles(samples: int, noise: float = 0.0, seed: int = 0) -> Columns:
    """A small circle inside a large one.

    Args:
        samples: How many points.
        noise: Standard deviation of the scatter around the circles, whose radii are 1 and 0.5.
        seed: Seed of the random stream.

    Returns:
        x, y: float64 (samples,); label: int64 (samples,), 0 the outer and 1 the inner circle.
    """
    rng = random_of(circles.__name__, seed)
    side = _sides(samples, rng)
    angle = rng.uniform(0.0, 2.0 * np.pi, samples)
    radius = np.where(side == 0, 1.0, 0.5)
    return _columns(*_scatter(radius * np.cos(angle), radius * np.sin(angle), noise, rng), side)


def blobs(samples: int, noise: float = 0.0, seed: int = 0) -> Columns:
    """Three round clouds at the corners of a triangle.

    Args:
        samples: How many points.
        noise: Standard deviation that is added to the clouds' own, which is 0.5; the corners are 2
            from the middle.
        seed: Seed of the random stream.

    Returns:
        x, y: float64 (samples,); label: int64 (samples,), 0, 1 or 2.
    """
    rng = random_of(blobs.__name__, seed)
    cloud = rng.permutation(np.arange(samples, dtype=np.int64) % 3)
    angle = np.pi / 2 + cloud * (2 * np.pi / 3)
    return _columns(*_scatter(2 * np.cos(angle), 2 * np.sin(angle), 0.5 + noise, rng), cloud)


def xor(samples: int, noise: float = 0.0, seed: int = 0) -> Columns:
    """Four quadrants of a square, the opposite ones of one class.

    Args:
        samples: How many points.
        noise: Standard deviation of a scatter after the labels are set; the square reaches from -1
            to 1.
        seed: Seed of the random stream.

    Returns:
        x, y: float64 (samples,); label: int64 (samples,), 1 where x and y had different signs.
    """
    rng = random_of(xor.__name__, seed)
    side = _sides(samples, rng)
    x = rng.uniform(-1.0, 1.0, samples)
    y = rng.random(samples) * np.where((x < 0) == (side == 1), 1.0, -1.0)
    return _columns(*_scatter(x, y, noise, rng), side)


def spirals(samples: int, noise: float = 0.0, seed: int = 0, classes: int = 2) -> Columns:
    """Spirals wound into each other, one for each class.

    Radius r uniform on [0.1, 1), angle 3 pi r + 2 pi label / classes.

    Args:
        samples: How many points.
        noise: Standard deviation of the scatter around the spirals, which reach out to 1.
        seed: Seed of the random stream.
        classes: How many spirals.

    Returns:
        x, y: float64 (samples,); label: int64 (samples,), 0 to classes - 1.
    """
    rng = random_of(spirals.__name__, seed)
    arm = rng.permutation(np.arange(samples, dtype=np.int64) % classes)
    radius = rng.uniform(0.1, 1.0, samples)
    angle = 3 * np.pi * radius + 2 * np.pi * arm / classes
    return _columns(*_scatter(radius * np.cos(angle), radius * np.sin(angle), noise, rng), arm)


GENERATORS: dict[str, Callable[..., Columns]] = {
    "curve": curve,
    "moons": moons,
    "circles": circles,
    "blobs": blobs,
    "xor": xor,
    "spirals": spirals,
    "sine": sine,
    "regression": regression,
    "copy": copy,
    "reverse": reverse,
    "bars": bars,
}
"""Every generator by the name users write: a function of samples, noise, seed and its own options."""


def write_csv(columns: Columns, path: Path) -> None:
    """Write generated columns as csv, each number in its shortest exact form."""
    rows = zip(*(values.tolist() for values in columns.values()), strict=True)
    lines = [",".join(columns), *(",".join(map(repr, row)) for row in rows)]
    path.write_bytes(("\n".join(lines) + "\n").encode("ascii"))


def _sides(samples: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return zeros and ones in equal numbers, in random order."""
    return rng.permutation(np.arange(samples, dtype=np.int64) % 2)


def _scatter(
    x: Floats, y: Floats, deviation: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    shift = deviation * rng.standard_normal((2, len(x)))
    return x + shift[0], y + shift[1]


def _columns(x: Floats, y: Floats, label: NDArray[np.int64]) -> Columns:
    return {"x": x, "y": y, "label": label}
