"""Generated lines, sequences and pictures, each a pure function of (samples, noise, seed, options)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphnet.data.random_columns import Columns, random_of


def sine(samples: int, noise: float = 0.0, seed: int = 0) -> Columns:
    """Points of a sine over two periods.

    y = sin x + noise * n, x uniform on [-2 pi, 2 pi), n standard normal.

    Args:
        samples: How many points.
        noise: Standard deviation of the scatter of y.
        seed: Seed of the random stream.

    Returns:
        x, y: float64 (samples,).
    """
    rng = random_of("sine", seed)
    x = rng.uniform(-2 * np.pi, 2 * np.pi, samples)
    return {"x": x, "y": np.sin(x) + noise * rng.standard_normal(samples)}


def regression(samples: int, noise: float = 0.0, seed: int = 0, features: int = 3) -> Columns:
    """A linear function of independent features.

    y = x w + b + noise * n; x and n standard normal, w and b standard normal, drawn once from `seed`.

    Args:
        samples: How many samples.
        noise: Standard deviation of the scatter of y.
        seed: Seed of the random stream; other seeds have other w and b.
        features: Numbers per sample.

    Returns:
        x: float64 (samples, features); y: float64 (samples,).
    """
    rng = random_of("regression", seed)
    weights, bias = rng.standard_normal(features), rng.standard_normal()
    x = rng.standard_normal((samples, features))
    return {"x": x, "y": x @ weights + bias + noise * rng.standard_normal(samples)}


def copy(
    samples: int, noise: float = 0.0, seed: int = 0, length: int = 8, symbols: int = 10
) -> Columns:
    """Sequences to repeat.

    Args:
        samples: How many sequences.
        noise: Share of symbols, from 0 to 1, that differ in the target.
        seed: Seed of the random stream.
        length: Symbols in a sequence.
        symbols: Symbols are 0 to symbols - 1.

    Returns:
        input, target: int64 (samples, length).
    """
    given = random_of("copy", seed).integers(0, symbols, (samples, length))
    return {"input": given, "target": _disturbed(given, noise, seed, symbols)}


def reverse(
    samples: int, noise: float = 0.0, seed: int = 0, length: int = 8, symbols: int = 10
) -> Columns:
    """Sequences to turn around.

    Args:
        samples: How many sequences.
        noise: Share of symbols, from 0 to 1, that differ in the target.
        seed: Seed of the random stream.
        length: Symbols in a sequence.
        symbols: Symbols are 0 to symbols - 1.

    Returns:
        input, target: int64 (samples, length).
    """
    given = random_of("reverse", seed).integers(0, symbols, (samples, length))
    return {"input": given, "target": _disturbed(given[:, ::-1].copy(), noise, seed, symbols)}


def bars(samples: int, noise: float = 0.0, seed: int = 0, size: int = 8) -> Columns:
    """Pictures of one bar that lies or stands.

    Args:
        samples: How many pictures.
        noise: Standard deviation of what is added to every pixel; the bar is 1, the rest 0.
        seed: Seed of the random stream.
        size: Height and width.

    Returns:
        image: float64 (samples, 1, size, size); label: int64 (samples,), 0 where the bar lies, 1
        where it stands.
    """
    rng = random_of("bars", seed)
    label = rng.permutation(np.arange(samples, dtype=np.int64) % 2)
    place = rng.integers(0, size, samples)
    # Half of the pictures are the others turned: a bar lies along the last axis or stands.
    lying = np.zeros((samples, size, size))
    lying[np.arange(samples), place] = 1.0
    image = np.where(label[:, None, None] == 1, lying.transpose(0, 2, 1), lying)
    image = image + noise * rng.standard_normal(image.shape)
    return {"image": image[:, None], "label": label}


def _disturbed(
    target: NDArray[np.int64], noise: float, seed: int, symbols: int
) -> NDArray[np.int64]:
    """Return the target with a share of its symbols replaced by others."""
    rng = random_of("disturbed", seed)
    hit = rng.random(target.shape) < noise
    return np.where(hit, (target + rng.integers(1, symbols, target.shape)) % symbols, target)
