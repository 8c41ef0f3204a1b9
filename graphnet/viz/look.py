"""The look of drawings, written once: a shape and colours for every kind of node.

Shapes differ so that the kinds stay apart in grey print and for every kind of colour vision; blue,
orange and grey are the colours of the plots.
"""

from __future__ import annotations

from dataclasses import dataclass

INK = "#22272e"
GREY = "#667080"
LINE = "#5b6675"
FRAME = "#b9c1cb"
FRAME_FILLS = ("#f8f9fa", "#f0f3f5")
"""Fills of frames, by depth in turn."""


@dataclass(frozen=True)
class Look:
    """How one kind of node looks.

    Attributes:
        shape: Shape in DOT.
        brackets: What encloses the label in Mermaid.
        fill: Colour of the inside.
        line: Colour of the border.
        text: Colour of the label.
        margin: Inches between the label and the border, across and down.
        rounded: Whether corners are rounded, for shapes that have corners.
        borders: How many lines the border has.
    """

    shape: str
    brackets: tuple[str, str]
    fill: str
    line: str
    text: str = INK
    margin: str = "0.2,0.11"
    rounded: bool = True
    borders: int = 1


LOOKS = {
    "input": Look("ellipse", ("([", "])"), "#cfe0f1", "#1f5a96", margin="0.06,0.02"),
    "target": Look("note", ("[/", "/]"), "#fdebd3", "#a85f0c", rounded=False),
    "layer": Look("box", ("(", ")"), "#d9dfe7", LINE),
    "function": Look("box", ("(", ")"), "#ffffff", LINE),
    "loss": Look("hexagon", ("{{", "}}"), "#f3b061", "#8a4a00", rounded=False, margin="0.02,0.03"),
    "output": Look("box", ("[[", "]]"), "#1f5a96", "#1f5a96", "#ffffff", rounded=False, borders=2),
}
MARKS = {"frozen": "dashed", "shared": "dotted"}
"""Lines of the border for marks; they are drawn thicker, to be seen."""
DASHES = {"dashed": "6 4", "dotted": "2 4"}
"""The same lines as lengths of strokes and gaps, for formats that ask for numbers."""
