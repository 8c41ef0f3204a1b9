"""Batches: the order of an epoch, and copying a batch into the buffers a program reads."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from graphnet.data.sample_table import Array
from graphnet.data.samples import Samples
from graphnet.errors import DataError

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
    ) -> None:
        """Store the samples' arrays, C-contiguous.

        Args:
            samples: What is divided into batches.
            batch_size: Samples of a full batch, at least 1.
            shuffle: Whether `order` permutes.
            drop_last: Whether a last batch that is not full is left out.
            seed: Seed of the permutations.

        Raises:
            DataError: GN327 when `drop_last` leaves no batch.
        """
        self.count = samples.count
        self.batch_size = batch_size
        self.shuffle = shuffle
        self._seed = seed
        whole, rest = divmod(samples.count, batch_size)
        self._length = whole + bool(rest and not drop_last)
        if not self._length:
            raise DataError(
                "GN327",
                f"{samples.count} samples do not fill a batch of {batch_size}",
                help="set drop_last: false, or a smaller batch_size",
            )
        self._arrays = [
            (name, np.ascontiguousarray(values))
            for name, values in {**samples.inputs, **samples.targets}.items()
        ]

    def __len__(self) -> int:
        return self._length

    def order(self, epoch: int) -> NDArray[np.int64]:
        """Return the order of the samples in an epoch: a pure function of (seed, epoch).

        Args:
            epoch: Number of the epoch; any order of calls gives the same result.

        Returns:
            int64 (count,), a permutation, or 0, 1, 2, ... without `shuffle`.
        """
        if not self.shuffle:
            return np.arange(self.count, dtype=np.int64)
        key = np.random.SeedSequence(entropy=self._seed, spawn_key=(_STREAM, epoch))
        return np.random.Generator(np.random.PCG64(key)).permutation(self.count)

    def load(self, order: NDArray[np.int64], index: int, into: Mapping[str, Array]) -> int:
        """Copy one batch into buffers, allocating nothing.

        Args:
            order: What `order` returned for this epoch.
            index: Number of the batch, from 0.
            into: Buffer by input and target name, at least as long as the batch, of the samples'
                element type; names that are not there are not copied.

        Returns:
            The batch's true size; rows of the buffers behind it are left as they are.
        """
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
            if self.shuffle:
                # Any mode but "raise" lets take write straight into out; the order holds valid rows
                # only.
                values.take(rows, 0, target, "clip")
            else:
                np.copyto(target, values[start:stop])
        return size
