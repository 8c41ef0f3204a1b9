"""Profile: the measured time of every instruction of a step."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter_ns

import numpy as np

from graphnet.backend import Array, NumpyExecutable, NumpyRoutine, generator_for, initialize
from graphnet.ir import LEARNING_RATE, Instruction
from graphnet.program import OPTIMIZER, Port, Program, flops
from graphnet.recipe import Training

SECONDS = 1.0
"""Time that a measurement takes, about; at least a few steps are run whatever they take."""
AGREEMENT = 0.1
"""How far the sum over instructions may be from the time of whole steps before it is measured again."""
_ATTEMPTS = 4
_LEAST_ROUNDS, _LEAST_KEPT = 7, 3
_PHASES = ("forward", "backward", "update")

Step = Callable[[], object]


@dataclass(frozen=True)
class Timing:
    """One instruction.

    Attributes:
        index: Its place in the execution order, setup included.
        phase: Its list.
        op: Its op.
        layer: The layer it comes from.
        seconds: Time of one execution.
        flops: Its operations.
        bytes: What it reads and writes.
        calls: Calls of the backend it takes.
    """

    index: int
    phase: str
    op: str
    layer: str
    seconds: float
    flops: int
    bytes: int
    calls: int


@dataclass(frozen=True)
class Profile:
    """A measured step.

    Attributes:
        batch: Samples in it.
        routine: `train`, or `predict` where there is no loss.
        step_seconds: Time of a whole step, as it is run in training.
        rounds: How many steps were run; the fastest quarter counts.
        timings: The instructions in execution order.
    """

    batch: int
    routine: str
    step_seconds: float
    rounds: int
    timings: tuple[Timing, ...]

    @property
    def seconds(self) -> float:
        """The sum over all instructions."""
        return sum(timing.seconds for timing in self.timings)

    @property
    def calls(self) -> int:
        """Calls of the backend in a step."""
        return sum(timing.calls for timing in self.timings)

    def of_layer(self, name: str) -> tuple[Timing, ...]:
        """Return the instructions of a layer, or of the optimizer, `:optimizer`."""
        return tuple(timing for timing in self.timings if _owner(timing) == name)

    def layers(self) -> dict[str, float]:
        """Return seconds by layer in execution order; the optimizer's are under `:optimizer`."""
        found: dict[str, float] = defaultdict(float)
        for timing in self.timings:
            found[_owner(timing)] += timing.seconds
        return dict(found)


def _owner(timing: Timing) -> str:
    return OPTIMIZER if timing.phase == "update" else timing.layer


def profile(
    program: Program, *, batch_size: int | None = None, seconds: float = SECONDS
) -> Profile:
    """Measure a step on random numbers, instruction by instruction.

    Whole steps and steps with a look at the clock after every call take turns, so that both see the
    same machine. What a look at the clock takes is measured on calls that do nothing, and subtracted. The
    learning rate is zero: weights stay as they were drawn.

    Args:
        program: What is measured: its train routine, or predict where there is no loss.
        batch_size: Samples in a step; the compiled size by default.
        seconds: How long to measure, about.

    Raises:
        UsageError: When the batch is larger than the compiled one.
    """
    batch = program.batch_size if batch_size is None else batch_size
    executable = NumpyExecutable(program)
    initialize(executable, Training.from_plain(program.spec["training"]).initialization.stream)
    name = "train" if "train" in program.routines else "predict"
    routine = executable.routine(name, batch)
    arrays = {**routine.inputs, **routine.targets}
    for port in (*program.inputs, *program.targets):
        if port.name in arrays:
            fill(arrays[port.name], port)
    if LEARNING_RATE in executable.scalars:
        executable.scalars[LEARNING_RATE][...] = 0.0
    calls = [call for phase in _PHASES for call in routine.calls(phase)]
    with np.errstate(all="ignore"):
        routine.forward()
        best = _profile_of(routine, name, calls, seconds / 2)
        for attempt in range(2, _ATTEMPTS + 1):
            if _gap(best) <= AGREEMENT / 2:
                break
            best = min(best, _profile_of(routine, name, calls, seconds * attempt / 2), key=_gap)
    return best


def _profile_of(
    routine: NumpyRoutine, name: str, calls: Sequence[tuple[Instruction, Step]], seconds: float
) -> Profile:
    whole, single, rounds = _measure([step for _, step in calls], seconds)
    return Profile(routine.batch, name, whole, rounds, _timings(routine, calls, single))


def _gap(found: Profile) -> float:
    """Return how far the sum over instructions is from the step, as a share of it."""
    return abs(found.seconds - found.step_seconds) / max(found.step_seconds, 1e-12)


def fill(array: Array, port: Port) -> None:
    """Fill an input or a target with random numbers that fit it."""
    random = generator_for(0, f"profile/{port.name}")
    if port.type.is_float:
        array[...] = random.random(array.shape)
    elif port.type.dtype == "bool":
        array[...] = random.random(array.shape) < 0.5
    else:
        array[...] = random.integers(0, port.limit or 2, array.shape)


def _measure(steps: Sequence[Step], seconds: float) -> tuple[float, Array, int]:
    """Return the seconds of all steps together and of each, and how many rounds were run."""
    idle: Sequence[Step] = [_nothing] * len(steps)
    whole: list[int] = []
    single: list[list[int]] = []
    empty_whole: list[int] = []
    empty_single: list[list[int]] = []
    _once(steps)
    _each(steps)
    collecting = gc.isenabled()
    gc.disable()
    try:
        start = perf_counter_ns()
        while len(whole) < _LEAST_ROUNDS or perf_counter_ns() - start < seconds * 1e9:
            whole.append(_once(steps))
            single.append(_each(steps))
            empty_whole.append(_once(idle))
            empty_single.append(_each(idle))
    finally:
        if collecting:
            gc.enable()
    # A call that does nothing is in both; what the clock adds is the difference of the two.
    clock = np.median(np.diff(np.asarray(empty_single), axis=1), axis=0)
    clock = np.maximum(clock - np.median(empty_whole) / max(len(steps), 1), 0.0)
    stamps = np.asarray(single)
    kept = max(_LEAST_KEPT, len(whole) // 4)
    # Means of whole rounds, so that parts add up to the whole however the machine is disturbed.
    fastest = np.argsort(stamps[:, -1] - stamps[:, 0], kind="stable")[:kept]
    times = np.maximum(np.diff(stamps[fastest], axis=1).mean(axis=0) - clock, 0.0)
    return float(np.sort(whole)[:kept].mean()) / 1e9, times / 1e9, len(whole)


def _nothing() -> None:
    """Stand in for a call."""


def _once(steps: Sequence[Step]) -> int:
    """Return the nanoseconds of all steps together."""
    start = perf_counter_ns()
    for step in steps:
        step()
    return perf_counter_ns() - start


def _each(steps: Sequence[Step]) -> list[int]:
    """Return the time before the first step and after each."""
    clock = perf_counter_ns
    stamps = [0] * (len(steps) + 1)
    stamps[0] = clock()
    for index, step in enumerate(steps, start=1):
        step()
        stamps[index] = clock()
    return stamps


def _timings(
    routine: NumpyRoutine, calls: Sequence[tuple[Instruction, Step]], single: Array
) -> tuple[Timing, ...]:
    """Return the instructions with the times of their calls added up."""
    listing, batch = routine.listing, routine.batch
    seconds: dict[int, float] = defaultdict(float)
    counts: dict[int, int] = defaultdict(int)
    for (instruction, _), taken in zip(calls, single, strict=True):
        seconds[id(instruction)] += float(taken)
        counts[id(instruction)] += 1
    index, timings = len(listing.setup), []
    for phase in _PHASES:
        for item in listing.phase(phase):
            timings.append(
                Timing(
                    index=index,
                    phase=phase,
                    op=item.op,
                    layer=item.layer,
                    seconds=seconds[id(item)],
                    flops=flops(item, listing, batch),
                    bytes=sum(listing.buffers[name].type.bytes_at(batch) for name in item.touched),
                    calls=counts[id(item)],
                )
            )
            index += 1
    return tuple(timings)
