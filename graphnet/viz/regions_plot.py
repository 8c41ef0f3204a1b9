"""Decision regions of a network with two inputs and several classes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphnet.errors import UsageError
from graphnet.viz.plot_marks import circle_mistakes, legend_above
from graphnet.viz.plot_style import CLASS_COLOURS, CLASS_MARKERS, INK, PAPER, plot

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

_GRID = 240
_PALEST, _STRONGEST = 0.10, 0.42
"""Share of a class's colour where it is barely ahead, and where it is certain."""


def class_regions(
    predict: Callable[[Floats], Floats],
    points: Floats,
    labels: NDArray[Any],
    path: Path,
    *,
    names: tuple[str, str] = ("x", "y"),
    title: str = "Decision regions",
) -> None:
    """Draw which class a network decides for over the plane, stronger where it is more certain.

    Args:
        predict: Probability of each class, (n, classes), for places (n, 2).
        points: Places of the samples, (n, 2).
        labels: Their classes, whole numbers (n,).
        path: The PNG to write.
        names: What the two inputs are called.
        title: What the plot shows.

    Raises:
        UsageError: GN733 when there are no points, or more classes than colours.
        ResourceError: As `plot`.
    """
    if not len(points):
        raise UsageError("GN733", "there are no points to plot")
    shares = predict(points)
    count = shares.shape[1]
    if count > len(CLASS_COLOURS):
        raise UsageError("GN733", f"{count} classes are more than there are colours for")
    with plot(path, title, (6.8, 5.9)) as axes:
        _draw_field(axes, predict, points)
        _draw_points(axes, points, labels, shares.argmax(axis=1), count)
        axes.set_xlabel(names[0])
        axes.set_ylabel(names[1])
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)


def _draw_field(axes: Axes, predict: Callable[[Floats], Floats], points: Floats) -> None:
    """Paint every place in the colour of its class, and draw lines where the class changes."""
    import numpy as np  # noqa: PLC0415 - this package also draws graphs, without arrays
    from matplotlib.colors import to_rgb  # noqa: PLC0415

    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.07 * np.where(high > low, high - low, 1.0)
    low, high = low - margin, high + margin
    across, up = (np.linspace(low[axis], high[axis], _GRID) for axis in (0, 1))
    places = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2).astype(points.dtype)
    shares = predict(places).astype(np.float64)
    decided, classes = shares.argmax(axis=1), shares.shape[1]
    # From 1 / classes, when the network cannot tell, to 1.
    sure = (shares.max(axis=1) - 1.0 / classes) / (1.0 - 1.0 / classes)
    share = (_PALEST + (_STRONGEST - _PALEST) * np.clip(sure, 0.0, 1.0))[:, None]
    colours = np.array([to_rgb(colour) for colour in CLASS_COLOURS])[decided]
    field = (1.0 - share) + share * colours
    extent = (low[0], high[0], low[1], high[1])
    image = field.reshape(_GRID, _GRID, 3)
    axes.imshow(image, extent=extent, origin="lower", aspect="auto", interpolation="bilinear")
    grid = shares.reshape(_GRID, _GRID, classes)
    for number in range(classes):
        others = np.delete(grid, number, axis=2).max(axis=2)
        lead = grid[:, :, number] - others
        if lead.min() < 0.0 < lead.max():
            axes.contour(across, up, lead, levels=[0.0], colors=[INK], linewidths=0.9)


def _draw_points(
    axes: Axes, points: Floats, labels: NDArray[Any], decided: NDArray[Any], count: int
) -> None:
    """Draw the points by class, and a ring around each that is misclassified."""
    wrong = labels != decided
    small = max(9.0, min(34.0, 11000.0 / len(points)))
    style: dict[str, Any] = {"edgecolors": PAPER, "linewidths": 0.6, "zorder": 3}
    for number in range(count):
        chosen = points[labels == number]
        colour, marker = CLASS_COLOURS[number], CLASS_MARKERS[number]
        label = f"class {number}"
        axes.scatter(
            chosen[:, 0], chosen[:, 1], s=small, c=colour, marker=marker, label=label, **style
        )
    circle_mistakes(axes, points[wrong], len(points), area=small * 4.2)
    legend_above(axes, columns=6, size=8.5)
