"""Cutting a validation set from the training set."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from graphnet.data.samples import Samples
from graphnet.errors import DataError, listed, nearest

Rows = NDArray[np.int64]
_STREAM = zlib.crc32(b"split")


def split(
    samples: Samples, fraction: float, stratify: str | None = None, seed: int = 0
) -> tuple[Samples, Samples]:
    """Divide samples at random; the same arguments always give the same parts.

    Both parts keep the order of the samples. The validation part has `fraction` of them, rounded,
    but at least one and not all.

    Args:
        samples: What is divided.
        fraction: Share of the validation part, between 0 and 1.
        stratify: Target whose classes keep their proportions in both parts, or None.
        seed: Seed of the random stream.

    Returns:
        The training and the validation part.

    Raises:
        DataError: GN325 when there is only one sample, GN326 when `stratify` names no target of
            class indices.
    """
    if samples.count < 2:
        raise DataError("GN325", "one sample cannot be split into training and validation")
    size = min(max(round(fraction * samples.count), 1), samples.count - 1)
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, _STREAM])))
    groups = [np.arange(samples.count)] if stratify is None else _classes(samples, stratify)
    shares = _shares([len(group) for group in groups], size)
    taken = [rng.permutation(group)[:share] for group, share in zip(groups, shares, strict=True)]
    chosen = np.zeros(samples.count, np.bool_)
    chosen[np.concatenate(taken)] = True
    return samples.take(np.flatnonzero(~chosen)), samples.take(np.flatnonzero(chosen))


def _classes(samples: Samples, name: str) -> list[Rows]:
    """Return the rows of each class of a target, in the order of the classes."""
    if name not in samples.targets:
        raise DataError(
            "GN326",
            f"cannot stratify by {name!r}: no such target",
            help=nearest(name, samples.targets),
            notes=[f"targets: {listed(samples.targets)}"],
        )
    labels = samples.targets[name].reshape(samples.count, -1)
    if labels.shape[1] != 1 or not np.array_equal(labels, np.trunc(labels)):
        raise DataError(
            "GN326",
            f"cannot stratify by {name!r}: its values are not classes",
            help="leave `stratify` out, or name a target with one whole number per sample",
        )
    flat = labels[:, 0]
    return [np.flatnonzero(flat == label) for label in np.unique(flat)]


def _shares(sizes: list[int], total: int) -> list[int]:
    """Divide `total` among groups in proportion to their sizes, by largest remainders.

    Example:
        >>> _shares([70, 20, 10], 5)
        [4, 1, 0]
    """
    whole = sum(sizes)
    shares = [size * total // whole for size in sizes]
    remainders = [size * total % whole for size in sizes]
    order = sorted(range(len(sizes)), key=lambda group: (-remainders[group], group))
    for group in order[: total - sum(shares)]:
        shares[group] += 1
    return shares
