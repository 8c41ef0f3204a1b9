"""Write a picture to a file, in the format that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from graphnet.errors import ResourceError, UsageError, listed
from graphnet.program import write_atomically
from graphnet.viz.chart import Chart
from graphnet.viz.dot import dot_text
from graphnet.viz.mermaid import mermaid_text
from graphnet.viz.model import Drawing
from graphnet.viz.programs import IMAGES, image_bytes
from graphnet.viz.raster import raster_bytes
from graphnet.viz.scene_dot import scene_dot
from graphnet.viz.svg import svg_text
from graphnet.viz.text import plain_text

Picture: TypeAlias = Drawing | Chart

_TEXTS: dict[str, Callable[[Drawing], str]] = {
    "dot": dot_text,
    "mmd": mermaid_text,
    "txt": plain_text,
}
_CHART_TEXTS: dict[str, Callable[[Chart], str]] = {
    "svg": lambda chart: svg_text(chart.scene()),
    "dot": lambda chart: scene_dot(chart.scene()),
    "mmd": lambda chart: chart.mermaid(),
    "txt": lambda chart: chart.text(),
}
FORMATS = (*IMAGES, *_TEXTS)

_MOST_NODES = 2000
"""Nodes of an image: for more, layout takes longer than anyone waits, and nobody could read it."""
_MOST_PAINTED = 10_000
"""Shapes of a chart that are painted with matplotlib; svg has no such limit."""
_MERMAID_EDGES = 500
_MERMAID_TEXT = 50_000
"""Arrows and characters that Mermaid takes with its usual settings."""


def format_of(path: Path) -> str:
    """Return the format that a file's suffix means.

    Raises:
        UsageError: GN734 when it means none.

    Example:
        >>> format_of(Path("mlp.SVG"))
        'svg'
    """
    return _known(path.suffix.removeprefix("."), path.name)


def _known(format: str, name: str) -> str:  # noqa: A002 - the users' word
    """Return a format in small letters, or refuse it as that of what the user wrote."""
    if format.lower() in FORMATS:
        return format.lower()
    raise UsageError(
        "GN734",
        f"no picture can be written in the format of {name!r}",
        help="svg is what browsers show",
        notes=[f"formats: {listed(FORMATS)}"],
    )


def to_bytes(picture: Picture, format: str) -> bytes:  # noqa: A002 - the users' word
    """Return a picture as the content of a file.

    Args:
        picture: What is drawn.
        format: One of `FORMATS`.

    Raises:
        UsageError: GN734 for another format, GN735 where the picture is too large for it.
        ResourceError: GN520 or GN521 where nothing can write the format, GN522 where a program fails.
    """
    return _content(picture, _known(format, format))[0]


def render(picture: Picture, path: Path, format: str | None = None) -> list[str]:  # noqa: A002
    """Write a picture to a file, whole or not at all.

    Where an image cannot be made, what it would be made from is written beside it, under the same name:
    the DOT text of a drawing, so that any Graphviz elsewhere can make it, or the svg of a chart.

    Args:
        picture: What is drawn.
        path: The file.
        format: One of `FORMATS`; what the suffix says where left out.

    Returns:
        What the user should know, a sentence each.

    Raises:
        UsageError: GN734 for another format, GN735 where the picture is too large for it.
        ResourceError: GN520 or GN521 where nothing can write the format, GN522 where a program fails,
            GN501 to GN505 where the file cannot be written.
    """
    wanted = _known(format, path.name) if format else format_of(path)
    try:
        content, messages = _content(picture, wanted)
    except ResourceError as error:
        error.notes += (_keep_source(picture, path),)
        raise
    write_atomically(path, content)
    return messages


def _content(picture: Picture, format: str) -> tuple[bytes, list[str]]:  # noqa: A002
    """Return the content of a file and the messages."""
    if isinstance(picture, Chart):
        content = _chart_content(picture, format)
        return content, _text_messages(picture, format, content)
    if format in _TEXTS:
        content = _TEXTS[format](picture).encode()
        return content, _text_messages(picture, format, content)
    if len(picture.nodes) > _MOST_NODES:
        help_ = "fold repeated layers with --fold, or write dot, mmd or txt"
        raise _too_large(f"{len(picture.nodes):,} nodes", _MOST_NODES, format, help_)
    return image_bytes(dot_text(picture), format)


def _chart_content(chart: Chart, format: str) -> bytes:  # noqa: A002
    if format in _CHART_TEXTS:
        return _CHART_TEXTS[format](chart).encode()
    scene = chart.scene()
    if len(scene.shapes) > _MOST_PAINTED:
        raise _too_large(f"{len(scene.shapes):,} shapes", _MOST_PAINTED, format, "write svg")
    return raster_bytes(scene, format)


def _too_large(found: str, most: int, format: str, cure: str) -> UsageError:  # noqa: A002
    """Return the error for a picture that would take too long, or be too small to read."""
    return UsageError(
        "GN735",
        f"{found} are too many for a {format}",
        help=cure,
        notes=[f"a {format} shows at most {most:,}"],
    )


def _text_messages(picture: Picture, format: str, content: bytes) -> list[str]:  # noqa: A002
    """Return what a reader of the file may have to set: Mermaid refuses large diagrams."""
    if format != "mmd":
        return []
    arrows = len(picture.edges) if isinstance(picture, Drawing) else 0
    found = []
    if arrows > _MERMAID_EDGES:
        found.append(
            f"Mermaid shows {_MERMAID_EDGES} arrows unless told otherwise; these are {arrows:,}: "
            "raise its setting maxEdges"
        )
    if len(content) > _MERMAID_TEXT:
        found.append(
            f"Mermaid reads {_MERMAID_TEXT:,} characters unless told otherwise; these are "
            f"{len(content):,}: raise its setting maxTextSize"
        )
    return found


def _keep_source(picture: Picture, path: Path) -> str:
    """Write the text of an image that could not be made beside it, and return a note that says so."""
    suffix, what = (".svg", "svg") if isinstance(picture, Chart) else (".dot", "DOT text")
    kept = path.with_suffix(suffix)
    write_atomically(kept, _content(picture, suffix[1:])[0])
    untouched = f"; the old {path.name!r} is unchanged" if path.exists() else ""
    return f"its {what} is in {str(kept)!r}{untouched}"
