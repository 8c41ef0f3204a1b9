"""The memory plan: every byte a routine needs, placed before anything is allocated."""

from __future__ import annotations

import random
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush

from graphnet.ir import ALIGNMENT, REUSED, InstructionList, root_of, uses_of


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
    uses = {root: use for root, use in uses_of(listing).items() if buffers[root].role in REUSED}
    forward_end = len(listing.setup) + len(listing.forward) - 1
    end = len(listing.instructions) - 1
    for names, until in ((listing.outputs, forward_end), (listing.keep, end)):
        for root in {root_of(buffers, name) for name in names} & set(uses):
            first, last = uses[root]
            uses[root] = (first, max(last, until))
    return [
        Lifetime(root, aligned(buffers[root].type.bytes_at(batch)), first, last)
        for root, (first, last) in uses.items()
    ]


def plan_memory(listing: InstructionList, batch: int) -> MemoryPlan:
    """Place all reused buffers in one arena.

    A sweep through time, forwards and backwards, is tried first; long lists are content with it where it
    comes close to the lower bound. Otherwise several orders of placing follow, each buffer going to the
    lowest gap that is free for its lifetime, and for short lists a search. The smallest arena wins.
    """
    spans = lifetimes(listing, batch)
    bound, peak = lower_bound(spans)
    turned = [replace(span, first=-span.last, last=-span.first) for span in spans]
    best, best_end = min(_sweep(spans), _sweep(turned), key=lambda plan: plan[1])
    if len(spans) > _SEARCHED and best_end <= _CLOSE * bound:
        return MemoryPlan(best, best_end, bound, peak)
    for order in _orders(spans):
        if best_end <= bound:
            break
        offsets, end = _place(order)
        if end < best_end:
            best, best_end = offsets, end
    if best_end > bound and len(spans) <= _SEARCHED:
        best, best_end = _search(spans, best, best_end, bound)
    return MemoryPlan(best, best_end, bound, peak)


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
_TRIED_PLACES = 12_000
"""Bounds of that search, so that compiling stays quick."""
_CLOSE = 1.02


def _orders(spans: Sequence[Lifetime]) -> list[list[Lifetime]]:
    """Return orders of placing that work well for some networks."""
    return [
        sorted(spans, key=lambda s: (-(s.last - s.first), s.first, s.name)),
        sorted(spans, key=lambda s: (-s.size, s.first, s.name)),
        sorted(spans, key=lambda s: (s.first, -(s.last - s.first), s.name)),
        sorted(spans, key=lambda s: (-s.size * (s.last - s.first + 1), s.first, s.name)),
    ]


def _sweep(spans: Sequence[Lifetime]) -> tuple[dict[str, int], int]:
    """Walk through time with a list of free gaps; each buffer goes to the lowest that fits."""
    offsets: dict[str, int] = {}
    gaps: list[tuple[int, int]] = []  # (start, stop) in order, never touching each other
    ending: list[tuple[int, int, int]] = []
    end = 0
    for span in sorted(spans, key=lambda s: (s.first, s.first - s.last, s.name)):
        while ending and ending[0][0] < span.first:
            _, start, stop = heappop(ending)
            _free(gaps, start, stop)
        fitting = (i for i, (start, stop) in enumerate(gaps) if stop - start >= span.size)
        place = next(fitting, -1)
        if place >= 0:
            start, stop = gaps.pop(place)
            if stop - start > span.size:
                gaps.insert(place, (start + span.size, stop))
        else:
            start = gaps.pop()[0] if gaps and gaps[-1][1] == end else end
            end = start + span.size
        offsets[span.name] = start
        if span.size:
            heappush(ending, (span.last, start, start + span.size))
    return offsets, end


def _free(gaps: list[tuple[int, int]], start: int, stop: int) -> None:
    """Give a stretch back, joined with the gaps that touch it."""
    at = bisect_left(gaps, (start, stop))
    if at < len(gaps) and gaps[at][0] == stop:
        stop = gaps.pop(at)[1]
    if at and gaps[at - 1][1] == start:
        at -= 1
        start = gaps.pop(at)[0]
    gaps.insert(at, (start, stop))


def _place(order: Sequence[Lifetime]) -> tuple[dict[str, int], int]:
    """Put each buffer into the lowest gap that fits; return offsets and the arena's size."""
    placed: list[tuple[int, int, int, int]] = []  # (start, stop, first, last) by start
    offsets: dict[str, int] = {}
    end = 0
    for span in order:
        offset = 0
        for start, stop, first, last in placed:
            if first <= span.last and last >= span.first:
                if start - offset >= span.size:
                    break
                offset = max(offset, stop)
        offsets[span.name] = offset
        insort(placed, (offset, offset + span.size, span.first, span.last))
        end = max(end, offset + span.size)
    return offsets, end


def _search(
    spans: Sequence[Lifetime], best: dict[str, int], best_end: int, bound: int
) -> tuple[dict[str, int], int]:
    """Try orders in which what stuck out on top is placed earlier; the same tries in every process."""
    chooser = random.Random(0)  # noqa: S311 - a search, not a secret
    order = sorted(spans, key=lambda s: (best[s.name], s.first, s.name))
    for _ in range(min(_TRIES, _TRIED_PLACES // len(spans))):
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
    return _shuffle(spans, best, best_end, bound)


def _shuffle(
    spans: Sequence[Lifetime], best: dict[str, int], best_end: int, bound: int
) -> tuple[dict[str, int], int]:
    """Try orders that have nothing to do with each other; for a few buffers one of them often fits."""
    chooser = random.Random(1)  # noqa: S311 - a search, not a secret
    order = sorted(spans, key=lambda s: (s.first, s.name))
    for _ in range(min(_TRIES, _TRIED_PLACES // len(spans))):
        if best_end <= bound:
            break
        chooser.shuffle(order)
        offsets, end = _place(order)
        if end < best_end:
            best, best_end = offsets, end
    return best, best_end
