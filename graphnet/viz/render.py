"""Write a drawing to a file, in the format that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from graphnet.errors import ResourceError, UsageError, listed
from graphnet.program import write_atomically
from graphnet.viz.dot import dot_text
from graphnet.viz.mermaid import mermaid_text
from graphnet.viz.model import Drawing
from graphnet.viz.programs import IMAGES, image_bytes
from graphnet.viz.text import plain_text

_TEXTS: dict[str, Callable[[Drawing], str]] = {
    "dot": dot_text,
    "mmd": mermaid_text,
    "txt": plain_text,
}
FORMATS = (*IMAGES, *_TEXTS)

_MOST_PIXEL_NODES = 2000
"""Nodes of a png: more would take gigabytes, and be too small to read."""
_MERMAID_EDGES = 500
"""Arrows that Mermaid shows with its usual settings."""


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


def to_bytes(drawing: Drawing, format: str) -> bytes:  # noqa: A002 - the users' word
    """Return a drawing as the content of a file.

    Args:
        drawing: What is drawn.
        format: One of `FORMATS`.

    Raises:
        UsageError: GN734 for another format, GN735 for a png of too many nodes.
        ResourceError: GN521 where no program can write the format, GN522 where one fails.
    """
    return _content(drawing, _known(format, format))[0]


def render(drawing: Drawing, path: Path, format: str | None = None) -> list[str]:  # noqa: A002
    """Write a drawing to a file, whole or not at all.

    Where an image cannot be made, its DOT text is written beside it, under the same name with the
    suffix `.dot`, so that any Graphviz elsewhere can make it.

    Args:
        drawing: What is drawn.
        path: The file.
        format: One of `FORMATS`; what the suffix says where left out.

    Returns:
        What the user should know, a sentence each.

    Raises:
        UsageError: GN734 for another format, GN735 for a png of too many nodes.
        ResourceError: GN521 where no program can write the format, GN522 where one fails, GN501 to
            GN505 where the file cannot be written.
    """
    wanted = _known(format, path.name) if format else format_of(path)
    try:
        content, messages = _content(drawing, wanted)
    except ResourceError as error:
        error.notes += (_keep_dot(drawing, path),)
        raise
    write_atomically(path, content)
    return messages


def _content(drawing: Drawing, format: str) -> tuple[bytes, list[str]]:  # noqa: A002
    """Return the content of a file and the messages."""
    if format in _TEXTS:
        return _TEXTS[format](drawing).encode(), _text_messages(drawing, format)
    if format == "png" and len(drawing.nodes) > _MOST_PIXEL_NODES:
        raise UsageError(
            "GN735",
            f"{len(drawing.nodes):,} nodes are too many for a png",
            help="write svg or pdf, which have no pixels",
            notes=[f"a png shows at most {_MOST_PIXEL_NODES:,}"],
        )
    return image_bytes(dot_text(drawing), format)


def _text_messages(drawing: Drawing, format: str) -> list[str]:  # noqa: A002
    arrows = len(drawing.edges)
    if format != "mmd" or arrows <= _MERMAID_EDGES:
        return []
    return [
        f"Mermaid shows {_MERMAID_EDGES} arrows unless told otherwise; these are {arrows:,}: "
        "raise its setting maxEdges"
    ]


def _keep_dot(drawing: Drawing, path: Path) -> str:
    """Write the DOT text beside an image that could not be made, and return a note that says so."""
    kept = path.with_suffix(".dot")
    write_atomically(kept, dot_text(drawing).encode())
    untouched = f"; the old {path.name!r} is unchanged" if path.exists() else ""
    return f"its DOT text is in {str(kept)!r}{untouched}"
