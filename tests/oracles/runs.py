"""Short trainings by the backend, with and without poisoned memory, and by the interpreter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from building import document_of, set_weights
from closeness import largest, require_close
from interpreter import Interpreter
from numpy.typing import NDArray

from graphnet.backend import NumpyExecutable, NumpyRoutine
from graphnet.ir import PHASES
from graphnet.program import Program, lifetimes

Array = NDArray[Any]
Batch = dict[str, Array]
Snapshot = dict[str, Array]
"""What can be seen after a step, by `group:name`; groups are compared against their largest number."""

LEARNING_RATE = 0.05
FLOOR = 1e-2
"""Size from which a number counts as more than rounding: data and weights are of the order of 1."""


class Poisoned:
    """A bound routine in whose arena nothing is readable but what lives.

    Before the instruction that first touches a buffer, and after the one that touches it last, the buffer is
    filled with NaN (whole numbers with nonsense), so that whatever reads it too early or too late shows.
    """

    def __init__(self, executable: NumpyExecutable, name: str, batch: int) -> None:
        """Look up when each buffer of the arena lives."""
        self._memory = executable.memory
        self._routine = executable.routine(name, batch)
        self._births: dict[int, list[str]] = {}
        self._deaths: dict[int, list[str]] = {}
        for span in lifetimes(self._routine.listing, executable.program.batch_size):
            self._births.setdefault(span.first, []).append(span.name)
            self._deaths.setdefault(span.last, []).append(span.name)
        counts = [len(self._routine.listing.phase(phase)) for phase in PHASES]
        self._starts = {phase: sum(counts[:i]) for i, phase in enumerate(PHASES)}

    def forward(self) -> None:
        """Run the setup and forward lists."""
        self._memory.poison()
        self._run("setup")
        self._run("forward")

    def backward(self) -> None:
        """Run the backward list."""
        self._run("backward")

    def update(self) -> None:
        """Run the update list; blocked instructions only make sense together, so they run unwatched."""
        if any(item.block for item in self._routine.listing.update):
            self._routine.update()
        else:
            self._run("update")

    def _run(self, phase: str) -> None:
        steps = self._routine.trace(phase)
        start = self._starts[phase]
        for index in range(start, start + len(self._routine.listing.phase(phase))):
            # What died with the last instruction of a list is read between the lists: outputs, the loss.
            self._poison([*self._deaths.get(index - 1, []), *self._births.get(index, [])])
            next(steps)

    def _poison(self, names: Sequence[str]) -> None:
        for name in names:
            array = self._routine.array(name)
            array[...] = np.nan if array.dtype.kind == "f" else np.array(-1).astype(array.dtype)


def snapshot(executable: NumpyExecutable, routine: NumpyRoutine, outputs: Snapshot) -> Snapshot:
    """Return copies of all that a step left behind."""
    seen = {"loss:": routine.loss} if routine.loss is not None else {}
    seen |= outputs
    seen |= {f"gradient:{name[2:]}": array for name, array in executable.gradients.items()}
    seen |= {f"weight:{name}": array for name, array in executable.parameters.items()}
    seen |= {f"statistic:{name}": array for name, array in executable.statistics.items()}
    seen |= {f"state{name}:": array for name, array in executable.states.items()}
    kept = [name for name in routine.listing.keep if name.startswith("d:")]
    seen |= {f"gradient:{name[2:]}": routine.array(name) for name in kept}
    return {name: array.copy() for name, array in seen.items()}


def trained(
    program: Program,
    weights: Mapping[str, Array],
    batches: Sequence[Batch],
    *,
    poisoned: bool = False,
) -> Iterator[Snapshot]:
    """Train a step on each batch, then judge and predict the last one; give a snapshot of each."""
    executable = NumpyExecutable(program)
    set_weights(executable, weights)
    for step, data in enumerate([*batches, batches[-1], batches[-1]]):
        name = ("train", "evaluate", "predict")[max(0, step - len(batches) + 1)]
        batch = len(next(iter(data.values())))
        routine = executable.routine(name, batch)
        runner = Poisoned(executable, name, batch) if poisoned else routine
        for port, array in {**routine.inputs, **routine.targets}.items():
            array[...] = data[port]
        executable.streams.clock[...] = step
        with np.errstate(all="ignore"):
            runner.forward()
            outputs = {f"output{name}:": array.copy() for name, array in routine.outputs.items()}
            if name == "train":
                runner.backward()
                for scalar in executable.scalars:
                    if scalar.partition(".")[0] == ":lr":
                        executable.scalars[scalar][...] = LEARNING_RATE
                runner.update()
        yield snapshot(executable, routine, outputs)


def interpreted(
    program: Program,
    weights: Mapping[str, Array],
    batches: Sequence[Batch],
    it: Interpreter | None = None,
) -> Iterator[Snapshot]:
    """Do the same by the formulas, from the program's file."""
    it = it or Interpreter(document_of(program))
    for name, value in weights.items():
        it[name][...] = value
    for step, data in enumerate([*batches, batches[-1], batches[-1]]):
        name = ("train", "evaluate", "predict")[max(0, step - len(batches) + 1)]
        with np.errstate(all="ignore"):
            it.forward(name, len(next(iter(data.values()))), data)
            seen = {f"output{own}:": array for own, array in it.outputs.items()}
            if name == "train":
                it.backward()
                if ":lr" in it.names:
                    it.update(LEARNING_RATE)
        if name != "predict":
            seen["loss:"] = it[":loss"].copy()
        seen |= {f"gradient:{own[2:]}": it[own].copy() for own in it.names if own.startswith("d:")}
        seen |= {
            f"weight:{row['name']}": it[row["name"]].copy()
            for row in it.content["parameters"]
            if row["trained"]
        }
        seen |= {
            f"statistic:{row['name']}": it[row["name"]].copy()
            for row in it.content["parameters"]
            if not row["trained"]
        }
        yield seen


def require_same(
    actual: Iterator[Snapshot], expected: Iterator[Snapshot], *, rtol: float, what: str
) -> None:
    """Refuse trainings that differ in anything both show: exactly, where `rtol` is 0."""
    for step, (one, other) in enumerate(zip(actual, expected, strict=True), start=1):
        for group in dict.fromkeys(name.partition(":")[0] for name in other):
            names = [name for name in other if name.partition(":")[0] == group and name in one]
            scale = max(FLOOR, largest(other[name] for name in names))
            for name in names:
                told = f"{what}, step {step}, {name}"
                require_close(one[name], other[name], told, rtol=rtol, scale=scale)
