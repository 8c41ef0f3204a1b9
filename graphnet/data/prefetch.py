"""Prefetch: a thread that prepares batches ahead; what is trained on stays the same to the last bit."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from graphnet.data.sample_table import Array

Buffers = dict[str, Array]


@dataclass(frozen=True)
class _Ready:
    index: int
    buffers: Buffers
    size: int
    error: BaseException | None


class Prefetch:
    """Batches of one epoch, filled by a thread into buffers that go round."""

    def __init__(
        self, fill: Callable[[int, Buffers], int], first: int, stop: int, buffers: list[Buffers]
    ) -> None:
        """Start the thread.

        Args:
            fill: Prepares a batch in buffers and returns its size.
            first: Number of the first batch that is wanted.
            stop: Number after the last.
            buffers: Sets of buffers; as many batches are prepared ahead.
        """
        self.next = first
        self._fill = fill
        self._free: queue.SimpleQueue[Buffers | None] = queue.SimpleQueue()
        self._ready: queue.SimpleQueue[_Ready] = queue.SimpleQueue()
        for one in buffers:
            self._free.put(one)
        self._thread = threading.Thread(
            target=self._run, args=(first, stop), name="graphnet-prefetch", daemon=True
        )
        self._thread.start()

    def _run(self, first: int, stop: int) -> None:
        for index in range(first, stop):
            buffers = self._free.get()
            if buffers is None:
                return
            try:
                size, error = self._fill(index, buffers), None
            except BaseException as failure:
                size, error = 0, failure
            self._ready.put(_Ready(index, buffers, size, error))
            if error is not None:
                return

    def take(self, into: Mapping[str, Array]) -> int:
        """Copy the next batch into buffers of the caller, and return its size.

        Raises:
            Exception: What kept the thread from preparing it.
        """
        ready = self._ready.get()
        if ready.error is not None:
            raise ready.error
        for name, values in ready.buffers.items():
            if name in into:
                into[name][: ready.size] = values[: ready.size]
        self.next += 1
        self._free.put(ready.buffers)
        return ready.size

    def close(self) -> None:
        """End the thread; batches that were not taken are dropped."""
        while not self._free.empty():
            self._free.get()
        self._free.put(None)
        self._thread.join()
