"""The memory map: which buffer lies where in the arena, and when, as data for pictures and tables."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from graphnet.ir import PHASES, REUSED, Instruction, InstructionList, root_of
from graphnet.program import Program, lifetimes


@dataclass(frozen=True)
class Resident:
    """One buffer of the arena.

    Attributes:
        name: The buffer that has the memory.
        shown: What people call what lies there: the layers whose values it holds in turn, or its name.
        role: `activation`, `adjoint` or `workspace`.
        offset: Its first byte.
        size: Its bytes, aligned.
        first: Index of the first instruction that touches it.
        last: Index of the last.
    """

    name: str
    shown: str
    role: str
    offset: int
    size: int
    first: int
    last: int


@dataclass(frozen=True)
class Span:
    """A stretch of the execution order: a list's name, its first instruction, and the one after its last."""

    name: str
    start: int
    stop: int


@dataclass(frozen=True)
class MemoryMap:
    """The arena of a Program's main routine over one pass through its lists.

    Attributes:
        name: The Program's name.
        routine: What the routine is for.
        batch: Samples it is planned for.
        arena: Bytes of the routine's arena.
        lower_bound: Largest sum of bytes alive at one instruction.
        peak: Index of that instruction.
        residents: By offset, then by time.
        spans: The lists that have instructions.
        instructions: All of them, in order.
        categories: Bytes by category, of the whole Program.
    """

    name: str
    routine: str
    batch: int
    arena: int
    lower_bound: int
    peak: int
    residents: tuple[Resident, ...]
    spans: tuple[Span, ...]
    instructions: tuple[Instruction, ...]
    categories: dict[str, int]

    @property
    def ratio(self) -> float:
        """The arena's size over the lower bound."""
        return self.arena / self.lower_bound if self.lower_bound else 1.0

    @property
    def at_peak(self) -> tuple[Resident, ...]:
        """The buffers alive at the peak, the largest first."""
        alive = [r for r in self.residents if r.first <= self.peak <= r.last]
        return tuple(sorted(alive, key=lambda resident: (-resident.size, resident.offset)))

    @property
    def total(self) -> int:
        """Bytes of all categories."""
        return sum(self.categories.values())


def memory_map(program: Program) -> MemoryMap:
    """Return the memory map of a Program's main routine."""
    listing, plan = program.main.listing, program.main.plan
    shown = shown_names(listing)
    residents = [
        Resident(
            name=span.name,
            shown=shown.get(span.name, span.name),
            role=listing.buffers[span.name].role,
            offset=plan.offsets[span.name],
            size=span.size,
            first=span.first,
            last=span.last,
        )
        for span in lifetimes(listing, program.batch_size)
        if span.size
    ]
    return MemoryMap(
        name=program.name,
        routine="train" if "train" in program.routines else "predict",
        batch=program.batch_size,
        arena=plan.arena_bytes,
        lower_bound=plan.lower_bound,
        peak=plan.peak,
        residents=tuple(sorted(residents, key=lambda r: (r.offset, r.first, r.name))),
        spans=spans_of(listing),
        instructions=listing.instructions,
        categories=program.memory_by_category(),
    )


def spans_of(listing: InstructionList) -> tuple[Span, ...]:
    """Return where each list that has instructions begins and ends in the execution order."""
    spans, start = [], 0
    for phase in PHASES:
        stop = start + len(listing.phase(phase))
        if stop > start:
            spans.append(Span(phase, start, stop))
        start = stop
    return tuple(spans)


def shown_names(listing: InstructionList) -> dict[str, str]:
    """Return for each buffer of the arena the names in it that a user may know; made names have `/`."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, buffer in listing.buffers.items():
        if "/" not in name and buffer.role in REUSED:
            found[root_of(listing.buffers, name)].append(name)
    return {root: ", ".join(names) for root, names in found.items()}
