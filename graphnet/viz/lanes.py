"""Lanes: a program's buffers side by side, and what every instruction does to each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from graphnet.ir import REUSED, Instruction, InstructionList, root_of, uses_of
from graphnet.program import CATEGORIES, Program
from graphnet.viz.memory_map import Span, shown_names, spans_of

READ, WRITE, CHANGE = "read", "write", "change"
_ORDER = (
    "input",
    "target",
    "parameter",
    "statistic",
    "gradient",
    "state",
    "scalar",
    "constant",
    *sorted(REUSED),
)
_MOST_OF_A_ROLE = 6
"""Lasting buffers of one role that have lanes of their own, where lanes are shared at all."""
_OWN_LANES = 64
"""Reused buffers up to which each has a lane of its own."""


@dataclass(frozen=True)
class Line:
    """One buffer in its lane.

    Attributes:
        name: The buffer that has the memory.
        shown: What people call what lies there.
        role: Its role.
        lane: Number of its lane, from the left.
        first: Index of the first instruction that touches it.
        last: Index of the last.
    """

    name: str
    shown: str
    role: str
    lane: int
    first: int
    last: int

    @property
    def lasting(self) -> bool:
        """Whether its memory is there before and after the program runs."""
        return self.role not in REUSED


@dataclass(frozen=True)
class Row:
    """One instruction.

    Attributes:
        instruction: What it is.
        marks: For each buffer it touches, by the name of its root: `read`, `write` or `change`.
        results: What it writes, as people call it.
    """

    instruction: Instruction
    marks: dict[str, str]
    results: tuple[str, ...]


@dataclass(frozen=True)
class Lanes:
    """A program's main routine, row by row and lane by lane.

    Attributes:
        name: The Program's name.
        routine: What the routine is for.
        rows: The instructions in execution order.
        spans: The lists that have instructions.
        lines: The buffers; those that last come first.
        count: How many lanes there are.
        shared: Whether lanes are used again when what was in them is dead.
    """

    name: str
    routine: str
    rows: tuple[Row, ...]
    spans: tuple[Span, ...]
    lines: tuple[Line, ...]
    count: int
    shared: bool


def lanes_of(program: Program, *, shared: bool | None = None) -> Lanes:
    """Lay a Program's main routine out in lanes.

    Args:
        program: The Program.
        shared: Whether lanes are used again; by default where there are many buffers.
    """
    listing = program.main.listing
    uses, shown = uses_of(listing), shown_names(listing)
    reused = [root for root in uses if listing.buffers[root].role in REUSED]
    reused.sort(key=lambda root: (uses[root], root))
    again = len(reused) > _OWN_LANES if shared is None else shared
    lasting = [root for root in uses if listing.buffers[root].role not in REUSED]
    lasting.sort(key=lambda root: (_ORDER.index(listing.buffers[root].role), uses[root], root))
    joined = _joined(lasting, listing) if again else {}
    for root, name in joined.items():
        first, last = uses.get(name, uses[root])
        uses[name] = (min(first, uses[root][0]), max(last, uses[root][1]))
    lasting = [*dict.fromkeys(joined.get(root, root) for root in lasting)]
    roles = {name: listing.buffers[root].role for root, name in joined.items()}
    places = _shared_lanes(reused, uses) if again else list(range(len(reused)))
    lanes = {root: at for at, root in enumerate(lasting)}
    lanes |= {root: len(lasting) + at for root, at in zip(reused, places, strict=True)}
    lines = tuple(
        Line(root, shown.get(root, root), _role(root, roles, listing), lane, *uses[root])
        for root, lane in lanes.items()
    )
    return Lanes(
        name=program.name,
        routine="train" if "train" in program.routines else "predict",
        rows=tuple(_row(item, listing, joined) for item in listing.instructions),
        spans=spans_of(listing),
        lines=lines,
        count=max(lanes.values(), default=-1) + 1,
        shared=again,
    )


def _joined(lasting: Sequence[str], listing: InstructionList) -> dict[str, str]:
    """Return a common lane for lasting buffers of one role, where there are many: each to its name."""
    found: dict[str, list[str]] = defaultdict(list)
    for root in lasting:
        found[listing.buffers[root].role].append(root)
    return {
        root: f":{len(roots)} {CATEGORIES[role]}"
        for role, roots in found.items()
        if len(roots) > _MOST_OF_A_ROLE
        for root in roots
    }


def _role(name: str, roles: Mapping[str, str], listing: InstructionList) -> str:
    return roles[name] if name in roles else listing.buffers[name].role


def _shared_lanes(roots: Sequence[str], uses: dict[str, tuple[int, int]]) -> list[int]:
    """Return the lowest free lane for each buffer, in the order of their births."""
    free: list[int] = []
    ending: list[tuple[int, int]] = []
    lanes: list[int] = []
    for root in roots:
        first, last = uses[root]
        while ending and ending[0][0] < first:
            heappush(free, heappop(ending)[1])
        lane = heappop(free) if free else len(ending)
        heappush(ending, (last, lane))
        lanes.append(lane)
    return lanes


def _row(item: Instruction, listing: InstructionList, joined: Mapping[str, str]) -> Row:
    def lane(name: str) -> str:
        root = root_of(listing.buffers, name)
        return joined.get(root, root)

    marks = {lane(name): READ for name in item.reads}
    for name in item.writes:
        marks[lane(name)] = CHANGE if lane(name) in marks else WRITE
    marks |= {lane(name): CHANGE for name in item.accumulates}
    return Row(item, marks, item.changed)
