"""Parallel coordinates: trials as lines through their settings, to what they came to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphnet.errors import UsageError
from graphnet.viz.plot_style import BLUE, GREY, INK, ORANGE, PALE_BLUE, PAPER, plot, subtitle

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LOG_FROM = 10.0
_TICKS = 5
_CLOSEST = 0.04
"""Share of an axis that a tick needs."""


def parallel_coordinates(
    trials: Sequence[Mapping[str, Any]], result: str, path: Path, *, smallest: bool = True
) -> None:
    """Draw every trial as a line: an axis for each setting, and one for the result.

    Axes of numbers are logarithmic where these span a factor of 10 or more; ticks are the values that were
    tried where these are few. The best trial is orange.

    Args:
        trials: Each with `settings`, text by name, the same names in all, and `value`, the result.
        result: What the result is called.
        path: The PNG to write.
        smallest: Whether the least result is the best.

    Raises:
        UsageError: GN733 when there is no trial.
        ResourceError: GN520 where matplotlib is not installed, GN501 to GN505 where the file cannot
            be written.
    """
    if not trials:
        raise UsageError("GN733", "no trial has a result to plot")
    names = [*trials[0]["settings"], result]
    columns = [[trial["settings"][name] for trial in trials] for name in names[:-1]]
    axes_of = [_Axis(column) for column in columns]
    axes_of.append(_Axis([repr(float(trial["value"])) for trial in trials]))
    pick = min if smallest else max
    best = pick(range(len(trials)), key=lambda index: trials[index]["value"])
    with plot(path, "Trials", (max(4.8, 2.0 * len(names)), 4.4)) as axes:
        subtitle(axes, f"{len(trials)} trials; the best {result} is {trials[best]['value']:.4g}")
        _frame(axes, names, axes_of)
        order = sorted(range(len(trials)), key=lambda index: index == best)
        for index in order:
            heights = [axis.heights[index] for axis in axes_of]
            color, width, alpha = (ORANGE, 2.4, 1.0) if index == best else (BLUE, 1.1, 0.45)
            axes.plot(range(len(names)), heights, color=color, linewidth=width, alpha=alpha)


class _Axis:
    """The heights of the values of one setting, and where its ticks are."""

    def __init__(self, texts: Sequence[str]) -> None:
        numbers = [_number(text) for text in texts]
        self.heights: list[float]
        self.ticks: list[tuple[float, str]]
        if all(number is not None for number in numbers):
            self._of_numbers([number for number in numbers if number is not None])
        else:
            self._of_words(texts)

    def _of_numbers(self, numbers: Sequence[float]) -> None:
        low, high = min(numbers), max(numbers)
        logarithmic = low > 0 and high >= _LOG_FROM * low
        scaled = [math.log(number) for number in numbers] if logarithmic else list(numbers)
        least, most = min(scaled), max(scaled)
        span = most - least
        self.heights = [(value - least) / span if span else 0.5 for value in scaled]
        tried = dict(sorted(zip(self.heights, numbers, strict=True)))
        if len(tried) <= _TICKS and _apart(list(tried)):
            self.ticks = [(height, f"{value:.6g}") for height, value in tried.items()]
            return
        parts = [index / (_TICKS - 1) for index in range(_TICKS)]
        shown = [least + part * span for part in parts]
        if logarithmic:
            shown = [math.exp(place) for place in shown]
        self.ticks = [(part, f"{value:.3g}") for part, value in zip(parts, shown, strict=True)]

    def _of_words(self, texts: Sequence[str]) -> None:
        words = list(dict.fromkeys(texts))
        last = max(len(words) - 1, 1)
        place = {word: index / last if len(words) > 1 else 0.5 for index, word in enumerate(words)}
        self.heights = [place[text] for text in texts]
        self.ticks = [(height, word) for word, height in place.items()]


def _apart(heights: Sequence[float]) -> bool:
    """Whether ticks at these heights, from the lowest up, can be read one by one."""
    return all(other - one >= _CLOSEST for one, other in pairwise(heights))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _frame(axes: Axes, names: Sequence[str], columns: Sequence[_Axis]) -> None:
    """Draw an upright line with its ticks for every setting."""
    axes.set_xlim(-0.3, len(names) - 0.4)
    axes.set_ylim(-0.06, 1.06)
    axes.set_xticks(range(len(names)), list(names))
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    for place, column in enumerate(columns):
        axes.plot([place, place], [0, 1], color=PALE_BLUE, linewidth=1.2, zorder=0)
        for height, text in column.ticks:
            axes.annotate(
                text, (place, height), (4.0, 0.0), textcoords="offset points",
                color=INK if place == len(names) - 1 else GREY, fontsize=8.0, va="center",
                bbox={"boxstyle": "round,pad=0.15", "fc": PAPER, "ec": "none", "alpha": 0.85},
                zorder=5,
            )  # fmt: skip
