"""Write a scene as DOT in which every place is fixed: any Graphviz draws the same picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import cos, radians, sin

from graphnet.viz.dot import quoted
from graphnet.viz.labels import printable
from graphnet.viz.letters import text_width
from graphnet.viz.look import PAPER
from graphnet.viz.scene import Box, Scene, Shape, Spot, Trace, Words

_STEPS = 8
"""Straight lines that stand for a curve."""
_POINTS = 0.75
"""Points of Graphviz in a unit of scenes."""
_HEAD = """digraph graphnet {
  graph [layout="neato", inputscale="72", notranslate="true", overlap="true", splines="line", \
outputorder="nodesfirst", pad="0.05", bgcolor="white"];
  node [label="", shape="box", fixedsize="true", margin="0", penwidth="0.75", \
fontname="Helvetica,Arial,sans-serif"];
  edge [arrowhead="none", arrowsize="0.5"];"""


def scene_dot(scene: Scene) -> str:
    """Return a scene as DOT text: shapes are nodes pinned to their places, lines edges between points.

    Curves become lines with corners and the letters of turned text stand upright; all else is as in the SVG.

    Example:
        >>> print(scene_dot(Scene("t", 96, 96, (Box(0, 0, 96, 48, "#ffffff", "#000000"),))))
        ... # doctest: +ELLIPSIS
        digraph graphnet {
        ...
          n0 [pos="36,54!", width="1", height="0.5", style="filled", fillcolor="#ffffff", color="#000000"];
        }
        <BLANKLINE>
    """
    lines = [_HEAD]
    for number, shape in enumerate(scene.shapes):
        lines += _lines(f"n{number}", shape, scene.height)
    return "\n".join([*lines, "}"]) + "\n"


def _lines(name: str, shape: Shape, height: float) -> Iterator[str]:
    shape = _as_box(shape)
    if isinstance(shape, Box):
        if not shape.fill and not shape.line:
            return
        middle = (shape.x + shape.width / 2, shape.y + shape.height / 2)
        look = [*_size(shape.width, shape.height), *_paint(shape.fill, shape.line, shape.round > 0)]
        look += [] if shape.thick == 1.0 else [f'penwidth="{_number(shape.thick * _POINTS)}"']
        yield f"  {name} [{', '.join([_place(middle, height), *look])}];"
    elif isinstance(shape, Spot):
        form = "diamond" if shape.diamond else "circle"
        look = [
            *_size(2 * shape.radius, 2 * shape.radius),
            *_paint(shape.fill or PAPER, shape.line),
        ]
        place = _place((shape.x, shape.y), height)
        yield f'  {name} [{place}, shape="{form}", {", ".join(look)}];'
    elif isinstance(shape, Words):
        for number, words in enumerate(_letters(shape) if shape.turn else [shape]):
            end = f"_{number}" if shape.turn else ""
            yield f"  {name}{end} [{', '.join(_words(words, height))}];"
    else:
        yield from _trace(name, shape, height)


def _as_box(shape: Shape) -> Shape:
    """Return a line across or down as a thin box: boxes keep their place among the other nodes."""
    if not isinstance(shape, Trace) or shape.curved or shape.arrow or len(shape.points) != 2:
        return shape
    (x, y), (to_x, to_y) = shape.points
    if x != to_x and y != to_y:
        return shape
    wide, tall = max(abs(to_x - x), shape.thick), max(abs(to_y - y), shape.thick)
    left, top = (x + to_x - wide) / 2, (y + to_y - tall) / 2
    return Box(left, top, wide, tall, shape.line, shape.line, thick=0.0)


def _words(words: Words, height: float) -> list[str]:
    wide = 1.15 * text_width(words.text, words.size) + 2.0
    shift = {"start": wide / 2, "middle": 0.0, "end": -wide / 2}[words.anchor]
    middle = (words.x + shift, words.y - 0.35 * words.size)
    return [
        _place(middle, height),
        'shape="plaintext"',
        f"label={_justified(words)}",
        f'fontsize="{_number(words.size * _POINTS)}"',
        f'fontcolor="{words.fill}"',
        *_size(wide, 1.3 * words.size),
    ]


def _letters(words: Words) -> Iterator[Words]:
    """Yield the letters of a turned text, each upright at its place: DOT cannot turn text."""
    wide = text_width(words.text, words.size)
    along = {"start": 0.0, "middle": -wide / 2, "end": -wide}[words.anchor]
    angle = radians(words.turn)
    # Upright letters are taller than wide, so they need more room the steeper the line is.
    stretch = 1.0 + 0.45 * abs(sin(angle))
    for letter in words.text:
        share = text_width(letter, words.size)
        reach = stretch * (along + share / 2)
        x, y = words.x + reach * cos(angle), words.y + reach * sin(angle)
        yield Words(x, y, letter, words.size, words.fill, "middle")
        along += share


def _justified(words: Words) -> str:
    """Return the label, held to the side where the text is anchored."""
    end = {"start": "\\l", "middle": "", "end": "\\r"}[words.anchor]
    return f'{quoted(printable(words.text))[:-1]}{end}"'


def _trace(name: str, trace: Trace, height: float) -> Iterator[str]:
    ends = _on_curve(trace.points) if trace.curved else trace.points
    for number, place in enumerate(ends):
        yield f'  {name}_{number} [{_place(place, height)}, shape="point", width="0", style="invis"];'
    look = [f'color="{trace.line}"', f'penwidth="{_number(trace.thick * _POINTS)}"']
    look += ['style="dashed"'] if trace.dash else []
    for number in range(1, len(ends)):
        arrow = ['arrowhead="normal"'] if trace.arrow and number == len(ends) - 1 else []
        yield f"  {name}_{number - 1} -> {name}_{number} [{', '.join([*look, *arrow])}];"


def _on_curve(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return places along a Bezier curve: fixed places hold straight lines only."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
    places = []
    for number in range(_STEPS + 1):
        t = number / _STEPS
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        places.append((a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy))
    return places


def _place(middle: tuple[float, float], height: float) -> str:
    return f'pos="{_number(middle[0] * _POINTS)},{_number((height - middle[1]) * _POINTS)}!"'


def _size(width: float, height: float) -> list[str]:
    return [f'width="{_number(width / 96)}"', f'height="{_number(height / 96)}"']


def _paint(fill: str, line: str, rounded: bool = False) -> list[str]:
    style = ["filled"] if fill else []
    style += ["rounded"] if rounded else []
    look = [f'style="{",".join(style) or "solid"}"']
    look += [f'fillcolor="{fill}"'] if fill else []
    return [*look, f'color="{line or fill or PAPER}"']


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
