"""Plots of a run: the loss over epochs, and decision regions in the plane."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphnet.errors import UsageError
from graphnet.viz.plot_marks import circle_mistakes, legend_above
from graphnet.viz.plot_style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_ORANGE,
    PAPER,
    logarithmic,
    plot,
    subtitle,
)

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

_LOG_FROM = 20.0
_GRID = 240


def loss_curve(history: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw the loss over the epochs, on training and validation data.

    The best epoch is that of the least validation loss, or training loss where there is no other.
    The axis is logarithmic where the losses span a factor of 20 or more.

    Args:
        history: One mapping for each epoch: `{"epoch": 3, "loss": {"train": 0.4, "validation":
            0.5}}`, validation may be absent or None; losses that are not finite are left out.
        path: The PNG to write.

    Raises:
        UsageError: GN733 when no epoch has a loss.
        ResourceError: GN520 where matplotlib is not installed, GN501 to GN505 where the file cannot
            be written.
    """
    lines = {part: _losses(history, part) for part in ("train", "validation")}
    lines = {part: points for part, points in lines.items() if points}
    if not lines:
        raise UsageError("GN733", "no epoch has a loss to plot")
    values = [loss for points in lines.values() for _, loss in points]
    steep = min(values) > 0 and max(values) >= _LOG_FROM * min(values)
    judged = "validation" if "validation" in lines else "train"
    best = min(lines[judged], key=lambda point: point[1])
    with plot(path, "Loss", (7.2, 4.4)) as axes:
        _label_loss_axes(axes, steep)
        # The axes end with the last epoch, so that the labels behind it stand on clear ground.
        epochs = [epoch for points in lines.values() for epoch, _ in points]
        first, last = min(epochs), max(epochs)
        axes.set_xlim(*((first, last) if first < last else (first - 1, last + 1)))
        colours = {"train": BLUE, "validation": ORANGE}
        for part, points in lines.items():
            marker = "o" if len(points) == 1 else ""
            axes.plot(*zip(*points, strict=True), color=colours[part], marker=marker, clip_on=False)
        axes.plot(
            *best, "o", color=colours[judged], ms=7, mec=PAPER, mew=1.5, zorder=5, clip_on=False
        )
        axes.axvline(best[0], color=GREY, lw=0.8, ls=(0, (2, 3)), zorder=0)
        subtitle(axes, f"best {judged} loss {best[1]:.4g} at epoch {best[0]}")
        _label_ends(axes, {part: points[-1] for part, points in lines.items()}, colours)


def _losses(history: Sequence[Mapping[str, Any]], part: str) -> list[tuple[int, float]]:
    points = [(record["epoch"], record["loss"].get(part)) for record in history]
    return [(epoch, loss) for epoch, loss in points if loss is not None and math.isfinite(loss)]


def _label_loss_axes(axes: Axes, steep: bool) -> None:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    axes.set_xlabel("epoch")
    axes.set_ylabel("loss, logarithmic" if steep else "loss")
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10], integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.grid(axis="y")
    axes.tick_params(which="both", length=0)
    axes.spines["left"].set_visible(False)
    if steep:
        logarithmic(axes)


def _label_ends(
    axes: Axes, ends: Mapping[str, tuple[int, float]], colours: Mapping[str, str]
) -> None:
    """Write each line's name and last value at its right end, far enough from each other."""
    heights = {part: axes.transData.transform(end)[1] for part, end in ends.items()}
    apart = 30.0 * axes.figure.dpi / 72.0
    order = sorted(heights, key=lambda part: heights[part])
    shift = dict.fromkeys(order, 0.0)
    if len(order) == 2 and (gap := heights[order[1]] - heights[order[0]]) < apart:
        spread = (apart - gap) / 2 * 72.0 / axes.figure.dpi
        shift = {order[0]: -spread, order[1]: spread}
    for part, end in ends.items():
        axes.annotate(
            f"{part}\n{end[1]:.4g}",
            end,
            (9.0, shift[part]),
            textcoords="offset points",
            color=colours[part],
            va="center",
            linespacing=1.25,
        )


def decision_regions(
    predict: Callable[[Floats], Floats],
    points: Floats,
    labels: NDArray[Any],
    path: Path,
    *,
    names: tuple[str, str] = ("x", "y"),
    title: str = "Decision regions",
) -> None:
    """Draw where a network with two inputs decides for class 1, and the points it is judged by.

    Args:
        predict: Probability of class 1, (n,), for places (n, 2).
        points: Places of the samples, (n, 2).
        labels: Their classes, 0 or 1; (n,) or (n, 1).
        path: The PNG to write.
        names: What the two inputs are called.
        title: What the plot shows.

    Raises:
        UsageError: GN733 when there are no points.
        ResourceError: GN520 where matplotlib is not installed, GN501 to GN505 where the file cannot
            be written.
    """
    if not len(points):
        raise UsageError("GN733", "there are no points to plot")
    with plot(path, title, (6.4, 5.6)) as axes:
        _draw_field(axes, predict, points)
        _draw_points(axes, points, labels.reshape(-1) > 0.5, predict(points).reshape(-1) > 0.5)
        axes.set_xlabel(names[0])
        axes.set_ylabel(names[1])
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)


def _draw_field(axes: Axes, predict: Callable[[Floats], Floats], points: Floats) -> None:
    """Draw the probability as a soft field, and the line where it is one half."""
    import numpy as np  # noqa: PLC0415 - this package also draws graphs, without arrays
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415

    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.07 * np.where(high > low, high - low, 1.0)
    low, high = low - margin, high + margin
    across, up = (np.linspace(low[axis], high[axis], _GRID) for axis in (0, 1))
    places = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2).astype(points.dtype)
    field = predict(places).reshape(_GRID, _GRID)
    colours = LinearSegmentedColormap.from_list("classes", [PALE_BLUE, PAPER, PALE_ORANGE])
    extent = (low[0], high[0], low[1], high[1])
    axes.imshow(
        field,
        cmap=colours,
        vmin=0,
        vmax=1,
        extent=extent,
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
    )
    if field.min() < 0.5 < field.max():
        axes.contour(across, up, field, levels=[0.5], colors=[INK], linewidths=1.4)


def _draw_points(
    axes: Axes, points: Floats, actual: NDArray[np.bool_], decided: NDArray[np.bool_]
) -> None:
    """Draw the points by class, and a ring around each that is misclassified."""
    wrong = actual != decided
    small = max(12.0, min(40.0, 13000.0 / len(points)))
    style: dict[str, Any] = {"edgecolors": PAPER, "linewidths": 0.7, "zorder": 3}
    for positive, colour, marker in ((False, BLUE, "o"), (True, ORANGE, "^")):
        chosen = points[actual == positive]
        size = small * (1.25 if positive else 1.0)
        axes.scatter(
            chosen[:, 0],
            chosen[:, 1],
            s=size,
            c=colour,
            marker=marker,
            label=f"class {positive:d}",
            **style,
        )
    circle_mistakes(axes, points[wrong], len(points), area=small * 4.2)
    legend_above(axes, columns=3, size=9.5)
