"""Write a scene as SVG: text of our own to the last byte, which loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import atan2, cos, pi, sin
from xml.sax.saxutils import escape

from graphnet.viz.labels import printable
from graphnet.viz.look import PAPER
from graphnet.viz.scene import Box, Scene, Shape, Spot, Trace, Words

SPOT_LINE = 1.3
"""Width of the border of spots."""
_FONT = "Helvetica,Arial,sans-serif"


def svg_text(scene: Scene) -> str:
    r"""Return a scene as an SVG document.

    Example:
        >>> from graphnet.viz.scene import Words
        >>> text = svg_text(Scene("t", 9, 9, (Words(1, 2, 'a<b & "c"', 9, "#000"),)))
        >>> print(text.splitlines()[3])
        <text x="1" y="2" font-size="9" fill="#000">a&lt;b &amp; "c"</text>
    """
    width, height = _number(scene.width), _number(scene.height)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" font-family="{_FONT}" xml:space="preserve">',
        f"<title>{_escaped(scene.title)}</title>",
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
        *(line for shape in scene.shapes for line in _shape_lines(shape)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def arrow_head(trace: Trace) -> tuple[tuple[float, float], ...]:
    """Return the corners of the head at the end of a line."""
    (from_x, from_y), (x, y) = trace.points[-2:]
    along, size = atan2(y - from_y, x - from_x), 4.5 + trace.thick
    sides = (along + pi - 0.42, along + pi + 0.42)
    return ((x, y), *((x + size * cos(side), y + size * sin(side)) for side in sides))


def diamond_corners(spot: Spot) -> tuple[tuple[float, float], ...]:
    """Return the corners of a spot that is a diamond."""
    x, y, reach = spot.x, spot.y, 1.3 * spot.radius
    return ((x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y))


def _shape_lines(shape: Shape) -> Iterator[str]:
    if isinstance(shape, Box):
        yield _box(shape)
    elif isinstance(shape, Spot):
        yield _spot(shape)
    elif isinstance(shape, Words):
        yield _words(shape)
    else:
        yield _trace(shape)
        if shape.arrow:
            yield f'<polygon points="{_corners(arrow_head(shape))}" fill="{shape.line}"/>'


def _box(box: Box) -> str:
    place = _attributes(x=box.x, y=box.y, width=box.width, height=box.height)
    corners = _attributes(rx=box.round) if box.round else ""
    paint = _paint(box.fill, box.line, box.thick, box.dash)
    return _element("rect", place + corners + paint, box.about)


def _spot(spot: Spot) -> str:
    paint = _paint(spot.fill or PAPER, spot.line, SPOT_LINE, "")
    if spot.diamond:
        return _element(
            "polygon", f' points="{_corners(diamond_corners(spot))}"' + paint, spot.about
        )
    place = _attributes(cx=spot.x, cy=spot.y, r=spot.radius)
    return _element("circle", place + paint, spot.about)


def _words(words: Words) -> str:
    attributes = _attributes(x=words.x, y=words.y) + f' font-size="{_number(words.size)}"'
    attributes += f' fill="{words.fill}"'
    if words.anchor != "start":
        attributes += f' text-anchor="{words.anchor}"'
    if words.bold:
        attributes += ' font-weight="bold"'
    if words.turn:
        turn = f"{_number(words.turn)} {_number(words.x)} {_number(words.y)}"
        attributes += f' transform="rotate({turn})"'
    return f"<text{attributes}>{_escaped(words.text)}</text>"


def _trace(trace: Trace) -> str:
    places = [f"{_number(x)} {_number(y)}" for x, y in trace.points]
    first, rest = places[0], places[1:]
    path = f"M{first}C{' '.join(rest)}" if trace.curved else f"M{first}L{' '.join(rest)}"
    return f'<path d="{path}"{_paint("", trace.line, trace.thick, trace.dash)}/>'


def _paint(fill: str, line: str, thick: float, dash: str) -> str:
    paint = f' fill="{fill or "none"}"'
    if line:
        paint += f' stroke="{line}"'
        paint += f' stroke-width="{_number(thick)}"' if thick != 1.0 else ""
        paint += f' stroke-dasharray="{dash}"' if dash else ""
    return paint


def _element(name: str, attributes: str, about: str) -> str:
    if not about:
        return f"<{name}{attributes}/>"
    return f"<{name}{attributes}><title>{_escaped(about)}</title></{name}>"


def _corners(places: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in places)


def _attributes(**places: float) -> str:
    return "".join(f' {key}="{_number(to)}"' for key, to in places.items())


def _number(value: float) -> str:
    """Return a length with at most two decimals, and none that say nothing.

    Example:
        >>> _number(3.0), _number(2.346), _number(-0.001)
        ('3', '2.35', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _escaped(text: str) -> str:
    return escape(printable(text))
