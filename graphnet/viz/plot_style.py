"""The look of all plots, written once: colours, type, axes, and how a figure becomes a file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphnet.errors import ResourceError
from graphnet.program import write_atomically

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE = "#1f5a96"
ORANGE = "#e8871e"
PALE_BLUE = "#abc6e2"
PALE_ORANGE = "#fbdcb6"
PAPER = "#ffffff"
INK = "#22272e"
GREY = "#667080"
FAINT = "#e3e6ea"
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
    try:
        from matplotlib import rc_context  # noqa: PLC0415 - optional, and slow to import
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise ResourceError(
            "GN520", "plots need matplotlib", help='pip install "graphnet[plot]"'
        ) from error
    with rc_context(_SETTINGS):
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        axes.set_title(title, loc="left", fontsize=12.5, fontweight="bold", pad=26.0)
        yield axes
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
