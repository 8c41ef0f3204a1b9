"""The look of all plots, written once: colours, type, axes, and how a figure becomes a file."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from graphnet.errors import ResourceError
from graphnet.program import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE = "#1f5a96"
ORANGE = "#e8871e"
PALE_BLUE = "#abc6e2"
PALE_ORANGE = "#fbdcb6"
PAPER = "#ffffff"
INK = "#22272e"
GREY = "#667080"
FAINT = "#e3e6ea"
CLASS_COLOURS = (
    BLUE,
    ORANGE,
    "#3a9b74",
    "#b0508f",
    "#7fb6e6",
    "#8a5a00",
    "#22272e",
    "#d3b52c",
    "#8b95a3",
    "#c8443c",
)
CLASS_MARKERS = "o^sDvPX*<>"
"""Colours and shapes of classes; both differ, for grey print and for every kind of colour vision."""
DOTS_PER_INCH = 150

_SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10.0,
    "text.color": INK,
    "axes.edgecolor": "#a9b1bb",
    "axes.linewidth": 0.8,
    "axes.labelcolor": GREY,
    "axes.labelsize": 10.0,
    "axes.labelpad": 7.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "xtick.color": "#a9b1bb",
    "ytick.color": "#a9b1bb",
    "xtick.labelcolor": GREY,
    "ytick.labelcolor": GREY,
    "xtick.labelsize": 9.0,
    "ytick.labelsize": 9.0,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "figure.facecolor": PAPER,
    "figure.constrained_layout.w_pad": 0.14,
    "figure.constrained_layout.h_pad": 0.14,
    "savefig.facecolor": PAPER,
}


@contextmanager
def plot(path: Path, title: str, size: tuple[float, float]) -> Iterator[Axes]:
    """Give axes in the common style, and write the figure when the block ends.

    No global state of matplotlib is touched: neither its settings nor its current figure.

    Args:
        path: The PNG to write.
        title: What the plot shows.
        size: Width and height in inches.

    Raises:
        ResourceError: GN520 where matplotlib is not installed, GN501 to GN505 where the file cannot
            be written.
    """
    with _figure(path, size) as figure:
        axes = figure.add_subplot()
        axes.set_title(title, loc="left", fontsize=12.5, fontweight="bold", pad=26.0)
        yield axes


@contextmanager
def panels(
    path: Path, title: str, size: tuple[float, float], shape: tuple[int, int]
) -> Iterator[list[Axes]]:
    """Give axes in rows and columns, row by row, below one title; those left empty are taken away.

    Args:
        path: The PNG to write.
        title: What the plot shows.
        size: Width and height in inches.
        shape: Rows and columns.

    Raises:
        ResourceError: As `plot`.
    """
    with _figure(path, size) as figure:
        figure.suptitle(title, x=0.012, ha="left", fontsize=12.5, fontweight="bold")
        room = figure.subplots(*shape, squeeze=False)
        every = [axes for row in room for axes in row]
        yield every
        for axes in every:
            if not axes.has_data() and not axes.texts:
                axes.remove()


@contextmanager
def _figure(path: Path, size: tuple[float, float]) -> Iterator[Figure]:
    """Give a figure in the common style, and write it when the block ends."""
    try:
        from matplotlib import rc_context  # noqa: PLC0415 - optional, and slow to import
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise ResourceError(
            "GN520", "plots need matplotlib", help='pip install "graphnet[plot]"'
        ) from error
    with rc_context(_SETTINGS):
        figure = Figure(figsize=size, layout="constrained")
        yield figure
        image = io.BytesIO()
        # Without a Software entry the bytes do not change with the version of matplotlib alone.
        figure.savefig(image, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    write_atomically(path, image.getvalue())


def subtitle(axes: Axes, text: str) -> None:
    """Write one grey line below the title."""
    axes.annotate(
        text,
        (0.0, 1.0),
        (0.0, 10.0),
        xycoords="axes fraction",
        textcoords="offset points",
        color=GREY,
        fontsize=9.5,
        va="bottom",
    )


def bare(axes: Axes, grid: Literal["both", "x", "y"] = "y") -> None:
    """Take away what says nothing: ticks, the left side; leave a faint grid."""
    axes.grid(axis=grid)
    axes.tick_params(which="both", length=0)
    axes.spines["left"].set_visible(False)


def logarithmic(axes: Axes) -> None:
    """Make the axis upwards logarithmic, with round numbers in plain writing."""
    from matplotlib.ticker import LogLocator, NullFormatter  # noqa: PLC0415 - optional, and slow to import

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def whole_epochs(axes: Axes, epochs: Sequence[int]) -> None:
    """End the axis with the first and the last epoch, and mark whole ones."""
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 - optional, and slow to import

    first, last = min(epochs), max(epochs)
    axes.set_xlim(*((first, last) if first < last else (first - 1, last + 1)))
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], integer=True))
    axes.set_xlabel("epoch")


def label_ends(
    axes: Axes, ends: Mapping[str, tuple[float, float]], colours: Mapping[str, str], lines: int = 1
) -> None:
    """Write a text at the right end of each line, far enough from each other.

    Args:
        axes: Their limits and scale are final.
        ends: Last point of each line, by the text.
        colours: Colour of each text.
        lines: How many lines a text has.
    """
    per_point = axes.figure.dpi / 72.0
    heights = {text: axes.transData.transform(end)[1] / per_point for text, end in ends.items()}
    order = sorted(heights, key=lambda text: heights[text])
    places = spread([heights[text] for text in order], 11.5 * lines)
    for text, place in zip(order, places, strict=True):
        axes.annotate(
            text,
            ends[text],
            (9.0, place - heights[text]),
            textcoords="offset points",
            color=colours[text],
            fontsize=9.0,
            va="center",
            annotation_clip=False,
        )


def spread(heights: Sequence[float], apart: float) -> list[float]:
    """Move heights, given from the lowest up, as little as needed to be so far apart.

    Example:
        >>> spread([0.0, 1.0, 50.0], 10.0)
        [-4.5, 5.5, 50.0]
    """
    groups: list[tuple[float, int]] = []  # middle and number of members
    for height in heights:
        middle, count = height, 1
        while groups and middle - groups[-1][0] < apart * (count + groups[-1][1]) / 2:
            other, others = groups.pop()
            middle = (middle * count + other * others) / (count + others)
            count += others
        groups.append((middle, count))
    return [
        middle + apart * (number - (count - 1) / 2)
        for middle, count in groups
        for number in range(count)
    ]
