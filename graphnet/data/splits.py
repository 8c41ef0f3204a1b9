"""Cutting a part from the training set: at random, by classes, by groups, by an order, in folds."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from graphnet.data.sample_table import Array
from graphnet.errors import DataError
from graphnet.recipe import Split

Rows = NDArray[np.int64]
Parts = tuple[Rows, Rows]
_STREAM = zlib.crc32(b"split")


def split_rows(count: int, cut: Split, values: Callable[[str], Array]) -> Parts:
    """Divide samples; the same arguments always give the same parts.

    Both parts keep the order of the samples. By a fraction, the part that is cut has that share of
    them, rounded, but at least one and not all; with groups, as many whole groups as come nearest.

    Args:
        count: How many samples there are.
        cut: How they are divided.
        values: Returns a target or column by name, one value a sample; numbers or texts.

    Returns:
        Row numbers of what is left and of what is cut, both rising.

    Raises:
        DataError: GN325 when there are too few samples, GN326 when a name does not serve.
    """
    least = cut.folds or 2
    if count < least + (1 if cut.folds and cut.order else 0):
        what = "one sample" if count == 1 else f"{count} samples"
        raise DataError(
            "GN325",
            f"{what} cannot be split into {f'{least} folds' if cut.folds else 'two parts'}",
        )
    if cut.order is not None:
        return _by_order(count, cut, values(cut.order))
    if cut.group is not None:
        return _by_group(count, cut, values(cut.group))
    labels = np.zeros(count) if cut.stratify is None else _classes(cut.stratify, values)
    groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    rng = _random(cut)
    if cut.folds is not None:
        dealt = np.concatenate([rng.permutation(group) for group in groups])
        return _parts(count, dealt[np.arange(count) % cut.folds == cut.fold])
    shares = _shares([len(group) for group in groups], _size(count, cut))
    taken = [rng.permutation(group)[:share] for group, share in zip(groups, shares, strict=True)]
    return _parts(count, np.concatenate(taken))


def _random(cut: Split) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([cut.seed, _STREAM])))


def _size(count: int, cut: Split) -> int:
    return min(max(round((cut.fraction or 0.0) * count), 1), count - 1)


def _parts(count: int, cut: Rows) -> Parts:
    chosen = np.zeros(count, np.bool_)
    chosen[cut] = True
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)


def _by_order(count: int, cut: Split, keys: Array) -> Parts:
    """Cut what comes last; fold k is tested after training on all before it."""
    order = np.argsort(_flat(str(cut.order), keys), kind="stable")
    if cut.folds is None:
        return _parts(count, order[count - _size(count, cut) :])
    size = count // (cut.folds + 1)
    end = count - (cut.folds - 1 - cut.fold) * size
    return np.sort(order[: end - size]), np.sort(order[end - size : end])


def _by_group(count: int, cut: Split, keys: Array) -> Parts:
    """Cut whole groups: a share of the samples as near as may be, or the groups of a fold."""
    _, group_of = np.unique(_flat(str(cut.group), keys), return_inverse=True)
    sizes = np.bincount(group_of)
    if len(sizes) < (cut.folds or 2):
        raise DataError(
            "GN325",
            f"{len(sizes)} groups cannot be split into {cut.folds or 2} parts",
            help="name a column with more different values",
        )
    order = _random(cut).permutation(len(sizes))
    if cut.folds is not None:
        chosen = _dealt(sizes, order, cut.folds) == cut.fold
        return _parts(count, np.flatnonzero(chosen[group_of]))
    reached = np.cumsum(sizes[order])[:-1]
    taken = int(np.abs(reached - _size(count, cut)).argmin()) + 1
    return _parts(count, np.flatnonzero(np.isin(group_of, order[:taken])))


def _dealt(sizes: Rows, order: Rows, folds: int) -> Rows:
    """Return the fold of each group: the largest first, each into the fold that has least."""
    fold_of = np.empty(len(sizes), np.int64)
    filled = np.zeros(folds, np.int64)
    for group in order[np.argsort(-sizes[order], kind="stable")]:
        fold_of[group] = filled.argmin()
        filled[fold_of[group]] += sizes[group]
    return fold_of


def _flat(name: str, values: Array) -> Array:
    """Return one value a sample, comparable with the others."""
    flat = values.reshape(len(values), -1)
    if flat.shape[1] != 1:
        raise DataError("GN326", f"cannot split by {name!r}: it has several values a sample")
    column = flat[:, 0]
    return column.astype(str) if column.dtype.kind == "O" else column


def _classes(name: str, values: Callable[[str], Array]) -> Array:
    labels = _flat(name, values(name))
    if labels.dtype.kind == "f" and not np.array_equal(labels, np.trunc(labels)):
        raise DataError(
            "GN326",
            f"cannot stratify by {name!r}: its values are not classes",
            help="leave `stratify` out, or name a target with one whole number per sample",
        )
    return labels


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
