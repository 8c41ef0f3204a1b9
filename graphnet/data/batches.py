"""Batches: the order of an epoch, and copying a batch into the buffers a program reads."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from graphnet.data.augmenting import Augmenter, Batch
from graphnet.data.mapped_array import MappedArray
from graphnet.data.prefetch import Buffers, Prefetch
from graphnet.data.sample_table import Array
from graphnet.data.samples import Samples
from graphnet.errors import DataError

_APART = 0x9E3779B97F4A7C15F39CC0605CEDC835
"""How far epochs lie apart in the stream: the golden ratio's share of its period, so that no two are near."""
_STREAM = zlib.crc32(b"batches")


class Batches:
    """The batches of a set of samples, epoch by epoch.

    Attributes:
        count: Number of samples.
        batch_size: Samples of a full batch.
        shuffle: Whether every epoch has an order of its own.

    Example:
        >>> samples = Samples({"x": np.arange(5.0)}, {}, 5)
        >>> batches = Batches(samples, 2, shuffle=False)
        >>> buffer = {"x": np.zeros(2)}
        >>> [batches.load(batches.order(0), index, buffer) for index in range(len(batches))]
        [2, 2, 1]
    """

    def __init__(
        self,
        samples: Samples,
        batch_size: int,
        shuffle: bool = False,
        drop_last: bool = False,
        seed: int = 0,
        *,
        training: bool = False,
    ) -> None:
        """Store the samples' arrays, C-contiguous.

        Args:
            samples: What is divided into batches.
            batch_size: Samples of a full batch, at least 1.
            shuffle: Whether `order` permutes.
            drop_last: Whether a last batch that is not full is left out.
            seed: Seed of the permutations.
            training: Whether samples are drawn, changed and prefetched as their `feeding` says.

        Raises:
            DataError: GN327 when `drop_last` leaves no batch, GN340 where samples cannot be changed as
                they should.
        """
        self.count = samples.count
        self.batch_size = batch_size
        feeding = samples.feeding
        self._shares = _shares(feeding.weights) if training else None
        self.shuffle = shuffle or self._shares is not None
        self._bits = np.random.PCG64(np.random.SeedSequence(entropy=seed, spawn_key=(_STREAM,)))
        self._random, self._start = np.random.Generator(self._bits), self._bits.state
        whole, rest = divmod(samples.count, batch_size)
        self._length = whole + bool(rest and not drop_last)
        if not self._length:
            raise DataError(
                "GN327",
                f"{samples.count} samples do not fill a batch of {batch_size}",
                help="set drop_last: false, or a smaller batch_size",
            )
        self._arrays = [
            (name, values if isinstance(values, MappedArray) else np.ascontiguousarray(values))
            for name, values in {**samples.inputs, **samples.targets}.items()
        ]
        self._augmenter: Augmenter | None = None
        if training and feeding.augment:
            self._augmenter = Augmenter(feeding.augment, samples.inputs, samples.targets, seed)
        self._ahead = feeding.prefetch if training else 0
        held = [(name, values) for name, values in self._arrays if isinstance(values, np.ndarray)]
        plain = self.shuffle and not self._ahead and self._augmenter is None
        self._held = held if plain and len(held) == len(self._arrays) else []
        self._prefetch: Prefetch | None = None
        self._of: NDArray[np.int64] | None = None
        self._epoch = 0

    def __len__(self) -> int:
        return self._length

    def order(self, epoch: int) -> NDArray[np.int64]:
        """Return the order of the samples in an epoch: a pure function of (seed, epoch).

        Batches loaded from now on are augmented as this epoch's.

        Args:
            epoch: Number of the epoch; any order of calls gives the same result.

        Returns:
            int64 (count,): a permutation, or 0, 1, 2, ... without `shuffle`, or with a sampler what it
            draws, some samples several times.
        """
        self._epoch = epoch
        if not self.shuffle:
            return np.arange(self.count, dtype=np.int64)
        # Going on from one start costs a third of seeding anew, which short epochs would feel.
        self._bits.state = self._start
        self._bits.advance(epoch * _APART % 2**128)
        if self._shares is None:
            return self._random.permutation(self.count)
        return np.searchsorted(self._shares, self._random.random(self.count), side="right")

    def load(self, order: NDArray[np.int64], index: int, into: Mapping[str, Array]) -> int:
        """Copy one batch into buffers; of arrays in memory allocating nothing.

        Args:
            order: What `order` returned for this epoch.
            index: Number of the batch, from 0.
            into: Buffer by input and target name, at least as long as the batch, of the samples'
                element type; names that are not there are not copied.

        Returns:
            The batch's true size; rows of the buffers behind it are left as they are.
        """
        if self._held:
            return self._take(order, index, into)
        if self._ahead:
            return self._load_ahead(order, index, into)
        return self._fill(order, index, into, self._epoch)

    def _take(self, order: NDArray[np.int64], index: int, into: Mapping[str, Array]) -> int:
        """Copy one batch of shuffled samples that are all in memory: of small networks, a part of a step."""
        start = index * self.batch_size
        rows = order[start : start + self.batch_size]
        size = len(rows)
        for name, values in self._held:
            target = into.get(name)
            if target is not None:
                # Any mode but "raise" lets take write straight into out; the order holds valid rows only.
                values.take(rows, 0, target if len(target) == size else target[:size], "clip")
        return size

    def _fill(
        self, order: NDArray[np.int64], index: int, into: Mapping[str, Array], epoch: int
    ) -> int:
        start = index * self.batch_size
        stop = min(start + self.batch_size, self.count)
        size = stop - start
        rows = order[start:stop]
        for name, values in self._arrays:
            if name not in into:
                continue
            target = into[name]
            if len(target) != size:
                target = target[:size]
            if isinstance(values, MappedArray):
                np.copyto(target, values[rows if self.shuffle else slice(start, stop)])
            elif self.shuffle:
                # Any mode but "raise" lets take write straight into out; the order holds valid rows
                # only.
                values.take(rows, 0, target, "clip")
            else:
                np.copyto(target, values[start:stop])
        if self._augmenter is not None:
            filled = {name: into[name][:size] for name, _ in self._arrays if name in into}
            self._augmenter.apply(Batch(filled, rows, epoch))
        return size

    def close(self) -> None:
        """End the thread that prepares batches, if there is one; it begins again when it is needed."""
        if self._prefetch is not None:
            self._prefetch.close()
        self._prefetch = None

    def _load_ahead(self, order: NDArray[np.int64], index: int, into: Mapping[str, Array]) -> int:
        """Take a batch from the thread that prepares them, which is begun anew with each order."""
        prefetch = self._prefetch
        if prefetch is None or self._of is not order or prefetch.next != index:
            self.close()
            epoch = self._epoch
            buffers = [self._buffers() for _ in range(self._ahead)]
            prefetch = self._prefetch = Prefetch(
                lambda at, held: self._fill(order, at, held, epoch), index, self._length, buffers
            )
            self._of = order
        return prefetch.take(into)

    def _buffers(self) -> Buffers:
        return {
            name: np.empty((self.batch_size, *values.shape[1:]), values.dtype)
            for name, values in self._arrays
        }


def _shares(weights: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    """Return the running shares of weights; the last is beyond every random number below 1."""
    if weights is None:
        return None
    sums = np.cumsum(weights)
    shares: NDArray[np.float64] = sums / sums[-1]
    shares[np.flatnonzero(weights)[-1] :] = np.inf
    return shares
