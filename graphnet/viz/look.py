"""The look of drawings, written once: a shape and colours for every kind of node.

Shapes differ so that the kinds stay apart in grey print and for every kind of colour vision; blue,
orange and grey are the colours of the plots.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

PAPER = "#ffffff"
INK = "#22272e"
GREY = "#667080"
LINE = "#5b6675"
FAINT = "#e3e6ea"
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
    "forward": Look("box", ("(", ")"), "#cfe0f1", "#1f5a96"),
    "backward": Look("box", ("(", ")"), "#fdebd3", "#a85f0c"),
    "update": Look("box", ("(", ")"), "#eceff2", LINE),
    "output": Look("box", ("[[", "]]"), "#1f5a96", "#1f5a96", "#ffffff", rounded=False, borders=2),
}
MARKS = {"frozen": "dashed", "shared": "dotted"}
"""Lines of the border for marks; they are drawn thicker, to be seen."""
DASHES = {"dashed": "6 4", "dotted": "2 4"}
"""The same lines as lengths of strokes and gaps, for formats that ask for numbers."""

ROLES = {
    "activation": ("#2f6fae", "#1f4f80"),
    "adjoint": ("#f0a94f", "#a85f0c"),
    "workspace": ("#d3d9e0", "#8b95a3"),
    "input": ("#cfe0f1", "#1f5a96"),
    "target": ("#fdebd3", "#a85f0c"),
    "parameter": ("#4a5666", "#2b3440"),
    "gradient": ("#b5651d", "#7d430f"),
    "statistic": ("#8b95a3", "#5b6675"),
    "state": ("#8b95a3", "#5b6675"),
    "scalar": ("#eef0f3", "#7d8896"),
    "constant": ("#eef0f3", "#7d8896"),
}
"""Fill and line of a buffer by its role. The three that share the arena are dark, middle and light, so
that they stay apart in grey print."""
ON_ROLES = {"activation": "#ffffff", "adjoint": INK, "workspace": INK, "parameter": "#ffffff"}
"""Colour of letters on the fill of a role."""

_HEATS = ((0xF6, 0xF2, 0xFA), (0xB9, 0xA0, 0xD8), (0x48, 0x1C, 0x86))
"""Colours of an overlay from the least to the most: one hue that darkens evenly."""
_DARK = 0.72
"""Heat from which letters are white."""


def heated(look: Look, heat: float) -> Look:
    """Return a look in the colour of a heat between 0 and 1.

    Example:
        >>> heated(LOOKS["layer"], 0.0).fill, heated(LOOKS["layer"], 1.0).fill
        ('#f6f2fa', '#481c86')
    """
    place = 2.0 * min(max(heat, 0.0), 1.0)
    low, high = _HEATS[:2] if place < 1.0 else _HEATS[1:]
    share = place if place < 1.0 else place - 1.0
    mixed = (round(a + share * (b - a)) for a, b in zip(low, high, strict=True))
    fill = "#" + "".join(f"{part:02x}" for part in mixed)
    return replace(look, fill=fill, text=PAPER if heat > _DARK else "#000000")
