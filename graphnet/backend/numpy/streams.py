"""Streams: random numbers as a pure function of seed, name and position."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

from graphnet.backend.arena import Array


def generator_for(seed: int, name: str) -> np.random.Generator:
    """Return the generator of a named stream: PCG64 seeded by the seed and the name's SHA-256.

    Example:
        >>> a, b = generator_for(0, "init:linear1.weight"), generator_for(0, "init:linear1.weight")
        >>> bool(a.random() == b.random())
        True
    """
    digest = hashlib.sha256(name.encode("utf-8")).digest()
    words = np.frombuffer(digest, "<u4").tolist()
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))


class Stream:
    """A stream that gives the same numbers for the same forward pass, whatever ran before.

    Pass t begins at draw `t * stride`, where stride is the largest number of numbers drawn in a pass.
    """

    def __init__(self, seed: int, name: str, stride: int, clock: Array) -> None:
        """Start at the beginning.

        Args:
            seed: The network's seed.
            name: The stream's name.
            stride: Draws set aside for each pass.
            clock: Single int64, the number of the pass; shared by all streams.
        """
        self._generator = generator_for(seed, name)
        self._bits = self._generator.bit_generator
        self._start = self._bits.state
        self._stride = stride
        self._clock = clock
        self._next = 0

    def fill(self, *outs: Array) -> None:
        """Fill arrays of one type, one after the other, with the current pass's uniform numbers on [0, 1)."""
        now = int(self._clock)
        if now != self._next:
            self._bits.state = self._start
            self._bits.advance(now * self._stride)  # type: ignore[attr-defined]
        count = 0
        for out in outs:
            self._generator.random(out=out, dtype=out.dtype)
            count += out.size
        # A float32 takes half a draw; advancing drops a half that is left over.
        used = count if outs[0].itemsize == 8 else -(-count // 2)
        self._bits.advance(self._stride - used)  # type: ignore[attr-defined]
        self._next = now + 1


class Streams:
    """All streams of an executable, and the clock they share."""

    def __init__(self, seed: int, strides: Mapping[str, int]) -> None:
        """Make all streams and start the clock at zero.

        Args:
            seed: The network's seed.
            strides: Draws set aside for each pass, by stream name.
        """
        self.clock = np.zeros((), np.int64)
        self._streams = {
            name: Stream(seed, name, stride, self.clock) for name, stride in strides.items()
        }

    def __getitem__(self, name: str) -> Stream:
        """Return the stream of a name, the same one for every batch size."""
        return self._streams[name]
