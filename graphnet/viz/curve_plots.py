"""Plots over the epochs of a run: every metric, the learning rate, the norms of layers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphnet.errors import UsageError
from graphnet.viz.plot_style import (
    BLUE,
    CLASS_COLOURS,
    GREY,
    INK,
    ORANGE,
    PAPER,
    bare,
    label_ends,
    logarithmic,
    panels,
    plot,
    subtitle,
    whole_epochs,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Points = list[tuple[int, float]]

_COLOURS = {"train": BLUE, "validation": ORANGE}
_COLUMNS = 3
_LOG_FROM = 20.0
_EQUAL = 1e-9
"""Values that differ by no more, relatively, are drawn as one that never changes."""
_MOST_LINES = 8
"""Layers that are drawn as lines; more become rows of a field."""


def metric_curves(
    curves: Mapping[str, Mapping[str, Points]],
    path: Path,
    *,
    best: int | None = None,
    by: str = "loss",
) -> None:
    """Draw every metric over the epochs, a panel each, with the best epoch marked in all.

    Args:
        curves: By metric, then by part (`train`, `validation`): points of epoch and value.
        path: The PNG to write.
        best: The best epoch, or None.
        by: What it is the best by.

    Raises:
        UsageError: GN733 when there is no point.
        ResourceError: As `plot`.
    """
    shown = {name: _finite(parts) for name, parts in curves.items()}
    shown = {name: parts for name, parts in shown.items() if parts}
    if not shown:
        raise UsageError("GN733", "no epoch has a metric to plot")
    columns = min(_COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    size = (0.6 + 4.2 * columns, 0.7 + 2.9 * rows)
    with panels(path, "Metrics by epoch", size, (rows, columns)) as every:
        for axes, (name, parts) in zip(every, shown.items(), strict=False):
            _draw_metric(axes, name, parts)
            _mark_best(axes, parts, best, by)


def _finite(parts: Mapping[str, Points]) -> dict[str, Points]:
    kept = {part: [(e, v) for e, v in points if math.isfinite(v)] for part, points in parts.items()}
    return {part: points for part, points in kept.items() if points}


def _draw_metric(axes: Axes, name: str, parts: Mapping[str, Points]) -> None:
    axes.set_title(name, loc="left", fontsize=10.5, color=INK)
    bare(axes)
    values = [value for points in parts.values() for _, value in points]
    if min(values) > 0 and max(values) >= _LOG_FROM * min(values):
        logarithmic(axes)
    elif max(values) - min(values) <= _EQUAL * abs(max(values)):
        axes.set_ylim(*_around(values[0]))
    whole_epochs(axes, [epoch for points in parts.values() for epoch, _ in points])
    ends, colours = {}, {}
    for part, points in parts.items():
        colour = _COLOURS.get(part, GREY)
        marker = "o" if len(points) == 1 else ""
        axes.plot(*zip(*points, strict=True), color=colour, marker=marker, ms=4, clip_on=False)
        text = f"{part} {points[-1][1]:.4g}"
        ends[text], colours[text] = points[-1], colour
    label_ends(axes, ends, colours)


def _around(value: float) -> tuple[float, float]:
    """Return the ends of an axis for a value that never changes.

    Example:
        >>> _around(1.0), _around(0.25), _around(8.0), _around(-2.0)
        ((0.0, 1.0), (0.0, 1.0), (0.0, 16.0), (-4.0, 0.0))
    """
    if 0.0 <= value <= 1.0:
        return 0.0, 1.0
    return min(0.0, 2 * value), max(0.0, 2 * value)


def _mark_best(axes: Axes, parts: Mapping[str, Points], best: int | None, by: str) -> None:
    judged = "validation" if "validation" in parts else "train"
    value = dict(parts.get(judged, [])).get(best) if best is not None else None
    if best is None or value is None:
        return
    axes.axvline(best, color=GREY, lw=0.8, ls=(0, (2, 3)), zorder=0)
    style: dict[str, Any] = {"ms": 6.5, "mec": PAPER, "mew": 1.4, "zorder": 5, "clip_on": False}
    axes.plot([best], [value], "o", color=_COLOURS[judged], **style)
    axes.annotate(
        f"epoch {best}, best by {by}: {value:.4g}",
        (0.0, 1.0),
        (0.0, 3.0),
        xycoords="axes fraction",
        textcoords="offset points",
        color=GREY,
        fontsize=8.5,
        va="bottom",
        ha="left",
    )
    axes.set_title(axes.get_title(loc="left"), loc="left", fontsize=10.5, color=INK, pad=17.0)


def rate_curve(rates: Iterable[float], per_epoch: int, path: Path) -> None:
    """Draw the learning rate of every update.

    Args:
        rates: The rates in order.
        per_epoch: Updates in an epoch.
        path: The PNG to write.

    Raises:
        UsageError: GN733 when there is none.
        ResourceError: As `plot`.
    """
    every = [float(rate) for rate in rates]
    if not every:
        raise UsageError("GN733", "no update has a learning rate to plot")
    places = [*range(0, len(every), -(-len(every) // 4000))]
    values = [every[place] for place in places]
    with plot(path, "Learning rate", (7.2, 3.6)) as axes:
        bare(axes)
        axes.plot(places, values, color=BLUE, drawstyle="steps-post", clip_on=False)
        axes.set_xlim(0, max(len(every) - 1, 1))
        axes.set_ylim(0, 1.08 * max(*values, 1e-12))
        axes.set_xlabel(f"update ({per_epoch:,} an epoch)")
        axes.set_ylabel("learning rate")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        least, most = min(values), max(values)
        told = f"{most:g} throughout" if least == most else f"from {values[0]:g} to {values[-1]:g}"
        subtitle(axes, f"{told}, {len(every):,} updates")


def layer_norms(epochs: Sequence[int], norms: Mapping[str, Sequence[float]], path: Path) -> None:
    """Draw the mean gradient norm of every layer over the epochs, on a logarithmic axis.

    Few layers are lines with their names at the end; many are rows of a field that darkens with the norm.

    Args:
        epochs: The epochs.
        norms: By layer, a norm for each epoch.
        path: The PNG to write.

    Raises:
        UsageError: GN733 when there are none.
        ResourceError: As `plot`.
    """
    if not epochs or not norms:
        raise UsageError("GN733", "no gradient norms were recorded")
    if len(norms) > _MOST_LINES:
        _norm_field(epochs, norms, path)
        return
    with plot(path, "Gradient norm by layer", (7.2, 4.4)) as axes:
        bare(axes)
        logarithmic(axes)
        axes.set_ylabel("L2 norm, mean of an epoch")
        whole_epochs(axes, epochs)
        ends, colours = {}, {}
        for number, (layer, values) in enumerate(norms.items()):
            colour = CLASS_COLOURS[number % len(CLASS_COLOURS)]
            axes.plot(epochs, [max(value, 1e-30) for value in values], color=colour, clip_on=False)
            ends[layer], colours[layer] = (epochs[-1], max(values[-1], 1e-30)), colour
        subtitle(axes, "from the input side to the loss")
        label_ends(axes, ends, colours)


def _norm_field(epochs: Sequence[int], norms: Mapping[str, Sequence[float]], path: Path) -> None:
    from matplotlib.colors import LinearSegmentedColormap, LogNorm  # noqa: PLC0415

    count = len(norms)
    rows = [[max(value, 1e-30) for value in values] for values in norms.values()]
    least = min(value for row in rows for value in row if value > 1e-30)
    most = max(value for row in rows for value in row)
    colours = LinearSegmentedColormap.from_list("norm", ["#f4f6f9", "#abc6e2", BLUE, "#0d2a4a"])
    with plot(path, "Gradient norm by layer", (7.2, 1.6 + min(0.22 * count, 14.0))) as axes:
        edges = [epochs[0] - 0.5, *(epoch + 0.5 for epoch in epochs)]
        scale = LogNorm(least, max(most, 1.0001 * least))
        image = axes.pcolormesh(edges, range(count + 1), rows, cmap=colours, norm=scale)
        shown = range(0, count, max(1, -(-count // 60)))
        names = list(norms)
        axes.set_yticks(
            [place + 0.5 for place in shown], [names[place] for place in shown], fontsize=8
        )
        axes.invert_yaxis()
        axes.tick_params(length=0)
        axes.set_xlabel("epoch")
        for spine in axes.spines.values():
            spine.set_visible(False)
        bar = axes.figure.colorbar(image, ax=axes, pad=0.02, shrink=min(1.0, 8.0 / count))
        bar.set_label("L2 norm, mean of an epoch", color=GREY)
        bar.outline.set_visible(False)
        subtitle(axes, "from the input side (above) to the loss")


def weight_norms(before: Mapping[str, float], after: Mapping[str, float], path: Path) -> None:
    """Draw the norm of every layer's parameters before and after training.

    Args:
        before: By layer; may be empty.
        after: By layer.
        path: The PNG to write.

    Raises:
        UsageError: GN733 when there are none.
        ResourceError: As `plot`.
    """
    if not after:
        raise UsageError("GN733", "there are no parameters whose norms could be plotted")
    names = list(after)
    tall = 1.5 + min(0.3 * len(names), 14.0)
    with plot(path, "Weight norm by layer", (7.2, tall)) as axes:
        bare(axes, "x")
        for row, name in enumerate(names):
            start, end = before.get(name), after[name]
            if start is not None:
                axes.plot([start, end], [row, row], color="#c3ccd6", lw=3, zorder=1)
                axes.plot([start], [row], "o", mfc=PAPER, mec=GREY, ms=6, mew=1.4, zorder=2)
            axes.plot([end], [row], "o", color=BLUE, ms=7, zorder=3)
        axes.set_yticks(range(len(names)), names, fontsize=8.5)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlim(left=0)
        axes.set_xlabel("L2 norm of all parameters of a layer")
        subtitle(axes, "ring: before training, disc: after" if before else "after training")
