"""NumpyExecutable: a Program bound to live memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from graphnet.backend.arena import Array, Memory
from graphnet.backend.base import Step
from graphnet.backend.numpy.binding import Binding
from graphnet.backend.numpy.kernels import KERNELS
from graphnet.backend.numpy.streams import Streams
from graphnet.errors import UsageError
from graphnet.ir import (
    LOSS,
    PHASES,
    Instruction,
    InstructionList,
    block_groups,
    is_internal,
    vector_length,
)
from graphnet.ops import OPS
from graphnet.program import Program

BOUND_SIZES = 8
"""Batch sizes whose bindings are kept; a run has two, the full batch and the last one."""


class NumpyRoutine:
    """One routine bound for batches of one size: flat lists of calls without arguments."""

    def __init__(self, executable: NumpyExecutable, name: str, batch: int) -> None:
        """Bind every instruction once.

        Args:
            executable: Owner of the memory.
            name: The routine.
            batch: Number of samples.
        """
        self._executable, self._name, self.batch = executable, name, batch
        self.listing = executable.program.routines[name].listing
        self._arrays = {
            name: executable.memory.view(self._name, name, batch) for name in self.listing.buffers
        }
        self.steps: dict[str, list[Step]] = {
            phase: [step for _, step in self.calls(phase)] for phase in PHASES
        }
        self.inputs = self._with_role("input")
        self.targets = self._with_role("target")
        # Auxiliary routines have none.
        public_names = executable.program.outputs if self.listing.outputs else ()
        self.outputs = {
            public: self._arrays[inner]
            for public, inner in zip(public_names, self.listing.outputs, strict=True)
        }
        self.loss = self._arrays.get(LOSS)
        self._forward, self._backward = self.steps["forward"], self.steps["backward"]
        self._update = self.steps["update"]

    def forward(self) -> None:
        """Run the forward list, once the constants for this batch size are in place."""
        executable = self._executable
        if executable.ready.get(self._name) != self.batch:
            for step in self.steps["setup"]:
                step()
            executable.ready[self._name] = self.batch
        for step in self._forward:
            step()

    def backward(self) -> None:
        """Run the backward list."""
        for step in self._backward:
            step()

    def update(self) -> None:
        """Run the update list."""
        for step in self._update:
            step()

    def array(self, name: str) -> Array:
        """Return the live view of any buffer; its content is there only while it lives."""
        return self._arrays[name]

    def calls(self, phase: str) -> list[tuple[Instruction, Step]]:
        """Return a list's bound calls in the order in which they run, each with its instruction."""
        groups = block_groups(self.listing.phase(phase), self.listing.buffers)
        return [call for group in groups for call in self._bind_group(group)]

    def trace(self, phase: str) -> Iterator[tuple[Instruction, dict[str, Array]]]:
        """Run a list instruction by instruction, giving each with the arrays it wrote.

        Instructions that run in blocks run together, and are given one by one afterwards.
        """
        for group in block_groups(self.listing.phase(phase), self.listing.buffers):
            for _, step in self._bind_group(group):
                step()
            for instruction in group:
                yield instruction, {name: self._arrays[name] for name in instruction.changed}

    def _with_role(self, role: str) -> dict[str, Array]:
        buffers = self.listing.buffers
        return {name: self._arrays[name] for name in buffers if buffers[name].role == role}

    def _bind_group(self, group: list[Instruction]) -> list[tuple[Instruction, Step]]:
        block = group[0].block
        if not block:
            return [(group[0], step) for step in self._bind(group[0], None)]
        length = vector_length(group[0], self.listing.buffers)
        return [
            (instruction, step)
            for start in range(0, length, block)
            for instruction in group
            for step in self._bind(instruction, slice(start, min(start + block, length)))
        ]

    def _bind(self, instruction: Instruction, part: slice | None) -> list[Step]:
        def arrays(names: tuple[str, ...]) -> list[Array]:
            found = [self._arrays[name] for name in names]
            return (
                found
                if part is None
                else [_part(array, part, instruction.block) for array in found]
            )

        binding = Binding(
            reads=arrays(instruction.reads),
            writes=arrays(instruction.writes),
            accumulates=arrays(instruction.accumulates),
            options=instruction.options,
            streams=self._executable.streams,
        )
        return KERNELS[instruction.op](binding)


def _part(array: Array, part: slice, block: int) -> Array:
    """Return a block of a vector; of a workspace as long as a block, its beginning."""
    if array.ndim == 0:
        return array
    return array[: part.stop - part.start] if array.size == block else array[part]


class NumpyExecutable:
    """A Program bound to memory: the only owner of its arrays.

    Attributes:
        program: What it executes.
        memory: All its bytes.
        parameters: Writable views of parameters by name, torch's layout.
        statistics: Writable views of running statistics by name.
        gradients: Views of parameter gradients by name.
        states: Views of the optimizer's states by name: flat vectors and single numbers.
        streams: Random numbers of the train routine; `streams.clock` counts its forward passes.
        ready: For which batch size each routine's constants stand.
    """

    def __init__(self, program: Program) -> None:
        """Allocate all memory; nothing is allocated afterwards but views for new batch sizes."""
        self.program = program
        self.memory = Memory(program)
        self.streams = Streams(program.seed, _strides(program))
        self.ready: dict[str, int] = {}
        self._bound: dict[tuple[str, int], NumpyRoutine] = {}
        self.parameters: dict[str, Array] = {}
        self.statistics: dict[str, Array] = {}
        self.gradients: dict[str, Array] = {}
        self.states: dict[str, Array] = {}
        self.scalars: dict[str, Array] = {}
        groups = {
            "parameter": self.parameters,
            "statistic": self.statistics,
            "gradient": self.gradients,
            "state": self.states,
            "scalar": self.scalars,
        }
        for name, routine in program.routines.items():
            for buffer in routine.listing.buffers.values():
                own = buffer.role in ("parameter", "gradient") and is_internal(buffer.name)
                part = buffer.role == "state" and buffer.view is not None
                if buffer.role in groups and not own and not part:
                    groups[buffer.role][buffer.name] = self.memory.view(name, buffer.name, 1)
            self._fill_constants(name, routine.listing)
        self.reset_states()

    def routine(self, name: str, batch: int) -> NumpyRoutine:
        """Return a routine bound for a batch size.

        Raises:
            UsageError: When the batch is larger than the compiled one, or there is no such routine.
        """
        bound = self._bound.get((name, batch))
        if bound is not None:
            return bound
        if name not in self.program.routines:
            raise UsageError(
                "GN710",
                f"{self.program.name!r} was compiled without a loss, it cannot {name}",
                help="give the spec a loss and targets",
            )
        if not 1 <= batch <= self.program.batch_size:
            raise UsageError(
                "GN711",
                f"a batch of {batch} does not fit: compiled for 1 to {self.program.batch_size}",
                help="compile with a larger batch_size",
            )
        if len(self._bound) >= BOUND_SIZES * len(self.program.routines):
            del self._bound[next(iter(self._bound))]
        bound = self._bound[name, batch] = NumpyRoutine(self, name, batch)
        return bound

    def reset_states(self) -> None:
        """Set the optimizer's states and scalars to what they start with."""
        homes = {"state": self.states, "scalar": self.scalars}
        for routine in self.program.routines.values():
            for buffer in routine.listing.buffers.values():
                home = homes.get(buffer.role, {})
                if buffer.fill is not None and buffer.name in home:
                    home[buffer.name][...] = buffer.fill

    def _fill_constants(self, name: str, listing: InstructionList) -> None:
        for buffer in listing.buffers.values():
            if buffer.role == "constant" and buffer.fill is not None:
                whole = self.memory.view(name, buffer.name, self.program.batch_size)
                whole[...] = buffer.fill


def _strides(program: Program) -> Mapping[str, int]:
    """Return how many draws a forward pass takes at most, by stream name."""
    strides: dict[str, int] = {}
    for routine in program.routines.values():
        for item in routine.listing.instructions:
            draws = OPS[item.op].draws
            if draws:
                size = routine.listing.buffers[item.writes[0]].type.size_at(program.batch_size)
                name = str(item.options["stream"])
                strides[name] = max(draws * size, strides.get(name, 0))
    return strides


def finite(array: Array) -> bool:
    """Tell whether every element is a finite number; whole numbers and truth values always are."""
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())
