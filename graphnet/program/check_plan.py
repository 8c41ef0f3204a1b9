"""Check that a memory plan and a parameter table are sound: nothing overlaps, nothing lies outside."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush

from graphnet.ir import (
    ALIGNMENT,
    GRADIENT_OF,
    ITEM_BYTES,
    REUSED,
    Buffer,
    ParameterRow,
    TensorType,
    VerificationError,
    is_internal,
    padded,
)
from graphnet.program.memory_plan import Lifetime, lifetimes, lower_bound
from graphnet.program.program import AUXILIARY, Program, Routine


def check_plan(routine: Routine, batch: int) -> None:
    """Check a routine's plan against its own instructions.

    Raises:
        VerificationError: When a buffer has no place, lies outside the arena, or shares bytes with one that
            lives at the same time.
    """
    plan = routine.plan
    spans = lifetimes(routine.listing, batch)
    if {span.name for span in spans} != set(plan.offsets):
        raise VerificationError("the memory plan and the buffers differ")
    for span in spans:
        offset = plan.offsets[span.name]
        if offset < 0 or offset % ALIGNMENT or offset + span.size > plan.arena_bytes:
            raise VerificationError(f"{span.name!r} lies outside the arena")
    if (plan.lower_bound, plan.peak) != lower_bound(spans):
        raise VerificationError("the memory plan's lower bound is wrong")
    _refuse_overlaps(spans, plan.offsets)


def _refuse_overlaps(spans: Sequence[Lifetime], places: Mapping[str, int]) -> None:
    """Sweep through the instructions with what lives sorted by place: a newcomer meets its neighbours."""
    alive: list[tuple[int, int, str]] = []
    ending: list[tuple[int, tuple[int, int, str]]] = []
    for span in sorted(spans, key=lambda span: span.first):
        while ending and ending[0][0] < span.first:
            del alive[bisect_left(alive, heappop(ending)[1])]
        start = places[span.name]
        item = (start, start + span.size, span.name)
        at = bisect_left(alive, item)
        for low, high, other in alive[max(at - 1, 0) : at + 1]:
            if start < high and low < item[1]:
                raise VerificationError(f"{span.name!r} and {other!r} share memory")
        if span.size:
            alive.insert(at, item)
            heappush(ending, (span.last, item))


def check_parameters(program: Program) -> None:
    """Check that the parameter table is what the routines' buffers say.

    Raises:
        VerificationError: When a parameter lies elsewhere than the table says, a port is missing, or
            routines mean different memory by one name.
    """
    ends = {True: 0, False: 0}
    for row in program.parameters:
        if row.trained:
            if row.offset != ends[row.trainable]:
                raise VerificationError(f"parameter {row.name!r} lies in the wrong place")
            ends[row.trainable] += padded(row.size, ITEM_BYTES[row.type.dtype])
    rows = {row.name: row for row in program.parameters}
    ports = {port.name: port.type for port in (*program.inputs, *program.targets)}
    seen: dict[str, Buffer] = {}
    for name, routine in program.routines.items():
        names = () if name in AUXILIARY else program.outputs
        if len(routine.listing.outputs) != len(names):
            raise VerificationError("the outputs and their names differ in number")
        for buffer in routine.listing.buffers.values():
            if not _agrees(buffer, rows, ports):
                raise VerificationError(f"{buffer.name!r} is not what the tables say")
            lasting = buffer.role not in REUSED | {"constant"}
            if lasting and seen.setdefault(buffer.name, buffer) != buffer:
                raise VerificationError(f"routines mean different things by {buffer.name!r}")


def _agrees(
    buffer: Buffer, rows: Mapping[str, ParameterRow], ports: Mapping[str, TensorType]
) -> bool:
    """Whether a port, statistic, parameter or its gradient is in its table as it is in the list."""
    if buffer.role in ("input", "target"):
        return ports.get(buffer.name) == buffer.type
    listed = buffer.name in rows and rows[buffer.name].type == buffer.type
    if buffer.role == "statistic":
        return listed
    if buffer.role not in ("parameter", "gradient") or is_internal(buffer.name):
        return True
    row = rows.get(buffer.name.removeprefix(GRADIENT_OF if buffer.role == "gradient" else ""))
    if buffer.view is None or row is None:
        return False
    return (row.type, (row.offset,)) == (buffer.type, buffer.view.arguments)
