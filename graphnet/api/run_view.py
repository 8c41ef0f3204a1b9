"""A run as it is looked at: its weights, its data and what it recorded, whether just trained or saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from graphnet.backend import Array, NumpyExecutable, initialize
from graphnet.data import Samples
from graphnet.errors import GraphNetError
from graphnet.metrics import METRICS
from graphnet.metrics.reading import probabilities, read
from graphnet.program import Program
from graphnet.recipe import Training
from graphnet.training import Parts, Run, RunDirectory, judged_by, load_parts, open_saved, predict
from graphnet.training.records import read_records


@dataclass(frozen=True, eq=False)
class Judged:
    """What a network decided about a set.

    Attributes:
        part: Name of the set: `test`, `validation` or `train`.
        shares: Probabilities; (decisions, classes) for classes, (decisions, labels) for yes and no.
        wanted: Class indices (decisions,), or truth values like the shares.
        yes_no: Whether labels are decided one by one.
    """

    part: str
    shares: Array
    wanted: Array
    yes_no: bool


@dataclass(frozen=True, eq=False)
class RunView:
    """A trained network with everything that pictures and reports show.

    Attributes:
        program: What was trained.
        executable: It, with the weights of the run.
        records: The lines of metrics.jsonl.
        folder: The run's directory.
        parts: Its data, or None where it cannot be read any more.
        missing: Why, where it cannot.
    """

    program: Program
    executable: NumpyExecutable
    records: Sequence[Mapping[str, Any]]
    folder: Path
    parts: Parts | None
    missing: GraphNetError | None = None

    @classmethod
    def of_run(cls, run: Run) -> RunView:
        """Look at a run that has just ended."""
        records = read_records(run.directory.metrics_path)
        return cls(run.program, run.executable, records, run.directory.path, run.parts)

    @classmethod
    def of_path(cls, path: Path) -> RunView:
        """Look at a run's directory, or at a checkpoint in one.

        Raises:
            ResourceError: When there is no run there, or it has no checkpoint yet (GN513).
            ArtifactError: When it is damaged.
        """
        saved = open_saved(path)
        directory = RunDirectory(saved.checkpoint.parent.parent)
        records = read_records(directory.metrics_path)
        parts, missing = None, None
        try:
            parts = load_parts(saved.program, saved.folder)
        except GraphNetError as error:
            missing = error
        return cls(saved.program, saved.executable, records, directory.path, parts, missing)

    def judged_part(self) -> tuple[str, Samples] | None:
        """Return the set the network is best judged on: one it was not trained on, if there is one."""
        present = self.parts.present() if self.parts else {}
        name = next((name for name in ("test", "validation", "train") if name in present), None)
        return (name, present[name]) if name else None

    def outputs(self, samples: Samples) -> Array:
        """Return the judged output for a set, (count, ...)."""
        judgement = self.program.judgement
        name = judgement.output if judgement else self.program.outputs[0]
        inputs = {key: np.asarray(array) for key, array in samples.inputs.items()}
        return predict(self.executable, inputs)[name]

    def judged(self) -> Judged | None:
        """Return the decisions on the set the network is judged on, or None where it decides nothing."""
        judgement, found = self.program.judgement, self.judged_part()
        if judgement is None or judgement.kind == "none" or found is None:
            return None
        part, samples = found
        by = judged_by(self.program, METRICS["accuracy"]())
        reading = read(by.decision, self.outputs(samples), np.asarray(samples.targets[by.target]))
        return Judged(
            part, probabilities(by.decision, reading.scores), reading.wanted, by.decision.yes_no
        )

    def class_names(self, samples: Samples, count: int) -> list[str]:
        """Return the names of the judged classes as the data gives them, or else their numbers."""
        judgement = self.program.judgement
        target = judgement.target if judgement else None
        names = [str(name) for name in samples.classes.get(target or "", ())]
        return names if len(names) == count else [str(number) for number in range(count)]

    def weight_norms(self) -> dict[str, float]:
        """Return the norm of every layer's parameters."""
        return self._norms(self.executable)

    def first_weight_norms(self) -> dict[str, float]:
        """Return the norms before training; empty where the run began with another's weights."""
        training = Training.from_plain(self.program.spec["training"])
        if training.weights is not None:
            return {}
        with np.errstate(all="ignore"):
            fresh = NumpyExecutable(self.program)
        initialize(fresh, training.initialization.stream)
        return self._norms(fresh)

    def column_names(self) -> tuple[str, str]:
        """Return what the two features of a plane are called in the data."""
        source = (self.program.spec.get("data") or {}).get("train") or {}
        chosen = next(iter((source.get("inputs") or {}).values()), None)
        if isinstance(chosen, list) and len(chosen) == 2:
            return str(chosen[0]), str(chosen[1])
        return "x", "y"

    def in_order(self, layers: Iterable[str]) -> list[str]:
        """Return layers in the order of their computation."""
        place: dict[str, int] = {}
        for item in self.program.main.listing.instructions:
            place.setdefault(item.layer, len(place))
        return sorted(layers, key=lambda layer: place.get(layer, len(place)))

    def _norms(self, executable: NumpyExecutable) -> dict[str, float]:
        squares: dict[str, float] = {}
        for row in self.program.parameters:
            if row.trained:
                square = np.square(executable.parameters[row.name], dtype=np.float64).sum()
                squares[row.layer] = squares.get(row.layer, 0.0) + float(square)
        return {layer: float(np.sqrt(squares[layer])) for layer in self.in_order(squares)}
