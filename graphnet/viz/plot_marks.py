"""Marks that pictures of points share: circles around mistakes, and a legend above the axes."""

from __future__ import annotations

from typing import Any

from graphnet.viz.plot_style import GREY, INK


def circle_mistakes(axes: Any, mistaken: Any, total: int, *, area: float) -> None:
    """Draw a circle around each misclassified point.

    Args:
        axes: Matplotlib axes.
        mistaken: The points, (mistakes, 2).
        total: How many points there are, for the legend.
        area: Of a circle, in square points.
    """
    axes.scatter(
        mistaken[:, 0],
        mistaken[:, 1],
        s=area,
        facecolors="none",
        edgecolors=INK,
        linewidths=1.2,
        zorder=4,
        label=f"misclassified: {len(mistaken)} of {total}",
    )


def legend_above(axes: Any, *, columns: int, size: float) -> None:
    """Put the legend above the axes, in columns, in letters of a size in points."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(-0.015, 1.0),
        ncols=columns,
        frameon=False,
        fontsize=size,
        labelcolor=GREY,
        handletextpad=0.2,
        columnspacing=1.2,
        borderaxespad=0.2,
    )
