"""How well scores rank: the ROC curve, and precision against recall."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphnet.errors import UsageError
from graphnet.viz.plot_style import CLASS_COLOURS, FAINT, GREY, INK, bare, panels

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

_MOST_CLASSES = 10


def ranking_curves(
    scores: Mapping[str, Floats], wanted: Mapping[str, NDArray[np.bool_]], path: Path, *, what: str
) -> None:
    """Draw the ROC curve and the precision-recall curve of every class against the others.

    Of more than ten classes, the ten of the smallest ROC area are drawn, and the title says so.

    Args:
        scores: By class, the score of each sample, (n,); larger means more likely.
        wanted: By class, whether each sample is of it, (n,).
        path: The PNG to write.
        what: The set that is judged.

    Raises:
        UsageError: GN733 when no class has samples of both kinds.
        ResourceError: As `plot`.
    """
    known = [name for name in scores if 0 < int(wanted[name].sum()) < len(wanted[name])]
    if not known:
        raise UsageError("GN733", "no class has samples inside and outside it")
    every = {name: ranked(scores[name], wanted[name]) for name in known}
    hardest = sorted(known, key=lambda name: every[name]["roc_area"])[:_MOST_CLASSES]
    curves = {name: every[name] for name in known if name in hardest}
    title = f"Ranking, {what}{_chosen(len(curves), len(known), len(scores))}"
    wide = 10.4 if len(curves) == 1 else 14.0
    with panels(path, title, (wide, 5.0), (1, 2)) as (left, right):
        roc, precision = [], []
        for number, (name, curve) in enumerate(curves.items()):
            colour = CLASS_COLOURS[number % len(CLASS_COLOURS)]
            left.plot(curve["false"], curve["true"], color=colour, clip_on=False)
            right.plot(
                curve["true"],
                curve["precision"],
                color=colour,
                drawstyle="steps-pre",
                clip_on=False,
            )
            label = "" if len(curves) == 1 else f"{name}  "
            roc.append((f"{label}area {curve['roc_area']:.4f}", colour))
            precision.append((f"{label}average precision {curve['average_precision']:.4f}", colour))
        left.plot([0, 1], [0, 1], color=GREY, lw=0.8, ls=(0, (2, 3)), zorder=0)
        _finish(left, "ROC", "false positive rate", "true positive rate", roc)
        _finish(right, "Precision and recall", "recall", "precision", precision)


def _chosen(shown: int, known: int, count: int) -> str:
    """Return which classes are shown, where these are not all."""
    told = ""
    if shown < known:
        told += f": {shown} of {count} classes, those of the smallest ROC area"
    if known < count:
        told += f"; {count - known} without samples both inside and outside left out"
    return told


def ranked(scores: Floats, wanted: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the points of both curves, from the highest score down, and their areas.

    Equal scores are passed at once. The ROC area is that under straight lines; average precision is the
    sum of precision over the steps in recall, as scikit-learn defines both.

    Returns:
        `false`, `true` and `precision`, arrays; `roc_area` and `average_precision`, numbers.
    """
    import numpy as np  # noqa: PLC0415 - this package also draws graphs, without arrays

    order = np.argsort(-scores, kind="stable")
    hits, ranked_scores = wanted[order].astype(np.float64), scores[order]
    ends = np.append(np.flatnonzero(np.diff(ranked_scores)), len(scores) - 1)
    true, all_ = np.cumsum(hits)[ends], ends + 1.0
    precision = true / all_
    recall = true / hits.sum()
    false = (all_ - true) / (len(hits) - hits.sum())
    false_, true_ = np.append(0.0, false), np.append(0.0, recall)
    return {
        "false": false_,
        "true": true_,
        "precision": np.append(1.0, precision),
        "roc_area": float(np.sum(np.diff(false_) * (true_[1:] + true_[:-1]) / 2)),
        "average_precision": float(np.sum(np.diff(true_) * precision)),
    }


def _finish(axes: Axes, title: str, across: str, up: str, lines: list[tuple[str, str]]) -> None:
    """Name the axes, and list the areas beside them, where no curve runs."""
    alone = f", {lines[0][0]}" if len(lines) == 1 else ""
    axes.set_title(f"{title}{alone}", loc="left", fontsize=10.5, color=INK)
    bare(axes, "both")
    axes.grid(color=FAINT)
    axes.set(xlim=(0, 1), ylim=(0, 1.005), xlabel=across, ylabel=up, aspect="equal")
    for number, (text, colour) in enumerate(() if alone else lines):
        place = (1.04, 0.98 - 0.06 * number)
        axes.text(*place, text, color=colour, fontsize=9.0, va="top", transform=axes.transAxes)
