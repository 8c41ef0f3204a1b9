"""Evaluation: loss and metrics over a whole set, independent of how it falls into batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from graphnet.backend import Array, NumpyExecutable
from graphnet.data import Batches, Declaration, Samples
from graphnet.errors import ArtifactError, UsageError
from graphnet.metrics import METRICS, Decision, Metric, Result
from graphnet.program import Port, Program


def declarations(ports: Sequence[Port]) -> list[Declaration]:
    """Return what data loading needs to know of a Program's inputs or targets."""
    return [
        Declaration(port.name, port.type.at(1)[1:], port.type.dtype, port.limit) for port in ports
    ]


def metrics_of(program: Program) -> dict[str, Metric]:
    """Return the metrics a Program's spec names, by name.

    Raises:
        ArtifactError: When its spec names what is none, as only an edited one can (GN404).
    """
    found: dict[str, Metric] = {}
    try:
        for entry in program.spec.get("metrics") or []:
            plain = {"type": entry} if isinstance(entry, str) else dict(entry)
            name = plain.pop("type")
            found[name] = METRICS[name].from_plain(plain)
    except (LookupError, TypeError, ValueError) as error:
        raise ArtifactError(
            "GN404",
            f"{program.name!r} is not a program that can run: {error}",
            help="compile the spec again",
        ) from error
    return found


class Evaluator:
    """Judges an executable on one set of samples, as often as asked."""

    def __init__(
        self, executable: NumpyExecutable, samples: Samples, metrics: Mapping[str, Metric]
    ) -> None:
        """Prepare batches in file order.

        Args:
            executable: Its current weights are judged.
            samples: The set; inputs (count, ...) and targets (count, ...).
            metrics: Metrics by name.

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
        self._judgement = judgement
        self._executable = executable
        self._batches = Batches(samples, min(executable.program.batch_size, samples.count))
        self._metrics = metrics
        self._decision = _decision(executable.program)
        for metric in metrics.values():
            metric.start(self._decision)

    def run(self) -> dict[str, Result]:
        """Return `loss` and every metric over the whole set."""
        total, samples = 0.0, 0
        started = {name: metric.start(self._decision) for name, metric in self._metrics.items()}
        order = self._batches.order(0)
        with np.errstate(all="ignore"):
            for index in range(len(self._batches)):
                size = self._size_of(index)
                routine = self._executable.routine("evaluate", size)
                self._batches.load(order, index, {**routine.inputs, **routine.targets})
                routine.forward()
                loss = float(routine.loss.item()) if routine.loss is not None else 0.0
                total += loss * (size if self._judgement.reduction == "mean" else 1)
                samples += size
                output = routine.outputs[self._judgement.output]
                target = routine.targets[self._judgement.target]
                for accumulator in started.values():
                    accumulator.add(output, target)
        mean = self._judgement.reduction == "mean"
        results: dict[str, Result] = {"loss": total / samples if mean else total}
        return results | {name: accumulator.result() for name, accumulator in started.items()}

    def _size_of(self, index: int) -> int:
        start = index * self._batches.batch_size
        return min(self._batches.batch_size, self._batches.count - start)


def _decision(program: Program) -> Decision:
    judgement = program.judgement
    if judgement is None or judgement.kind != "argmax":
        return Decision(judgement.kind if judgement else "none")
    listing = program.routines["evaluate"].listing
    output = listing.buffers[listing.outputs[program.outputs.index(judgement.output)]]
    classes = output.type.shape[judgement.axis]
    return Decision("argmax", classes if isinstance(classes, int) else None, judgement.axis)


def predict(executable: NumpyExecutable, inputs: Mapping[str, Array]) -> dict[str, Array]:
    """Return the outputs for any number of samples.

    Args:
        executable: Its current weights are used.
        inputs: Arrays (count, ...) by input name, in the declared element types.

    Returns:
        Arrays (count, ...) by output name; the caller's own.
    """
    program = executable.program
    count = len(next(iter(inputs.values())))
    results: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        for start in range(0, count, program.batch_size):
            stop = min(start + program.batch_size, count)
            routine = executable.routine("predict", stop - start)
            for name, array in routine.inputs.items():
                np.copyto(array, inputs[name][start:stop])
            routine.forward()
            for name, array in routine.outputs.items():
                if name not in results:
                    results[name] = np.empty((count, *array.shape[1:]), array.dtype)
                results[name][start:stop] = array
    return results
