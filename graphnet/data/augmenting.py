"""Augmenting: samples changed while training, each a pure function of (seed, epoch, sample)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphnet.data.sample_table import Array
from graphnet.errors import DataError, listed
from graphnet.recipe import SAMPLE_WEIGHT, Augmentation
from graphnet.recipe.splits import Crop, CutMix, Flip, Mixup, Noise

Rows = NDArray[np.int64]
Arrays = Mapping[str, Array]
_STREAM = zlib.crc32(b"augment")


@dataclass(frozen=True, eq=False)
class Batch:
    """A batch that is changed in place.

    Attributes:
        arrays: What was copied for it, by input and target name.
        rows: Which samples these are.
        epoch: Number of the epoch.
    """

    arrays: Arrays
    rows: Rows
    epoch: int


class Augmenter:
    """Changes batches in place, in the order of the declarations."""

    def __init__(
        self,
        augment: Sequence[Augmentation],
        inputs: Mapping[str, Any],
        targets: Mapping[str, Any],
        seed: int,
    ) -> None:
        """Find the inputs that are meant.

        Args:
            augment: The declarations.
            inputs: Samples by input name; partners for mixing come from here.
            targets: Samples by target name.
            seed: Seed of all streams.

        Raises:
            DataError: GN340 where an input or target cannot be changed so.
        """
        self._inputs, self._targets, self._seed = inputs, targets, seed
        self._steps = [(one, self._names(one)) for one in augment]
        self._draws: dict[int, tuple[int, Any]] = {}

    def apply(self, batch: Batch) -> None:
        """Change a batch."""
        for index, (one, names) in enumerate(self._steps):
            _STEPS[type(one)](self, one, names, batch, index)

    def _names(self, one: Augmentation) -> tuple[str, ...]:
        """Return the inputs that are changed."""
        floats = [name for name, values in self._inputs.items() if values.dtype.kind == "f"]
        mixes = isinstance(one, (Mixup, CutMix))
        names = floats if one.input is None else [one.input]
        if one.input is None and len(floats) != 1 and not (mixes and floats):
            raise self._unfit(one, f"which of {listed(floats) or 'no'} inputs is meant")
        for name in names:
            if name not in floats:
                raise self._unfit(one, f"{name!r} is no input of floating point numbers")
            if isinstance(one, (Flip, Crop, CutMix)) and self._inputs[name].ndim < 3:
                raise self._unfit(one, f"{name!r} holds no pictures (..., height, width)")
        whole = [name for name, values in self._targets.items() if values.dtype.kind != "f"]
        if mixes and whole:
            raise self._unfit(
                one,
                f"the target {whole[0]!r} holds class indices, which cannot be mixed",
                "make shares of classes of it: transforms: [{type: one_hot, targets: NAME}]",
            )
        return tuple(names)

    def _unfit(self, one: Augmentation, why: str, help: str = "") -> DataError:  # noqa: A002 - as in GraphNetError
        cure = help or "name the input by `input`"
        return DataError("GN340", f"augmentation {one.name()}: {why}", help=cure)

    def drawn(self, index: int, epoch: int, draw: Callable[[np.random.Generator, int], Any]) -> Any:
        """Return what a step draws for all samples of an epoch, drawn once for each epoch."""
        held = self._draws.get(index)
        if held is None or held[0] != epoch:
            held = self._draws[index] = (epoch, draw(self._random(index, epoch), self._count))
        return held[1]

    @property
    def _count(self) -> int:
        return len(next(iter(self._inputs.values())))

    def _random(self, index: int, epoch: int) -> np.random.Generator:
        key = np.random.SeedSequence(entropy=self._seed, spawn_key=(_STREAM, index, epoch))
        return np.random.Generator(np.random.PCG64(key))

    def key(self, index: int, epoch: int) -> np.uint64:
        """Return a number to count random bits from, for steps that draw too much to keep."""
        key = np.random.SeedSequence(entropy=self._seed, spawn_key=(_STREAM, index, epoch))
        bits: np.uint64 = key.generate_state(1, np.uint64)[0]
        return bits

    def partners(self, name: str, rows: Rows) -> Array:
        """Return samples as they are in the data, to mix with."""
        values = self._inputs[name] if name in self._inputs else self._targets[name]
        partner: Array = values[rows]
        return partner

    def mix_targets(self, batch: Batch, share: Array, partners: Rows) -> None:
        """Mix every target of a batch with its partner's: share of its own, the rest of the other."""
        for name in self._targets:
            if name in batch.arrays and name != SAMPLE_WEIGHT:
                own = batch.arrays[name]
                _mix(own, self.partners(name, partners), share)


def _flip(self: Augmenter, one: Flip, names: tuple[str, ...], batch: Batch, index: int) -> None:
    chosen = self.drawn(index, batch.epoch, lambda rng, n: rng.random(n) < one.p)[batch.rows]
    for name in names:
        values = batch.arrays[name]
        turned = values[chosen]
        values[chosen] = turned[..., ::-1, :] if one.vertical else turned[..., ::-1]


def _crop(self: Augmenter, one: Crop, names: tuple[str, ...], batch: Batch, index: int) -> None:
    pad = one.padding
    shifts = self.drawn(index, batch.epoch, lambda rng, n: rng.integers(0, 2 * pad + 1, (n, 2)))[
        batch.rows
    ]
    for name in names:
        values = batch.arrays[name]
        height, width = values.shape[-2:]
        flat = values.reshape(len(values), -1, height, width)
        padded = np.pad(flat, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        down = shifts[:, :1] + np.arange(height)
        along = shifts[:, 1:] + np.arange(width)
        each = np.arange(len(values))[:, None, None]
        moved = padded[each, :, down[:, :, None], along[:, None, :]]
        values[...] = np.moveaxis(moved, -1, 1).reshape(values.shape)


def _noise(self: Augmenter, one: Noise, names: tuple[str, ...], batch: Batch, index: int) -> None:
    for name in names:
        values = batch.arrays[name]
        size = values[0].size
        places = batch.rows.astype(np.uint64)[:, None] * np.uint64(size) + np.arange(
            size, dtype=np.uint64
        )
        drawn = _normal(self.key(index, batch.epoch), places).reshape(values.shape)
        values += (one.std * drawn).astype(values.dtype)


def _normal(key: np.uint64, places: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return standard normal numbers, each from its place alone (Box and Muller, 1958)."""
    first, second = _uniform(key, 2 * places), _uniform(key, 2 * places + np.uint64(1))
    radius = np.sqrt(-2.0 * np.log1p(-first))
    result: NDArray[np.float64] = radius * np.cos(2.0 * np.pi * second)
    return result


def _uniform(key: np.uint64, places: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return numbers in [0, 1), each from its place alone.

    References:
        Steele, Lea, Flood, Fast splittable pseudorandom number generators, 2014: SplitMix64.
    """
    bits = key + (places + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    result: NDArray[np.float64] = (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return result


def _mixup(self: Augmenter, one: Mixup, names: tuple[str, ...], batch: Batch, index: int) -> None:
    share, partners = self.drawn(
        index,
        batch.epoch,
        lambda rng, n: (rng.beta(one.alpha, one.alpha, n), rng.integers(0, n, n)),
    )
    share, partners = share[batch.rows], partners[batch.rows]
    for name in names:
        _mix(batch.arrays[name], self.partners(name, partners), share)
    self.mix_targets(batch, share, partners)


def _mix(own: Array, other: Array, share: Array) -> None:
    each = share.reshape(-1, *[1] * (own.ndim - 1))
    own[...] = (each * own + (1.0 - each) * other).astype(own.dtype)


def _cutmix(self: Augmenter, one: CutMix, names: tuple[str, ...], batch: Batch, index: int) -> None:
    share, middle, partners = self.drawn(
        index,
        batch.epoch,
        lambda rng, n: (
            rng.beta(one.alpha, one.alpha, n),
            rng.random((n, 2)),
            rng.integers(0, n, n),
        ),
    )
    share, middle, partners = share[batch.rows], middle[batch.rows], partners[batch.rows]
    kept = np.ones(len(batch.rows))
    for name in names:
        values, other = batch.arrays[name], self.partners(name, partners)
        height, width = values.shape[-2:]
        inside = [
            _span(size, middle[:, axis], np.sqrt(1.0 - share))
            for axis, size in enumerate((height, width))
        ]
        cut = inside[0][:, :, None] & inside[1][:, None, :]
        kept = 1.0 - cut.mean(axis=(1, 2))
        mask = cut.reshape(len(cut), *[1] * (values.ndim - 3), height, width)
        np.copyto(values, other.astype(values.dtype), where=mask)
    self.mix_targets(batch, kept, partners)


def _span(size: int, middle: Array, length: Array) -> NDArray[np.bool_]:
    """Return which pixels of an axis lie within half of `length * size` of a middle."""
    places = np.arange(size) + 0.5
    result: NDArray[np.bool_] = (
        np.abs(places - middle[:, None] * size) <= length[:, None] * size / 2
    )
    return result


_STEPS: dict[type[Augmentation], Callable[[Augmenter, Any, tuple[str, ...], Batch, int], None]] = {
    Flip: _flip,
    Crop: _crop,
    Noise: _noise,
    Mixup: _mixup,
    CutMix: _cutmix,
}
