"""The pictures of a run: loss curve, decision regions, confusion matrix."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from graphnet.backend import Array, NumpyExecutable
from graphnet.metrics import METRICS
from graphnet.program import Judgement
from graphnet.training import Evaluator, Run, predict
from graphnet.viz import confusion_matrix, decision_regions, loss_curve


def plot_run(run: Run) -> list[Path]:
    """Draw what a finished run can show into its plots/, and return the files.

    The loss curve always; decision regions where one input has two features and the output is one
    yes or no; the confusion matrix where outputs are classes. Both show the training set, which has the
    most points to look at; the tables of `train` and `evaluate` judge the others.

    Raises:
        ResourceError: When matplotlib is not installed (GN520), or a file cannot be written.
    """
    folder = run.directory.plots_path
    drawn = [_plot_loss(run, folder / "loss.png")]
    judgement = run.program.judgement
    if judgement is None or judgement.kind == "none":
        return drawn
    if _is_plane(run.executable, judgement):
        drawn.append(_plot_regions(run, judgement, folder / "decision.png"))
    drawn.append(_plot_confusion(run, folder / "confusion.png"))
    return drawn


def _plot_loss(run: Run, path: Path) -> Path:
    lines = run.directory.metrics_path.read_text("utf-8").splitlines()
    history = [_curve_point(json.loads(line)) for line in lines]
    if history:
        loss_curve(history, path)
    return path


def _curve_point(record: Mapping[str, Any]) -> dict[str, Any]:
    validation = (record.get("validation") or {}).get("loss")
    return {
        "epoch": record["epoch"],
        "loss": {"train": record["loss"], "validation": validation},
    }


def _is_plane(executable: NumpyExecutable, judgement: Judgement) -> bool:
    """Whether the network maps points of a plane to one yes or no."""
    inputs = executable.program.inputs
    if judgement.kind == "argmax" or len(inputs) != 1:
        return False
    kind = inputs[0].type
    single = all(port.type.size_at(1) == 1 for port in executable.program.targets)
    return kind.is_float and kind.at(1) == (1, 2) and single


def _plot_regions(run: Run, judgement: Judgement, path: Path) -> Path:
    executable, name = run.executable, run.program.inputs[0].name

    def probability(points: Array) -> Array:
        given = {name: points.astype(run.program.dtype)}
        values = predict(executable, given)[judgement.output].reshape(-1).astype(np.float64)
        if judgement.kind == "probability":
            return values
        with np.errstate(over="ignore"):
            result: Array = 1.0 / (1.0 + np.exp(-values))
        return result

    samples = run.parts.train
    labels = np.asarray(samples.targets[str(judgement.target)]).reshape(-1)
    names = _column_names(run)
    decision_regions(
        probability,
        np.asarray(samples.inputs[name]),
        labels,
        path,
        names=names,
        title=f"{run.program.name}: decision regions, training set",
    )
    return path


def _column_names(run: Run) -> tuple[str, str]:
    """Return what the two features are called in the data."""
    source = (run.program.spec.get("data") or {}).get("train") or {}
    chosen = next(iter((source.get("inputs") or {}).values()), None)
    if isinstance(chosen, list) and len(chosen) == 2:
        return str(chosen[0]), str(chosen[1])
    return "x", "y"


def _plot_confusion(run: Run, path: Path) -> Path:
    samples = run.parts.train
    evaluator = Evaluator(run.executable, samples, {"confusion": METRICS["confusion"]()})
    matrix = cast("list[list[int]]", evaluator.run()["confusion"])
    confusion_matrix(matrix, [str(index) for index in range(len(matrix))], path)
    return path
