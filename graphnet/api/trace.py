"""Trace: one step with real numbers, instruction by instruction, so that it can be followed by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graphnet.api.profile import fill
from graphnet.backend import Array, NumpyExecutable, NumpyRoutine, initialize
from graphnet.data import Batches
from graphnet.errors import GraphNetError
from graphnet.ir import LEARNING_RATE, Attribute, Instruction, block_groups
from graphnet.ops import OPS
from graphnet.program import Program
from graphnet.recipe import Training
from graphnet.training import Rates, load_parts

PHASES = ("setup", "forward", "backward", "update")


@dataclass(frozen=True, eq=False)
class Operand:
    """One buffer of an instruction, with the numbers that were in it.

    Attributes:
        role: What the op's formula calls it.
        name: The buffer.
        values: A copy.
    """

    role: str
    name: str
    values: Array


@dataclass(frozen=True, eq=False)
class Traced:
    """One instruction that was run.

    Attributes:
        index: Its place in the execution order.
        phase: Its list.
        op: Its op.
        layer: The layer it comes from.
        formula: What the op computes.
        attributes: Its settings.
        reads: What it read, before it ran.
        results: What it wrote or changed, after it ran.
    """

    index: int
    phase: str
    op: str
    layer: str
    formula: str
    attributes: Mapping[str, Attribute]
    reads: tuple[Operand, ...]
    results: tuple[Operand, ...]


def ready_to_trace(
    program: Program, folder: Path, batch: int, executable: NumpyExecutable | None = None
) -> tuple[NumpyRoutine, str]:
    """Return a bound routine with samples in its inputs, and what they are.

    They are the first ones of the training set, or random numbers where that cannot be read.

    Args:
        program: Its train routine is taken, or predict where there is no loss.
        folder: What its data paths are relative to.
        batch: How many samples.
        executable: The Program with weights; by default one with its first weights.

    Raises:
        UsageError: When the batch is larger than the compiled one (GN711).
    """
    if executable is None:
        with np.errstate(all="ignore"):
            executable = NumpyExecutable(program)
        stream = Training.from_plain(program.spec["training"]).initialization.stream
        initialize(executable, stream)
    routine = executable.routine("train" if "train" in program.routines else "predict", batch)
    if LEARNING_RATE in executable.scalars:
        executable.scalars[LEARNING_RATE][...] = Rates(program, 1).at(0)
    arrays = {**routine.inputs, **routine.targets}
    many = "sample" if batch == 1 else f"{batch:,} samples"
    try:
        samples = load_parts(program, folder).train
        batches = Batches(samples, min(batch, samples.count))
        if batches.load(batches.order(0), 0, arrays) == batch:
            return routine, f"the first {many} of the training set"
        why = f"the training set has only {samples.count:,} samples"
    except GraphNetError as error:
        why = error.message
    for port in (*program.inputs, *program.targets):
        if port.name in arrays:
            fill(arrays[port.name], port)
    return routine, f"random numbers ({why})"


def trace(routine: NumpyRoutine, phases: Sequence[str] = PHASES) -> Iterator[Traced]:
    """Run lists instruction by instruction, and give each with its numbers.

    Args:
        routine: A bound routine with samples in its inputs.
        phases: The lists to run, in order.

    Yields:
        Each instruction after it ran; those that run in blocks together, after all of them.
    """
    index = 0
    for phase in PHASES:
        items = routine.listing.phase(phase)
        if phase in phases:
            yield from _trace_list(routine, phase, index)
        index += len(items)


def _trace_list(routine: NumpyRoutine, phase: str, index: int) -> Iterator[Traced]:
    calls, place = routine.calls(phase), 0
    for group in block_groups(routine.listing.phase(phase), routine.listing.buffers):
        before = [_operands(item, item.reads, _read_roles(item), routine) for item in group]
        members = {id(item) for item in group}
        with np.errstate(all="ignore"):
            while place < len(calls) and id(calls[place][0]) in members:
                calls[place][1]()
                place += 1
        for item, reads in zip(group, before, strict=True):
            op = OPS[item.op]
            names = (*item.writes[: len(op.results)], *item.accumulates)
            results = _operands(item, names, (*op.results, *op.accumulated), routine)
            yield Traced(
                index, phase, item.op, item.layer, op.formula, item.options, reads, results
            )
            index += 1


def _operands(
    item: Instruction, names: Sequence[str], roles: Sequence[str], routine: NumpyRoutine
) -> tuple[Operand, ...]:
    shown = [*roles, *(f"#{number}" for number in range(len(roles), len(names)))]
    return tuple(
        Operand(role, name, np.array(routine.array(name)))
        for role, name in zip(shown, names, strict=False)
    )


def _read_roles(item: Instruction) -> list[str]:
    """Return what the formula calls each operand; those of a `*` role are numbered."""
    roles: list[str] = []
    op = OPS[item.op]
    for operand in op.operands:
        name = operand.lstrip("*")
        if not operand.startswith("*"):
            roles.append(name)
            continue
        count = len(item.reads[op.operand_index(name)])
        roles += [f"{name}[{number}]" for number in range(count)]
    return roles
