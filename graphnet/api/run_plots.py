"""The pictures of a run: what it recorded, and what its network decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from graphnet.api.run_view import Judged, RunView
from graphnet.backend import Array
from graphnet.data import Samples
from graphnet.errors import GraphNetError
from graphnet.metrics import METRICS
from graphnet.recipe import Training
from graphnet.training import Evaluator, Rates, Run, predict
from graphnet.viz import (
    are_images,
    class_regions,
    confusion_matrix,
    decision_regions,
    layer_norms,
    loss_curve,
    metric_curves,
    predicted_against_true,
    ranking_curves,
    rate_curve,
    weight_norms,
    worst_mistakes,
)

_MOST_CLASSES_OF_REGIONS = 10


def plot_run(run: Run) -> list[Path]:
    """Draw what a finished run shows at a glance into its plots/, and return the files.

    The loss curve always; decision regions where one input has two features and the output is one
    decision; the confusion matrix where outputs are classes. Both show the set the network is judged on,
    as all pictures do: the test set, else validation, else training. `graphnet plot` draws more.

    Raises:
        ResourceError: When matplotlib is not installed (GN520), or a file cannot be written.
    """
    view = RunView.of_run(run)
    folder = run.directory.plots_path
    drawn = [_plot_loss(view, folder / "loss.png")]
    found = view.judged_part()
    if found is None or view.program.judgement is None or view.program.judgement.kind == "none":
        return drawn
    part, samples = found
    if not _are_classes(view, samples):
        return drawn
    drawn += _plot_regions(view, folder, samples, f"{part} set")
    drawn.append(_plot_confusion(view, samples, folder / "confusion.png", f"{part} set"))
    return drawn


def plot_saved(path: Path, into: Path | None = None) -> tuple[list[Path], list[str]]:
    """Draw everything that a saved run can show.

    Args:
        path: A run's directory, or a checkpoint in it.
        into: The folder of the pictures; the run's plots/ by default. It is made where it is missing.

    Returns:
        The files, and what the user should know, a sentence each.

    Raises:
        ResourceError: When there is no run, matplotlib is not installed, or a file cannot be written.
        ArtifactError: When the run is damaged.
    """
    view = RunView.of_path(path)
    folder = into or view.folder / "plots"
    folder.mkdir(parents=True, exist_ok=True)
    drawn, notes = _plot_records(view, folder), []
    if view.missing is not None:
        notes.append(f"plots that need the data are left out: {view.missing.message}")
    else:
        drawn += _plot_decisions(view, folder)
    return drawn, notes


def _plot_records(view: RunView, folder: Path) -> list[Path]:
    """Draw what the run recorded: curves, rates, norms."""
    drawn: list[Path] = []
    if view.records:
        drawn.append(_plot_loss(view, folder / "loss.png"))
        curves = metrics_by_epoch(view.records)
        if len(curves) > 1:
            best, by = best_epoch(view) or (None, "")
            metric_curves(curves, folder / "metrics.png", best=best, by=by)
            drawn.append(folder / "metrics.png")
        updates = view.records[-1]["updates"]
        per_epoch = max(1, updates // view.records[-1]["epoch"])
        rates = Rates(view.program, per_epoch).series(updates)
        rate_curve(rates, per_epoch, folder / "learning-rate.png")
        drawn.append(folder / "learning-rate.png")
    norms = [record for record in view.records if record.get("gradient_norms")]
    if norms:
        layers = view.in_order(norms[0]["gradient_norms"])
        series = {name: [record["gradient_norms"][name] for record in norms] for name in layers}
        layer_norms([record["epoch"] for record in norms], series, folder / "gradient-norms.png")
        drawn.append(folder / "gradient-norms.png")
    if view.weight_norms():
        weight_norms(view.first_weight_norms(), view.weight_norms(), folder / "weight-norms.png")
        drawn.append(folder / "weight-norms.png")
    return drawn


def _plot_decisions(view: RunView, folder: Path) -> list[Path]:
    """Draw what the network decides about its data."""
    found = view.judged_part()
    if found is None or view.program.judgement is None:
        return []
    part, samples = found
    what = f"{part} set"
    if view.program.judgement.kind == "none":
        return _plot_regression(view, samples, folder, what)
    if not _are_classes(view, samples):
        return []
    drawn = _plot_regions(view, folder, samples, what)
    drawn.append(_plot_confusion(view, samples, folder / "confusion.png", what))
    judged = view.judged()
    if judged is not None:
        names = view.class_names(samples, judged.shares.shape[1])
        drawn += _plot_ranking(judged, names, folder / "ranking.png", what)
        drawn += _plot_mistakes(view, samples, judged, folder / "mistakes.png")
    return drawn


def metrics_by_epoch(
    records: Iterable[Mapping[str, Any]],
) -> dict[str, dict[str, list[tuple[int, float]]]]:
    """Return the points of every metric by part, the loss first; metrics that are no numbers are left out."""
    curves: dict[str, dict[str, list[tuple[int, float]]]] = {}
    for record in records:
        parts = {"train": {"loss": record["loss"], **(record.get("train") or {})}}
        parts["validation"] = record.get("validation") or {}
        for part, values in parts.items():
            for name, value in values.items():
                if isinstance(value, (int, float)) and not isinstance(value, bool):
                    points = curves.setdefault(name, {}).setdefault(part, [])
                    points.append((record["epoch"], float(value)))
    return curves


def best_epoch(view: RunView) -> tuple[int, str] | None:
    """Return the best epoch and what it is the best by; None where there is none.

    It is judged by what early stopping watches, else by the loss; of the validation set where there is one.
    """
    watched = Training.from_plain(view.program.spec["training"]).early_stopping
    name, sign = (
        (watched.metric, -1.0 if watched.mode == "max" else 1.0) if watched else ("loss", 1.0)
    )
    curves = metrics_by_epoch(view.records).get(name, {})
    part = "validation" if "validation" in curves else "train"
    points = curves.get(part)
    if not points:
        return None
    return min(points, key=lambda point: sign * point[1])[0], f"{part} {name}"


def _plot_loss(view: RunView, path: Path) -> Path:
    history = [
        {
            "epoch": record["epoch"],
            "loss": {
                "train": record["loss"],
                "validation": (record.get("validation") or {}).get("loss"),
            },
        }
        for record in view.records
    ]
    if history:
        loss_curve(history, path)
    return path


def _is_plane(view: RunView) -> bool:
    """Whether the network maps points of a plane to one decision."""
    inputs, targets = view.program.inputs, view.program.targets
    if len(inputs) != 1 or not inputs[0].type.is_float or inputs[0].type.at(1) != (1, 2):
        return False
    return all(port.type.size_at(1) == 1 for port in targets)


def _plot_regions(view: RunView, folder: Path, samples: Samples, what: str) -> list[Path]:
    judgement = view.program.judgement
    if judgement is None or judgement.target is None or not _is_plane(view):
        return []
    name, path = view.program.inputs[0].name, folder / "decision.png"
    points = np.asarray(samples.inputs[name])
    labels = np.asarray(samples.targets[judgement.target]).reshape(-1)
    title = f"{view.program.name}: decision regions, {what}"

    def scores(places: Array) -> Array:
        given = {name: places.astype(view.program.dtype)}
        return predict(view.executable, given)[judgement.output].astype(np.float64)

    if judgement.kind != "argmax":
        decision_regions(
            lambda places: _yes(scores(places).reshape(-1), judgement.kind),
            points, labels, path, names=view.column_names(), title=title,
        )  # fmt: skip
        return [path]
    classes = scores(points[:1]).shape
    if len(classes) != 2 or classes[1] > _MOST_CLASSES_OF_REGIONS:
        return []
    class_regions(
        lambda places: _shares(scores(places)),
        points, labels, path, names=view.column_names(), title=title,
    )  # fmt: skip
    return [path]


def _yes(values: Array, kind: str) -> Array:
    """Return the probability of yes."""
    if kind == "probability":
        return values
    with np.errstate(over="ignore"):
        result: Array = 1.0 / (1.0 + np.exp(-values))
    return result


def _shares(scores: Array) -> Array:
    """Return the probability of each class, (n, classes)."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Array = powers / powers.sum(axis=1, keepdims=True)
    return result


def _are_classes(view: RunView, samples: Samples) -> bool:
    """Tell whether targets say yes or no where the network does: shares between them are no classes."""
    judgement = view.program.judgement
    if judgement is None or judgement.target is None or judgement.kind == "argmax":
        return True
    wanted = np.asarray(samples.targets[judgement.target])
    return bool(np.isin(wanted, (-1.0, 0.0, 1.0)).all())


def _plot_confusion(view: RunView, samples: Samples, path: Path, what: str) -> Path:
    evaluator = Evaluator(view.executable, samples, {"confusion": METRICS["confusion"]()})
    matrix = cast("list[list[int]]", evaluator.run()["confusion"])
    confusion_matrix(matrix, view.class_names(samples, len(matrix)), path, what=what)
    return path


def _plot_ranking(judged: Judged, names: list[str], path: Path, what: str) -> list[Path]:
    labels = [f"class {name}" if name.isdigit() else name for name in names]
    scores = {label: judged.shares[:, number] for number, label in enumerate(labels)}
    if judged.yes_no:
        wanted = {label: judged.wanted[:, number] for number, label in enumerate(labels)}
    else:
        wanted = {label: judged.wanted == number for number, label in enumerate(labels)}
    try:
        ranking_curves(scores, wanted, path, what=what)
    except GraphNetError as error:
        if error.code != "GN733":
            raise
        return []
    return [path]


def _plot_mistakes(view: RunView, samples: Samples, judged: Judged, path: Path) -> list[Path]:
    """Draw misclassified images, where there is one image and one class for each sample."""
    inputs = [np.asarray(array) for array in samples.inputs.values() if are_images(array.shape)]
    if judged.yes_no or len(inputs) != 1 or len(judged.wanted) != samples.count:
        return []
    names = view.class_names(samples, judged.shares.shape[1])
    what = f"{view.program.name}, {judged.part} set"
    found = worst_mistakes(inputs[0], judged.shares, judged.wanted, names, path, what=what)
    return [path] if found else []


def _plot_regression(view: RunView, samples: Samples, folder: Path, what: str) -> list[Path]:
    judgement, path = view.program.judgement, folder / "predicted.png"
    if judgement is None or judgement.target is None:
        return []
    true, predicted = np.asarray(samples.targets[judgement.target]), view.outputs(samples)
    if true.size != predicted.size or true.dtype.kind != "f":
        return []
    predicted_against_true(true.reshape(-1), predicted.reshape(-1), path, what=what)
    return [path]
