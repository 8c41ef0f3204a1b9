"""Evaluation: loss and metrics over a whole set, independent of how it falls into batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from graphnet.backend import Array, NumpyExecutable, NumpyRoutine
from graphnet.data import Batches, Declaration, Samples
from graphnet.errors import UsageError
from graphnet.metrics import Accumulator, Metric, Result
from graphnet.program import Port
from graphnet.training.judging import fixed_thresholds, judged_by
from graphnet.training.loss_account import LossAccount


def declarations(ports: Sequence[Port]) -> list[Declaration]:
    """Return what data loading needs to know of a Program's inputs or targets."""
    return [
        Declaration(p.name, p.type.at(1)[1:], p.type.dtype, p.limit, p.ignore, p.weighs)
        for p in ports
    ]


class Evaluator:
    """Judges an executable on one set of samples, as often as asked."""

    def __init__(
        self,
        executable: NumpyExecutable,
        samples: Samples,
        metrics: Mapping[str, Metric],
        thresholds: Mapping[str, float] | None = None,
    ) -> None:
        """Prepare batches in file order.

        Args:
            executable: Its current weights are judged.
            samples: The set; inputs (count, ...) and targets (count, ...).
            metrics: Metrics by name.
            thresholds: Probability above which an output says yes, by output; those of the spec where
                left out, else 0.5.

        Raises:
            UsageError: When the Program has no loss to judge by, or a metric does not fit it.
        """
        judgement = executable.program.judgement
        if judgement is None:
            raise UsageError(
                "GN713",
                f"{executable.program.name!r} has no loss to be judged by",
                help="give the spec a loss and targets",
            )
        self._terms = judgement.terms
        self._executable = executable
        self._samples = samples
        self._batches = Batches(samples, min(executable.program.batch_size, samples.count))
        self._metrics = metrics
        if thresholds is None:
            thresholds = fixed_thresholds(executable.program)
        self._judged = {
            name: judged_by(executable.program, metric, thresholds)
            for name, metric in metrics.items()
        }
        self._started()

    def run(self) -> dict[str, Result]:
        """Return `loss` and every metric over the whole set."""
        account, samples = LossAccount(self._terms), 0
        started = self._started()
        order = self._batches.order(0)
        with np.errstate(all="ignore"):
            for index in range(len(self._batches)):
                size = self._size_of(index)
                routine = self._executable.routine("evaluate", size)
                self._batches.load(order, index, {**routine.inputs, **routine.targets})
                routine.forward()
                account.add(routine, size)
                self._add(started, routine, slice(samples, samples + size))
                samples += size
        results: dict[str, Result] = {"loss": account.total()}
        return results | {name: accumulator.result() for name, accumulator in started.items()}

    def _started(self) -> dict[str, Accumulator]:
        return {
            name: metric.start(self._judged[name].decision)
            for name, metric in self._metrics.items()
        }

    def _add(self, started: Mapping[str, Accumulator], routine: NumpyRoutine, rows: slice) -> None:
        """Give a batch to every metric; targets that no loss reads come from the samples."""
        targets = self._samples.targets
        weights = {**self._samples.inputs, **targets}
        for name, accumulator in started.items():
            judged = self._judged[name]
            target = routine.targets.get(judged.target)
            if target is None:
                target = targets[judged.target][rows]
            weighted = self._metrics[name].weighted and judged.weight in weights
            weight = weights[judged.weight][rows] if weighted else None
            accumulator.add(routine.outputs[judged.output], target, weight)

    def _size_of(self, index: int) -> int:
        start = index * self._batches.batch_size
        return min(self._batches.batch_size, self._batches.count - start)


def predict(
    executable: NumpyExecutable,
    inputs: Mapping[str, Array],
    turn: AbstractContextManager[Any] | None = None,
) -> dict[str, Array]:
    """Return the outputs for any number of samples.

    Args:
        executable: Its current weights are used.
        inputs: Arrays (count, ...) by input name, in the declared element types.
        turn: Held while a batch is in the executable's memory, where threads share it.

    Returns:
        Arrays (count, ...) by output name; the caller's own.
    """
    program = executable.program
    count = len(next(iter(inputs.values())))
    results: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        for start in range(0, count, program.batch_size):
            stop = min(start + program.batch_size, count)
            with turn or nullcontext():
                _predict_batch(executable, inputs, slice(start, stop), results, count)
    return results


def _predict_batch(
    executable: NumpyExecutable,
    inputs: Mapping[str, Array],
    rows: slice,
    results: dict[str, Array],
    count: int,
) -> None:
    """Compute the outputs of one batch into the results, which the first batch makes."""
    routine = executable.routine("predict", rows.stop - rows.start)
    for name, array in routine.inputs.items():
        np.copyto(array, inputs[name][rows])
    routine.forward()
    for name, array in routine.outputs.items():
        if name not in results:
            results[name] = np.empty((count, *array.shape[1:]), array.dtype)
        results[name][rows] = array
