"""The confusion matrix as a plot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphnet.errors import UsageError
from graphnet.viz.plot_style import BLUE, GREY, INK, PALE_BLUE, PAPER, plot, subtitle

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LABELLED_CELLS = 20


def confusion_matrix(
    matrix: Sequence[Sequence[int]], class_names: Sequence[str], path: Path, *, what: str
) -> None:
    """Draw how often each class was decided for each actual class: counts and shares of the row.

    Args:
        matrix: Counts; a row for each actual class, a column for each decided class.
        class_names: Names of the classes, in order.
        path: The PNG to write.
        what: The set that is judged.

    Raises:
        UsageError: GN733 when the matrix is empty or does not fit the names.
        ResourceError: GN520 where matplotlib is not installed, GN501 to GN505 where the file cannot
            be written.
    """
    count = len(class_names)
    if not count or len(matrix) != count or any(len(row) != count for row in matrix):
        raise UsageError("GN733", f"the matrix does not fit its {count} class names")
    total = sum(map(sum, matrix))
    right = sum(matrix[index][index] for index in range(count))
    shares = [[value / max(sum(row), 1) for value in row] for row in matrix]
    side = min(max(3.4, 1.6 + 0.8 * count), 7.4)
    with plot(path, "Confusion matrix", (side + 1.0, side + 0.9)) as axes:
        subtitle(axes, f"{what}: {right} of {total} right, {right / max(total, 1):.1%}")
        _draw_cells(axes, shares, class_names)
        if count <= _LABELLED_CELLS:
            _write_cells(axes, matrix, shares)


def _draw_cells(axes: Axes, shares: list[list[float]], class_names: Sequence[str]) -> None:
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415

    count = len(class_names)
    colours = LinearSegmentedColormap.from_list("share", ["#f4f6f9", PALE_BLUE, BLUE])
    edges = [place - 0.5 for place in range(count + 1)]
    axes.pcolormesh(
        edges,
        edges,
        shares,
        cmap=colours,
        vmin=0,
        vmax=1,
        edgecolors=PAPER,
        linewidth=2 if count <= _LABELLED_CELLS else 0.6,
    )
    axes.set_aspect("equal")
    axes.invert_yaxis()
    shown = range(0, count, math.ceil(count / 25))
    names = [class_names[index] for index in shown]
    # Ten letters fit below a cell of a small matrix, and fewer the more cells there are.
    crowded = max(map(len, names)) * min(count, 25) > 60
    axes.set_xticks(shown, names, rotation=90 if crowded else 0)
    axes.set_yticks(shown, names)
    axes.set_xlabel("decided")
    axes.set_ylabel("actual")
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _write_cells(axes: Axes, matrix: Sequence[Sequence[int]], shares: list[list[float]]) -> None:
    """Write the count and, below it, the share of its row into every cell."""
    size, lift = (9.0, 4.5) if len(matrix) > 8 else (12.5, 6.5)
    for row, counts in enumerate(matrix):
        for column, value in enumerate(counts):
            share = shares[row][column]
            style: dict[str, Any] = {
                "color": PAPER if share > 0.6 else (INK if value else GREY),
                "textcoords": "offset points",
                "ha": "center",
                "va": "center",
            }
            place = (column, row)
            axes.annotate(f"{value:,}", place, (0.0, lift), fontsize=size, **style)
            axes.annotate(_percent(share), place, (0.0, -1.5 * lift), fontsize=0.75 * size, **style)


def _percent(share: float) -> str:
    """Return a share as a whole percentage, without calling a little nothing.

    Example:
        >>> _percent(0.0), _percent(0.004), _percent(0.996), _percent(1.0)
        ('0%', '<1%', '>99%', '100%')
    """
    text = f"{share:.0%}"
    if text == "0%" and share > 0:
        return "<1%"
    return ">99%" if text == "100%" and share < 1 else text
