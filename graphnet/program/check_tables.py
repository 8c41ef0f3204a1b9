"""Check that a Program's tables say what its lists do: ports, outputs, parameters, states, judgement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphnet.ir import (
    ALL,
    LOSS,
    Attribute,
    Batch,
    Buffer,
    Instruction,
    InstructionList,
    ParameterRow,
    VerificationError,
    group_of,
    is_internal,
    root_of,
    span_of,
)
from graphnet.program.memory_plan import aligned
from graphnet.program.program import AUXILIARY, Judgement, Port, Program

INDEXING = {
    "class_weights": (1, 0),
    "ctc_loss": (1, 2),
    "gather_rows": (1, 0),
    "multi_hot": (0, 1),
    "pick": (1, None),
    "softmax_cross_entropy": (1, None),
}
"""Ops that use whole numbers as places: which operand those are, and along which axis of the first."""

MOST_STEPS = 10_000
"""Steps of the power method by which a parameter may start."""


def check_tables(program: Program) -> None:
    """Check everything that is read beside the lists when a Program runs.

    Raises:
        VerificationError: Naming the first entry that contradicts the lists.
    """
    for problem in (
        *_arenas(program),
        *_ports(program),
        *_outputs(program),
        *_parameters(program),
        *_states(program),
        *_fills(program),
        *_judgement(program),
    ):
        raise VerificationError(problem)


def _arenas(program: Program) -> Iterator[str]:
    """Give arenas that are larger than their buffers."""
    for name, routine in program.routines.items():
        ends = (
            offset + aligned(routine.listing.buffers[buffer].type.bytes_at(program.batch_size))
            for buffer, offset in routine.plan.offsets.items()
        )
        if routine.plan.arena_bytes != max(ends, default=0):
            yield f"the arena of {name!r} has another size than its buffers"


def _ports(program: Program) -> Iterator[str]:
    """Give what is wrong with inputs and targets."""
    ports = (*program.inputs, *program.targets)
    if len({port.name for port in ports}) != len(ports):
        yield "two inputs or targets have one name"
    for port in ports:
        if port.type.shape[:1] != (Batch(),):
            yield f"{port.name!r} has no batch dimension"
        if port.limit is not None and (port.type.is_float or not 1 <= port.limit < 2**63):
            yield f"{port.name!r} cannot stay below {port.limit}"
        if port.ignore is not None and (port.limit is None or abs(port.ignore) >= 2**63):
            yield f"{port.name!r} cannot ignore {port.ignore}"
    limits = {port.name: port for port in ports}
    for routine in program.routines.values():
        for item in routine.listing.instructions:
            yield from _index_limits(routine.listing, item, limits)
            if item.op == "ctc_loss":
                yield from _length_limits(routine.listing, item, limits)


def _index_limits(
    listing: InstructionList, item: Instruction, ports: dict[str, Port]
) -> Iterator[str]:
    """Give places that a port may name and that are not there."""
    if item.op == "base_positions" and item.options["shape"] not in _shapes(listing):
        yield "positions are counted in what is not there"
    if item.op not in INDEXING:
        return
    operand, axis = INDEXING[item.op]
    port = ports.get(root_of(listing.buffers, item.reads[operand]))
    table = listing.buffers[item.reads[0]].type.shape
    size = table[item.options["axis"] if axis is None else axis]  # type: ignore[index]  # verified
    if port is not None and not (port.limit is not None and 1 <= port.limit <= size):  # type: ignore[operator]
        yield f"{port.name!r} may name places that are not there"
    if port is not None and port.ignore not in (None, item.options.get("ignore_index")):
        yield f"{port.name!r} may hold {port.ignore}, which is no place"


def _length_limits(
    listing: InstructionList, item: Instruction, ports: dict[str, Port]
) -> Iterator[str]:
    """Give lengths of sequences that may be longer than those are."""
    scores, labels = (listing.buffers[name].type.shape for name in item.reads[:2])
    for name, size in ((item.reads[2], scores[1]), (item.reads[3], labels[1])):
        port = ports.get(root_of(listing.buffers, name))
        if port is not None and not (port.limit is not None and port.limit <= size + 1):  # type: ignore[operator]
            yield f"{port.name!r} may be longer than there is room"


def _shapes(listing: InstructionList) -> set[Attribute]:
    return {buffer.type.shape for buffer in listing.buffers.values()}


def _outputs(program: Program) -> Iterator[str]:
    """Give what is wrong with outputs and losses."""
    if len(set(program.outputs)) != len(program.outputs):
        yield "two outputs have one name"
    main = {name: own for name, own in program.routines.items() if name not in AUXILIARY}
    for name, routine in main.items():
        buffers = routine.listing.buffers
        if len(routine.listing.outputs) != len(program.outputs):
            yield "the outputs and their names differ in number"
        for output in routine.listing.outputs:
            if output in buffers and buffers[output].type.shape[:1] != (Batch(),):
                yield f"output {output!r} has no batch dimension"
        loss = buffers.get(LOSS)
        if name != "predict" and (loss is None or loss.type.shape or not loss.type.is_float):
            yield f"the routine {name!r} has no loss"
    if ("train" in program.routines) != ("evaluate" in program.routines):
        yield "it can only be trained or only be judged"


def _owned(program: Program) -> dict[str, Buffer]:
    """Return every parameter and statistic that the lists know."""
    return {
        name: buffer
        for routine in program.routines.values()
        for name, buffer in routine.listing.buffers.items()
        if buffer.role == "statistic" or (buffer.role == "parameter" and not is_internal(name))
    }


def _parameters(program: Program) -> Iterator[str]:
    """Give what is wrong with the parameter table."""
    rows = {row.name: row for row in program.parameters}
    if len(rows) != len(program.parameters):
        yield "two parameters have one name"
    owned = _owned(program)
    for name in sorted(rows.keys() ^ owned.keys()):
        yield f"{name!r} is in the parameter table or in the lists, not in both"
    for row in program.parameters:
        shape = row.type.shape
        if not row.name.startswith(f"{row.layer}."):
            yield f"{row.name!r} is no parameter of {row.layer!r}"
        if row.trained != (owned[row.name].role == "parameter") or row.trained < row.trainable:
            yield f"{row.name!r} cannot be trained as the table says"
        if not row.trained and row.offset != -1:
            yield f"statistic {row.name!r} has a place among the parameters"
        if any(isinstance(dim, Batch) for dim in shape):
            yield f"parameter {row.name!r} depends on the batch"
        elif not -1 <= row.zero_row < (shape[0] if shape else 0):  # type: ignore[operator]
            yield f"parameter {row.name!r} has no row {row.zero_row}"


def _states(program: Program) -> Iterator[str]:
    """Give what is wrong with the states of the optimizer."""
    rows = {row.name: row for row in program.parameters if row.trainable}
    for routine in program.routines.values():
        for buffer in routine.listing.buffers.values():
            if buffer.role == "scalar" and (buffer.type.rank or buffer.view is not None):
                yield f"{buffer.name!r} is no single number"
            if buffer.role == "state" and buffer.view is None:
                yield from _state(buffer, rows)
    yield from _groups(list(rows.values()))


def _state(buffer: Buffer, rows: Mapping[str, ParameterRow]) -> Iterator[str]:
    """Give a state that is neither a single number, nor one parameter's, nor as long as its group."""
    _, own, name = buffer.name.partition("/")
    if own:
        if name not in rows:
            yield f"{buffer.name!r} belongs to no parameter"
        return
    if buffer.type.rank != 1:  # single numbers, and lists of vectors
        return
    _, group = group_of(buffer.name)
    members = [row for row in rows.values() if group in (row.group, ALL)]
    start, end = span_of(members)
    if buffer.type.rank != 1 or buffer.type.size_at(1) < end - start:
        yield f"{buffer.name!r} does not hold a value for every parameter"


def _groups(rows: list[ParameterRow]) -> Iterator[str]:
    """Give groups that are not in one piece."""
    for group in {row.group for row in rows}:
        own = [index for index, row in enumerate(rows) if row.group == group]
        if own[-1] - own[0] + 1 != len(own):
            yield f"group {group} of the parameters is not in one piece"


def _fills(program: Program) -> Iterator[str]:
    """Give first values that a buffer or parameter of whole numbers cannot hold."""
    rows = {row.name: row for row in program.parameters}
    for row in program.parameters:
        if not _starts_from_others(row, rows):
            yield f"{row.name!r} cannot start from what it names"
        if problem := row.draw.misfit(row.type.at(1)):
            yield f"{row.name!r} cannot start: {problem}"
        if not row.type.is_float and not (row.draw.kind == "constant" and _is_whole(row.draw.a)):
            yield f"{row.name!r} cannot start with {row.draw.a}"
    for routine in program.routines.values():
        for name, buffer in routine.listing.buffers.items():
            if buffer.fill is not None and not (buffer.type.is_float or _is_whole(buffer.fill)):
                yield f"{name!r} cannot start with {buffer.fill}"


def _starts_from_others(row: ParameterRow, rows: Mapping[str, ParameterRow]) -> bool:
    """Tell whether what a parameter starts from, if it does from others, is there and fits."""
    draw = row.draw
    if draw.kind not in ("norm", "singular"):
        return True
    source, entry = rows.get(draw.source), rows.get(draw.entry)
    if source is None or source is row or not source.type.is_float:
        return False
    shape = source.type.at(1)
    if draw.kind == "norm":
        # Comparing with a range refuses fractions too.
        count = shape[int(draw.a)] if draw.a in range(len(shape)) else 1
        return draw.a in range(-1, len(shape)) and row.size == count
    if entry is None or entry in (row, source) or not entry.type.is_float:
        return False
    sizes = row.type.rank == entry.type.rank == 1 and row.size * entry.size == source.size
    steps = draw.b in range(1, MOST_STEPS + 1)
    return sizes and steps and draw.a in range(len(shape)) and row.size == shape[int(draw.a)]


def _is_whole(number: float) -> bool:
    return abs(number) < 2**53 and number == int(number)


def _judgement(program: Program) -> Iterator[str]:
    """Give what is wrong with how outputs are judged."""
    judgement = program.judgement
    if (judgement is not None) != ("evaluate" in program.routines):
        yield "there is no judgement, or nothing to judge with"
    if judgement is None:
        return
    if judgement.output not in program.outputs:
        yield f"there is no output {judgement.output!r} to judge"
    elif judgement.target not in {None, *(port.name for port in program.targets)}:
        yield f"there is no target {judgement.target!r} to judge by"
    elif "evaluate" in program.routines:
        listing = program.routines["evaluate"].listing
        output = listing.outputs[program.outputs.index(judgement.output)]
        if not 1 <= judgement.axis < max(2, listing.buffers[output].type.rank):
            yield f"output {judgement.output!r} has no axis {judgement.axis}"
    yield from _terms(program, judgement)


def _terms(program: Program, judgement: Judgement) -> Iterator[str]:
    """Give terms of the loss that no routine keeps as single numbers."""
    if not judgement.terms:
        yield "the loss has no terms"
    names = {name for term in judgement.terms for name in (term.value, term.weight) if name}
    for routine in ("train", "evaluate"):
        if routine not in program.routines:
            continue
        listing = program.routines[routine].listing
        for name in sorted(names):
            buffer = listing.buffers.get(name)
            if name not in listing.keep or buffer is None or buffer.type.shape:
                yield f"the routine {routine!r} does not keep {name!r}"
