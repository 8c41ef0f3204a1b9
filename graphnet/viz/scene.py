"""Scene: a picture as shapes at places, for the levels whose layout is graphnet's own.

Lengths are in points of 1/96 inch, `y` grows downwards. What is listed later lies on top.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Box:
    """A rectangle.

    Attributes:
        x: Left side.
        y: Upper side.
        width: Its width.
        height: Its height.
        fill: Colour of the inside; empty for none.
        line: Colour of the border; empty for none.
        round: Radius of the corners.
        thick: Width of the border.
        dash: Lengths of strokes and gaps of the border, such as `4 3`; empty for a whole line.
        about: What a reader is told who points at it.
    """

    x: float
    y: float
    width: float
    height: float
    fill: str = ""
    line: str = ""
    round: float = 0.0
    thick: float = 1.0
    dash: str = ""
    about: str = ""


@dataclass(frozen=True)
class Spot:
    """A small mark: a disc, a ring (without `fill`) or a diamond.

    Attributes:
        x: Middle, across.
        y: Middle, down.
        radius: Half its size.
        fill: Colour of the inside; empty for paper.
        line: Colour of the border.
        diamond: Whether it stands on a corner rather than being round.
        about: What a reader is told who points at it.
    """

    x: float
    y: float
    radius: float
    fill: str
    line: str
    diamond: bool = False
    about: str = ""


@dataclass(frozen=True)
class Trace:
    """A line through points; with four points and `curved`, a Bezier curve.

    Attributes:
        points: Where it goes through; the second and third of a curve pull it.
        line: Its colour.
        thick: Its width.
        dash: As in `Box`.
        curved: Whether it is a curve.
        arrow: Whether it ends in an arrow head.
    """

    points: tuple[tuple[float, float], ...]
    line: str
    thick: float = 1.0
    dash: str = ""
    curved: bool = False
    arrow: bool = False


@dataclass(frozen=True)
class Words:
    """One line of text.

    Attributes:
        x: Where it is anchored, across.
        y: Its base line.
        text: What is written; every character stands for itself.
        size: Height of the letters.
        fill: Colour.
        anchor: Which end of it stands at `x`.
        bold: Whether it is bold.
        turn: Degrees by which it is turned, clockwise, around its anchor.
    """

    x: float
    y: float
    text: str
    size: float
    fill: str
    anchor: Anchor = "start"
    bold: bool = False
    turn: float = 0.0


Shape: TypeAlias = Box | Spot | Trace | Words


@dataclass(frozen=True)
class Scene:
    """A picture as shapes.

    Attributes:
        title: What it shows, for readers who cannot see it.
        width: Of the whole picture.
        height: Of the whole picture.
        shapes: From the back to the front.
    """

    title: str
    width: float
    height: float
    shapes: tuple[Shape, ...]
