"""Program: the sealed result of compilation. Data that can be printed, saved, verified and run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphnet.ir import REUSED, Instruction, InstructionList, ParameterRow, TensorType
from graphnet.program.memory_plan import MemoryPlan, aligned

ROUTINES = ("train", "evaluate", "predict")
AUXILIARY = (
    "gather",
    "ascend",
    "average",
    "exchange",
    "lbfgs_steepest",
    "lbfgs_learn",
    "lbfgs_store",
    "lbfgs_back",
    "lbfgs_forth",
    "lbfgs_scale",
    "lbfgs_mark",
    "lbfgs_keep",
    "lbfgs_recall",
)
"""Routines without inputs and outputs: update lists that run between those of the others."""
CATEGORIES = {
    "parameter": "parameters",
    "gradient": "gradients",
    "state": "optimizer state",
    "statistic": "statistics",
    "input": "inputs and targets",
    "target": "inputs and targets",
    "scalar": "inputs and targets",
    "constant": "constants",
}
ARENA = "activations and workspace"


@dataclass(frozen=True)
class Port:
    """An input or a target of a Program.

    Attributes:
        name: As in the spec.
        type: Shape with the symbolic batch, and element type.
        limit: Number that whole numbers must stay below, or None.
        ignore: Whole number that is allowed beside those and means that there is nothing to compare with.
        weighs: Whether it says how much samples count in a mean, so that no number may be negative.
    """

    name: str
    type: TensorType
    limit: int | None = None
    ignore: int | None = None
    weighs: bool = False


@dataclass(frozen=True)
class Term:
    """A part of the loss that is accounted for by itself.

    Attributes:
        value: Buffer that holds it, a single number.
        weight: Buffer that holds how much a batch's mean counts; None where its number of samples says it.
        reduction: `mean` or `sum`: whether the values of batches average or add up.
    """

    value: str
    weight: str | None
    reduction: str


@dataclass(frozen=True)
class Judgement:
    """How outputs are judged by metrics.

    Attributes:
        kind: How a class is read off: `logit` > 0, `probability` > 0.5, `argmax` along `axis`, `none`.
        output: Name of the output that is judged.
        target: Name of the target it is compared with; None where the loss has no target.
        axis: Dimension of the classes, the batch being 0.
        terms: What the loss of many batches is put together from.
    """

    kind: str
    output: str
    target: str | None
    axis: int
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Routine:
    """What a Program does for one purpose: its lists, their buffers and the memory plan."""

    listing: InstructionList
    plan: MemoryPlan


@dataclass(frozen=True)
class Program:
    """A network compiled for batches of up to `batch_size` samples.

    Attributes:
        name: The network's name.
        batch_size: Largest batch.
        dtype: Element type of all floating point buffers.
        seed: Where all random numbers start from.
        inputs: What the caller provides.
        targets: What the loss compares with.
        outputs: Names of the outputs, in the order of each routine's `outputs`.
        parameters: The parameter table.
        routines: `train`, `evaluate` and `predict`, as far as the spec allows them, and the auxiliary ones
            that its optimizer needs.
        judgement: How outputs are judged, or None where there is no loss.
        spec: The resolved spec as plain data.
        spec_sha256: Its hash.
    """

    name: str
    batch_size: int
    dtype: str
    seed: int
    inputs: tuple[Port, ...]
    targets: tuple[Port, ...]
    outputs: tuple[str, ...]
    parameters: tuple[ParameterRow, ...]
    routines: Mapping[str, Routine]
    judgement: Judgement | None
    spec: Mapping[str, Any]
    spec_sha256: str

    @property
    def main(self) -> Routine:
        """The routine that shows most: train, or else predict."""
        return self.routines.get("train") or self.routines["predict"]

    @property
    def forward(self) -> tuple[Instruction, ...]:
        """Forward list of the main routine."""
        return self.main.listing.forward

    @property
    def backward(self) -> tuple[Instruction, ...]:
        """Backward list of the main routine; empty without a loss."""
        return self.main.listing.backward

    @property
    def update(self) -> tuple[Instruction, ...]:
        """Update list of the main routine; empty without an optimizer."""
        return self.main.listing.update

    @property
    def memory(self) -> MemoryPlan:
        """Memory plan of the main routine."""
        return self.main.plan

    @cached_property
    def lasting(self) -> dict[str, TensorType]:
        """Every buffer with memory of its own outside the arena, over all routines, constants apart."""
        found: dict[str, TensorType] = {}
        for routine in self.routines.values():
            for name, buffer in routine.listing.buffers.items():
                if buffer.view is None and buffer.role not in REUSED | {"constant"}:
                    found[name] = buffer.type
        return found

    def memory_by_category(self) -> dict[str, int]:
        """Return the exact bytes by category that binding the Program allocates."""
        total = dict.fromkeys([*dict.fromkeys(CATEGORIES.values()), ARENA], 0)
        roles = self._roles()
        for name, kind in self.lasting.items():
            total[CATEGORIES[roles[name]]] += aligned(kind.bytes_at(self.batch_size))
        for routine in self.routines.values():
            total["constants"] += constant_bytes(routine.listing, self.batch_size)
        total[ARENA] = self.arena_bytes
        return total

    @property
    def arena_bytes(self) -> int:
        """Bytes of the arena, which all routines use in turn."""
        return max(routine.plan.arena_bytes for routine in self.routines.values())

    @property
    def memory_bytes(self) -> int:
        """Exact bytes that binding the Program allocates."""
        return sum(self.memory_by_category().values())

    @property
    def parameter_count(self) -> int:
        """Number of parameters, frozen ones included, statistics not."""
        return sum(row.size for row in self.parameters if row.trained)

    def _roles(self) -> dict[str, str]:
        return {
            name: buffer.role
            for routine in self.routines.values()
            for name, buffer in routine.listing.buffers.items()
        }

    def __str__(self) -> str:
        from graphnet.program.listing import program_text  # noqa: PLC0415 - listing needs Program

        return program_text(self)


def constant_bytes(listing: InstructionList, batch: int) -> int:
    """Return the bytes of a routine's constants, which last as long as its binding."""
    return sum(
        aligned(buffer.type.bytes_at(batch))
        for buffer in listing.buffers.values()
        if buffer.role == "constant" and buffer.view is None
    )
