"""Paint a scene as pixels or as PDF, with matplotlib."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from math import sqrt
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, filterwarnings

from graphnet.errors import ResourceError
from graphnet.viz.labels import printable
from graphnet.viz.letters import has_wide_letters
from graphnet.viz.look import PAPER
from graphnet.viz.scene import Box, Scene, Shape, Spot, Trace, Words
from graphnet.viz.svg import SPOT_LINE, arrow_head, diamond_corners

if TYPE_CHECKING:
    from matplotlib.artist import Artist

_UNITS_PER_INCH = 96.0
_POINTS = 72.0 / _UNITS_PER_INCH
_DOTS_PER_INCH = 192.0
_MOST_PIXELS = 30e6
"""Of a PNG; a larger picture is made with fewer dots per inch."""
_FONT = "DejaVu Sans"
_LETTERS = 0.92
"""DejaVu Sans is wider than the fonts browsers take; a little smaller, it fits the same room."""
_EAST_ASIAN = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Source Han Sans",
    "WenQuanYi Zen Hei",
    "Hiragino Sans",
    "PingFang SC",
    "Microsoft YaHei",
    "Malgun Gothic",
)
_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
}
"""Nothing that changes with the day or with the version of matplotlib alone."""


def raster_bytes(scene: Scene, format: str) -> bytes:  # noqa: A002 - the users' word
    """Return a scene as the content of a file; equal scenes give equal bytes.

    Args:
        scene: What is painted.
        format: `png` or `pdf`.

    Raises:
        ResourceError: GN520 where matplotlib is not installed.
    """
    try:
        from matplotlib import rc_context  # noqa: PLC0415 - optional, and slow to import
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise ResourceError(
            "GN520", f"{format} of this level needs matplotlib", help='pip install "graphnet[plot]"'
        ) from error
    with rc_context({"font.family": _families(scene), "pdf.fonttype": 42}):
        size = (scene.width / _UNITS_PER_INCH, scene.height / _UNITS_PER_INCH)
        figure = Figure(figsize=size, facecolor=PAPER)
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_axis_off()
        axes.set(xlim=(0.0, scene.width), ylim=(scene.height, 0.0))
        for layer, shape in enumerate(scene.shapes):
            for artist in _artists(shape):
                artist.set_zorder(layer)
                axes.add_artist(artist)
        image, dots = io.BytesIO(), min(_DOTS_PER_INCH, sqrt(_MOST_PIXELS / (size[0] * size[1])))
        with catch_warnings():
            # A letter that no font here has is drawn as an empty box.
            filterwarnings("ignore", message="Glyph .* missing from font")
            figure.savefig(image, format=format, dpi=dots, metadata=_METADATA[format])
    return image.getvalue()


def _families(scene: Scene) -> list[str]:
    """Return the fonts to take; those of East Asia only where the text needs them."""
    if not any(has_wide_letters(shape.text) for shape in scene.shapes if isinstance(shape, Words)):
        return [_FONT]
    from matplotlib.font_manager import fontManager  # noqa: PLC0415 - slow to import

    installed = set(fontManager.get_font_names())
    return [_FONT, *(name for name in _EAST_ASIAN if name in installed)]


def _artists(shape: Shape) -> Iterator[Artist]:
    if isinstance(shape, Box):
        yield _box(shape)
    elif isinstance(shape, Spot):
        yield _spot(shape)
    elif isinstance(shape, Words):
        yield _words(shape)
    else:
        yield _trace(shape)
        if shape.arrow:
            yield _polygon(arrow_head(shape), shape.line, "none")


def _box(box: Box) -> Artist:
    from matplotlib.patches import FancyBboxPatch, Rectangle  # noqa: PLC0415

    paint: dict[str, Any] = {
        "facecolor": box.fill or "none",
        "edgecolor": box.line or "none",
        "linewidth": box.thick * _POINTS,
        "linestyle": _dashes(box.dash, box.thick),
    }
    if not box.round:
        return Rectangle((box.x, box.y), box.width, box.height, **paint)
    corners = f"round,pad=0,rounding_size={min(box.round, box.width / 2, box.height / 2)}"
    return FancyBboxPatch((box.x, box.y), box.width, box.height, boxstyle=corners, **paint)


def _spot(spot: Spot) -> Artist:
    from matplotlib.patches import Circle  # noqa: PLC0415

    if spot.diamond:
        return _polygon(diamond_corners(spot), spot.fill or PAPER, spot.line)
    return Circle(
        (spot.x, spot.y),
        spot.radius,
        facecolor=spot.fill or PAPER,
        edgecolor=spot.line,
        linewidth=SPOT_LINE * _POINTS,
    )


def _polygon(corners: Sequence[tuple[float, float]], fill: str, line: str) -> Artist:
    from matplotlib.patches import Polygon  # noqa: PLC0415

    return Polygon(corners, facecolor=fill, edgecolor=line, linewidth=SPOT_LINE * _POINTS)


def _words(words: Words) -> Artist:
    from matplotlib.text import Text  # noqa: PLC0415

    return Text(
        words.x,
        words.y,
        printable(words.text),
        color=words.fill,
        fontsize=words.size * _POINTS * _LETTERS,
        fontweight="bold" if words.bold else "normal",
        ha={"start": "left", "middle": "center", "end": "right"}[words.anchor],
        va="baseline",
        rotation=-words.turn,
        rotation_mode="anchor",
        parse_math=False,
    )


def _trace(trace: Trace) -> Artist:
    from matplotlib.patches import PathPatch  # noqa: PLC0415
    from matplotlib.path import Path  # noqa: PLC0415

    codes = [Path.MOVETO, *[Path.CURVE4 if trace.curved else Path.LINETO] * (len(trace.points) - 1)]
    return PathPatch(
        Path(trace.points, codes),
        facecolor="none",
        edgecolor=trace.line,
        linewidth=trace.thick * _POINTS,
        linestyle=_dashes(trace.dash, trace.thick),
    )


def _dashes(dash: str, thick: float) -> Any:
    """Return lengths of strokes and gaps as matplotlib counts them: in widths of the line."""
    lengths = [float(length) / thick for length in dash.split()]
    return (0.0, lengths) if lengths else "solid"
