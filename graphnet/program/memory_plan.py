"""The memory plan: every byte a routine needs, placed before anything is allocated."""

from __future__ import annotations

import random
from bisect import insort
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphnet.ir import ALIGNMENT, REUSED, InstructionList, root_of


@dataclass(frozen=True)
class Lifetime:
    """One buffer of the arena: its bytes, and the first and last instruction that touch it."""

    name: str
    size: int
    first: int
    last: int


@dataclass(frozen=True)
class MemoryPlan:
    """Where each reused buffer lies in the arena.

    Attributes:
        offsets: First byte of each buffer that has memory in the arena, by name.
        arena_bytes: Size of the arena.
        lower_bound: Largest sum of bytes that live at the same time; no plan can be smaller.
        peak: Index of the instruction at which that many bytes live, counted through all lists.
    """

    offsets: Mapping[str, int]
    arena_bytes: int
    lower_bound: int
    peak: int


def aligned(size: int) -> int:
    """Return a number of bytes rounded up to whole cache lines.

    Example:
        >>> aligned(1), aligned(64), aligned(65)
        (64, 64, 128)
    """
    return -(-size // ALIGNMENT) * ALIGNMENT


def lifetimes(listing: InstructionList, batch: int) -> list[Lifetime]:
    """Return the lifetime of every buffer that has memory in the arena, in order of its start."""
    buffers = listing.buffers
    first: dict[str, int] = {}
    last: dict[str, int] = {}

    def touch(name: str, index: int) -> None:
        root = root_of(buffers, name)
        if buffers[root].role in REUSED:
            first.setdefault(root, index)
            last[root] = max(index, last.get(root, index))

    for index, instruction in enumerate(listing.instructions):
        for name in instruction.touched:
            touch(name, index)
    end = len(listing.instructions) - 1
    forward_end = len(listing.setup) + len(listing.forward) - 1
    for name in listing.outputs:
        touch(name, forward_end)
    for name in listing.keep:
        touch(name, end)
    return [
        Lifetime(name, aligned(buffers[name].type.bytes_at(batch)), first[name], last[name])
        for name in first
    ]


def plan_memory(listing: InstructionList, batch: int) -> MemoryPlan:
    """Place all reused buffers in one arena.

    Several orders of placing are tried, each buffer going to the lowest gap that is free for its
    lifetime; the smallest arena wins. Placing in order of size or of lifetime suits different networks.
    """
    spans = lifetimes(listing, batch)
    bound, peak = lower_bound(spans)
    best: dict[str, int] = {}
    best_end = -1
    for order in _orders(spans):
        offsets, end = _place(order)
        if best_end < 0 or end < best_end:
            best, best_end = offsets, end
        if best_end <= bound:
            break
    if best_end > bound and len(spans) <= _SEARCHED:
        best, best_end = _search(spans, best, best_end, bound)
    return MemoryPlan(best, max(best_end, 0), bound, peak)


def lower_bound(spans: Sequence[Lifetime]) -> tuple[int, int]:
    """Return the largest sum of bytes alive at one instruction, and that instruction."""
    change: dict[int, int] = defaultdict(int)
    for span in spans:
        change[span.first] += span.size
        change[span.last + 1] -= span.size
    alive = most = peak = 0
    for index in sorted(change):
        alive += change[index]
        if alive > most:
            most, peak = alive, index
    return most, peak


_SEARCHED = 400
"""Buffers up to which better orders are searched for; beyond, the first orders are close anyway."""
_TRIES = 150


def _orders(spans: Sequence[Lifetime]) -> list[list[Lifetime]]:
    """Return orders of placing that work well for some networks."""
    return [
        sorted(spans, key=lambda s: (-(s.last - s.first), s.first, s.name)),
        sorted(spans, key=lambda s: (-s.size, s.first, s.name)),
        sorted(spans, key=lambda s: (s.first, -(s.last - s.first), s.name)),
        sorted(spans, key=lambda s: (-s.size * (s.last - s.first + 1), s.first, s.name)),
    ]


class _Timeline:
    """Placed lifetimes, found quickly by the instructions at which they are alive."""

    WIDTH = 64

    def __init__(self) -> None:
        self._cells: dict[int, list[tuple[int, int, int, int]]] = defaultdict(list)

    def overlapping(self, span: Lifetime) -> list[tuple[int, int, int, int]]:
        """Return (offset, end, first, last) of what lives together with `span`, by offset."""
        found = {
            item
            for cell in range(span.first // self.WIDTH, span.last // self.WIDTH + 1)
            for item in self._cells[cell]
            if item[2] <= span.last and item[3] >= span.first
        }
        return sorted(found)

    def add(self, span: Lifetime, offset: int) -> None:
        """Remember where a lifetime was placed."""
        item = (offset, offset + span.size, span.first, span.last)
        for cell in range(span.first // self.WIDTH, span.last // self.WIDTH + 1):
            insort(self._cells[cell], item)


def _place(order: Sequence[Lifetime]) -> tuple[dict[str, int], int]:
    """Put each buffer into the lowest gap that fits; return offsets and the arena's size."""
    timeline, offsets, end = _Timeline(), {}, 0
    for span in order:
        offset = 0
        for start, stop, _, _ in timeline.overlapping(span):
            if start - offset >= span.size:
                break
            offset = max(offset, stop)
        offsets[span.name] = offset
        timeline.add(span, offset)
        end = max(end, offset + span.size)
    return offsets, end


def _search(
    spans: Sequence[Lifetime], best: dict[str, int], best_end: int, bound: int
) -> tuple[dict[str, int], int]:
    """Try orders in which what stuck out on top is placed earlier; the same tries in every process."""
    chooser = random.Random(0)  # noqa: S311 - a search, not a secret
    order = sorted(spans, key=lambda s: (best[s.name], s.first, s.name))
    for _ in range(_TRIES):
        top = max(order, key=lambda s: (best[s.name] + s.size, s.name))
        trial = [span for span in order if span is not top]
        trial.insert(chooser.randrange(max(1, len(trial) // 2 + 1)), top)
        offsets, end = _place(trial)
        if end <= best_end:
            order, best, best_end = trial, offsets, end
        else:
            left, right = chooser.randrange(len(order)), chooser.randrange(len(order))
            order = list(order)
            order[left], order[right] = order[right], order[left]
        if best_end <= bound:
            break
    return best, best_end
